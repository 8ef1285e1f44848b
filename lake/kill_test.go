package lake

// childJob is the environment variable that makes the test binary a publish
// that its parent kills.
const childJob = "PENSTOCK_LAKE_CHILD"

func child(string) int { return 0 }
