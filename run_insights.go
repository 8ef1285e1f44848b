package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/pipeline/mart"
	"penstock/sql"
	"penstock/tui/clean"
)

// topRows is how many products the summary lists; martRows how many rows of a mart are printed.
const (
	topRows  = 5
	martRows = 20
)

func insightsTask() task {
	var o struct {
		sort    string
		where   []string
		limit   int
		csv     bool
		showPII bool
		given   func(flag string) bool
	}
	return task{
		name: "insights", group: groupData, args: "[MART]",
		short: "what the shop learns: a summary, or the rows of one mart",
		long: "Without a mart: revenue, best products, who comes back, what to reorder, what was refused.\n" +
			"With one: its rows. The marts are " + strings.Join(mart.Names()[:4], ", ") + ",\n" +
			strings.Join(mart.Names()[4:], ", ") + ".\n" +
			"Columns that a source declares as pii are masked, in JSON and CSV too, and rows are not picked or sorted by them,\n" +
			"unless --show-pii asks for them.",
		example: "penstock --run insights\n" +
			"penstock --run insights product_sales --where 'description~lantern' --sort -units --limit 10\n" +
			"penstock --run insights customer_value --where segment=champion --csv > champions.csv",
		flags: func(fs *pflag.FlagSet) {
			o.given = fs.Changed
			fs.StringVar(&o.sort, "sort", "", "sort by these `columns`: -net_revenue,country (- = greatest first)")
			fs.StringArrayVar(&o.where, "where", nil, "keep rows whose column compares so (`filter`): units>=100, country=France, description~lantern")
			fs.IntVar(&o.limit, "limit", 0, "at most this many `rows`; 20 on a screen, all in JSON and CSV unless given")
			fs.BoolVar(&o.csv, "csv", false, "write CSV")
			fs.BoolVar(&o.showPII, "show-pii", false, "show masked columns too, and pick and sort by them")
		},
		complete: func(_ *app, args []string) []string {
			if len(args) == 0 {
				return mart.Names()
			}
			return nil
		},
		run: func(ctx context.Context, a *app, args []string) error {
			if len(args) == 0 {
				_, err := a.summary(ctx, o.showPII)
				return err
			}
			if len(args) > 1 {
				return usageError(fmt.Sprintf("insights takes one mart, not %d", len(args)), "quote the values of --where")
			}
			if o.given("limit") {
				if err := someRows(o.limit); err != nil {
					return err
				}
			}
			q := mart.Query{Mart: args[0], Limit: o.limit, Order: mart.ParseOrder(o.sort)}
			for _, w := range o.where {
				f, err := mart.ParseFilter(w)
				if err != nil {
					return &codeError{code: codeUsage, err: err}
				}
				q.Where = append(q.Where, f)
			}
			if q.Limit == 0 && !o.csv && !a.flags.json {
				q.Limit = martRows
			}
			return a.mart(ctx, q, o.csv, o.showPII)
		},
	}
}

// mart prints the rows of one mart: a table, CSV or JSON lines.
func (a *app) mart(ctx context.Context, q mart.Query, asCSV, showPII bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if column := mart.Personal(c.Personal()).Asked(q); column != "" && !showPII {
		return usageError(column+" is personal: rows are neither picked nor sorted by what is masked",
			"add --show-pii, or use other columns for --where and --sort")
	}
	pool, err := a.reading(ctx, sql.Analytics)
	if err != nil {
		return err
	}
	t, err := mart.Read(ctx, pool, q)
	var asked *mart.Error
	if errors.As(err, &asked) {
		return &codeError{code: codeUsage, err: err}
	}
	if err != nil {
		return err
	}
	a.martState(t.State)
	if !showPII && t.Hide(c.Personal()) {
		a.say("note: personal columns are masked; --show-pii shows them")
	}
	switch {
	case a.flags.json:
		return writeJSONLines(a.out, t)
	case asCSV:
		return writeCSV(a.out, t)
	}
	if err := martTable(t).write(a.out, ""); err != nil {
		return err
	}
	if int64(len(t.Rows)) < t.Found {
		a.say("%d of %s rows; --limit N shows more, --csv and --json all", len(t.Rows), count(t.Found))
	}
	return nil
}

