package aws

import (
	"strings"
	"time"
)

// Dimensions of a request that are no condition keys. No key has such a name.
const (
	dimAction   = "\x00action"
	dimResource = "\x00resource"
)

// env is what statements are matched against: a request in which each part is
// either known or open. An open part becomes an atom.
type env struct {
	principal Principal
	bounded   bool // the caller has a permissions boundary
	action    string
	resource  string
	openAct   bool // action and resource are solved for
	openRes   bool
	// typical says that the resource stands for all of its kind: what a pattern
	// with an open variable means is some of them.
	typical bool
	keys    map[string]Value
	// under are further keys; those of an earlier map go before those of a later.
	under []map[string]Value
	// rest is the state of the keys that are not in keys.
	rest ValueState
	// now is when requests begin to count; zero means ever.
	now      time.Time
	switches Switches
}

func (e *env) set(key string, values ...string) {
	kept := values[:0:0]
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	if _, ok := e.keys[key]; ok || len(kept) == 0 {
		return
	}
	e.keys[key] = Value{State: Present, Values: kept}
}

func (e *env) value(key string) Value {
	if v, ok := e.keys[key]; ok {
		return v
	}
	for _, keys := range e.under {
		if v, ok := keys[key]; ok {
			return v
		}
	}
	if strings.HasPrefix(key, "aws:principaltag/") && (e.principal.Kind == Anonymous || e.principal.Kind == Service) {
		return Value{State: Absent}
	}
	return Value{State: e.rest}
}

// variable is the value of a policy variable.
func (e *env) variable(p piece) (string, substitution) {
	v := e.value(p.key)
	switch {
	case v.State == Free || v.State == Unfetched:
		return "", undecided
	case v.State == Present && !isMulti(p.key, v.Values) && len(v.Values) == 1:
		return v.Values[0], substituted
	case p.hasElse && v.State == Absent:
		return p.fallback, substituted
	}
	return "", unusable
}

// match is the formula under which a statement matches, the class in which it
// reaches the caller, and whether a NotPrincipal lists the caller only partly.
func (e *env) match(p *Policy, s *Statement) (f Formula, c class, partial bool) {
	c, partial = s.principalMatch(e.principal, e.bounded, e.switches)
	if c == classNone {
		return never, c, false
	}
	a := e.matchAction(s)
	if a.False() {
		return never, c, false
	}
	r := e.matchResource(p, s)
	if r.False() {
		return never, c, false
	}
	if len(s.conditions) == 0 {
		return and(a, r), c, partial
	}
	parts := make([]Formula, 0, 2+len(s.conditions))
	parts = append(parts, a, r)
	for _, cond := range s.conditions {
		f := e.condition(p, s, cond)
		if f.False() {
			return never, c, false
		}
		parts = append(parts, f)
	}
	return and(parts...), c, partial
}

func (e *env) matchAction(s *Statement) Formula {
	if !e.openAct {
		return constantOf(matchAny(s.actions, e.action) != s.notActions)
	}
	f := patternAtom(dimAction, s.actions)
	if s.notActions {
		return not(f)
	}
	return f
}

func patternAtom(dim string, globs []glob) Formula {
	if len(globs) == 0 {
		return never
	}
	for _, g := range globs {
		if g.everything() {
			return always
		}
	}
	return atomOf(&Atom{
		Operator: "StringLike", Key: dim[1:], dim: dim,
		cond: &condition{op: opLike, key: dim, match: matcher{op: opLike, globs: globs}},
	})
}

func (e *env) matchResource(p *Policy, s *Statement) Formula {
	if s.anyResource {
		return always
	}
	if e.openRes && s.fixed {
		return s.openResource
	}
	if !e.openRes && e.resource == "*" {
		// An action without a resource type: only a literal * covers it.
		found := false
		for i := range s.resources {
			found = found || s.resources[i].text == "*"
		}
		return constantOf(found != s.notResources)
	}
	var open []Formula
	var globs []glob
	for i := range s.resources {
		g, state := s.resources[i].resolved(e)
		switch {
		case state == undecided && e.typical:
		case state == undecided:
			open = append(open, atomOf(opaqueAtom("Resource", dimResource, s.resources[i].text, cite(p, s, ""))))
		case state == unusable:
			if s.notResources && !e.switches.KeepUnresolvedVariables {
				return never
			}
		case e.openRes:
			globs = append(globs, g)
		case g.match(e.resource):
			return constantOf(!s.notResources)
		}
	}
	if e.openRes {
		open = append(open, patternAtom(dimResource, globs))
	}
	f := or(open...)
	if s.notResources {
		return not(f)
	}
	return f
}

func opaqueAtom(operator, dim, text string, c Cite) *Atom {
	return &Atom{
		Operator: operator, Key: strings.TrimPrefix(dim, "\x00"), Values: []string{text}, Class: KeyFact,
		Cite: c, dim: "\x00opaque " + dim + " " + text, opaque: true,
	}
}

func (e *env) condition(p *Policy, s *Statement, c *condition) Formula {
	v := e.value(c.key)
	open := v.State == Free || v.State == Unfetched
	r, state := c.resolved(e)
	if state == undecided {
		if v.State == Absent {
			return constantOf(c.holds(false, nil, false))
		}
		a := opaqueAtom(c.operator, c.key, strings.Join(c.values, " "), cite(p, s, ""))
		a.Key, a.Values, a.Class = c.name, c.values, ClassOf(c.key)
		a.dim = "\x00opaque " + a.String()
		return atomOf(a)
	}
	if !open {
		return constantOf(r.holds(v.State == Present, v.Values, isMulti(c.key, v.Values)))
	}
	if !e.now.IsZero() && timeKeys[c.key] {
		return e.timed(p, s, r)
	}
	class := ClassOf(c.key)
	if v.State == Free {
		class = KeyCaller
	}
	return atomOf(&Atom{Operator: c.operator, Key: c.name, Values: r.values, Class: class, Cite: cite(p, s, ""), dim: c.key, cond: r})
}
