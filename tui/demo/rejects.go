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
	mu   sync.Mutex
	list []rejects.Record
	run  int64
}

const masked = "***"

// NewRejects returns the records of a bad morning.
func NewRejects() *Rejects {
	r := &Rejects{run: 42}
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
	add(7, 40112, "online-retail-2011-12.csv.gz", "type", "quantity", `"1.2.3" is no number`, "581475,22596,CHRISTMAS STAR WISH LIST CHALKBOARD,1.2.3,2011-12-09 08:39:00,0.39,13069,United Kingdom")
	add(7, 40388, "online-retail-2011-12.csv.gz", "type", "quantity", `"twelve" is no number`, "581484,23843,PAPER CRAFT LITTLE BIRDIE,twelve,2011-12-09 09:15:00,2.08,16446,United Kingdom")
	add(7, 41007, "online-retail-2011-12.csv.gz", "required", "unit_price", "", "581498,79321,CHILLI LIGHTS,10,2011-12-09 10:26:00,,14446,United Kingdom")
	add(7, 41230, "online-retail-2011-12.csv.gz", "type", "ordered_at", `"09/12/2011 10:31" is not %Y-%m-%d %H:%M:%S`, "581501,22319,HAIRCLIPS FORTIES FABRIC ASSORTED,180,09/12/2011 10:31,0.39,12985,United Kingdom")
	add(7, 41544, "online-retail-2011-12.csv.gz", "fields", "", "7 fields instead of 8", "581514,21705,BAG 500g SWIRLY MARBLES,84,2011-12-09 11:20:00,0.39,17754")
	add(7, 41901, "online-retail-2011-12.csv.gz", "one_of", "country", "\"\x1b[2J\x1b]0;owned\x07\" is not in the list", "581538,23318,BOX OF 6 MINI VINTAGE CRACKERS,6,2011-12-09 11:34:00,2.49,14446,\x1b[2J\x1b]0;owned\x07")
	add(7, 42033, "online-retail-2011-12.csv.gz", "encoding", "description", "byte 0xa3 is no UTF-8", "581566,23404,HOME SWEET HOME \xa3 BLACKBOARD,144,2011-12-09 11:50:00,3.26,18102,United Kingdom")
	add(7, 42240, "online-retail-2011-12.csv.gz", "quote", "", "a quote without its end", "581579,22197,\"POPCORN HOLDER, 18,2011-12-09 12:19:00,0.85,17581,United Kingdom")
	for i := range int64(4) {
		add(6, 1201+i*97, "online-retail-2011-11.csv.gz", "min", "unit_price", fmt.Sprintf("\"-%d.50\" is under 0", i+1),
			fmt.Sprintf("5761%02d,22423,REGENCY CAKESTAND 3 TIER,%d,2011-11-14 1%d:05:00,-%d.50,1%d311,EIRE", i*7, i+1, i, i+1, 4+i))
	}
	for i := range 3 {
		x := &r.list[len(r.list)-1-i]
		x.Resolved, x.ResolvedBy = true, 9
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

// runOf is the run that made a load.
func runOf(load int64) int64 { return load + 35 }

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
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run++
	run := rejects.Run{ID: r.run, File: "mend.csv"}
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
			r.list[i].Resolved, r.list[i].ResolvedBy = true, 10
		}
	}
	return rejects.Outcome{State: "done", Load: 10, Resolved: run.Keys}, nil
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
