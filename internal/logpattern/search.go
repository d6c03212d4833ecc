package logpattern

import "slices"

// search looks for an event that a requirement matches and a filter does not.
type search struct {
	filter, want Pattern
	root         node // of the filter
	fields       []*field
	of           map[*atom]place
}

// field is a selector with the conditions that either pattern has on it.
type field struct {
	selector selector
	atoms    []*atom
	filter   set // the atoms of the filter
	values   []candidate
	complete bool // values has one of each class
}

// place is where a condition is counted.
type place struct{ field, atom int }

// maxTries bounds the combinations of values per alternative.
const maxTries = 20000

func newSearch(filter, want Pattern, root node) *search {
	s := &search{filter: filter, want: want, root: root, of: map[*atom]place{}}
	fields, atoms := map[string]int{}, map[string]place{}
	add := func(inFilter bool) func(*atom) {
		return func(a *atom) {
			p, seen := atoms[a.key]
			if !seen {
				sel := a.selector.String()
				f, ok := fields[sel]
				if !ok {
					f = len(s.fields)
					fields[sel] = f
					s.fields = append(s.fields, &field{selector: a.selector})
				}
				p = place{f, len(s.fields[f].atoms)}
				s.fields[f].atoms = append(s.fields[f].atoms, a)
				atoms[a.key] = p
			}
			s.of[a] = p
			if inFilter {
				s.fields[p.field].filter = s.fields[p.field].filter.with(p.atom)
			}
		}
	}
	if want.form == formJSON {
		want.root.each(add(false))
	}
	root.each(add(true))
	for _, f := range s.fields {
		f.values, f.complete = candidates(f.atoms)
		if slices.ContainsFunc(s.fields, func(g *field) bool { return f.selector.above(g.selector) }) {
			// Where several values serve, one that can hold the other is wanted.
			slices.Reverse(f.values)
		}
	}
	return s
}

// refute returns True with an event that matches alt and not the filter, False
// if there is none, Unknown if that could not be found out.
func (s *search) refute(alt alternative) (Answer, any) {
	needed := make([]set, len(s.fields))
	for _, a := range alt {
		p := s.of[a]
		needed[p.field] = needed[p.field].with(p.atom)
	}
	open := false // whether something undecided was met
	choices := make([][]candidate, len(s.fields))
	for i, f := range s.fields {
		choices[i] = f.minimal(needed[i])
		// Conditions on a wildcard selector may be met by different values.
		unsure := !f.complete || f.selector.wild() && needed[i].size() > 1
		open = open || unsure
		switch {
		case len(choices[i]) > 0:
		case unsure:
			return Unknown, nil
		default:
			return False, nil // the alternative contradicts itself
		}
	}
	t := tries{search: s, choices: choices, picked: make([]candidate, len(s.fields)), left: maxTries}
	t.from(0)
	switch {
	case t.found:
		return True, t.event
	case t.doubt || open:
		return Unknown, nil
	}
	return False, nil
}

// tries walks through the combinations of choices.
type tries struct {
	*search
	choices [][]candidate
	picked  []candidate
	left    int
	found   bool
	event   any
	doubt   bool // a combination misses the filter, but no event was made of it
}

func (t *tries) from(i int) {
	if t.found {
		return
	}
	if i < len(t.choices) {
		for _, c := range t.choices[i] {
			t.picked[i] = c
			t.from(i + 1)
		}
		return
	}
	if t.left--; t.left < 0 {
		t.doubt = true
		return
	}
	if t.root.eval(t.holds) {
		return
	}
	event, ok := t.build()
	if ok && t.want.Match(event) && !t.filter.Match(event) {
		t.found, t.event = true, event
		return
	}
	t.doubt = true
}

func (t *tries) holds(a *atom) bool {
	p := t.of[a]
	return t.picked[p.field].holds.has(p.atom)
}

// build makes an event of the picked values.
func (t *tries) build() (any, bool) {
	var event any = map[string]any{}
	ok := true
	// Shorter selectors first: what they hold is filled in by longer ones.
	order := make([]int, len(t.fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return len(t.fields[a].selector) - len(t.fields[b].selector)
	})
	for _, i := range order {
		if c := t.picked[i]; c.present && ok {
			event, ok = put(event, t.fields[i].selector, c.value)
		}
	}
	return event, ok
}

// minimal returns the values for which all needed conditions hold and as few
// conditions of the filter as possible: as a filter has no negation, a value
// with more of them refutes nothing that one with fewer does not.
func (f *field) minimal(needed set) []candidate {
	var out []candidate
	for _, c := range f.values {
		if !c.holds.includes(needed) {
			continue
		}
		mine := c.holds.and(f.filter)
		if slices.ContainsFunc(out, func(o candidate) bool { return mine.includes(o.holds.and(f.filter)) }) {
			continue
		}
		out = slices.DeleteFunc(out, func(o candidate) bool { return o.holds.and(f.filter).includes(mine) })
		out = append(out, c)
	}
	return out
}
