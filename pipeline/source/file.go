package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Stdin is the path that means standard input.
const Stdin = "-"

// maxFiles caps how many files one path may stand for.
const maxFiles = 100_000

// Expand lists the files that path stands for, sorted by the bytes of their
// paths: a file, a glob pattern, a folder (its .csv, .tsv, .psv and .txt files,
// also .gz and .zst, not those of its folders), or - for stdin. A link in a
// folder may not lead out of it.
func Expand(path string) ([]File, error) {
	if path == Stdin {
		return []File{{Path: Stdin, Name: "stdin", Size: -1}}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return expandFolder(path)
	case err == nil:
		f, err := fileOf(path)
		return []File{f}, err
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case !strings.ContainsAny(path, "*?["):
		return nil, withHint("check the path and the folder it starts in", "%w: %s is not there", ErrNoFiles, path)
	}
	return expandGlob(path)
}

// Files lists the files of the source, as Expand does. Its hint is about the configuration.
func (s *Spec) Files() ([]File, error) {
	files, err := Expand(s.Path)
	if errors.Is(err, ErrNoFiles) {
		err = withHint("check the path of source "+s.Name+": a relative one starts in the folder of the configuration file; "+
			"files still to come are no error where the source says required: false", "%w", err)
	}
	return files, err
}

func expandGlob(pattern string) ([]File, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", pattern, err)
	}
	var files []File
	hidden := strings.HasPrefix(filepath.Base(pattern), ".")
	for _, name := range names {
		if !hidden && strings.HasPrefix(filepath.Base(name), ".") {
			continue // as in a shell
		}
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			continue
		}
		if err := insideFolder(name); err != nil {
			return nil, err
		}
		f, err := fileOf(name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return sorted(files, pattern)
}

func expandFolder(folder string) ([]File, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, e := range entries {
		if e.IsDir() || !readable(e.Name()) {
			continue
		}
		name := filepath.Join(folder, e.Name())
		if err := insideFolder(name); err != nil {
			return nil, err
		}
		f, err := fileOf(name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return sorted(files, folder)
}

// readable tells by its name whether a folder's file is one to read.
func readable(name string) bool {
	if strings.HasPrefix(name, ".") {
		return false
	}
	name = strings.TrimSuffix(strings.TrimSuffix(lower(name), ".gz"), ".zst")
	return slices.Contains([]string{".csv", ".tsv", ".psv", ".txt"}, filepath.Ext(name))
}

func sorted(files []File, path string) ([]File, error) {
	if len(files) == 0 {
		return nil, withHint("check the path: of a folder, files called .csv, .tsv, .psv or .txt are read, packed as .gz or .zst or not",
			"%w: %s matches nothing", ErrNoFiles, path)
	}
	if len(files) > maxFiles {
		return nil, withHint("split them over several sources or folders", "%s stands for %d files, more than %d", path, len(files), maxFiles)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// insideFolder refuses a link that leads out of the folder it is found in.
func insideFolder(name string) error {
	info, err := os.Lstat(name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return err
	}
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(name))
	if err != nil {
		return err
	}
	if filepath.Dir(target) != folder {
		return withHint("put the file itself there, or name the link itself in path", "%s is a link that leads out of its folder", name)
	}
	return nil
}

func fileOf(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, withHint("use - to read what another program writes", "%s is no regular file", path)
	}
	return File{Path: path, Name: filepath.Base(path), Size: info.Size(), ModTime: info.ModTime()}, nil
}

// Unchanged is ErrChanged where the file is no longer what Expand saw.
func (f File) Unchanged() error {
	if f.Path == Stdin {
		return nil
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	if info.Size() != f.Size || !info.ModTime().Equal(f.ModTime) {
		return withHint("load it when nothing writes to it any more", "%s: %w", f.Path, ErrChanged)
	}
	return nil
}
