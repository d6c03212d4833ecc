package logpattern

import "strings"

// alternative is a list of conditions that all hold.
type alternative []*atom

// maxAlternatives bounds the disjunctive normal form of a requirement.
const maxAlternatives = 4096

// alternativesOf returns the disjunctive normal form of a pattern that is not a
// text pattern, or false if it is too large.
func alternativesOf(p Pattern) ([]alternative, bool) {
	if p.form == formEmpty {
		return []alternative{nil}, true
	}
	return normalForm(p.root)
}

func normalForm(n node) ([]alternative, bool) {
	switch n.kind {
	case isAtom:
		return []alternative{{n.atom}}, true
	case isAny:
		var out []alternative
		for _, k := range n.kids {
			alts, ok := normalForm(k)
			if out = append(out, alts...); !ok || len(out) > maxAlternatives {
				return nil, false
			}
		}
		return out, true
	}
	out := []alternative{nil}
	for _, k := range n.kids {
		alts, ok := normalForm(k)
		if !ok || len(out)*len(alts) > maxAlternatives {
			return nil, false
		}
		var product []alternative
		for _, a := range out {
			for _, b := range alts {
				product = append(product, append(a[:len(a):len(a)], b...))
			}
		}
		out = product
	}
	return out, true
}

// name is the event that the alternative asks for, else its text.
func (alt alternative) name() string {
	for _, a := range alt {
		if a.op == opEqual && a.value.regex == nil && len(a.selector) == 1 && a.selector[0].name == "eventName" {
			return a.value.text
		}
	}
	return alt.String()
}

func (alt alternative) String() string {
	if len(alt) == 0 {
		return "every event"
	}
	parts := make([]string, len(alt))
	for i, a := range alt {
		parts[i] = a.String()
	}
	return strings.Join(parts, " && ")
}
