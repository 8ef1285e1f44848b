package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"penstock/pipeline/source"
)

// Keys are the keys that run an action of the console, none to leave it without one. They are written as
// a list, or as one word in which commas part them.
type Keys []string

// UnmarshalText reads the short form: s, or s,ctrl+s.
func (k *Keys) UnmarshalText(text []byte) error {
	*k = Keys{}
	if string(text) == "," {
		*k = Keys{","}
		return nil
	}
	for word := range strings.SplitSeq(string(text), ",") {
		if word = strings.TrimSpace(word); word != "" {
			*k = append(*k, word)
		}
	}
	return nil
}

// keyNames are the keys that have names instead of characters.
func keyNames() []string {
	return []string{
		"enter", "tab", "space", "backspace", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "insert", "delete",
		"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
	}
}

// modifiers are what is held down with a key, in the order they are written in.
var modifiers = regexp.MustCompile(`^(ctrl\+)?(alt\+)?(shift\+)?`)

// keys checks how keys are written. Which actions there are is known to the console alone.
func (v *validator) keys(own map[string]Keys) {
	for _, id := range slices.Sorted(maps.Keys(own)) {
		key := "ui.keys." + id
		seen := map[string]bool{}
		for i, name := range own[id] {
			at := fmt.Sprintf("%s.%d", key, i)
			switch hint, wrong := keyProblem(name); {
			case wrong != "":
				v.fail(at, hint, "%s", wrong)
			case seen[name]:
				v.fail(at, "keep one of them", "the key %q stands here twice", name)
			}
			seen[name] = true
		}
	}
}

// keyProblem says what is wrong with the name of a key and what to write instead; wrong is "" if nothing is.
func keyProblem(name string) (hint, wrong string) {
	held := modifiers.FindString(name)
	base := name[len(held):]
	r, n := utf8.DecodeRuneInString(base)
	single := n == len(base) && n > 0 && unicode.IsGraphic(r) && !unicode.IsSpace(r)
	switch {
	case name == "ctrl+c" || name == "esc":
		return "ctrl+c always leaves and esc always goes a step back", fmt.Sprintf("the key %q has its meaning already", name)
	case name == "ctrl+z":
		return "it puts the console to sleep, as it does with other programs", fmt.Sprintf("the key %q has its meaning already", name)
	case single && held == "shift+":
		return fmt.Sprintf("write %q", string(unicode.ToUpper(r))), fmt.Sprintf("shift and the character %q give another character", base)
	case single && held != "" && unicode.IsUpper(r):
		return fmt.Sprintf("write %q", held+string(unicode.ToLower(r))), fmt.Sprintf("terminals know %q by its small letter only", name)
	case single, slices.Contains(keyNames(), base):
		return "", ""
	}
	if near := source.Nearest(base, keyNames()); near != "" {
		return fmt.Sprintf("did you mean %q?", held+near), fmt.Sprintf("there is no key %q", name)
	}
	return "a key is one character, or one of " + strings.Join(keyNames()[:14], ", ") + ", f1 to f12; ctrl+, alt+ and shift+ stand before it in this order",
		fmt.Sprintf("there is no key %q", name)
}
