package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// A file of the lake that is cut off reads as a connection that breaks does: whether the server is there tells
// them apart.
func TestWhoseErrorOfTheLake(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true})
	tx, err := db.Pool(t, "analytics", "etl").Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }() // the pool waits for it
	cut := fmt.Errorf("publish product_sales: %w", io.ErrUnexpectedEOF)
	if err := whose(t.Context(), tx, cut); err != cut { //nolint:errorlint // the very same error is meant
		t.Errorf("with a server: %v", err)
	}
	if err := db.AnalyticsServer.Stop(localtest.Killed); err != nil {
		t.Fatal(err)
	}
	if err := whose(t.Context(), tx, cut); !sql.Gone(err) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without one: %v", err)
	}
}
