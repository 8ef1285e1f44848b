package mart

import (
	"testing"

	"penstock/dbadmin/local/localtest"
)

func TestMain(m *testing.M) { localtest.Main(m) }
