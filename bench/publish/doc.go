// Package publish measures bringing the facts of 5 million lines to the lake as an Iceberg table beside
// DuckDB's postgres extension copying the same table to one Parquet file. It holds a benchmark only,
// which takes the facts that bench/marts left on its server:
//
//	python3 -m venv /tmp/duck && /tmp/duck/bin/pip install duckdb==1.5.5 duckdb-extension-postgres-scanner==1.5.5
//	go test ./bench/publish -run '^$' -bench . -benchtime 1x -timeout 1h -server postgres://... -python /tmp/duck/bin/python
//
// Figures of a busy machine mean nothing: the benchmark refuses one.
package publish
