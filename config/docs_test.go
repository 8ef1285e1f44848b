package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEveryKeyIsDescribed holds docs/configuration.md to the schema.
func TestEveryKeyIsDescribed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(typ reflect.Type, key string)
	walk = func(typ reflect.Type, key string) {
		typ = deref(typ)
		name := key[strings.LastIndexByte(key, '.')+1:]
		if key != "" && !strings.Contains(string(text), name) {
			t.Errorf("docs/configuration.md says nothing of %s", key)
		}
		switch {
		case isLeaf(typ):
		case typ.Kind() == reflect.Struct:
			for _, f := range orderedFields(typ) {
				walk(f.Type, join(key, yamlName(f)))
			}
		default:
			walk(typ.Elem(), key)
		}
	}
	walk(reflect.TypeFor[Config](), "")
}
