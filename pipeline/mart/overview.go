package mart

import (
	"context"
	"time"
)

// Overview is what the console shows first, but for the totals, which take longer.
type Overview struct {
	Zoom      Zoom // of Trend: as the time that the data spans needs
	Trend     []Period
	Best      []Product
	Hours     []Hour
	Segments  []Segment
	Countries *Table // as of a List
	Reorder   []Reorder
}

// ReadOverview reads the overview with so many of the best of everything.
func ReadOverview(ctx context.Context, db Querier, top int) (Overview, error) {
	var o Overview
	var err error
	if o.Zoom, o.Trend, err = fittingTrend(ctx, db); err != nil {
		return Overview{}, err
	}
	if o.Best, err = Best(ctx, db, top); err != nil {
		return Overview{}, err
	}
	if o.Hours, err = Hours(ctx, db); err != nil {
		return Overview{}, err
	}
	if o.Segments, err = Segments(ctx, db); err != nil {
		return Overview{}, err
	}
	if o.Countries, err = ReadList(ctx, db, List{Of: Countries, Limit: top}); err != nil {
		return Overview{}, err
	}
	o.Reorder, err = collect[Reorder](ctx, db, "insights/reorder.sql", top)
	return o, err
}

// fittingTrend reads the trend with the zoom that gives some dozens of points.
func fittingTrend(ctx context.Context, db Querier) (Zoom, []Period, error) {
	const few, many = 60 * 24 * time.Hour, 4 * 366 * 24 * time.Hour
	weeks, err := Trend(ctx, db, Week)
	if err != nil || len(weeks) == 0 {
		return Week, weeks, err
	}
	z := Week
	switch span := weeks[len(weeks)-1].End.Sub(weeks[0].Start); {
	case span <= few:
		z = Day
	case span >= many:
		z = Month
	default:
		return z, weeks, nil
	}
	list, err := Trend(ctx, db, z)
	return z, list, err
}

// Groups are the products and customers in groups.
type Groups struct {
	Segments []Segment
	Scores   []Score
	Classes  []Class
}

// ReadGroups reads the groups.
func ReadGroups(ctx context.Context, db Querier) (Groups, error) {
	var g Groups
	var err error
	if g.Segments, err = Segments(ctx, db); err != nil {
		return Groups{}, err
	}
	if g.Scores, err = Scores(ctx, db); err != nil {
		return Groups{}, err
	}
	g.Classes, err = Classes(ctx, db)
	return g, err
}
