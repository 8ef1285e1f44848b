package main

import (
	"context"
	"path/filepath"

	"penstock/config"
	"penstock/sql"
)

// tellNext ends a run of the whole pipeline for a person: what the shop learns, where everything is and
// what to type next.
func (a *app) tellNext(ctx context.Context, c *config.Config) error {
	if a.flags.json {
		return nil
	}
	sold, err := a.summary(ctx, false)
	if err != nil {
		return err
	}
	a.say("")
	if c.IsSample() {
		a.say("This is the sample the program carries: Chen, D. (2015), Online Retail, UCI Machine Learning Repository, CC BY 4.0.")
	}
	where := printed{head: []string{"", ""}, whole: true}
	where.row("tables", a.where(c, sql.Analytics))
	where.row("lake", config.Mask(c.Lake.URL))
	where.row("history", "penstock --run runs")
	if err := where.write(a.err, ""); err != nil {
		return err
	}
	a.say("")
	next := printed{head: []string{"", ""}, whole: true}
	if !sold {
		next.row("what was refused", "penstock --run rejects --list")
		next.row("try a mapping", "penstock --run validate")
		return next.write(a.err, "")
	}
	if c.IsSample() {
		next.row("your own files", "penstock init --from FILE...")
	}
	next.row("one mart", "penstock --run insights product_sales --sort -units --limit 10")
	next.row("the lake", `penstock --run query "SELECT country, gross_revenue FROM country_sales ORDER BY 2 DESC LIMIT 5"`)
	next.row("the tables", `psql "$(penstock --run url analytics)" -c '\dt analytics.*'`)
	return next.write(a.err, "")
}

// where says in which database people find the tables.
func (a *app) where(c *config.Config, db sql.Database) string {
	if database(c, db).URL.IsLocal() {
		return "schema " + db.Schema() + " of the managed PostgreSQL in " + filepath.Join(c.DataDir, "postgres")
	}
	return "schema " + db.Schema() + " of " + config.Mask(database(c, db).URL.Reveal())
}
