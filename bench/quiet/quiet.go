// Package quiet keeps benchmarks from machines that have other things to do: their figures would mean
// nothing.
package quiet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// most is the load, over the last minute, of a machine that nobody uses.
const most = 0.7

// Check is an error if the machine is busy, or with force only a line on out. A system without
// /proc/loadavg is not refused: it does not tell.
func Check(force bool, out io.Writer) error {
	text, err := os.ReadFile("/proc/loadavg")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return judge(string(text), force, out)
}

// judge does what Check does; text is as /proc/loadavg has it.
func judge(text string, force bool, out io.Writer) error {
	minute, _, _ := strings.Cut(text, " ")
	load, err := strconv.ParseFloat(minute, 64)
	switch {
	case err != nil:
		return fmt.Errorf("read /proc/loadavg: %w", err)
	case load <= most:
		return nil
	case !force:
		return fmt.Errorf("the machine is busy (load %.2f): wait until it is below %.1f, or measure all the same with -force", load, most)
	}
	_, err = fmt.Fprintf(out, "the machine is busy (load %.2f): times are upper bounds\n", load)
	return err
}
