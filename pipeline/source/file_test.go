package source

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

func names(files []File) (list []string) {
	for _, f := range files {
		list = append(list, f.Name)
	}
	return list
}

func TestExpand(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"b.csv", "a.csv.gz", "B.csv", "c.tsv", "d.txt", "e.csv.zst", "readme.md", ".hidden.csv", "f.csv.tmp", "x[1].csv"} {
		write(t, filepath.Join(folder, name), []byte("a,b\n"))
	}
	if err := os.Mkdir(filepath.Join(folder, "deep.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{folder, []string{"B.csv", "a.csv.gz", "b.csv", "c.tsv", "d.txt", "e.csv.zst", "x[1].csv"}},
		{filepath.Join(folder, "*.csv"), []string{"B.csv", "b.csv", "x[1].csv"}},
		{filepath.Join(folder, "?.csv.*"), []string{"a.csv.gz", "e.csv.zst", "f.csv.tmp"}},
		{filepath.Join(folder, ".*.csv"), []string{".hidden.csv"}},
		{filepath.Join(folder, "x[1].csv"), []string{"x[1].csv"}},
		{filepath.Join(folder, "readme.md"), []string{"readme.md"}},
		{"-", []string{"stdin"}},
	} {
		files, err := Expand(c.path)
		if err != nil || !reflect.DeepEqual(names(files), c.want) {
			t.Errorf("%s: %v, %v; want %v", c.path, names(files), err, c.want)
		}
	}
	for _, path := range []string{filepath.Join(folder, "no.csv"), filepath.Join(folder, "no*.csv"), t.TempDir()} {
		var h interface{ Hint() string }
		if _, err := Expand(path); !errors.Is(err, ErrNoFiles) || !errors.As(err, &h) {
			t.Errorf("%s: %v, want ErrNoFiles with a hint", path, err)
		}
	}
	s := &Spec{Name: "shop", Path: filepath.Join(folder, "no.csv")}
	var h interface{ Hint() string }
	if _, err := s.Files(); !errors.Is(err, ErrNoFiles) || !errors.As(err, &h) || !strings.Contains(h.Hint(), "path of source shop") {
		t.Errorf("a source without files: %v", err)
	}
	if _, err := Expand(filepath.Join(folder, "[")); err == nil {
		t.Error("a broken pattern is no error")
	}
}

func TestExpandLinks(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(folder, "a.csv"), []byte("a\n"))
	secret := write(t, filepath.Join(outside, "secret.csv"), []byte("s\n"))
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("a.csv", "b.csv")
	if files, err := Expand(folder); err != nil || len(files) != 2 {
		t.Errorf("a link within the folder: %v, %v", names(files), err)
	}
	link(secret, "c.csv")
	for _, path := range []string{folder, filepath.Join(folder, "*.csv")} {
		if _, err := Expand(path); err == nil || !strings.Contains(err.Error(), "c.csv is a link that leads out") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if files, err := Expand(filepath.Join(folder, "c.csv")); err != nil || len(files) != 1 {
		t.Errorf("a link that is named itself: %v, %v", files, err)
	}
}

