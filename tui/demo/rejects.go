package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"penstock/tui/screen/rejects"
)

// Rejects are refused records of two sources. Mended ones are resolved as a real run would do it, so the
// screen's journeys can be walked. It can be used by many goroutines.
type Rejects struct {
	next func() int64 // numbers a run that takes records in

	mu   sync.Mutex
	list []rejects.Record
}

const masked = "***"

// NewRejects returns the records of a bad morning; runs that take some in have their
// numbers from next.
func NewRejects(next func() int64) *Rejects {
	r := &Rejects{next: next}
	retail := []string{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"}
	canonical := []string{"invoice_no", "product_code", "description", "quantity", "ordered_at", "unit_price", "customer_id", "country"}
	add := func(load, record int64, name, reason, column, detail, text string) {
		x := rejects.Record{
			Reject: rejects.Reject{
				Key: rejects.Key{Load: load, Record: record}, Source: "online-retail", Name: name, Line: record + 1,
				Reason: reason, Column: column, Detail: detail, Excerpt: text,
			},
			ByteOffset: record * 93, Bytes: int64(len(text)), Encoding: "utf-8", Text: text,
		}
		if values := strings.Split(text, ","); len(values) == len(retail) {
			for i, v := range values {
				x.Fields = append(x.Fields, rejects.Field{
					Name: retail[i], Column: canonical[i], Value: v, Wrong: canonical[i] == column, Masked: canonical[i] == "customer_id",
				})
			}
		}
		r.list = append(r.list, x)
	}
	for _, x := range refusals() {
		add(loadOf(42), x.record, bigFile, x.reason, x.column, x.detail, x.text)
	}
	for i := range int64(4) {
		add(4, 1201+i*97, "online-retail-2011-11.csv.gz", "min", "unit_price", fmt.Sprintf("\"-%d.50\" is under 0", i+1),
			fmt.Sprintf("5761%02d,22423,REGENCY CAKESTAND 3 TIER,%d,2011-11-14 1%d:05:00,-%d.50,1%d311,EIRE", i*7, i+1, i, i+1, 4+i))
	}
	for i := range 3 {
		x := &r.list[len(r.list)-1-i]
		x.Resolved, x.ResolvedBy = true, 6
	}
	return r
}

// Counts implements rejects.Store.
func (r *Rejects) Counts(_ context.Context, run int64) ([]rejects.Count, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var counts []rejects.Count
	for _, x := range r.list {
		if run != 0 && runOf(x.Load) != run {
			continue
		}
		i := slices.IndexFunc(counts, func(c rejects.Count) bool {
			return c.Source == x.Source && c.Reason == x.Reason && c.Column == x.Column
		})
		if i < 0 {
			i = len(counts)
			counts = append(counts, rejects.Count{Source: x.Source, Reason: x.Reason, Column: x.Column, Loads: 1})
		}
		if x.Resolved {
			counts[i].Resolved++
		} else {
			counts[i].Open++
		}
	}
	slices.SortStableFunc(counts, func(a, b rejects.Count) int { return int(b.Open - a.Open) })
	return counts, nil
}

// List implements rejects.Store.
func (r *Rejects) List(_ context.Context, f rejects.Filter) ([]rejects.Reject, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []rejects.Reject
	for _, x := range r.list {
		if x.Resolved && !f.Resolved || f.Run != 0 && runOf(x.Load) != f.Run || f.Reason != "" && (x.Source != f.Source || x.Reason != f.Reason || x.Column != f.Column) {
			continue
		}
		list = append(list, shown(x, f.ShowPII).Reject)
	}
	return list, nil
}

// Record implements rejects.Store.
func (r *Rejects) Record(_ context.Context, k rejects.Key, showPII bool) (rejects.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.list {
		if x.Key == k {
			return shown(x, showPII), nil
		}
	}
	return rejects.Record{}, fmt.Errorf("load %d has no reject %d", k.Load, k.Record)
}

// shown is a record as it may be seen: customers are masked unless they are asked for.
func shown(x rejects.Record, showPII bool) rejects.Record {
	x.Fields = slices.Clone(x.Fields)
	x.Personal = true
	if !showPII {
		x.Masked = true
		x.Text, x.Excerpt = masked, masked
	}
	var parts []string
	for i := range x.Fields {
		f := &x.Fields[i]
		if showPII {
			f.Masked = false
		}
		parts = append(parts, f.Value)
		if f.Masked {
			f.Value, parts[i] = "", masked
		}
	}
	if len(parts) > 0 {
		x.Excerpt = strings.Join(parts, ",")
	}
	return x
}

// Mend implements rejects.Mender.
func (r *Rejects) Mend(_ context.Context, records []rejects.Mended) (rejects.Run, error) {
	run := rejects.Run{ID: r.next(), File: "mend.csv"}
	for _, m := range records {
		run.Keys = append(run.Keys, m.Key)
	}
	return run, nil
}

// Await implements rejects.Mender: everything that was mended fits.
func (r *Rejects) Await(_ context.Context, run rejects.Run) (rejects.Outcome, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if slices.Contains(run.Keys, r.list[i].Key) {
			r.list[i].Resolved, r.list[i].ResolvedBy = true, loadOf(run.ID)
		}
	}
	return rejects.Outcome{State: "done", Load: loadOf(run.ID), Resolved: run.Keys}, nil
}

// Export writes raw records.
func (r *Rejects) Export(ctx context.Context, f rejects.Filter, w io.Writer) (int64, error) {
	f.ShowPII = true
	list, err := r.List(ctx, f)
	if err != nil {
		return 0, err
	}
	for _, x := range list {
		if _, err := fmt.Fprintf(w, "%d,%d,%s,%s\n", x.Load, x.Record, x.Reason, x.Excerpt); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}
