package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeLoads loads the configuration that the README shows.
func TestReadmeLoads(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "```yaml\n")
	yaml, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatal("the README shows no configuration")
	}
	if _, err := loadIn(write(t, yaml, 0o600), nil); err != nil {
		t.Error(err)
	}
}
