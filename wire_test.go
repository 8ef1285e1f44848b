package main

import (
	"os/user"
	"strconv"
	"testing"
)

// TestWhoStartsARun is the name that the environment or the system knows, else a number.
func TestWhoStartsARun(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(me.Uid)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  []string
		uid  int
		want string
	}{
		{[]string{"USER=ann", "LOGNAME=bob"}, uid, "ann"},
		{[]string{"LOGNAME=bob"}, uid, "bob"},
		{nil, uid, me.Username},
		{nil, 1987654321, "uid 1987654321"},
	} {
		a := newApp(host{uid: c.uid, environ: c.env})
		if got := a.user(); got != c.want {
			t.Errorf("%v, uid %d: %s, want %s", c.env, c.uid, got, c.want)
		}
	}
}