// martTable is rows of a mart for people: the numbers of a column have as many decimals as the longest of them.
func martTable(t *mart.Table) *printed {
	p := &printed{}
	places := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		p.head = append(p.head, c.Name)
		p.right = append(p.right, c.Kind == mart.Number)
		for _, row := range t.Rows {
			_, fraction, _ := strings.Cut(row[i].Text, ".")
			places[i] = max(places[i], len(strings.TrimRight(fraction, "0")))
		}
		if strings.HasSuffix(c.Name, "revenue") || strings.HasSuffix(c.Name, "value") {
			places[i] = 2
		}
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = martCell(t.Columns[i], v, places[i])
		}
		p.row(cells...)
	}
	return p
}

// martCell writes a value for a person: numbers grouped and with so many decimals, times in UTC.
func martCell(c mart.Column, v mart.Value, places int) string {
	switch {
	case v.Null:
		return "-"
	case c.Kind == mart.Number:
		return grouped(v.Text, places)
	case c.Kind == mart.Time && strings.HasSuffix(v.Text, "+00"):
		return strings.TrimSuffix(v.Text, "+00") + "Z"
	}
	return v.Text
}

// martState warns on stderr when a mart is not what it should be.
func (a *app) martState(s mart.State) {
	switch s.State {
	case "failed":
		a.say("warning: a check found something wrong with these marts: %s", clean.Line(s.Reason))
		a.say("  penstock --run check shows what")
	case "unchecked":
		a.say("note: these marts were not checked yet; penstock --run check does")
	}
}

