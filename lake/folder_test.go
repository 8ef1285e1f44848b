package lake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func newFolder(t *testing.T) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func mustPut(t *testing.T, s Store, key, data string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func mustGet(t *testing.T, s Store, key string) string {
	t.Helper()
	r, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func keys(t *testing.T, s Store, prefix string) []string {
	t.Helper()
	var out []string
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o.Key)
	}
	return out
}

func TestFolderKeepsHostileKeysApartAndInside(t *testing.T) {
	f := newFolder(t)
	hostile := []string{
		"a", "A", "dir/a", "dir/A", "con", "con.txt", "sub/NUL", "com1.csv", "lpt9", "trailing.", "trailing ", " leading", ".hidden",
		`back\slash`, `..\..\etc\passwd`, "new\nline", "bell\a", "nul\x00byte", "bad\xffutf8", "caf\u00e9", "cafe\u0301", "100%", "%41", "%2E%2E",
		"c:/windows", "a:b", "quo\"te", "star*", "what?", "pipe|", "<tag>", "x/..y/z", "-rf", "~root", "$HOME", "bidi\u202e",
	}
	for _, k := range hostile {
		mustPut(t, f, k, "data of "+k)
	}
	for _, k := range hostile {
		if got := mustGet(t, f, k); got != "data of "+k {
			t.Errorf("Get(%q) = %q", k, got)
		}
	}
	want := slices.Sorted(slices.Values(hostile))
	if got := keys(t, f, ""); !slices.Equal(got, want) {
		t.Errorf("List:\n got %q\nwant %q", got, want)
	}
	folded := map[string]string{}
	err := filepath.WalkDir(filepath.Dir(f.Dir()), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(f.Dir(), p)
		if err != nil || strings.HasPrefix(rel, "..") {
			t.Errorf("file outside of the folder: %s", p)
		}
		for _, r := range rel {
			if r < ' ' || r > '~' || strings.ContainsRune(`\:*?"<>|`, r) {
				t.Errorf("file name with %q: %q", r, rel)
			}
		}
		if other, clash := folded[strings.ToLower(rel)]; clash {
			t.Errorf("%q and %q differ in case only", rel, other)
		}
		folded[strings.ToLower(rel)] = rel
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolderRefusesKeysThatAreNoKeys(t *testing.T) {
	f := newFolder(t)
	for _, k := range []string{"", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", ".", "./a", "a//b", "a/", strings.Repeat("x", 2000), strings.Repeat("X", 100)} {
		err := f.Put(t.Context(), k, strings.NewReader("x"))
		var ke *KeyError
		if !errors.As(err, &ke) || ke.Hint() == "" {
			t.Errorf("Put(%.20q) = %v, want a KeyError with a hint", k, err)
		}
		if _, err := f.Get(t.Context(), k); !errors.As(err, &ke) {
			t.Errorf("Get(%.20q) = %v, want a KeyError", k, err)
		}
		if err := f.Delete(t.Context(), k); !errors.As(err, &ke) {
			t.Errorf("Delete(%.20q) = %v, want a KeyError", k, err)
		}
	}
}

func TestFolderDoesNotFollowSymlinksOut(t *testing.T) {
	f := newFolder(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(f.Dir(), "out")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if r, err := f.Get(t.Context(), "out/secret"); err == nil {
		_ = r.Close()
		t.Error("Get followed a symbolic link out of the folder")
	}
	if err := f.Put(t.Context(), "out/new", strings.NewReader("x")); err == nil {
		t.Error("Put followed a symbolic link out of the folder")
	}
	if err := f.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("Delete followed a symbolic link out of the folder")
	}
	if got := keys(t, f, ""); len(got) != 0 {
		t.Errorf("List shows %q behind a symbolic link", got)
	}
}

// broken gives some bytes and then an error.
type broken struct{ sent bool }

var errBroken = errors.New("cable cut")

func (b *broken) Read(p []byte) (int, error) {
	if b.sent {
		return 0, errBroken
	}
	b.sent = true
	return copy(p, "half"), nil
}

func TestFolderPutIsAllOrNothing(t *testing.T) {
	f := newFolder(t)
	mustPut(t, f, "dir/x", "old")
	if err := f.Put(t.Context(), "dir/x", &broken{}); !errors.Is(err, errBroken) {
		t.Errorf("Put of a broken reader = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Put(ctx, "dir/x", strings.NewReader("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a done context = %v", err)
	}
	if got := mustGet(t, f, "dir/x"); got != "old" {
		t.Errorf("after failed Puts the object is %q", got)
	}
	entries, err := os.ReadDir(filepath.Join(f.Dir(), "dir"))
	if err != nil || len(entries) != 1 {
		t.Errorf("failed Puts left %v (%v)", entries, err)
	}
	mustPut(t, f, "dir/x", "new")
	if got := mustGet(t, f, "dir/x"); got != "new" {
		t.Errorf("after Put the object is %q", got)
	}
}

func TestFolderListDelete(t *testing.T) {
	f := newFolder(t)
	for _, k := range []string{"raw/b", "raw/a/2", "raw/a/1", "rawer", "tables/x"} {
		mustPut(t, f, k, k)
	}
	if err := os.WriteFile(filepath.Join(f.Dir(), "raw", ".put-KILLED"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := keys(t, f, "raw/"), []string{"raw/a/1", "raw/a/2", "raw/b"}; !slices.Equal(got, want) {
		t.Errorf("List(raw/) = %q, want %q", got, want)
	}
	if got, want := keys(t, f, "raw"), []string{"raw/a/1", "raw/a/2", "raw/b", "rawer"}; !slices.Equal(got, want) {
		t.Errorf("List(raw) = %q, want %q", got, want)
	}
	if got := keys(t, f, "none/"); got != nil {
		t.Errorf("List(none/) = %q", got)
	}
	for o, err := range f.List(t.Context(), "tables/") {
		if err != nil || o.Size != int64(len("tables/x")) || time.Since(o.Modified) > time.Hour {
			t.Errorf("List gave %+v, %v", o, err)
		}
	}
	for range 2 { // the second time there is nothing to delete
		if err := f.Delete(t.Context(), "tables/x"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Get(t.Context(), "tables/x"); !errors.Is(err, ErrNotExist) {
		t.Errorf("Get of a deleted object = %v", err)
	}
	if _, err := os.Stat(filepath.Join(f.Dir(), "tables")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty directory stayed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range f.List(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("List with a done context = %v", err)
		}
	}
}

func TestRawKey(t *testing.T) {
	day := time.Date(2026, 11, 3, 23, 59, 0, 0, time.UTC)
	sha := [32]byte{0xab, 0xcd, 0xef, 1, 2, 3, 4}
	long := RawKey("s", day, sha, strings.Repeat("\u00e9", 300)+".csv.gz")
	for _, c := range []struct{ got, want string }{
		{RawKey("online-retail", day, sha, "/data/Online Retail II.csv.gz"), "raw/source=online-retail/load_date=2026-11-03/abcdef010203-online_retail_ii.csv.gz"},
		{RawKey("s", day, sha, `C:\in\..\orders.csv`), "raw/source=s/load_date=2026-11-03/abcdef010203-orders.csv"},
		{RawKey("../up", day, sha, ".."), "raw/source=%2E.%2Fup/load_date=2026-11-03/abcdef010203-.."},
		{RawKey("s", day, sha, ""), "raw/source=s/load_date=2026-11-03/abcdef010203-unnamed"},
		{RawKey("s", day, sha, "\u00dcbersicht\x1b[31m\xff.csv"), "raw/source=s/load_date=2026-11-03/abcdef010203-\u00fcbersicht__31m_.csv"},
		{long[len(long)-9:], "\u00e9.csv.gz"},
	} {
		if c.got != c.want {
			t.Errorf("RawKey = %q, want %q", c.got, c.want)
		}
		if _, err := encodePath(c.got); err != nil {
			t.Errorf("RawKey gives a key that the folder refuses: %v", err)
		}
	}
}

func FuzzEncodePath(f *testing.F) {
	for _, k := range []string{"a/b", "../x", "A%41", "con", "é", "\xff", " x ", "..."} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		name, err := encodePath(key)
		if err != nil {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			t.Errorf("%q is mapped to %q, which may lead out", key, name)
		}
		if back, ok := decodePath(name); !ok || back != key {
			t.Errorf("%q is mapped to %q and back to %q, %v", key, name, back, ok)
		}
	})
}

// walkFiles calls do for every file below dir, hidden ones too.
func walkFiles(dir string, do func(path string)) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			do(path)
		}
		return err
	})
}
