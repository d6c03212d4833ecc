package policy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Render replaces the placeholders of a control's text by an asset's values:
// {{id}}, {{name}}, {{type}}, {{region}}, {{account}}, {{partition}},
// {{params.x}} and {{config.Path.To.Member}}. What has no value becomes "?".
func Render(text string, a *model.Asset, params map[string]any) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return string(templateOf(text).append(nil, a, params))
}

// RenderFix is Render for commands and code: what has no value stands as the
// member's name in capitals, for a person to fill in.
func RenderFix(text string, a *model.Asset, params map[string]any) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var out []byte
	for _, p := range templateOf(text) {
		v := p.value(a, params)
		if v == "?" && p.name != "" {
			v = strings.ToUpper(p.name[strings.LastIndexByte(p.name, '.')+1:])
		}
		out = append(out, v...)
	}
	return string(out)
}

// template is a text with placeholders, taken apart.
type template []part

// part is a piece of text or a placeholder.
type part struct {
	text string
	name string   // of a placeholder
	path []string // of one into the document
}

func templateOf(text string) template {
	var out template
	for {
		before, rest, ok := strings.Cut(text, "{{")
		name, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			return append(out, part{text: text})
		}
		name = strings.TrimSpace(name)
		p := part{name: name}
		if name == "" {
			p.text = "{{}}"
		}
		if path, ok := strings.CutPrefix(name, "config."); ok {
			p.path = strings.Split(path, ".")
		}
		out = append(out, part{text: before}, p)
		text = after
	}
}

// append appends the text with the values of an asset.
func (t template) append(b []byte, a *model.Asset, params map[string]any) []byte {
	for i := range t {
		b = append(b, t[i].value(a, params)...)
	}
	return b
}

func (p *part) value(a *model.Asset, params map[string]any) string {
	switch p.name {
	case "":
		return p.text
	case "id":
		return a.ID
	case "name":
		if a.Name == "" {
			return a.ID
		}
		return a.Name
	case "type":
		return a.Type
	case "region":
		return a.Scope.Region
	case "account":
		return a.Scope.Account
	case "partition":
		return a.Scope.Partition
	}
	if name, ok := strings.CutPrefix(p.name, "params."); ok {
		return display(params[name])
	}
	if p.path == nil {
		return "{{" + p.name + "}}"
	}
	var v any = map[string]any(a.Config)
	for _, member := range p.path {
		m, ok := v.(map[string]any)
		if !ok {
			return "?"
		}
		v = m[member]
	}
	return display(v)
}

func display(v any) string {
	switch t := v.(type) {
	case nil:
		return "?"
	case string:
		return t
	case bool:
		return strconv.FormatBool(t)
	case int64:
		return strconv.FormatInt(t, 10)
	case []any:
		parts := make([]string, len(t))
		for i, e := range t {
			parts[i] = display(e)
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}
