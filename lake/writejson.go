package lake

import (
	"bufio"
	"io"
	"strconv"
)

// JSONOptions says how WriteJSON writes.
type JSONOptions struct {
	Lines bool // one object a line instead of one array
}

// WriteJSON writes all rows as JSON objects and returns how many there were.
// Whole numbers and decimals are number literals with all their digits (read
// them as decimals, not as floats), times are strings in ISO 8601, those with a
// zone in UTC. A column name that comes again gets a number behind it.
func (r *Rows) WriteJSON(w io.Writer, o JSONOptions) (int64, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	begin, between, end, last := "[", ",\n ", "", "]\n"
	if o.Lines {
		begin, between, end, last = "", "", "\n", ""
	}
	keys := make([][]byte, len(r.columns))
	for i, name := range r.uniqueNames() {
		keys[i] = append(appendJSONString(nil, []byte(name)), ':')
	}
	line := []byte(begin)
	var n int64
	for r.Next() {
		if n > 0 {
			line = append(line, between...)
		}
		line = append(line, '{')
		for i, key := range keys {
			if i > 0 {
				line = append(line, ',')
			}
			line = r.readers[i].json(append(line, key...), r.vectors[i], r.at)
		}
		line = append(append(line, '}'), end...)
		if _, err := out.Write(line); err != nil {
			return n, err
		}
		line = line[:0]
		n++
	}
	if err := r.Err(); err != nil {
		return n, err // without the closing bracket: what was written does not pass for whole
	}
	if _, err := out.Write(append(line, last...)); err != nil {
		return n, err
	}
	return n, out.Flush()
}

// uniqueNames are the column names, told apart by a number where they come again.
func (r *Rows) uniqueNames() []string {
	seen := map[string]bool{}
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		name := c.Name
		for n := 2; seen[name]; n++ {
			name = c.Name + "_" + strconv.Itoa(n)
		}
		seen[name], names[i] = true, name
	}
	return names
}
