package local

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// passwords are those of the server's users.
type passwords map[Role]string

// loadPasswords reads the password file of the server, in the format that
// libpq, JDBC and pgx read too.
func loadPasswords(path string) (passwords, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the server's password file
	if err != nil {
		return nil, err
	}
	p := make(passwords)
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) == 5 && !strings.HasPrefix(line, "#") {
			p[Role(fields[3])] = fields[4]
		}
	}
	for _, role := range users() {
		if p[role] == "" {
			return nil, &Error{
				err:  fmt.Errorf("%s has no password of the user %s", path, role),
				hint: "restore the file from a backup: without it nobody can log in to the managed server",
			}
		}
	}
	return p, nil
}

// makePasswords returns the passwords in the file, which it makes with random
// ones where there is none. The file is readable by the caller alone.
func makePasswords(path string) (passwords, error) {
	p, err := loadPasswords(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return p, err
	}
	var text strings.Builder
	text.WriteString("# The users of the managed PostgreSQL server. Keep it secret.\n")
	p = make(passwords)
	for _, role := range users() {
		p[role] = rand.Text() // 128 bits, letters and digits only
		fmt.Fprintf(&text, "*:*:*:%s:%s\n", role, p[role])
	}
	return p, writeFile(path, text.String(), 0o600, Account{})
}

// writeFile writes a file for the account as a whole and to the disk, or
// leaves the old one. It changes the owner of the open file, not of a name that
// somebody could have pointed elsewhere.
func writeFile(path, text string, mode fs.FileMode, a Account) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if a.Drop {
		err = errors.Join(err, f.Chown(a.UID, a.GID))
	}
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// iterations of PBKDF2, PostgreSQL's own default.
const iterations = 4096

// verifier returns what the server stores of a password (RFC 5803), so that
// the password itself is in no statement, and in no log of one.
func verifier(password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return verifierWith(password, salt)
}

func verifierWith(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive the key of a password: %w", err)
	}
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(mac("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]), b64(mac("Server Key"))), nil
}
