package mart

import (
	"context"
	"slices"
	"time"
)

// Zoom is the length of the periods of a trend.
type Zoom string

// The zooms.
const (
	Day   Zoom = "day"
	Week  Zoom = "week"
	Month Zoom = "month"
)

// maxPeriods is how many periods a trend has at most, the latest: one line with a
// year far off must not make a chart of a million days.
const maxPeriods = 5000

// next returns the start of the period after the one that starts at t.
func (z Zoom) next(t time.Time) time.Time {
	switch z {
	case Month:
		return t.AddDate(0, 1, 0)
	case Week:
		return t.AddDate(0, 0, 7)
	}
	return t.AddDate(0, 0, 1)
}

// Period is the sales of one period of a trend; days are of the report timezone.
type Period struct {
	Start     time.Time // first day
	End       time.Time // the day after the last
	Part      bool      // the data begins or ends inside
	Lines     int64
	Purchases int64 // an invoice counts on each day that it has a sale on
	Units     Decimal
	Gross     Decimal
	Returned  Decimal
	Net       Decimal
	Average   *Decimal // gross by purchase; nil without a purchase
}

// Trend reads the sales by period, in the order of time, from the first day with
// a sale or return to the last; periods between without any have zeros.
func Trend(ctx context.Context, db Querier, z Zoom) ([]Period, error) {
	type row struct {
		Start                       time.Time
		Lines, Purchases            int64
		Units, Gross, Returned, Net Decimal
		Average                     *Decimal
	}
	rows, err := collect[row](ctx, db, "console/insights_trend.sql", string(z), maxPeriods)
	if err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	list := make([]Period, 0, len(rows))
	for _, r := range rows {
		list = append(list, Period{
			Start: r.Start, End: z.next(r.Start), Lines: r.Lines, Purchases: r.Purchases,
			Units: r.Units, Gross: r.Gross, Returned: r.Returned, Net: r.Net, Average: r.Average,
		})
	}
	return fill(list, z), nil
}

// fill adds periods of zeros where there are none, unless they would be too many.
func fill(list []Period, z Zoom) []Period {
	var out []Period
	for i, p := range list {
		if i > 0 {
			for at := list[i-1].End; at.Before(p.Start); at = z.next(at) {
				if len(out) >= maxPeriods {
					return list
				}
				out = append(out, Period{Start: at, End: z.next(at), Units: "0", Gross: "0", Returned: "0", Net: "0"})
			}
		}
		out = append(out, p)
	}
	return out
}

// MarkParts marks the first and last period if the data begins or ends inside
// them; first and last are days with a sale.
func MarkParts(list []Period, first, last time.Time) {
	if len(list) == 0 {
		return
	}
	if p := &list[0]; p.Start.Before(first) {
		p.Part = true
	}
	if p := &list[len(list)-1]; p.End.After(last.AddDate(0, 0, 1)) {
		p.Part = true
	}
}

// Hour is the sales of one hour of the week, in the report timezone.
type Hour struct {
	Weekday   int16 // 1 = Monday to 7 = Sunday
	Hour      int16 // 0 to 23
	Lines     int64
	Purchases int64
	Units     Decimal
	Gross     Decimal
	Returned  Decimal
	Net       Decimal
}

// Hours reads the hours of the week that have a sale or a return.
func Hours(ctx context.Context, db Querier) ([]Hour, error) {
	return collect[Hour](ctx, db, "console/insights_hours.sql")
}

// Cohort is what the customers of one first month did some months later.
type Cohort struct {
	Month     time.Time // of their first purchase
	Since     int32     // months since then
	Customers int64
	Active    int64 // of them, who bought in that month
	Net       Decimal
}

// Cohorts reads the latest cohorts, at most so many first months.
func Cohorts(ctx context.Context, db Querier, months int) ([]Cohort, error) {
	return collect[Cohort](ctx, db, "console/insights_cohorts.sql", months)
}

// Score is how many customers have these scores of recency and frequency.
type Score struct {
	R, F      int16
	Segment   string
	Customers int64
	Net       Decimal
}

// Scores reads the scores that customers have.
func Scores(ctx context.Context, db Querier) ([]Score, error) {
	return collect[Score](ctx, db, "console/insights_scores.sql")
}

// Class is how many products have this class of value and steadiness.
type Class struct {
	ABC, XYZ string
	Products int64
	Gross    Decimal
}

// Classes reads the classes that products have.
func Classes(ctx context.Context, db Querier) ([]Class, error) {
	return collect[Class](ctx, db, "console/insights_classes.sql")
}
