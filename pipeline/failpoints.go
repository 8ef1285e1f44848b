package pipeline

// FailpointNames returns the points at which a binary that was built with the
// tag failpoint can be made to die.
func FailpointNames() []string {
	return []string{
		"ingest.copy.before", "ingest.copy.after",
		"ingest.chunk.before-commit", "ingest.chunk.after-commit",
		"ingest.leaf.after-make", "ingest.leaf.before-attach", "ingest.leaf.after-attach",
		"ingest.load.before-commit",
		"transform.copied", "transform.before-commit", "transform.after-commit",
		"aggregate.before-commit", "aggregate.after-commit",
		"check.done",
		"publish.raw", "publish.file", "publish.before-commit", "publish.after-commit",
	}
}
