package widget

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ExportTo returns an Env.Export that writes into a folder: to a file of its own
// first, which gets its name only when it is complete. It never replaces a file:
// where the name is taken, a number is added.
func ExportTo(folder string) func(name string, write func(io.Writer) error) (string, error) {
	return func(name string, write func(io.Writer) error) (path string, err error) {
		temp, err := os.CreateTemp(folder, ".export-*")
		if err != nil {
			return "", fmt.Errorf("export %s: %w", name, err)
		}
		defer func() { _ = os.Remove(temp.Name()) }()
		err = write(temp)
		if err == nil {
			err = temp.Sync()
		}
		if closeErr := temp.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return "", fmt.Errorf("export %s: %w", name, err)
		}
		return claim(temp.Name(), folder, fileName(name))
	}
}

// claim gives the complete file the first free name.
func claim(temp, folder, name string) (string, error) {
	ext := filepath.Ext(name)
	for n := 1; n < 1000; n++ {
		path := filepath.Join(folder, name)
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext))
		}
		err := os.Link(temp, path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("export %s: %w", name, err)
		}
	}
	return "", fmt.Errorf("export %s: a thousand files of this name are there already", name)
}

// fileName returns the name without what a file system may take amiss: data may
// be in it.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
	safe = strings.TrimLeft(safe, ".-")
	if len(safe) > 100 {
		safe = safe[len(safe)-100:]
	}
	if safe == "" {
		return "export"
	}
	return safe
}
