//go:build !failpoint

package pipeline

import "testing"

func TestFailpointsDoNothingWithoutTheTag(t *testing.T) {
	for _, spec := range []string{"", "ingest.copy.before", "nonsense=explode"} {
		fail, err := Failpoints(spec)
		if err != nil || FailpointsBuilt {
			t.Fatal(err)
		}
		for _, point := range FailpointNames() {
			fail(point)
		}
	}
}
