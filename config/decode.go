package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"penstock/pipeline/source"
)

// decoder fills the typed configuration from a tree, and remembers for each key where it was written.
type decoder struct {
	where    map[string]*node
	keys     map[string]Origin // of the keys, where their values have no place of their own
	problems []Problem
}

func (d *decoder) fail(n *node, key, hint, format string, args ...any) {
	d.problems = append(d.problems, Problem{Where: n.from, Key: key, Message: Mask(fmt.Sprintf(format, args...)), Hint: hint})
}

// into decodes a node into v, which is addressable. A null leaves v as it is, but in a list it is the
// word: nulls: ["", NULL].
func (d *decoder) into(n *node, v reflect.Value, key string) {
	d.where[key] = n
	if n.kind == scalar && n.null && !lastIsIndex(key) {
		return
	}
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		d.into(n, p.Elem(), key)
		v.Set(p)
		return
	}
	if n.kind == scalar {
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if err := u.UnmarshalText([]byte(n.value)); err != nil {
				d.fail(n, key, "", "%v", err)
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, key)
	case reflect.Map:
		d.mapping(n, v, key)
	case reflect.Slice:
		d.list(n, v, key)
	default:
		d.scalar(n, v, key)
	}
}

func (d *decoder) structure(n *node, v reflect.Value, key string) {
	if n.kind != mapping {
		d.fail(n, key, "its keys are "+strings.Join(fieldNames(v.Type()), ", "), "expected %s, got %s", mapping, n.kind)
		return
	}
	fields := fieldsOf(v.Type())
	for _, e := range n.entries {
		sub := join(key, e.key)
		f, ok := fields[e.key]
		if !ok {
			d.problems = append(d.problems, unknownKey(e, key, fieldNames(v.Type())))
			continue
		}
		d.into(e.value, v.FieldByIndex(f.Index), sub)
	}
}

// unknownKey refuses a key that the schema does not have, and explains the likeliest mistakes.
func unknownKey(e entry, parent string, have []string) Problem {
	p := Problem{Where: e.from, Key: parent, Message: fmt.Sprintf("unknown key %q", e.key)}
	file := e.key + "_file"
	switch near := source.Nearest(e.key, have); {
	case slices.Contains(have, file):
		p.Hint = fmt.Sprintf("a secret is never a value here: put it into a file of its own and name that with %q", file)
	case near != "":
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	default:
		p.Hint = "the keys here are " + strings.Join(have, ", ")
	}
	return p
}

func (d *decoder) mapping(n *node, v reflect.Value, key string) {
	if n.kind != mapping {
		d.fail(n, key, "", "expected %s, got %s", mapping, n.kind)
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), len(n.entries))
	for _, e := range n.entries {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.into(e.value, elem, join(key, e.key))
		d.keys[join(key, e.key)] = e.from
		out.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), elem)
	}
	v.Set(out)
}

func (d *decoder) list(n *node, v reflect.Value, key string) {
	items := n.items
	if n.kind == scalar && n.from.File == "" && v.Type().Elem().Kind() == reflect.String {
		items = splitWords(n) // a variable or a flag: a,b,c
	} else if n.kind != list {
		d.fail(n, key, "write [a, b], or one item a line after a dash", "expected %s, got %s", list, n.kind)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.into(item, out.Index(i), join(key, strconv.Itoa(i)))
	}
	v.Set(out)
}

func splitWords(n *node) []*node {
	var items []*node
	for word := range strings.SplitSeq(n.value, ",") {
		if word = strings.TrimSpace(word); word != "" {
			items = append(items, &node{kind: scalar, value: word, from: n.from})
		}
	}
	return items
}

func (d *decoder) scalar(n *node, v reflect.Value, key string) {
	if n.kind != scalar {
		d.fail(n, key, "", "expected %s, got %s", expected(v.Kind()), n.kind)
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.value)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(strings.ToLower(n.value))
		v.SetBool(b)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(n.value, 64)
		v.SetFloat(f)
	case reflect.Int, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(n.value, 10, v.Type().Bits())
		v.SetInt(i)
	default:
		err = fmt.Errorf("no way to read a %s", v.Kind())
	}
	if err != nil {
		d.fail(n, key, "", "expected %s, got %q", expected(v.Kind()), n.value)
	}
}

func expected(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "text"
	}
}

// fieldsOf maps the YAML names of a struct's fields, those of inlined structs included.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, f := range orderedFields(t) {
		fields[yamlName(f)] = f
	}
	return fields
}

func orderedFields(t reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if tag := f.Tag.Get("yaml"); f.IsExported() && tag != "-" && tag != ",inline" && (len(f.Index) == 1 || inlined(t, f)) {
			out = append(out, f)
		}
	}
	return out
}

// inlined tells whether each struct around a promoted field is marked inline.
func inlined(t reflect.Type, f reflect.StructField) bool {
	for _, i := range f.Index[:len(f.Index)-1] {
		if t.Field(i).Tag.Get("yaml") != ",inline" {
			return false
		}
		t = t.Field(i).Type
	}
	return true
}

func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "" {
		name = strings.ToLower(f.Name)
	}
	return name
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range orderedFields(t) {
		names = append(names, yamlName(f))
	}
	return names
}

func join(key, sub string) string {
	if key == "" {
		return sub
	}
	return key + "." + sub
}

func lastIsIndex(key string) bool {
	_, err := strconv.Atoi(key[strings.LastIndexByte(key, '.')+1:])
	return err == nil
}
