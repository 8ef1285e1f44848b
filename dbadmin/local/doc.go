// Package local runs the PostgreSQL server that penstock manages itself, for
// who has none: it finds or downloads the binaries, makes the data directory,
// starts the server as a session of its own, attaches further processes to it,
// and keeps the two databases and their users.
package local
