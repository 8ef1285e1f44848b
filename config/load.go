package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// FileName is the name of the configuration file.
const FileName = "penstock.yaml"

// maxFile bounds a configuration file.
const maxFile = 4 << 20

// Options say what the configuration is made of. main fills them from the machine.
type Options struct {
	File    string   // this file and no other; must exist
	Dirs    []string // where to look for penstock.yaml otherwise, the first that has it
	Profile string   // overlay to use
	Set     []string // key=value, over everything else
	Env     []string // NAME=value, as os.Environ gives them
	DataDir string   // default of data_dir
	WorkDir string   // what relative paths of variables and --set are relative to
}

// Load reads the configuration. Its error is an *Error that lists every mistake.
func Load(o Options) (*Config, error) {
	l := &loader{Options: o, env: map[string]string{}}
	for _, kv := range o.Env {
		name, value, _ := strings.Cut(kv, "=")
		l.env[name] = value
	}
	return l.load()
}

type loader struct {
	Options
	env      map[string]string
	file     string // that was read, empty without one
	mode     fs.FileMode
	names    []string // of the profiles in the file
	problems []Problem
	warnings []Problem
}

func (l *loader) load() (*Config, error) {
	root, err := l.read()
	if err != nil {
		return nil, err
	}
	root = l.profile(root)
	sample := root.get("sources") == nil
	if sample {
		root.put("sources", sampleTree())
	}
	l.problems = append(l.problems, applyOverrides(root, l.Env, l.Set)...)

	cfg := defaults(l.dataDir())
	d := &decoder{where: map[string]*node{}, keys: map[string]Origin{}}
	d.into(root, reflect.ValueOf(cfg).Elem(), "")
	l.problems = append(l.problems, d.problems...)
	l.paths(cfg, d, sample)
	l.add(validate(cfg, d))
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Where.Line, b.Where.Line), cmp.Compare(a.Where.Column, b.Where.Column))
		})
		return nil, &Error{Problems: l.problems}
	}
	cfg.profile, cfg.profiles, cfg.sample, cfg.warnings = l.Profile, l.names, sample, l.warnings
	if l.file != "" {
		cfg.files = []string{l.file}
	}
	cfg.settings = collect(reflect.ValueOf(cfg).Elem(), "", d.where, nil)
	return cfg, nil
}

// add appends problems, but for those at a place that already has one: they follow from it.
func (l *loader) add(more []Problem) {
	for _, p := range more {
		if !slices.ContainsFunc(l.problems, func(have Problem) bool { return have.Where == p.Where && p.Where != (Origin{}) }) {
			l.problems = append(l.problems, p)
		}
	}
}

// dataDir is the default of data_dir; the key itself may still say otherwise.
func (l *loader) dataDir() string {
	if dir := l.env["PENSTOCK_DATA_DIR"]; dir != "" {
		return dir
	}
	return l.DataDir
}

// read finds and parses the file. Without one the tree is empty.
func (l *loader) read() (*node, error) {
	name := cmp.Or(l.File, l.env["PENSTOCK_CONFIG"])
	if name == "" {
		for _, dir := range l.Dirs {
			path := filepath.Join(dir, FileName)
			if _, err := os.Stat(path); err == nil {
				name = path
				break
			}
		}
	}
	if name == "" {
		return &node{kind: mapping}, nil
	}
	text, err := l.slurp(name)
	if err != nil {
		hint := "penstock init writes one"
		if !errors.Is(err, fs.ErrNotExist) {
			hint = "look at the file's permissions"
		}
		return nil, &Error{Problems: []Problem{{Message: fmt.Sprintf("read the configuration: %v", err), Hint: hint}}}
	}
	l.file = name
	p := &parser{file: l.shown(name), env: func(n string) (string, bool) { v, ok := l.env[n]; return v, ok }}
	root := p.parse(text)
	if root.kind != mapping {
		p.fail(root.from, "", "it starts with a key such as sources:", "expected %s, got %s", mapping, root.kind)
		root = &node{kind: mapping}
	}
	l.problems = append(l.problems, p.problems...)
	l.secrets(root)
	return root, nil
}

func (l *loader) slurp(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	l.mode = info.Mode()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxFile)
	}
	return text, err
}

// shown is a file's name as errors show it: short where it lies in the working folder.
func (l *loader) shown(name string) string {
	if rel, err := filepath.Rel(l.WorkDir, name); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return name
}

