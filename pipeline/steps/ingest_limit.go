package steps

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// rejectLimit is a source's max_rejects: a count, or a share of the records read.
type rejectLimit struct {
	text    string
	count   int64
	percent *big.Rat // nil where it is a count
	none    bool
}

func parseRejectLimit(s string) (rejectLimit, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return rejectLimit{none: true}, nil
	}
	if number, ok := strings.CutSuffix(s, "%"); ok {
		percent, ok := new(big.Rat).SetString(strings.TrimSpace(number))
		if !ok || percent.Sign() < 0 || percent.Cmp(big.NewRat(100, 1)) > 0 {
			return rejectLimit{}, fmt.Errorf("max_rejects: %q is no share from 0%% to 100%%", s)
		}
		return rejectLimit{text: s, percent: percent}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return rejectLimit{}, fmt.Errorf("max_rejects: %q is neither a count nor a share such as 1%%", s)
	}
	return rejectLimit{text: s, count: n}, nil
}

// midway stops a load that has too many rejects whatever follows.
func (r rejectLimit) midway(c counts) error {
	if r.none || r.percent != nil || c.Rejected <= r.count {
		return nil
	}
	return r.exceeded(c)
}

// final judges a load that was read to its end.
func (r rejectLimit) final(c counts) error {
	if r.none || r.percent == nil {
		return r.midway(c)
	}
	// rejected / read > percent / 100, without a division
	left := new(big.Rat).SetInt64(c.Rejected)
	left.Mul(left, big.NewRat(100, 1))
	right := new(big.Rat).SetInt64(c.Read)
	if left.Cmp(right.Mul(right, r.percent)) <= 0 {
		return nil
	}
	return r.exceeded(c)
}

func (r rejectLimit) exceeded(c counts) error {
	return hint(fmt.Errorf("%d of %d records rejected, max_rejects is %s", c.Rejected, c.Read, r.text),
		"nothing of it was loaded; look at what was wrong with: penstock --run rejects; mend the file or raise max_rejects, then run again")
}
