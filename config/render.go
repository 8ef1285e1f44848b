package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"penstock/pipeline/source"
)

// Guessed is a source that was inferred from files, and how sure each part of it is.
type Guessed struct {
	Spec  source.Spec
	Notes []source.Note
}

// marker is the line of the example that the guessed sources replace, with what explains it.
const marker = "# sources:\n"

// RenderSources is the commented example with the sources in it, each guess with its confidence and reason
// beside it.
func RenderSources(guesses []Guessed) ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, g := range guesses {
		var item yaml.Node
		if err := item.Encode(g.Spec); err != nil {
			return nil, fmt.Errorf("write source %s: %w", g.Spec.Name, err)
		}
		if name := valueOf(&item, "name"); name != nil {
			name.LineComment = "loads are known by it: change it before the first run or not at all"
		}
		for _, n := range g.Notes {
			annotate(&item, n)
		}
		quoteHidden(&item)
		compact(&item)
		list.Content = append(list.Content, &item)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	doc := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "sources"}, list}}
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write the sources: %w", err)
	}
	before, after, ok := strings.Cut(string(example), marker)
	if !ok {
		return nil, fmt.Errorf("the example has no line %q", marker)
	}
	// The commented sources of the example go: real ones stand here now.
	for strings.HasPrefix(after, "#") {
		_, after, _ = strings.Cut(after, "\n")
	}
	return []byte(before + visible(out.String()) + after), nil
}

// quoteHidden puts what a terminal or YAML does not take as it is into double quotes, where escapes can stand for it.
func quoteHidden(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && utf8.ValidString(n.Value) && visible(n.Value) != n.Value {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		quoteHidden(c)
	}
}

// visible is lines with the escapes of YAML in place of what cannot be seen: controls, marks that reorder, bytes
// that are no text.
func visible(lines string) string {
	var b strings.Builder
	for i, r := range lines {
		switch _, size := utf8.DecodeRuneInString(lines[i:]); {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, lines[i])
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// annotate puts a note beside the value it speaks of, or above the source where the value is missing.
func annotate(item *yaml.Node, n source.Note) {
	text := fmt.Sprintf("%.0f %%: %s", n.Confidence*100, n.Reason)
	if n.Confidence == 0 {
		text = "to be set: " + n.Reason
	}
	if n.Path[0] == source.RefusedNote {
		text = n.Reason
	}
	if n.Alternative != "" {
		text += "; or " + n.Alternative
	}
	text = visible(strings.ReplaceAll(text, "\n", " "))
	at := item
	for _, part := range n.Path {
		at = valueOf(at, part)
		if at == nil {
			break
		}
	}
	if at != nil && at.Kind == yaml.ScalarNode {
		at.LineComment = text
		return
	}
	switch {
	case n.Path[0] == source.RefusedNote:
		item.HeadComment = strings.TrimPrefix(item.HeadComment+"\nrefused: "+text, "\n")
	case n.Confidence < sureEnough || n.Path[0] == "pii": // what is personal is not left to be guessed
		item.HeadComment = strings.TrimPrefix(item.HeadComment+"\n"+strings.Join(n.Path, ".")+" "+text, "\n")
	}
}

// sureEnough is the confidence from which a default that was guessed is not worth a comment.
const sureEnough = 0.9

// valueOf is the value of a key, or the item of a list that is that word.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			if item.Value == key {
				return item
			}
		}
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// compact writes lists and mappings without comments or deeper levels on one line.
func compact(n *yaml.Node) {
	flat := true
	for i, c := range n.Content {
		compact(c)
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		flat = flat && c.LineComment == "" && c.HeadComment == "" && (isKey || c.Kind == yaml.ScalarNode)
	}
	if flat && len(n.Content) > 0 {
		n.Style = yaml.FlowStyle
	}
}
