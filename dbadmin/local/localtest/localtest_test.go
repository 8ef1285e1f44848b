package localtest_test

import (
	"context"
	"testing"

	"penstock/dbadmin/local/localtest"
)

func TestMain(m *testing.M) { localtest.Main(m) }

func TestNewIsMigratedAndFresh(t *testing.T) {
	ctx := context.Background()
	a, b := localtest.New(t), localtest.New(t)
	var first, second string
	if err := a.Staging.QueryRow(ctx, "SELECT uuid::text FROM staging.meta").Scan(&first); err != nil {
		t.Fatal(err)
	}
	if err := b.Staging.QueryRow(ctx, "SELECT uuid::text FROM staging.meta").Scan(&second); err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Errorf("two databases have one uuid %s", first)
	}
	var part string
	if err := a.Staging.QueryRow(ctx, "SELECT staging.ensure_partition(65)").Scan(&part); err != nil || part != "purchases_64" {
		t.Errorf("partition %q, %v", part, err)
	}
}
