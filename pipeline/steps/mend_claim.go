package steps

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"penstock/pipeline"
)

// claim parts a record into the reject that it stands for and what is behind the leading columns, which
// is nil for a record that is left out: mended before, or emptied.
func (m *mender) claim(record []byte) (k RejectKey, rest []byte, err error) {
	rest = record
	var fields [3][]byte
	for i := range fields {
		if fields[i], rest, err = m.field(rest); err != nil {
			return k, nil, err
		}
	}
	k.Load, err = strconv.ParseInt(string(fields[0]), 10, 64)
	if err == nil {
		k.Record, err = strconv.ParseInt(string(fields[1]), 10, 64)
	}
	if err != nil {
		return k, nil, fmt.Errorf("%q, %q are no load and record", fields[0], fields[1])
	}
	if m.rejects[k.Load] == nil {
		return k, nil, fmt.Errorf("load %d of source %s has no rejects, or its rows are not in", k.Load, m.spec.Name)
	}
	return m.standsFor(k, rest)
}

// standsFor finds the open reject that a record of the file stands for: the one it names or, where that was
// mended and refused again, the one that came of it.
func (m *mender) standsFor(k RejectKey, rest []byte) (RejectKey, []byte, error) {
	named := k
	var before *refusedAgain
	for {
		var state *rejectState
		if set := m.rejects[k.Load]; set != nil {
			if i, found := slices.BinarySearch(set.records, k.Record); found {
				state = &set.states[i]
			}
		}
		switch {
		case state == nil:
			return k, nil, fmt.Errorf("load %d has no reject %d", k.Load, k.Record)
		case *state == rejectTaken:
			return k, nil, fmt.Errorf("record %d of load %d is there twice", named.Record, named.Load)
		case *state == rejectResolved:
			again, refused := m.again[k]
			switch {
			case !refused:
				m.mended++
				return k, nil, nil
			case again.Record == 0:
				return k, nil, hint(fmt.Errorf("record %d of load %d is of load %d now, which has open rejects: which of them is not known",
					k.Record, k.Load, again.Load), "penstock --run rejects --load %d --export FILE writes those: mend them there", again.Load)
			}
			before, k = &again, again.RejectKey
			continue
		case len(bytes.TrimSpace(rest)) == 0:
			m.emptied++
			return k, nil, nil
		}
		if before != nil {
			if sum := sha256.Sum256(rest); bytes.Equal(sum[:], before.sum) {
				m.leaveRefused(k.Load)
				return k, nil, nil
			}
		}
		*state = rejectTaken
		return k, rest, nil
	}
}

// leaveRefused counts a record that is as it was when it was refused again as a reject of a load.
func (m *mender) leaveRefused(load int64) {
	m.refused++
	if !slices.Contains(m.refusedAs, load) {
		m.refusedAs = append(m.refusedAs, load)
	}
}

// tellLeftOut warns of the records that are left out, and says why it would be all of them.
func (m *mender) tellLeftOut() string {
	var why []string
	if m.mended > 0 {
		why = append(why, pipeline.FormatCount(m.mended)+" mended already")
	}
	advice := ""
	if m.refused > 0 {
		loads := make([]string, len(m.refusedAs))
		for i, load := range m.refusedAs {
			loads[i] = strconv.FormatInt(load, 10)
		}
		why = append(why, fmt.Sprintf("%s refused again, as load %s, and the same as then", pipeline.FormatCount(m.refused), strings.Join(loads, ", ")))
		advice = "mend them in this file, or in an export of load " + strings.Join(loads, ", ")
	}
	if m.emptied > 0 {
		why = append(why, pipeline.FormatCount(m.emptied)+" empty")
	}
	if len(why) == 0 {
		return "it has no records"
	}
	reason := "left out: " + strings.Join(why, "; ")
	m.g.rc.Emit(pipeline.Warning{
		Step: pipeline.Ingest, Source: m.spec.Name, Hint: advice, Message: "records of " + m.file.Name + " " + reason,
	})
	return reason
}

// field cuts the first field off a record.
func (m *mender) field(b []byte) (field, rest []byte, err error) {
	if m.quote != 0 && len(b) > 0 && b[0] == m.quote {
		for i := 1; i < len(b); i++ {
			switch {
			case b[i] != m.quote:
			case i+1 < len(b) && b[i+1] == m.quote:
				i++
			case i+1 < len(b) && b[i+1] == m.delimiter:
				return b[1:i], b[i+2:], nil
			default:
				return nil, nil, errors.New("its leading columns are not those of an export")
			}
		}
	}
	i := bytes.IndexByte(b, m.delimiter)
	if i < 0 {
		return nil, nil, errors.New("its leading columns are not those of an export")
	}
	return b[:i], b[i+1:], nil
}
