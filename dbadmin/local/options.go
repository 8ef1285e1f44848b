package local

import (
	"path/filepath"

	"penstock/sql"
)

// Options says where the managed server lives and who asks for it. The package
// reads no environment: what it needs of it is handed in.
type Options struct {
	Dir      string // the server's folder: data, socket, passwords, log; absolute
	CacheDir string // where downloaded PostgreSQL binaries are kept; absolute
	Path     string // value of PATH, to find installed binaries
	UID, GID int    // the caller's ids; for uid 0 the server runs as another user

	Memory        int64            // bytes to scale the settings by; 0 = ask the system
	HideInstalled bool             // download PostgreSQL even where it is installed
	Repository    string           // base URL of another repository of binaries; "" = the downloader's own
	Log           func(msg string) // told of what takes long; may be nil
}

func (o Options) log(msg string) {
	if o.Log != nil {
		o.Log(msg)
	}
}

// DefaultDir returns the folder of the managed server of that name:
// /var/lib/penstock/<name> for root, whose server runs as another user and
// could not reach root's home, else in the user's data folder.
func DefaultDir(uid int, dataHome, name string) string {
	if uid == 0 {
		return filepath.Join("/var/lib/penstock", name)
	}
	return filepath.Join(dataHome, "penstock", name)
}

// DefaultCacheDir returns the folder of downloaded binaries: /var/cache/penstock
// for root, else in the user's cache folder.
func DefaultCacheDir(uid int, cacheHome string) string {
	if uid == 0 {
		return "/var/cache/penstock"
	}
	return filepath.Join(cacheHome, "penstock")
}

// Role is a user of the managed server.
type Role string

// The users of the managed server.
const (
	Admin   Role = "penstock" // superuser: makes databases and roles
	Owner   Role = "owner"    // owns the schemas, migrates
	ETL     Role = "etl"      // reads and writes rows
	Analyst Role = "analyst"  // SELECT only
)

// group returns the group role that the user is a member of, "" for the superuser.
func (r Role) group() string {
	switch r {
	case Owner:
		return sql.RoleOwner
	case ETL:
		return sql.RoleETL
	case Analyst:
		return sql.RoleAnalyst
	}
	return ""
}

func users() []Role { return []Role{Admin, Owner, ETL, Analyst} }

// layout names the files in the server's folder.
type layout string

func (l layout) data() string      { return filepath.Join(string(l), "data") }
func (l layout) socket() string    { return filepath.Join(string(l), "run") }
func (l layout) logs() string      { return filepath.Join(string(l), "log") }
func (l layout) startLog() string  { return filepath.Join(string(l), "log", "start.log") }
func (l layout) passwords() string { return filepath.Join(string(l), "pgpass") }
func (l layout) lock() string      { return filepath.Join(string(l), "lock") }
func (l layout) ready() string     { return filepath.Join(string(l), "ready") } // users and databases are there
func (l layout) settings() string  { return filepath.Join(string(l), "penstock.conf") }
