// Package substrait stands in for the module of the same name, which carries the
// function catalogues of Substrait as YAML. iceberg-go reads all of them when a
// program starts: 95 ms and 32 MB in each, for expressions that push a filter
// down into a scan. Penstock plans files and filters nothing, so the catalogues
// here are empty.
package substrait

import "embed"

//go:embed extensions/*
var extensions embed.FS

// GetSubstraitFS gives the catalogues.
func GetSubstraitFS() embed.FS { return extensions }

// GetSubstraitExtensionsFS gives the catalogues.
func GetSubstraitExtensionsFS() embed.FS { return extensions }