func TestUnchanged(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.csv"), []byte("a\n"))
	files, err := Expand(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := files[0].Unchanged(); err != nil {
		t.Error(err)
	}
	if err := os.Chtimes(path, time.Time{}, files[0].ModTime.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := files[0].Unchanged(); !errors.Is(err, ErrChanged) {
		t.Errorf("%v, want ErrChanged", err)
	}
}

func TestOpenAndHash(t *testing.T) {
	text := []byte(strings.Repeat("a,b\n1,2\n", 100_000))
	content := sha256.Sum256(text)
	folder := t.TempDir()
	for _, c := range []struct {
		name string
		data []byte
		kind Compression
	}{
		{"plain.csv", text, Plain},
		{"gzip.csv.gz", gzipped(t, text), Gzip},
		{"two members.gz", append(gzipped(t, text[:400_000]), gzipped(t, text[400_000:])...), Gzip},
		{"zstd.csv.zst", zstded(t, text), Zstd},
		{"two frames.zst", append(zstded(t, text[:400_000]), zstded(t, text[400_000:])...), Zstd},
		{"wrong name.csv", gzipped(t, text), Gzip},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := context.Background()
			files, err := Expand(write(t, filepath.Join(folder, c.name), c.data))
			if err != nil {
				t.Fatal(err)
			}
			r, kind, err := Open(ctx, files[0], Limits{})
			if err != nil {
				t.Fatal(err)
			}
			have, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(have, text) || kind != c.kind {
				t.Errorf("%d bytes, %s, %v", len(have), kind, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			progress := int64(0)
			sums, err := Hash(ctx, files[0], Limits{}, func(n int64) { progress = n })
			want := Hashes{File: sha256.Sum256(c.data), Content: content, Bytes: int64(len(text))}
			if err != nil || sums != want || progress != want.Bytes {
				t.Errorf("hashes %x, progress %d, %v; want %x", sums, progress, err, want)
			}
			if sum, err := HashFile(ctx, files[0], nil); err != nil || sum != want.File {
				t.Errorf("file hash %x, %v", sum, err)
			}
			cancelled, cancel := context.WithCancel(ctx)
			r, _, err = Open(cancelled, files[0], Limits{})
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
				t.Errorf("reading on after cancel: %v", err)
			}
			if _, err := Hash(cancelled, files[0], Limits{}, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("hashing on after cancel: %v", err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	bomb := bytes.Repeat([]byte{'a'}, 100<<20)
	for _, c := range []struct {
		name   string
		data   []byte
		limits Limits
		want   error
		text   string
	}{
		{"gzip bomb", gzipped(t, bomb), Limits{}, ErrBomb, "100 times"},
		{"zstd bomb", zstded(t, bomb), Limits{}, ErrBomb, "100 times"},
		{"too large", gzipped(t, []byte("a,b,c,d")), Limits{Bytes: 5}, ErrBomb, "more than 5 bytes"},
		{"gzip in gzip", gzipped(t, gzipped(t, []byte("a,b\n"))), Limits{}, nil, "packed twice"},
		{"zstd in gzip", gzipped(t, zstded(t, []byte("a,b\n"))), Limits{}, nil, "packed twice"},
		{"cut gzip", gzipped(t, bytes.Repeat([]byte("1,2\n"), 1000))[:30], Limits{}, io.ErrUnexpectedEOF, ""},
		{"damaged gzip", damaged(gzipped(t, []byte(strings.Repeat("1,2,3\n", 50)))), Limits{}, nil, ""},
		{"zip", []byte("PK\x03\x04rest"), Limits{}, nil, "zip archive"},
		{"xz", []byte("\xfd7zXZ\x00"), Limits{}, nil, "xz"},
		{"bzip2", []byte("BZh91AY"), Limits{}, nil, "bzip2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := File{Path: write(t, filepath.Join(folder, strings.ReplaceAll(c.name, " ", "-")), c.data)}
			_, hashErr := Hash(context.Background(), f, c.limits, nil)
			r, _, err := Open(context.Background(), f, c.limits)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
				if closeErr := r.Close(); closeErr != nil {
					t.Error(closeErr)
				}
			}
			for _, err := range []error{err, hashErr} {
				if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %v; want %v %q", err, c.want, c.text)
				}
			}
		})
	}
	// more is fine where the limits say so
	f := File{Path: filepath.Join(folder, "gzip-bomb")}
	if sums, err := Hash(context.Background(), f, Limits{Ratio: 100_000}, nil); err != nil || sums.Bytes != int64(len(bomb)) {
		t.Errorf("%d bytes, %v", sums.Bytes, err)
	}
	if _, _, err := Open(context.Background(), File{Path: Stdin}, Limits{}); err == nil {
		t.Error("stdin was opened")
	}
	if _, _, err := Open(context.Background(), File{Path: folder}, Limits{}); err == nil {
		t.Error("a folder was opened")
	}
}

func damaged(data []byte) []byte {
	data[len(data)-6] ^= 0xff // in the checksum
	return data
}

func TestSpool(t *testing.T) {
	folder := t.TempDir()
	f, err := Spool(context.Background(), strings.NewReader("a,b\n1,2\n"), folder, "stdin")
	if err != nil || f.Name != "stdin" || f.Size != 8 {
		t.Fatalf("%+v, %v", f, err)
	}
	if sums, err := Hash(context.Background(), f, Limits{}, nil); err != nil || sums.Content != sha256.Sum256([]byte("a,b\n1,2\n")) {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Spool(cancelled, strings.NewReader("a"), folder, "stdin"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%d files left, %v", len(left), err)
	}
}

func TestFramerResumesPackedFiles(t *testing.T) {
	text := []byte("a,b\n" + strings.Repeat("1,\"2\n3\"\n", 5000))
	want, _ := frameAll(t, bytes.NewReader(text), Format{}, FramerOptions{})
	for _, data := range [][]byte{text, gzipped(t, text), zstded(t, text)} {
		f := File{Path: write(t, filepath.Join(t.TempDir(), "a"), data)}
		open := func() io.ReadCloser {
			r, _, err := Open(context.Background(), f, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		in := open()
		fr, err := NewFramer(in, Format{}, FramerOptions{ChunkBytes: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		for range 2 {
			if err := fr.Next(&c); err != nil {
				t.Fatal(err)
			}
		}
		next := c.Next()
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		in = open()
		have, _ := frameAll(t, in, Format{}, FramerOptions{Start: next})
		if !reflect.DeepEqual(have, want[next.Record-1:]) {
			t.Errorf("resumed at %+v: %d records, want %d", next, len(have), len(want)-int(next.Record)+1)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range []io.Reader{bytes.NewReader(text[:100]), onlyReader{bytes.NewReader(text[:100])}} {
		if _, err := NewFramer(in, Format{}, FramerOptions{Start: Position{Byte: 5000, Record: 9, Line: 9}}); err == nil {
			t.Error("resumed behind the end of the file")
		}
	}
}
