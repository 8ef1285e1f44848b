package demo

import (
	"time"

	"penstock/tui/screen/commands"
)

// Start is the moment at which every demonstration begins.
func Start() time.Time { return time.Date(2011, time.December, 10, 9, 30, 0, 0, time.UTC) }

// Commands is a command log as a morning's work leaves it.
type Commands struct {
	// Now goes on from Start as the session asks on, a question a second; nil
	// leaves the log as it is at Start.
	Now func() time.Time
}

// Latest implements commands.Log.
func (c Commands) Latest() uint64 { return uint64(len(statements()) + c.asked()) } //nolint:gosec // positive

// asked is how many questions came since the start.
func (c Commands) asked() int {
	if c.Now == nil {
		return 0
	}
	return max(0, int(c.Now().Sub(Start())/time.Second))
}

// Calls implements commands.Log.
func (c Commands) Calls() []commands.Call {
	const most = 1000
	var out []commands.Call
	list, n := statements(), c.asked()
	for i := n; i > max(0, n-most); i-- {
		s := list[[...]int{1, 1, 2, 1, 0}[i%5]] // what a console asks that watches a run
		s.ID = uint64(len(list) + i)            //nolint:gosec // positive
		s.At = Start().Add(time.Duration(i) * time.Second)
		s.Took += time.Duration(i*7%13) * 40 * time.Microsecond
		out = append(out, s)
	}
	for i, s := range list {
		s.ID = uint64(len(list) - i) //nolint:gosec // a dozen
		s.At = Start().Add(-time.Duration(i*i+1) * 137 * time.Millisecond)
		out = append(out, s)
	}
	return out
}

func statements() []commands.Call {
	const tick = 100 * time.Microsecond
	return []commands.Call{
		{To: "staging", Text: "SELECT r.id, r.state, r.started_at, r.heartbeat_at\nFROM staging.runs r\nORDER BY r.id DESC LIMIT $1", Took: 8 * tick, Rows: 50},
		{To: "staging", Text: "SELECT at, body FROM staging.progress WHERE run = $1", Took: 3 * tick, Rows: 1},
		{To: "staging", Text: "SELECT seq, at, kind, body FROM staging.events WHERE run = $1 AND seq >= $2 ORDER BY seq LIMIT $3", Took: 6 * tick, Rows: 14},
		{To: "analytics", Text: "SELECT product_code, description, units, gross_revenue\nFROM analytics.product_sales\nWHERE NOT is_service\nORDER BY gross_revenue DESC LIMIT $1", Took: 184 * tick, Rows: 200},
		{To: "analytics", Text: "SELECT weekday, hour, purchases, gross_revenue FROM analytics.hourly_sales", Took: 11 * tick, Rows: 77},
		{To: "analytics", Text: "SELECT segment, count(*), sum(net_revenue) FROM analytics.customer_value GROUP BY segment", Took: 92 * tick, Rows: 10},
		{To: "process", Text: "penstock --run --json", Took: 412 * tick, Rows: -1},
		{To: "staging", Text: "SELECT reason, count(*) FROM staging.rejects WHERE state = $1 GROUP BY reason", Took: 71 * tick, Rows: 6},
		{To: "lake", Text: "list snapshots of fact_purchase_line", Took: 233 * tick, Rows: 9},
		{
			To: "analytics", Text: "SELECT * FROM analytics.fact_purchase_line WHERE product_code = $1 ORDER BY ordered_at", Took: 31020 * tick, Rows: -1,
			Err: "canceling statement due to user request (SQLSTATE 57014)",
		},
		{To: "staging", Text: "connect", Took: 52 * tick, Rows: -1},
		{To: "analytics", Text: "connect", Took: 49 * tick, Rows: -1},
	}
}
