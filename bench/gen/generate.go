package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

const (
	header = "InvoiceNo,LineNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,Currency\n"
	// The real invoices span 45,222 numbers and 374 days; steps a little wider keep copies
	// apart. 378 days are 54 weeks: a Sunday stays a Sunday.
	invoiceStep = 50_000
	dayStep     = 378
	// One description in this many holds a line break and quotes.
	multilineEvery = 1000

	stampLayout = "2006-01-02 15:04:05"
)

// Options decide the bytes that Generate writes, all of them.
type Options struct {
	Rows int64
	Bad  float64
	Seed uint64
}

// Facts counts what was written.
type Facts struct {
	Rows      int64 `json:"rows"`
	Bad       int64 `json:"bad"`
	Multiline int64 `json:"multiline"`
	Bytes     int64 `json:"bytes"`
}

// Record is one line of the real file, cut where copies differ.
type Record struct {
	letter  string // C of a cancelled invoice, A of an adjustment, else empty
	invoice int
	line    int
	code    string
	text    string // description as it stands
	qty     string
	at      time.Time
	price   string
	tail    string // customer, country and currency, written already
}

// Base reads the real file into memory: 541,909 records take about 100 MB.
func Base(r io.Reader) ([]Record, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	in.FieldsPerRecord = 8
	if _, err := in.Read(); err != nil {
		return nil, err
	}
	var records []Record
	var previous string
	line := 0
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		line++
		if fields[0] != previous {
			previous, line = strings.Clone(fields[0]), 1
		}
		record, err := parse(fields)
		if err != nil {
			return nil, err
		}
		record.line = line
		records = append(records, record)
	}
}

func parse(f []string) (Record, error) {
	number := strings.TrimLeft(f[0], "CA")
	invoice, err := strconv.Atoi(number)
	if err != nil {
		return Record{}, fmt.Errorf("invoice %q: %w", f[0], err)
	}
	at, err := time.Parse(stampLayout, f[4])
	if err != nil {
		return Record{}, fmt.Errorf("date of invoice %s: %w", f[0], err)
	}
	return Record{
		letter: strings.TrimSuffix(f[0], number), invoice: invoice, code: strings.Clone(f[1]), text: strings.Clone(f[2]),
		qty: strings.Clone(f[3]), at: at, price: strings.Clone(f[5]),
		tail: "," + strings.Clone(f[6]) + "," + quote(f[7]) + ",GBP\n",
	}, nil
}

// Generate writes o.Rows records under a header.
func Generate(w io.Writer, base []Record, o Options) (Facts, error) {
	if len(base) == 0 {
		return Facts{}, errors.New("no records to copy from")
	}
	facts := Facts{Rows: o.Rows}
	dice := rand.New(rand.NewPCG(o.Seed, 0)) //nolint:gosec // the same numbers each time are the point
	n, err := io.WriteString(w, header)
	facts.Bytes += int64(n)
	if err != nil {
		return facts, err
	}
	buf := make([]byte, 0, 512)
	for i := int64(0); i < o.Rows; i++ {
		copyNo, record := int(i/int64(len(base))), &base[i%int64(len(base))]
		fault := none
		if o.Bad > 0 && dice.Float64() < o.Bad {
			fault = 1 + faultKind(dice.IntN(int(faults)-1))
			facts.Bad++
		}
		multiline := i%multilineEvery == multilineEvery-1
		if multiline {
			facts.Multiline++
		}
		buf = record.append(buf[:0], copyNo, multiline, fault)
		n, err := w.Write(buf)
		facts.Bytes += int64(n)
		if err != nil {
			return facts, err
		}
	}
	return facts, nil
}

type faultKind int

// The ways a record goes wrong; every one of them is a reject for a strict loader.
const (
	none faultKind = iota
	noInvoice
	badQuantity
	badDate
	badPrice
	missingField
	surplusField
	faults
)

func (r *Record) append(b []byte, copyNo int, multiline bool, fault faultKind) []byte {
	if fault != noInvoice {
		b = append(b, r.letter...)
		b = strconv.AppendInt(b, int64(r.invoice+copyNo*invoiceStep), 10)
	}
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(r.line), 10)
	b = append(b, ',')
	b = append(b, r.code...)
	b = append(b, ',')
	if multiline {
		b = append(b, quote(r.text+"\nsay \"as new\"")...)
	} else {
		b = append(b, quote(r.text)...)
	}
	b = append(b, ',')
	b = append(b, r.qty...)
	if fault == badQuantity {
		b = append(b, ".2.3"...)
	}
	b = append(b, ',')
	if fault != missingField {
		b = r.at.AddDate(0, 0, copyNo*dayStep).AppendFormat(b, stampLayout)
		if fault == badDate {
			b = append(b, "?"...)
		}
		b = append(b, ',')
	}
	if fault == badPrice {
		b = append(b, "about "...)
	}
	b = append(b, r.price...)
	if fault == surplusField {
		b = append(b, ",x"...)
	}
	return append(b, r.tail...)
}

func quote(s string) string {
	if !strings.ContainsAny(s, "\",\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
