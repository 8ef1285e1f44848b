package lake

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxKey     = 1024 // bytes, S3's limit
	maxSegment = 240  // bytes of one encoded segment; leaves room for a temporary suffix in 255
)

// RawKey is the key of a raw file as it came: raw/source=S/load_date=D/<sha12>-<name>,
// where D is day's date in its own zone and sha12 the first 12 hex digits of
// sha. Of name only the last path element is used, in lower case, with
// whatever is no letter, digit, dot, dash or underscore as an underscore: the
// hash is the identity, the ledger keeps the name as it was.
func RawKey(source string, day time.Time, sha [32]byte, name string) string {
	return fmt.Sprintf("raw/source=%s/load_date=%s/%s-%s",
		encodeFile(source), day.Format(time.DateOnly), hex.EncodeToString(sha[:6]), slug(name))
}

func slug(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '_'
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		case r == '.', r == '-':
			return r
		}
		return '_'
	}, name)
	// The end is kept, where the extension is; encoded in a folder a letter may take nine bytes.
	for len(encodeFile(name)) > maxSegment-len("0123456789ab-") {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	if name == "" {
		return "unnamed"
	}
	return name
}

// checkKey refuses the keys that mean nothing in an object store or would be
// ambiguous as a path.
func checkKey(key string) error {
	switch {
	case key == "":
		return &KeyError{Key: key, Reason: "is empty"}
	case len(key) > maxKey:
		return &KeyError{Key: key[:64] + "...", Reason: fmt.Sprintf("is longer than %d bytes", maxKey)}
	case strings.HasPrefix(key, "/"):
		return &KeyError{Key: key, Reason: "is absolute"}
	}
	for seg := range strings.SplitSeq(key, "/") {
		switch seg {
		case "":
			return &KeyError{Key: key, Reason: "has an empty segment"}
		case ".", "..":
			return &KeyError{Key: key, Reason: "has a dot segment"}
		}
	}
	return nil
}

// encodePath maps a key to a relative path, one to one, that is safe and means
// the same file on every file system.
func encodePath(key string) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	segs := strings.Split(key, "/")
	for i, s := range segs {
		segs[i] = encodeFile(s)
		if len(segs[i]) > maxSegment {
			return "", &KeyError{Key: key, Reason: fmt.Sprintf("has a segment of more than %d bytes once encoded", maxSegment)}
		}
	}
	return strings.Join(segs, "/"), nil
}

// encodeFile percent-encodes what some file system refuses, folds or gives a
// meaning: control bytes, backslash and the like, upper-case letters (A and a
// may be one file), all beyond ASCII (which some normalize), a dot or space at
// either end, and the first letter of a reserved device name.
func encodeFile(s string) string {
	const hexDigits = "0123456789ABCDEF"
	plain := func(i int) bool {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			return i > 0 || !reservedName(s)
		case c >= '0' && c <= '9', strings.IndexByte("_-=,+@()", c) >= 0:
			return true
		case c == '.', c == ' ':
			return i > 0 && i < len(s)-1
		}
		return false
	}
	var b strings.Builder
	for i := range len(s) {
		if plain(i) {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[s[i]>>4])
		b.WriteByte(hexDigits[s[i]&15])
	}
	return b.String()
}

func reservedName(s string) bool {
	base, _, _ := strings.Cut(s, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	if len(base) != 4 || base[3] < '0' || base[3] > '9' {
		return false
	}
	return base[:3] == "com" || base[:3] == "lpt"
}

// decodeFile undoes encodeFile; ok is false for a name that encodeFile never gives.
func decodeFile(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		v, err := hex.DecodeString(s[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b.WriteByte(v[0])
		i += 2
	}
	return b.String(), encodeFile(b.String()) == s
}
