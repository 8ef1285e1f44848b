package lake

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"
)

func TestDecimalIsExact(t *testing.T) {
	for _, c := range []struct {
		in        string
		precision int
		scale     int
		want      string // "" for an error
		err       error
	}{
		{"0", 14, 3, "0.000", nil},
		{"1", 14, 3, "1.000", nil},
		{"-1", 14, 3, "-1.000", nil},
		{"0.001", 14, 3, "0.001", nil},
		{"-0.001", 14, 3, "-0.001", nil},
		{"12345.678", 14, 3, "12345.678", nil},
		{"99999999999.999", 14, 3, "99999999999.999", nil},
		{"100000000000", 14, 3, "", errNumericOverflow},
		{"0.0001", 14, 3, "", errNumericScale},
		{"10000.00001", 14, 3, "", errNumericScale},
		{"0.00000001", 14, 3, "", errNumericScale},
		{"1.100", 9, 1, "1.1", nil},
		{"100000000", 18, 6, "100000000.000000", nil},
		{"999999999999.999999", 18, 6, "999999999999.999999", nil},
		{"99999999999999999999999999999.999999999", 38, 9, "99999999999999999999999999999.999999999", nil},
		{"-99999999999999999999999999999.999999999", 38, 9, "-99999999999999999999999999999.999999999", nil},
		{"100000000000000000000000000000", 38, 9, "", errNumericOverflow},
		{"1" + strings.Repeat("0", 100), 38, 0, "", errNumericOverflow},
		{"1" + strings.Repeat("0", 37), 38, 0, "1" + strings.Repeat("0", 37), nil},
		{"123456789", 9, 0, "123456789", nil},
	} {
		u, negative, err := decimal(wireNumeric(c.in), c.scale, pow10(c.precision))
		if !errors.Is(err, c.err) {
			t.Errorf("%s as numeric(%d,%d): %v, want %v", c.in, c.precision, c.scale, err, c.err)
		}
		if got := string(appendDecimal(nil, u, negative, c.scale)); err == nil && got != c.want {
			t.Errorf("%s as numeric(%d,%d) = %s, want %s", c.in, c.precision, c.scale, got, c.want)
		}
	}
}

