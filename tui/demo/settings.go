package demo

import (
	"context"

	"penstock/tui/screen/settings"
)

// Settings is the configuration of a small shop.
func Settings() settings.Info {
	const file = "/home/shop/penstock.yaml"
	at := func(line string) string { return "penstock.yaml:" + line }
	info := settings.Info{
		Theme: "auto", Headless: "penstock doctor", Parts: []string{"staging", "analytics", "lake"},
		Facts: []settings.Fact{
			{Name: "version", Value: "1.0.0"},
			{Name: "profile", Value: "none"},
			{Name: "profiles", Value: "aws, prod"},
			{Name: "files", Value: file},
			{Name: "data", Value: "/home/shop/.local/share/penstock"},
			{Name: "log", Value: "/home/shop/.local/share/penstock/log"},
		},
	}
	for _, s := range [][3]string{
		{"production", "false", ""},
		{"data_dir", "/home/shop/.local/share/penstock", ""},
		{"base_currency", "GBP", at("1:16")},
		{"report_timezone", "Europe/London", at("2:18")},
		{"staging.url", "postgres://penstock_etl:***@db.example/penstock_staging?sslmode=verify-full", "PENSTOCK_STAGING_URL"},
		{"staging.read_url", "", ""},
		{"staging.password_file", "", ""},
		{"staging.allow_weak_tls", "false", ""},
		{"staging.max_conns", "8", "--set"},
		{"analytics.url", "postgres://penstock_etl:***@db.example/penstock_analytics?sslmode=verify-full", "PENSTOCK_ANALYTICS_URL"},
		{"analytics.max_conns", "6", ""},
		{"sources.0.name", "online-retail", at("6:11")},
		{"sources.0.path", "in/online-retail*.csv.gz", at("7:11")},
		{"sources.0.columns.invoice_no", "InvoiceNo", at("9:19")},
		{"sources.0.columns.quantity", "Quantity", at("10:17")},
		{"sources.0.pii", "[customer_id]", at("12:10")},
		{"sources.1.name", "web-shop", at("14:11")},
		{"sources.1.path", "in/web \x1b]0;owned\x07.csv", at("15:11")},
		{"engines.ingest", "go", ""},
		{"engines.transform", "sql", ""},
		{"engines.aggregate", "sql", ""},
		{"lake.url", "/home/shop/lake", at("20:12")},
		{"lake.catalog", "sql", ""},
		{"retention.runs", "90d", ""},
		{"retention.rejects", "30d", at("22:12")},
		{"ui.theme", "auto", ""},
		{"ui.fps", "30", ""},
		{"ui.refresh", "1s", ""},
	} {
		x := settings.Setting{Key: s[0], Value: s[1], From: s[2], Default: s[2] == ""}
		if x.Default {
			x.From = "default"
		}
		info.Settings = append(info.Settings, x)
	}
	return info
}

// TestPart tells of one part that is well, one to look at and one that is missing.
func TestPart(_ context.Context, part string) settings.Result {
	switch part {
	case "staging":
		return settings.Result{Summary: "PostgreSQL 16.4, role penstock_etl, schema version 1", Details: []settings.Fact{
			{Name: "address", Value: "db.example:5432"},
			{Name: "database", Value: "penstock_staging"},
			{Name: "reads as", Value: "penstock_analyst, SELECT only"},
			{Name: "TLS", Value: "TLS 1.3, server verified"},
		}}
	case "analytics":
		return settings.Result{
			Health: settings.Missing, Summary: "analytics: dial tcp 192.0.2.7:5432: connect: connection refused",
			Hint: "is the server running, and is this its address?",
		}
	default:
		return settings.Result{Health: settings.Warning, Summary: "/home/shop/lake, 812 MB free", Hint: "little room is left"}
	}
}
