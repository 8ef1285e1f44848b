package lake

import (
	"os"
	"testing"

	"penstock/dbadmin/local/localtest"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(childJob); job != "" {
		os.Exit(child(job)) // a publish that a test kills
	}
	localtest.Main(m)
}
