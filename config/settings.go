package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func textUnmarshaler() reflect.Type { return reflect.TypeFor[encoding.TextUnmarshaler]() }

// collect lists every single value below v with where it came from.
func collect(v reflect.Value, key string, where map[string]*node, out []Setting) []Setting {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(out, Setting{Key: key})
		}
		v = v.Elem()
	}
	if isLeaf(v.Type()) {
		return append(out, Setting{Key: key, Value: show(v), From: origin(where, key)})
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range orderedFields(v.Type()) {
			sub := join(key, yamlName(f))
			if fv := v.FieldByIndex(f.Index); !isOptional(f) || where[sub] != nil {
				out = collect(fv, sub, where, out)
			}
		}
	case reflect.Map:
		keys := make([]string, 0, v.Len())
		for _, k := range v.MapKeys() {
			keys = append(keys, k.String())
		}
		slices.Sort(keys)
		for _, k := range keys {
			out = collect(v.MapIndex(reflect.ValueOf(k).Convert(v.Type().Key())), join(key, k), where, out)
		}
	default:
		for i := range v.Len() {
			out = collect(v.Index(i), join(key, strconv.Itoa(i)), where, out)
		}
	}
	return out
}

// isOptional tells whether a key is left out of the list unless somebody wrote it: most of a source's.
func isOptional(f reflect.StructField) bool {
	return strings.HasSuffix(f.Tag.Get("yaml"), ",omitempty")
}

// origin is where a key, or the nearest thing around it, was written.
func origin(where map[string]*node, key string) Origin {
	if n := where[key]; n != nil && !n.null {
		return n.from
	}
	return Origin{}
}

// show writes a value as YAML would, on one line, without secrets.
func show(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		words := make([]string, v.Len())
		for i := range words {
			words[i] = show(v.Index(i))
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err == nil {
			return string(text)
		}
	}
	if v.Kind() == reflect.Struct {
		return Mask(fmt.Sprint(v.Field(0).Interface())) // the short form of a mapping: a column's name
	}
	return Mask(fmt.Sprint(v.Interface()))
}