// profile takes the overlays out of the tree and lays the chosen one over it.
func (l *loader) profile(root *node) *node {
	l.Profile = cmp.Or(l.Profile, l.env["PENSTOCK_PROFILE"])
	all := root.get("profiles")
	root.entries = slices.DeleteFunc(root.entries, func(e entry) bool { return e.key == "profiles" })
	if all != nil && all.kind != mapping && !all.null {
		l.problems = append(l.problems, Problem{Where: all.from, Key: "profiles", Message: fmt.Sprintf("expected %s, got %s", mapping, all.kind)})
		return root
	}
	if all != nil {
		for _, e := range all.entries {
			l.names = append(l.names, e.key)
			l.checkProfile(e)
		}
	}
	if l.Profile == "" {
		return root
	}
	if !slices.Contains(l.names, l.Profile) {
		l.problems = append(l.problems, Problem{Message: fmt.Sprintf("no profile is called %q", l.Profile), Hint: didYouMean(l.Profile, l.names)})
		return root
	}
	chosen := all.get(l.Profile)
	chosen.mark(l.Profile)
	return overlay(root, chosen)
}

// checkProfile finds the unknown keys of an overlay whether it is in use or not.
func (l *loader) checkProfile(e entry) {
	if e.value.null {
		return
	}
	d := &decoder{where: map[string]*node{}, keys: map[string]Origin{}}
	d.into(e.value, reflect.New(reflect.TypeFor[Config]()).Elem(), "profiles."+e.key)
	if e.key != l.Profile { // the chosen one is decoded with the rest
		l.problems = append(l.problems, d.problems...)
	}
}

// paths makes the paths of the file relative to the file's folder, those of variables and flags to the
// working folder.
func (l *loader) paths(c *Config, d *decoder, sample bool) {
	fix := func(key string, p *string) {
		if *p == "" || *p == "-" || filepath.IsAbs(*p) || strings.Contains(*p, "://") {
			return
		}
		base := l.WorkDir
		if from := origin(d.where, key); from.File != "" {
			base = filepath.Dir(l.file)
		}
		*p = filepath.Join(base, *p)
	}
	fix("data_dir", &c.DataDir)
	if c.Lake.URL == "" {
		c.Lake.URL = filepath.Join(c.DataDir, "lake")
	}
	if sample && origin(d.where, "sources.0.path") == (Origin{}) {
		c.Sources[0].Path = samplePath(c.DataDir)
	}
	fix("lake.url", &c.Lake.URL)
	fix("checks.dir", &c.Checks.Dir)
	fix("staging.password_file", &c.Staging.PasswordFile)
	fix("analytics.password_file", &c.Analytics.PasswordFile)
	fix("nifi.password_file", &c.Nifi.PasswordFile)
	fix("nifi.ca_file", &c.Nifi.CAFile)
	for i := range c.Sources {
		s, key := &c.Sources[i], fmt.Sprintf("sources.%d", i)
		fix(key+".path", &s.Path)
		fix(key+".auth.bearer_file", &s.Auth.BearerFile)
		fix(key+".auth.password_file", &s.Auth.Password)
		fix(key+".auth.header_file", &s.Auth.HeaderFile)
		for j := range s.Lookup {
			fix(fmt.Sprintf("%s.lookup.%d.path", key, j), &s.Lookup[j].Path)
		}
	}
}

// secrets refuses a secret that stands in a file which others can read, and warns of what comes close.
func (l *loader) secrets(root *node) {
	open := l.mode.Perm()&0o044 != 0
	hint := "chmod 600 " + l.file + ", or better: password_file, ${NAME}, or PostgreSQL's pass and service files"
	root.walk("", func(key string, n *node) {
		switch {
		case n.kind != scalar || !n.literal || !holdsSecret(n.value):
		case open:
			l.problems = append(l.problems, Problem{
				Where: n.from, Key: key, Hint: hint,
				Message: fmt.Sprintf("a password stands here, and others can read this file (mode %04o)", l.mode.Perm()),
			})
		default:
			l.warnings = append(l.warnings, Problem{Where: n.from, Key: key, Message: "a password stands here", Hint: hint})
		}
	})
	if open {
		l.warnings = append(l.warnings, Problem{
			Where: Origin{File: l.shown(l.file), Line: 1, Column: 1}, Hint: "fine as long as no secret stands in it; chmod 600 keeps it so",
			Message: fmt.Sprintf("others can read this file (mode %04o)", l.mode.Perm()),
		})
	}
}
