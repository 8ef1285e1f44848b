package local

// Died reports whether the managed server of the folder ended without being stopped, as when its process
// was killed: a server that is stopped takes its postmaster.pid away.
func Died(o Options) bool {
	data := layout(o.Dir).data()
	pm, ok := readPostmaster(data)
	return ok && !isPostmaster(pm.pid, data)
}
