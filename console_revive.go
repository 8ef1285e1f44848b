package main

import (
	"context"

	"penstock/dbadmin/local"
)

// revive starts the managed server again where that died under the session, and reports whether it did. One
// that somebody stopped stays stopped until a run needs it.
func (c *console) revive(ctx context.Context) (bool, error) {
	o := c.localOptions(c.cfg)
	if c.view.readOnly || !c.cfg.Staging.URL.IsLocal() && !c.cfg.Analytics.URL.IsLocal() || !local.Died(o) {
		return false, nil
	}
	_, err := local.Start(ctx, o)
	return err == nil, err
}