func TestDecimalRefusesWhatIsNone(t *testing.T) {
	for name, b := range map[string]string{
		"empty":            "",
		"short":            "\x00\x01\x00\x00\x00\x00\x00",
		"missing digit":    "\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01",
		"extra digit":      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		"digit too large":  "\x00\x01\x00\x00\x00\x00\x00\x00\x27\x10",
		"unknown sign":     "\x00\x00\x00\x00\x20\x00\x00\x00",
		"NaN":              "\x00\x00\x00\x00\xc0\x00\x00\x00",
		"infinity":         "\x00\x00\x00\x00\xd0\x00\x00\x20",
		"minus infinity":   "\x00\x00\x00\x00\xf0\x00\x00\x20",
		"negative ndigits": "\xff\xff\x00\x00\x00\x00\x00\x00",
	} {
		if _, _, err := decimal([]byte(b), 2, pow10(38)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	// Zero may be written with a sign or a huge weight; it is zero.
	u, negative, err := decimal([]byte("\x00\x00\x7f\xff\x40\x00\x00\x00"), 9, pow10(38))
	if err != nil || negative || u != (uint128{}) {
		t.Errorf("minus zero = %v, %v, %v", u, negative, err)
	}
}

// FuzzDecimal compares with big.Int, for any value that numeric_send may give.
func FuzzDecimal(f *testing.F) {
	f.Add([]byte{0, 1, 9, 39}, int16(0), true, uint8(3))
	f.Fuzz(func(t *testing.T, digits []byte, weight int16, negative bool, scale uint8) {
		weight, scale = weight%12, scale%39
		b := []byte{0, 0, byte(uint16(weight) >> 8), byte(weight), 0, 0, 0, 0}
		if negative {
			b[4] = 0x40
		}
		want := new(big.Rat)
		place := int(weight)
		for i := 0; i+1 < len(digits) && b[1] < 20; i += 2 {
			d := (int64(digits[i])<<8 | int64(digits[i+1])) % 10000
			b = append(b, byte(d>>8), byte(d))
			b[1]++
			unit := new(big.Int).Exp(big.NewInt(10000), big.NewInt(int64(max(place, -place))), nil)
			term := new(big.Rat).SetInt(unit)
			if place < 0 {
				term.Inv(term)
			}
			want.Add(want, term.Mul(term, new(big.Rat).SetInt64(d)))
			place--
		}
		want.Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		u, neg, err := decimal(b, int(scale), pow10(38))
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
		fits := want.IsInt() && want.Num().Cmp(limit) < 0
		if (err == nil) != fits {
			t.Fatalf("%x at scale %d: %v, but exact is %s", b, scale, err, want)
		}
		if err != nil {
			return
		}
		got := new(big.Int).Lsh(new(big.Int).SetUint64(u.hi), 64)
		got.Add(got, new(big.Int).SetUint64(u.lo))
		if got.Cmp(want.Num()) != 0 || neg != (negative && got.Sign() != 0) {
			t.Errorf("%x at scale %d = %s (negative %v), want %s", b, scale, got, neg, want)
		}
	})
}

func TestDecimalWidthIsIcebergs(t *testing.T) {
	// Bytes that Iceberg's specification gives for a precision.
	for p, want := range map[int]int{1: 1, 2: 1, 3: 2, 4: 2, 9: 4, 10: 5, 18: 8, 19: 9, 28: 12, 29: 13, 37: 16, 38: 16} {
		if got := decimalWidth(p); got != want {
			t.Errorf("decimalWidth(%d) = %d, want %d", p, got, want)
		}
	}
}

// read decodes a stream of two text columns.
func read(r io.Reader) (rows [][2]string, err error) {
	c := newCopyReader(r)
	if err := c.header(); err != nil {
		return nil, err
	}
	fields := make([]field, 2)
	for {
		tuple, err := c.next(fields)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		var row [2]string
		for i, f := range fields {
			row[i] = "NULL"
			if f.n >= 0 {
				row[i] = string(tuple[f.at : f.at+f.n])
			}
		}
		rows = append(rows, row)
	}
}

func TestCopyStreamIsRead(t *testing.T) {
	long := strings.Repeat("long ", 500_000) // larger than the buffer
	s := newStream().row("a", nil).row("", "b").row(long, "end")
	data := s.end()
	all, _ := io.ReadAll(data)
	for name, r := range map[string]io.Reader{
		"at once":        bytes.NewReader(all),
		"in halves":      iotest.HalfReader(bytes.NewReader(all)),
		"with EOF":       iotest.DataErrReader(bytes.NewReader(all)),
		"byte by byte":   iotest.OneByteReader(bytes.NewReader(all[:len(all)-0])),
		"with extension": bytes.NewReader(append(append(append([]byte(nil), copySignature...), 0, 0, 0, 0, 0, 0, 0, 3, 'e', 'x', 't'), all[len(copySignature)+8:]...)),
	} {
		rows, err := read(r)
		if err != nil || len(rows) != 3 || rows[0] != [2]string{"a", "NULL"} || rows[1] != [2]string{"", "b"} || rows[2] != [2]string{long, "end"} {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}

func TestCopyStreamCutAnywhereIsAnError(t *testing.T) {
	all, err := io.ReadAll(newStream().row("a", "b").row(nil, "c").end())
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(all) {
		_, err := read(bytes.NewReader(all[:n]))
		var se *StreamError
		if !errors.As(err, &se) || !errors.Is(err, io.ErrUnexpectedEOF) || se.Hint() == "" {
			t.Errorf("cut after %d of %d bytes: %v", n, len(all), err)
		}
		if _, err := read(io.MultiReader(bytes.NewReader(all[:n]), iotest.ErrReader(errBroken))); !errors.Is(err, errBroken) {
			t.Errorf("broken after %d bytes: %v", n, err)
		}
	}
	if _, err := read(io.MultiReader(bytes.NewReader(all), iotest.ErrReader(errBroken))); !errors.Is(err, errBroken) {
		t.Errorf("broken after the end mark: %v", err)
	}
	for name, data := range map[string][]byte{
		"text":             []byte("a\tb\n\\.\n and more text than a header has"),
		"bytes after end":  append(append([]byte(nil), all...), 0),
		"too few columns":  newStream().row("a").Bytes(),
		"too many columns": newStream().row("a", "b", "c").Bytes(),
		"negative length":  append(newStream().Bytes(), 0, 2, 0xff, 0xff, 0xff, 0xfe),
		"gigantic length":  append(newStream().Bytes(), 0, 2, 0x7f, 0xff, 0xff, 0xff),
		"unknown flags":    append(append([]byte(nil), copySignature...), 0, 1, 0, 0, 0, 0, 0, 0),
		"gigantic header":  append(append([]byte(nil), copySignature...), 0, 0, 0, 0, 0xff, 0, 0, 0),
		"negative columns": append(newStream().Bytes(), 0xff, 0xfe),
	} {
		var se *StreamError
		if _, err := read(bytes.NewReader(data)); !errors.As(err, &se) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(stuck{bytes.NewReader(newStream().Bytes())}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

// stuck gives nothing, for ever, after r.
type stuck struct{ r io.Reader }

func (s stuck) Read(p []byte) (int, error) {
	n, _ := s.r.Read(p)
	return n, nil
}

func TestValuesThatTheLakeCanNotHold(t *testing.T) {
	required := Column{Name: "c", Type: Text, Required: true}
	for _, c := range []struct {
		col   Column
		value []byte
		err   error
	}{
		{required, nil, errNull},
		{Column{Type: Text}, []byte("\xff"), errUTF8},
		{Column{Type: JSON}, []byte("\x01\xff"), errUTF8},
		{Column{Type: JSON}, []byte("\x02{}"), errJSON},
		{Column{Type: Int2}, wire(int32(1)), errWidth},
		{Column{Type: Int4}, wire(int64(1)), errWidth},
		{Column{Type: Int8}, wire(int32(1)), errWidth},
		{Column{Type: Bool}, []byte{}, errWidth},
		{Column{Type: Float8}, wire(int32(1)), errWidth},
		{Column{Type: Date}, wire(int32(math.MaxInt32)), errInfinite},
		{Column{Type: Date}, wire(int32(math.MinInt32)), errInfinite},
		{Column{Type: Timestamptz}, wire(int64(math.MaxInt64)), errInfinite},
		{Column{Type: Timestamptz}, wire(int64(math.MinInt64)), errInfinite},
		{Column{Type: Numeric, Precision: 4, Scale: 2}, wireNumeric("100"), errNumericOverflow},
		{Column{Type: Numeric, Precision: 4, Scale: 2}, wireNumeric("0.001"), errNumericScale},
	} {
		v := newVector(c.col)
		err := error(nil)
		if c.value == nil {
			err = v.null()
		} else {
			err = v.add(c.value)
		}
		if !errors.Is(err, c.err) || v.rows != 0 {
			t.Errorf("%s %x: %v, want %v", c.col.Type, c.value, err, c.err)
		}
	}
}

func TestMonthOf(t *testing.T) {
	stamps := &monthOf{value: newVector(Column{Type: Timestamptz})}
	dates := &monthOf{value: newVector(Column{Type: Date})}
	for _, c := range []struct{ at, want string }{
		{"2011-01-31T23:59:59.999999Z", "2011-01"},
		{"2011-02-01T00:00:00Z", "2011-02"},
		{"2011-02-28T23:59:59.999999Z", "2011-02"},
		{"2011-02-01T00:30:00+01:00", "2011-01"},
		{"2012-01-01T00:00:00Z", "2012-01"},
		{"1969-12-31T23:59:59.999999Z", "1969-12"},
		{"0001-01-01T00:00:00Z", "0001-01"},
		{"9999-12-31T00:00:00Z", "9999-12"},
	} {
		m, err := stamps.of(wire(at(c.at)))
		if err != nil || monthName(m) != c.want {
			t.Errorf("%s is of %s (%v), want %s", c.at, monthName(m), err, c.want)
		}
		d, err := dates.of(wire(day(at(c.at).UTC().Format("2006-01-02"))))
		if err != nil || d != m {
			t.Errorf("the date of %s is of %s (%v), want %s", c.at, monthName(d), err, c.want)
		}
	}
	if _, err := stamps.of(wire(int64(math.MaxInt64 - 1 - epochMicros))); !errors.Is(err, errNoMonth) {
		t.Errorf("the year 294276: %v", err)
	}
}
