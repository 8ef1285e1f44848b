package lake

import "time"

// View is what readers see: the tables of one run.
type View struct {
	Run    int64
	At     time.Time // when the last of its tables was committed
	Tables map[string]ViewTable
}

// ViewTable is one table of a View.
type ViewTable struct {
	Snapshot int64
	Version  int64    // property penstock.version
	Files    []string // Parquet files: paths in a folder, URLs elsewhere
	Rows     int64
	Bytes    int64
	Columns  []Column
	fieldIDs []int // Iceberg field ids of Columns; a file's columns are found by them
}
