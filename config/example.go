package config

import (
	"bytes"
	_ "embed" // for the example
)

//go:embed example.yaml
var example []byte

// Example is a commented penstock.yaml in which every value is its default.
func Example() []byte { return bytes.Clone(example) }
