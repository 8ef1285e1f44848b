// Package marts measures transform and aggregate beside hand-written SQL that makes the same facts,
// indexes and marts in one database. It holds a benchmark only:
//
//	go test ./bench/marts -run '^$' -bench . -benchtime 1x -timeout 2h -server postgres://postgres@/postgres?host=/run/postgresql
//
// The server is one that nobody else uses; bench_staging and bench_analytics are made there anew. Figures
// of a busy machine mean nothing: the benchmark refuses one.
package marts
