package google

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var reference = regexp.MustCompile(`\$\{([A-Za-z0-9_]+)\}`)

// references returns the path parameters that strings of v refer to, as in
// "${project}".
func references(v any) []string {
	var out []string
	walkText(v, func(s string) string {
		for _, m := range reference.FindAllStringSubmatch(s, -1) {
			out = append(out, m[1])
		}
		return s
	})
	return out
}

// checkReferences refuses references to parameters that the method does not have.
func (p *prepared) checkReferences(at string) error {
	for _, name := range slices.Concat(references(p.Body), references(p.items)) {
		p.refers = true
		if !slices.Contains(p.m.names, name) {
			return fmt.Errorf("%s: ${%s} is no path parameter of %s, which has %s", at, name, p.m.call(), strings.Join(p.m.names, ", "))
		}
	}
	return nil
}

// expanded is the response with the request's values in the place of references.
func (p *prepared) expanded(req *request) *prepared {
	if !p.refers {
		return p
	}
	fill := func(s string) string {
		return reference.ReplaceAllStringFunc(s, func(ref string) string { return req.params[ref[2:len(ref)-1]] })
	}
	out := *p
	out.Body, _ = walkText(p.Body, fill).(map[string]any)
	out.items = walkText(p.items, fill)
	return &out
}

// walkText copies decoded JSON with each string, keys included, changed.
func walkText(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = walkText(item, change)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[change(key)] = walkText(item, change)
		}
		return out
	}
	return v
}