func writeCSV(w io.Writer, t *mart.Table) error {
	out := csv.NewWriter(w)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = clean.Formula(v.Text)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func writeJSONLines(w io.Writer, t *mart.Table) error {
	for _, row := range t.Rows {
		var b strings.Builder
		b.WriteByte('{')
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			name, err := json.Marshal(t.Columns[i].Name)
			if err != nil {
				return err
			}
			value := []byte("null")
			switch {
			case v.Null:
			case t.Columns[i].Kind == mart.Number:
				value = []byte(v.Text)
			case t.Columns[i].Kind == mart.Bool:
				value = []byte(strconv.FormatBool(v.Text == "t"))
			case t.Columns[i].Kind == mart.Time:
				value, err = json.Marshal(jsonTime(v.Text))
			default:
				value, err = json.Marshal(v.Text)
			}
			if err != nil {
				return err
			}
			b.Write(name)
			b.WriteByte(':')
			b.Write(value)
		}
		b.WriteString("}\n")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// jsonTime is a time in UTC as PostgreSQL writes it, as RFC 3339 has it; a day stays one.
func jsonTime(text string) string {
	day, rest, ok := strings.Cut(text, " ")
	clock, zoned := strings.CutSuffix(rest, "+00")
	if !ok || !zoned {
		return text
	}
	return day + "T" + clock + "Z"
}

// summary prints what a shop owner asks first, and tells whether there is a sale yet.
func (a *app) summary(ctx context.Context, showPII bool) (sold bool, err error) {
	c, err := a.config()
	if err != nil {
		return false, err
	}
	staging, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return false, err
	}
	analytics, err := a.reading(ctx, sql.Analytics)
	if err != nil {
		return false, err
	}
	s, err := mart.Summarize(ctx, staging, analytics, topRows)
	if err != nil {
		return false, err
	}
	if !showPII {
		s.Hide(c.Personal())
	}
	if a.flags.json {
		return s.Totals.FirstDay != nil, a.emit(s)
	}
	if s.State.State == "missing" {
		a.say("There is nothing to tell yet: penstock --run loads purchases and builds the analytics.")
		return false, nil
	}
	a.martState(s.State)
	best := "Best products"
	if slices.ContainsFunc(c.Sources, func(s config.Source) bool { return len(s.ServiceCodes) > 0 }) {
		best += " (without postage and fees)"
	}
	return s.Totals.FirstDay != nil, writeSummary(a.out, s, best, c.BaseCurrency, a.now())
}

// writeSummary prints the summary; best is the title of its best products.
func writeSummary(w io.Writer, s *mart.Summary, best, currency string, now time.Time) error {
	b := &strings.Builder{}
	if s.Totals.FirstDay == nil {
		b.WriteString("No sale is loaded yet.\n")
	} else if err := writeTotals(b, s, currency); err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		table printed
	}{
		{best, bestTable(s.Best)},
		{"Customers", segmentTable(s.Segments)},
		{reorderTitle(s.Reorder), reorderTable(s.Reorder)},
		{"Refused rows (penstock --run rejects)", rejectTable(s.Rejects)},
		{"Sources", sourceTable(s.Sources, now)},
		{"Checks that found something", checkTable(s.Checks)},
	} {
		if len(part.table.rows) == 0 {
			continue
		}
		b.WriteString("\n" + part.title + "\n")
		if err := part.table.write(b, "  "); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTotals(b *strings.Builder, s *mart.Summary, currency string) error {
	t := s.Totals
	fmt.Fprintf(b, "\nSales %s to %s, %s trading days\n", t.FirstDay.Format("2 Jan 2006"), t.LastDay.Format("2 Jan 2006"), count(t.TradingDays))
	totals := printed{head: []string{"", "", ""}, right: []bool{false, true, false}, whole: true}
	totals.row("gross revenue", money(t.Gross), currency)
	totals.row("returned", money(t.Returned), currency)
	totals.row("net revenue", money(t.Net), currency)
	totals.row("purchases", count(t.Purchases), fmt.Sprintf("%s lines, %s units", count(t.Lines), grouped(string(t.Units), -1)))
	if t.AveragePurchase != nil {
		totals.row("average purchase", money(*t.AveragePurchase), currency)
	}
	back := ""
	if t.ReturningShare != nil {
		back = fmt.Sprintf("%s come back (%s); %s purchases are of known customers", count(t.ReturningCustomers), percent(t.ReturningShare), count(t.IdentifiedPurchases))
	}
	totals.row("known customers", count(t.Customers), back)
	return totals.write(b, "  ")
}

func bestTable(list []mart.Product) printed {
	p := printed{head: []string{"product", "", "units", "revenue", "share", "returned"}, right: []bool{false, false, true, true, true, true}}
	for _, x := range list {
		p.row(x.Code, x.Description, grouped(string(x.Units), -1), money(x.Gross), percent(x.Share), money(x.Returned))
	}
	return p
}

func segmentTable(list []mart.Segment) printed {
	p := printed{head: []string{"segment", "customers", "net revenue", "share"}, right: []bool{false, true, true, true}}
	for _, x := range list {
		p.row(x.Name, count(x.Customers), money(x.Net), percent(x.Share))
	}
	return p
}

func reorderTitle(list []mart.Reorder) string {
	if len(list) > 0 && list[0].OrderQuantity != nil {
		return "Order now"
	}
	return "Reorder points of the products that earn most (no stock is loaded: order when it falls to this)"
}

func reorderTable(list []mart.Reorder) printed {
	p := printed{head: []string{"product", "", "class", "a week", "reorder at", "on hand", "order"}, right: []bool{false, false, false, true, true, true, true}}
	for _, x := range list {
		onHand, order := "-", "-"
		if x.OnHand != nil {
			onHand = grouped(string(*x.OnHand), -1)
		}
		if x.OrderQuantity != nil {
			order = count(*x.OrderQuantity)
		}
		p.row(x.Code, x.Description, x.ABC+x.XYZ, grouped(string(x.WeeklyMean), 1), count(x.ReorderPoint), onHand, order)
	}
	return p
}

func rejectTable(list []mart.RejectReason) printed {
	p := printed{head: []string{"source", "reason", "column", "rows"}, right: []bool{false, false, false, true}}
	for _, x := range list {
		p.row(x.Source, x.Reason, x.Column, count(x.Rows))
	}
	return p
}

func sourceTable(list []mart.Freshness, now time.Time) printed {
	p := printed{head: []string{"source", "loads", "read", "loaded", "refused", "last load"}, right: []bool{false, true, true, true, true, false}}
	for _, x := range list {
		last := "-"
		if x.LastLoadAt != nil {
			last = ago(now.Sub(*x.LastLoadAt))
		}
		p.row(x.Source, count(x.Loads), count(x.Read), count(x.Loaded), count(x.Rejected), last)
	}
	return p
}

func checkTable(list []mart.CheckFound) printed {
	p := printed{head: []string{"check", "", "rows", "what it means"}, right: []bool{false, false, true, false}, whole: true}
	for _, x := range list {
		p.row(x.Name, x.Severity, count(x.Found), x.Description)
	}
	return p
}

func count(n int64) string { return grouped(strconv.FormatInt(n, 10), -1) }

func money(d mart.Decimal) string { return grouped(string(d), 2) }

// percent writes a share of one as a percentage with one decimal.
func percent(share *mart.Decimal) string {
	if share == nil {
		return "-"
	}
	f, err := strconv.ParseFloat(string(*share), 64)
	if err != nil {
		return "-"
	}
	return strconv.FormatFloat(100*f, 'f', 1, 64) + " %"
}

// ago says how long ago something was, in its greatest unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
