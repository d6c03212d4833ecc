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
	return render(text, func(name string) string { return placeholder(name, a, params) })
}

// RenderFix is Render for commands and code: what has no value stands as the
// member's name in capitals, for a person to fill in.
func RenderFix(text string, a *model.Asset, params map[string]any) string {
	return render(text, func(name string) string {
		v := placeholder(name, a, params)
		if v == "?" {
			return strings.ToUpper(name[strings.LastIndexByte(name, '.')+1:])
		}
		return v
	})
}

func render(text string, value func(name string) string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			b.WriteString("{{" + rest)
			return b.String()
		}
		b.WriteString(value(strings.TrimSpace(name)))
		text = after
	}
}

func placeholder(name string, a *model.Asset, params map[string]any) string {
	switch name {
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
	if p, ok := strings.CutPrefix(name, "params."); ok {
		return display(params[p])
	}
	if path, ok := strings.CutPrefix(name, "config."); ok {
		var v any = map[string]any(a.Config)
		for member := range strings.SplitSeq(path, ".") {
			m, ok := v.(map[string]any)
			if !ok {
				return "?"
			}
			v = m[member]
		}
		return display(v)
	}
	return "{{" + name + "}}"
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
