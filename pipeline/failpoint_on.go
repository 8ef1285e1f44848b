//go:build failpoint

package pipeline

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// FailpointsBuilt reports whether this binary was built with the tag failpoint.
const FailpointsBuilt = true

// Failpoints returns what RunContext.Fail calls. The spec is a list, parted by
// commas, of POINT[@N][=ACTION]: the action happens the Nth time (default 1)
// that the point is reached. Actions are kill (the default; as kill -9), panic
// and hang (until killed). An unknown point or action is an error, so that a
// test cannot pass because of a misspelt name.
func Failpoints(spec string) (func(point string), error) {
	type trap struct {
		left   int
		action string
	}
	traps := map[string]*trap{}
	for _, item := range strings.Split(spec, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		t := &trap{left: 1, action: "kill"}
		point, action, found := strings.Cut(item, "=")
		if found {
			t.action = action
		}
		point, count, found := strings.Cut(point, "@")
		if found {
			n, err := strconv.Atoi(count)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("failpoint %s: %q is not a count", point, count)
			}
			t.left = n
		}
		if !slices.Contains(FailpointNames(), point) {
			return nil, fmt.Errorf("failpoint %s: no such point", point)
		}
		if !slices.Contains([]string{"kill", "panic", "hang"}, t.action) {
			return nil, fmt.Errorf("failpoint %s: no such action: %s", point, t.action)
		}
		traps[point] = t
	}
	var mu sync.Mutex
	return func(point string) {
		mu.Lock()
		t := traps[point]
		if t != nil {
			t.left--
		}
		now := t != nil && t.left == 0
		mu.Unlock()
		if !now {
			return
		}
		switch t.action {
		case "panic":
			panic("failpoint " + point)
		case "kill":
			if p, err := os.FindProcess(os.Getpid()); err == nil {
				_ = p.Kill()
			}
		}
		select {} // dead in a moment, or hanging as asked
	}, nil
}
