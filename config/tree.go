package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// node is a YAML value that knows where it was written. Profiles, variables and --set change the tree,
// so that an error in what comes out still names the place it came from.
type node struct {
	kind    nodeKind
	value   string // of a scalar
	null    bool   // an empty or null scalar, not a quoted one
	literal bool   // stands in the file itself, not behind ${NAME}
	from    Origin
	entries []entry // of a mapping, in order
	items   []*node // of a list
}

type nodeKind string

// The kinds carry the words that errors use for them.
const (
	scalar  nodeKind = "a single value"
	list    nodeKind = "a list"
	mapping nodeKind = "a mapping of keys to values"
)

type entry struct {
	key   string
	from  Origin // of the key
	value *node
}

// get returns the value of a mapping's key, nil when there is none.
func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

func (n *node) put(key string, value *node) {
	for i, e := range n.entries {
		if e.key == key {
			n.entries[i].value = value
			return
		}
	}
	n.entries = append(n.entries, entry{key: key, from: value.from, value: value})
}

// maxNodes bounds what aliases can blow a small file up to.
const maxNodes = 100_000

// parser turns YAML into a tree and collects what is wrong with it.
type parser struct {
	file     string
	env      func(string) (string, bool)
	nodes    int
	problems []Problem
}

// parse reads one YAML document. An empty document is an empty mapping.
func (p *parser) parse(text []byte) *node {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		p.problems = append(p.problems, syntaxProblem(p.file, err))
		return &node{kind: mapping}
	}
	if doc.Kind == 0 || len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return &node{kind: mapping, from: Origin{File: p.file, Line: 1, Column: 1}}
	}
	return p.convert(doc.Content[0])
}

// yamlLine finds the line in an error of the YAML library: "yaml: line 3: ...".
var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

func syntaxProblem(file string, err error) Problem {
	at, message := Origin{File: file, Line: 1, Column: 1}, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		message = m[2]
		if strings.HasPrefix(message, "did not find expected") {
			at.Line++ // the library counts from 0 in its parser's errors, from 1 in its scanner's
		}
	}
	return Problem{Where: at, Message: "this is not YAML: " + message, Hint: "look at the indentation, colons, brackets and quotes from here on"}
}

func (p *parser) fail(at Origin, key, hint, format string, args ...any) {
	p.problems = append(p.problems, Problem{Where: at, Key: key, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *parser) convert(y *yaml.Node) *node {
	n := &node{from: Origin{File: p.file, Line: y.Line, Column: y.Column}}
	if p.nodes++; p.nodes > maxNodes {
		if p.nodes == maxNodes+1 {
			p.fail(n.from, "", "write it out instead of repeating it by alias", "the file has more than %d values", maxNodes)
		}
		n.kind, n.null = scalar, true
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return p.convert(y.Alias)
	case yaml.SequenceNode:
		n.kind = list
		for _, c := range y.Content {
			n.items = append(n.items, p.convert(c))
		}
	case yaml.MappingNode:
		n.kind = mapping
		p.convertPairs(n, y.Content)
	default:
		n.kind, n.value, n.literal = scalar, y.Value, true
		n.null = y.Tag == "!!null" && y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
		p.expand(n)
	}
	return n
}

func (p *parser) convertPairs(n *node, pairs []*yaml.Node) {
	for i := 0; i+1 < len(pairs); i += 2 {
		k := pairs[i]
		at := Origin{File: p.file, Line: k.Line, Column: k.Column}
		switch {
		case k.Kind != yaml.ScalarNode:
			p.fail(at, "", "", "a key is a single word")
		case k.Tag == "!!merge":
			p.merge(n, pairs[i+1])
		case n.get(k.Value) != nil && n.get(k.Value).from.Line > 0 && !p.merged(n, k.Value):
			p.fail(at, k.Value, "keep one of the two", "the key stands here a second time, first on line %d", keyOf(n, k.Value).from.Line)
		default:
			n.put(k.Value, p.convert(pairs[i+1]))
			keyOf(n, k.Value).from = at
		}
	}
}

// merge takes over what "<<" names, as far as the mapping does not say it itself.
func (p *parser) merge(n *node, y *yaml.Node) {
	from := p.convert(y)
	for _, e := range from.entries {
		if n.get(e.key) == nil {
			n.put(e.key, e.value)
			keyOf(n, e.key).from = Origin{} // a merged key may be written again
		}
	}
}

func (p *parser) merged(n *node, key string) bool { return keyOf(n, key).from == Origin{} }

func keyOf(n *node, key string) *entry {
	for i := range n.entries {
		if n.entries[i].key == key {
			return &n.entries[i]
		}
	}
	return nil
}

// variable is ${NAME}, or $${ for a literal ${.
var variable = regexp.MustCompile(`\$\$\{|\$\{([^}]*)\}`)

var errNoVariable = errors.New("no such variable")

// expand replaces each ${NAME} of a scalar by the environment's value.
func (p *parser) expand(n *node) {
	if !strings.Contains(n.value, "${") {
		return
	}
	n.value = variable.ReplaceAllStringFunc(n.value, func(m string) string {
		if m == "$${" {
			return "${"
		}
		name := m[2 : len(m)-1]
		v, ok := p.env(name)
		if !ok {
			p.fail(n.from, "", "set it, or write $${ for a literal ${", "${%s}: %v", name, errNoVariable)
		}
		n.literal = false
		return v
	})
}

// overlay lays b over a: mappings merge key by key, lists of named items merge by name, anything else
// of b replaces what a has.
func overlay(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case a.kind == mapping && b.kind == mapping:
		for _, e := range b.entries {
			a.put(e.key, overlay(a.get(e.key), e.value))
		}
		return a
	case a.kind == list && b.kind == list && allNamed(a) && allNamed(b):
		for _, item := range b.items {
			if i := a.indexOf(item.get("name").value); i >= 0 {
				a.items[i] = overlay(a.items[i], item)
			} else {
				a.items = append(a.items, item)
			}
		}
		return a
	default:
		return b
	}
}

func allNamed(n *node) bool {
	for _, item := range n.items {
		if name := item.get("name"); name == nil || name.value == "" {
			return false
		}
	}
	return len(n.items) > 0
}

// indexOf finds a list's item by its key "name", -1 when there is none.
func (n *node) indexOf(name string) int {
	for i, item := range n.items {
		if x := item.get("name"); x != nil && x.value == name {
			return i
		}
	}
	return -1
}

// mark says of a whole tree that a profile brought it.
func (n *node) mark(profile string) {
	n.walk("", func(_ string, n *node) { n.from.Profile = profile })
}

// walk calls f for a node and everything below it.
func (n *node) walk(key string, f func(key string, n *node)) {
	f(key, n)
	for _, e := range n.entries {
		e.value.walk(join(key, e.key), f)
	}
	for i, item := range n.items {
		item.walk(join(key, strconv.Itoa(i)), f)
	}
}
