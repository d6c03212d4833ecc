package google

import (
	"fmt"
	"net/http"
	"strings"
)

// term is one condition of a search query: field:words (holds) or field=value
// (is). An empty field looks everywhere.
type term struct {
	field, value string
	exact        bool
}

// terms have to fit all.
type terms []term

// parseQuery reads the part of the search languages that is a list of conditions
// joined by AND or a blank. What goes beyond is refused: an answer to another
// question would be worse.
func parseQuery(req *request) (terms, *status) {
	var out terms
	for _, word := range strings.Fields(req.query.Get("query")) {
		if word == "AND" {
			continue
		}
		if word == "OR" || word == "NOT" || strings.ContainsAny(word, `()<>"`) || strings.HasPrefix(word, "-") {
			return nil, newStatus(req.m, http.StatusNotImplemented, "The stand-in knows only field:value and field=value joined by AND, not %q.", word)
		}
		var t term
		if at := strings.IndexAny(word, ":="); at > 0 {
			t = term{word[:at], word[at+1:], word[at] == '='}
		} else {
			t.value = word
		}
		t.value = strings.TrimSuffix(t.value, "*")
		out = append(out, t)
	}
	return out, nil
}

func (ts terms) fit(doc map[string]any) bool {
	for _, t := range ts {
		var v any = doc
		if t.field != "" {
			for part := range strings.SplitSeq(t.field, ".") {
				m, _ := v.(map[string]any)
				v = m[part]
			}
		}
		if !t.in(v) {
			return false
		}
	}
	return true
}

func (t term) in(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case map[string]any:
		for _, inner := range v {
			if t.in(inner) {
				return true
			}
		}
		return false
	case []any:
		for _, inner := range v {
			if t.in(inner) {
				return true
			}
		}
		return false
	}
	s := strings.ToLower(fmt.Sprint(v))
	if t.exact {
		return s == strings.ToLower(t.value)
	}
	return strings.Contains(s, strings.ToLower(t.value))
}
