package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/viper"

	"penstock/pipeline/source"
)

// envPrefix starts the variables that override a key: PENSTOCK_LAKE_URL is lake.url.
const envPrefix = "PENSTOCK_"

// reservedEnv are the variables with the prefix that are no keys; what starts with PENSTOCK_TEST is for
// tests alone.
func reservedEnv() []string {
	return []string{"PENSTOCK_CONFIG", "PENSTOCK_PROFILE", "PENSTOCK_FAILPOINT"}
}

// keySeparator joins the parts of a path inside viper; no name of a source or profile contains it.
const keySeparator = "\x1f"

// overrides gathers what the environment and --set say and applies it to the tree, --set over the
// environment.
type overrides struct {
	root     *node
	viper    *viper.Viper
	paths    map[string][]string // viper's lower-cased key -> the path as it is spelt
	from     map[string]Origin
	named    map[string][]string // the paths that --set names, by how variables spell them
	problems []Problem
}

func applyOverrides(root *node, env, set []string) []Problem {
	o := &overrides{
		root: root, viper: viper.NewWithOptions(viper.KeyDelimiter(keySeparator)),
		paths: map[string][]string{}, from: map[string]Origin{}, named: map[string][]string{},
	}
	for _, arg := range set {
		key, _, _ := strings.Cut(arg, "=")
		if path, problem := resolve(reflect.TypeFor[Config](), root, strings.Split(key, ".")); problem == "" {
			o.named[envWord(strings.Join(path, "_"))] = path
		}
	}
	o.environment(env)
	for _, arg := range set {
		o.set(arg)
	}
	keys := o.viper.AllKeys()
	slices.Sort(keys)
	for _, key := range keys {
		o.apply(o.paths[key], o.viper.GetString(key), o.from[key])
	}
	return o.problems
}

