//go:build !linux

package local

const onLinux = false

// memory returns 0: the settings are those of a small machine unless the
// caller says how large it is.
func memory() int64 { return 0 }

func keepsShared(Account) bool { return true }
