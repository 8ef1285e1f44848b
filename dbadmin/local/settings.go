package local

import (
	"fmt"
	"path/filepath"
	"strings"
)

const (
	mb = int64(1) << 20
	gb = int64(1) << 30
)

// machine is what the settings depend on.
type machine struct {
	memory    int64 // bytes; 0 = unknown
	linux     bool
	sharedMem bool   // /dev/shm is large and survives a logout
	statsLib  bool   // pg_stat_statements is installed
	socketDir string // "" = its path is too long for a socket
	logDir    string
	port      int
}

// settings returns the server's configuration: durable always, tuned for bulk
// loads and few clients, modest beside whatever else the machine does. Values
// that a user sets with ALTER SYSTEM win over it.
func settings(m machine) string {
	memory := m.memory
	if memory <= 0 {
		memory = 2 * gb
	}
	var b strings.Builder
	b.WriteString("# Written by penstock at each start. To change a setting for good: ALTER SYSTEM SET name = value.\n")
	set := func(name, value string) { fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''")) }
	size := func(name string, bytes int64) { set(name, fmt.Sprintf("%dMB", bytes/mb)) }

	set("listen_addresses", "127.0.0.1")
	set("port", fmt.Sprint(m.port))
	set("unix_socket_directories", m.socketDir)
	set("unix_socket_permissions", "0700")
	set("max_connections", "100")
	set("max_locks_per_transaction", "512") // each leaf of staging.purchases is one: for some 50,000, at 18 MB of memory
	set("password_encryption", "scram-sha-256")

	set("fsync", "on")
	set("synchronous_commit", "on")
	set("full_page_writes", "on")
	set("wal_level", "minimal") // no replicas: a load into a new table is written once
	set("max_wal_senders", "0")
	set("wal_compression", "on")
	size("min_wal_size", 256*mb)
	size("max_wal_size", between(1*gb, memory/4, 4*gb))
	set("checkpoint_timeout", "15min")
	set("checkpoint_completion_target", "0.9")

	size("shared_buffers", between(64*mb, memory/8, 1*gb))
	size("effective_cache_size", between(256*mb, memory/2, 64*gb))
	size("maintenance_work_mem", between(64*mb, memory/32, 512*mb))
	size("work_mem", between(16*mb, memory/256, 64*mb))
	set("hash_mem_multiplier", "2")
	set("random_page_cost", "1.1")
	set("jit", "off")
	if m.linux {
		set("effective_io_concurrency", "64")
		if !m.sharedMem {
			set("dynamic_shared_memory_type", "mmap")
		}
	}

	set("autovacuum_naptime", "20s")
	set("autovacuum_vacuum_scale_factor", "0.1")
	set("autovacuum_analyze_scale_factor", "0.05")

	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("lc_messages", "C") // failures are recognised by their words
	set("logging_collector", "on")
	set("log_directory", m.logDir)
	set("log_filename", "postgresql-%a.log") // a week of logs, no more
	set("log_rotation_age", "1d")
	set("log_rotation_size", "0")
	set("log_truncate_on_rotation", "on")
	set("log_line_prefix", "%m [%p] %q%u@%d ")
	set("log_statement", "none")
	set("track_io_timing", "on")
	if m.statsLib {
		set("shared_preload_libraries", "pg_stat_statements")
	}
	return b.String()
}

func between(low, value, high int64) int64 { return max(low, min(value, high)) }

// hba lets in who knows a password, from this machine only.
const hba = `# Written by penstock.
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
host  all all ::1/128 scram-sha-256
`

// longestSocketDir is what fits beside "/.s.PGSQL.65535" into the 103 bytes
// that every system has for a socket's path.
const longestSocketDir = 103 - len("/.s.PGSQL.65535")

// hasStatements reports whether the installation has pg_stat_statements: a
// server told to preload a library that is missing does not start.
func hasStatements(b Binaries, libDir string) bool {
	for _, dir := range []string{libDir, filepath.Join(b.Dir, "../lib"), filepath.Join(b.Dir, "../lib/postgresql")} {
		found, err := filepath.Glob(filepath.Join(dir, "pg_stat_statements.*"))
		if dir != "" && err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}