func (o *overrides) fail(from Origin, hint, format string, args ...any) {
	o.problems = append(o.problems, Problem{Where: from, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (o *overrides) environment(env []string) {
	layer := map[string]any{}
	for _, kv := range slices.Sorted(slices.Values(env)) {
		name, value, _ := strings.Cut(kv, "=")
		rest, ok := strings.CutPrefix(name, envPrefix)
		if !ok || slices.Contains(reservedEnv(), name) || strings.HasPrefix(rest, "TEST") {
			continue
		}
		from := Origin{Env: name}
		path := o.named[rest] // of a map's key that is not there yet, --set knows the spelling
		if path == nil {
			path = o.envPath(reflect.TypeFor[Config](), o.root, rest)
		}
		if path == nil {
			var known []string
			o.envNames(reflect.TypeFor[Config](), o.root, strings.TrimSuffix(envPrefix, "_"), &known)
			o.fail(from, didYouMean(name, append(known, reservedEnv()...)), "no such setting")
			continue
		}
		nest(layer, path, value)
		o.note(path, from)
	}
	// viper keeps the environment as a layer below what --set puts on top.
	if err := o.viper.MergeConfigMap(layer); err != nil {
		o.fail(Origin{}, "", "merge the environment: %v", err)
	}
}

func (o *overrides) set(arg string) {
	key, value, ok := strings.Cut(arg, "=")
	from := Origin{Set: key}
	// What follows a colon or space may be a secret that was meant to follow an equals sign, and may hold one.
	if end := strings.IndexFunc(key, func(r rune) bool { return r == ':' || unicode.IsSpace(r) }); end >= 0 {
		from.Set = key[:end+1] + source.Masked
	}
	if !ok {
		o.fail(from, "write --set key=value, such as --set lake.url=./lake", "no value")
		return
	}
	path, problem := resolve(reflect.TypeFor[Config](), o.root, strings.Split(key, "."))
	if problem != "" {
		o.fail(from, problem, "no such setting")
		return
	}
	if holdsSecret(value) {
		o.fail(from, "put it into a file (password_file) or a variable: the command line is visible to every user", "a password on the command line")
		return
	}
	o.viper.Set(strings.Join(path, keySeparator), value)
	o.note(path, from)
}

// note remembers how a path is spelt and who sets it; viper folds the case of keys.
func (o *overrides) note(path []string, from Origin) {
	key := strings.ToLower(strings.Join(path, keySeparator))
	o.paths[key], o.from[key] = path, from
}

// apply puts a value into the tree, making the mappings on the way to it.
func (o *overrides) apply(path []string, value string, from Origin) {
	n := o.root
	for i, part := range path {
		last := i == len(path)-1
		next := &node{kind: mapping, from: from}
		if last {
			next = &node{kind: scalar, value: value, from: from}
		}
		if n.kind == list {
			j, _ := strconv.Atoi(part)
			if last {
				n.items[j] = next
			}
			n = n.items[j]
			continue
		}
		if have := n.get(part); last || have == nil || have.kind == scalar {
			n.put(part, next)
		}
		n = n.get(part)
	}
}

func nest(m map[string]any, path []string, value string) {
	for _, part := range path[:len(path)-1] {
		sub, ok := m[part].(map[string]any)
		if !ok {
			sub = map[string]any{}
			m[part] = sub
		}
		m = sub
	}
	m[path[len(path)-1]] = value
}

// resolve follows a dotted key through the schema and answers with the path of a single value in the
// tree, or with what is wrong with the key. Items of a list are named by number or by their name.
func resolve(t reflect.Type, n *node, parts []string) (path []string, problem string) {
	t = deref(t)
	if isLeaf(t) {
		if len(parts) > 0 {
			return nil, "it has no keys below it"
		}
		return nil, ""
	}
	if len(parts) == 0 {
		return nil, "name one value below it: " + strings.Join(below(t, n), ", ")
	}
	switch t.Kind() {
	case reflect.Struct:
		f, ok := fieldsOf(t)[parts[0]]
		if !ok {
			return nil, didYouMean(parts[0], fieldNames(t))
		}
		path, problem = resolve(f.Type, child(n, parts[0]), parts[1:])
		return append([]string{parts[0]}, path...), problem
	case reflect.Map:
		if isLeaf(deref(t.Elem())) || len(parts) == 1 {
			return []string{strings.Join(parts, ".")}, ""
		}
		path, problem = resolve(t.Elem(), child(n, parts[0]), parts[1:])
		return append([]string{parts[0]}, path...), problem
	default:
		return resolveItem(t, n, parts)
	}
}

func resolveItem(t reflect.Type, n *node, parts []string) (path []string, problem string) {
	if n == nil || n.kind != list {
		return nil, "the configuration has none of these yet"
	}
	i := n.indexOf(parts[0])
	if num, err := strconv.Atoi(parts[0]); i < 0 && err == nil && num >= 0 && num < len(n.items) {
		i = num
	}
	if i >= 0 {
		path, problem = resolve(t.Elem(), n.items[i], parts[1:])
		return append([]string{strconv.Itoa(i)}, path...), problem
	}
	return nil, didYouMean(parts[0], below(t, n))
}

// below lists the names that may follow.
func below(t reflect.Type, n *node) []string {
	switch t.Kind() {
	case reflect.Struct:
		return fieldNames(t)
	case reflect.Slice:
		var names []string
		if n != nil {
			for i, item := range n.items {
				names = append(names, strconv.Itoa(i))
				if name := item.get("name"); name != nil {
					names = append(names, name.value)
				}
			}
		}
		return names
	default:
		return nil
	}
}

func child(n *node, key string) *node {
	if n == nil {
		return nil
	}
	return n.get(key)
}

// isLeaf tells whether a type is written as one value: a list of words is.
func isLeaf(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(textUnmarshaler()) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return false
	case reflect.Slice:
		return isLeaf(deref(t.Elem())) && t.Elem().Kind() != reflect.Struct
	default:
		return true
	}
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// envPath finds the path that a variable's name, without the prefix, stands for; nil when there is none.
func (o *overrides) envPath(t reflect.Type, n *node, rest string) []string {
	t = deref(t)
	if isLeaf(t) {
		if rest == "" {
			return []string{}
		}
		return nil
	}
	if rest == "" {
		return nil
	}
	if t.Kind() == reflect.Map {
		return []string{mapKey(n, rest)}
	}
	for _, name := range below(t, n) {
		after, ok := strings.CutPrefix(rest, envWord(name))
		if !ok || after != "" && after[0] != '_' {
			continue
		}
		step, elem, sub := name, reflect.Type(nil), child(n, name)
		if t.Kind() == reflect.Struct {
			elem = fieldsOf(t)[name].Type
		} else {
			step, elem, sub = itemNamed(t, n, name)
		}
		if path := o.envPath(elem, sub, strings.TrimPrefix(after, "_")); path != nil {
			return append([]string{step}, path...)
		}
	}
	return nil
}

// mapKey is the key of a mapping that a variable spells: one that stands there, so that the variable is put
// in its place, or a new one.
func mapKey(n *node, word string) string {
	if n != nil {
		for _, e := range n.entries {
			if envWord(e.key) == word {
				return e.key
			}
		}
	}
	return strings.ToLower(word)
}

func itemNamed(t reflect.Type, n *node, name string) (step string, elem reflect.Type, item *node) {
	i := n.indexOf(name)
	if i < 0 {
		i, _ = strconv.Atoi(name)
	}
	return strconv.Itoa(i), t.Elem(), n.items[i]
}

// envNames lists every variable that would be understood, for the nearest of them.
func (o *overrides) envNames(t reflect.Type, n *node, prefix string, out *[]string) {
	t = deref(t)
	if isLeaf(t) {
		*out = append(*out, prefix)
		return
	}
	for _, name := range below(t, n) {
		if t.Kind() == reflect.Struct {
			o.envNames(fieldsOf(t)[name].Type, child(n, name), prefix+"_"+envWord(name), out)
			continue
		}
		_, elem, item := itemNamed(t, n, name)
		o.envNames(elem, item, prefix+"_"+envWord(name), out)
	}
}

// envWord is a name as a variable spells it.
func envWord(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, name)
}

func didYouMean(got string, have []string) string {
	if near := source.Nearest(got, have); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(have) > 0 && len(have) <= 40 {
		return "there is " + strings.Join(have, ", ")
	}
	return "every key is described in docs/configuration.md"
}
