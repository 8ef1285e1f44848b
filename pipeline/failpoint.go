//go:build !failpoint

package pipeline

// FailpointsBuilt reports whether this binary was built with the tag failpoint.
const FailpointsBuilt = false

// Failpoints returns what RunContext.Fail calls: nothing, since this binary was
// built without the tag failpoint. The error is always nil.
func Failpoints(_ string) (func(point string), error) {
	return func(string) {}, nil
}
