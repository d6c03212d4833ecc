package aws

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// literal is an atom that a solution must make true (want) or false.
type literal struct {
	atom *Atom
	want bool
}

// domain is the values that a dimension can have at all.
type domain struct {
	mayBeAbsent, mayBePresent bool
	within                    []constraint // on each value
	from                      *addresses   // for address keys
}

var anyDomain = domain{mayBeAbsent: true, mayBePresent: true}

// feasible reports whether a dimension has a value, or an absence, that meets
// the literals; it is the decision procedure for one dimension. It returns such
// a value. A search that gave up counts as feasible: the question then errs to
// the side of "possible".
func feasible(key string, lits []literal, d domain) (Value, bool) {
	if absentOK(lits, d) {
		return Value{State: Absent}, true
	}
	return present(key, lits, d)
}

func agree(lits []literal, present bool, values []string, multi bool) bool {
	for _, l := range lits {
		if l.atom.cond.holds(present, values, multi) != l.want {
			return false
		}
	}
	return true
}

// absentOK reports whether the literals hold without the key.
func absentOK(lits []literal, d domain) bool {
	return d.mayBeAbsent && since(lits).IsZero() && agree(lits, false, nil, false)
}

func present(key string, lits []literal, d domain) (Value, bool) {
	if !d.mayBePresent {
		return Value{}, false
	}
	if !multiValued[key] {
		if v, ok := presentSingle(lits, d); ok {
			return Is(v), true
		}
	}
	if !singleValued(key) && key[0] != 0 {
		if vs, ok := presentMulti(lits, d); ok {
			return Value{State: Present, Values: vs}, true
		}
	}
	return Value{}, false
}

// demand is one base operator on one value.
type demand struct {
	cond *condition
	want bool
}

func presentSingle(lits []literal, d domain) (string, bool) {
	demands := make([]demand, 0, len(lits))
	for _, l := range lits {
		c := l.atom.cond
		if c.void || c.op == opInvalid || c.op == opNull {
			if c.holds(true, []string{"x"}, false) != l.want {
				return "", false
			}
			continue
		}
		demands = append(demands, demand{c, l.want})
	}
	return findValue(demands, d)
}

// presentMulti looks for a set of values: ForAny needs one that agrees, ForAll
// all of them, and negations turn one into the other.
func presentMulti(lits []literal, d domain) ([]string, bool) {
	var every []demand
	var some []demand
	for _, l := range lits {
		c := l.atom.cond
		switch {
		case c.void, c.op == opInvalid, c.op == opNull, c.quant == plain:
			if c.holds(true, []string{"x", "y"}, true) != l.want {
				return nil, false
			}
		case (c.quant == forAny) == l.want:
			some = append(some, demand{c, l.want})
		default:
			every = append(every, demand{c, l.want})
		}
	}
	if len(some) == 0 {
		v, ok := findValue(every, d)
		return []string{v}, ok
	}
	var out []string
	for _, s := range some {
		v, ok := findValue(append(slices.Clip(every), s), d)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// findValue looks for one value that meets all demands and lies in the domain.
// Each family of operators proposes candidates, and every candidate is checked
// against all demands, so what it finds is real; a family's candidates are
// complete for that family.
func findValue(demands []demand, d domain) (string, bool) {
	if len(demands) > 0 && !demands[0].cond.since.IsZero() {
		return findMoment(demands, demands[0].cond.since)
	}
	var numbers []*big.Rat
	var times []time.Time
	text := slices.Clip(d.within)
	var network *addresses
	for _, dm := range demands {
		m := dm.cond.match
		agrees := dm.want != dm.cond.negated
		if d.from != nil && m.op.base() != opAddress {
			ps, ok := m.writtenPrefixes()
			if !ok {
				return "", true // not solved for: it counts as possible
			}
			network = narrow(network, ps, agrees)
			continue
		}
		switch m.op.base() {
		case opNumber:
			numbers = append(numbers, m.numbers...)
		case opDate:
			times = append(times, m.times...)
		case opAddress:
			network = narrow(network, m.prefixes, agrees)
		case opFold, opBool:
			text = append(text, constraint{m.globs, true, agrees})
		case opBinary:
			text = append(text, constraint{encoded(m.globs), false, agrees})
		default:
			text = append(text, constraint{m.globs, false, agrees})
		}
	}
	ok := func(s string) bool {
		for _, dm := range demands {
			if dm.cond.one(s) != dm.want {
				return false
			}
		}
		return allHold(d.within, s)
	}
	if d.from != nil || network != nil {
		return findAddress(network, d.from, ok)
	}
	for _, s := range append(numberCandidates(numbers), timeCandidates(times)...) {
		if ok(s) {
			return s, true
		}
	}
	s, found, complete := findString(text)
	if !complete {
		return "", true
	}
	if found && ok(s) {
		return s, true
	}
	return "", false
}

func narrow(set *addresses, prefixes []netip.Prefix, inside bool) *addresses {
	a := addressesOf(prefixes)
	if !inside {
		a = a.complement()
	}
	if set != nil {
		a = a.intersect(*set)
	}
	return &a
}

func findAddress(set, from *addresses, ok func(string) bool) (string, bool) {
	a := everyAddress()
	if set != nil {
		a = *set
	}
	if from != nil {
		a = a.intersect(*from)
	}
	if first, found := a.first(); found && ok(first.String()) {
		return first.String(), true
	}
	// Another operator on the same key may ask for an address by its text.
	for _, p := range a.prefixes() {
		if s := p.Addr().String(); ok(s) {
			return s, true
		}
	}
	return "", false
}

// addressSet is the addresses that the literals on an address key admit.
func addressSet(lits []literal, d domain) addresses {
	out := everyAddress()
	if d.from != nil {
		out = *d.from
	}
	for _, l := range lits {
		c := l.atom.cond
		ps := c.match.prefixes
		if c.op.base() != opAddress {
			written, ok := c.match.writtenPrefixes()
			if !ok {
				continue
			}
			ps = written
		}
		out = *narrow(&out, ps, l.want != c.negated)
	}
	return out
}

func encoded(globs []glob) []glob {
	out := make([]glob, len(globs))
	for i, g := range globs {
		out[i] = literalGlob(base64.StdEncoding.EncodeToString([]byte(g.text)))
	}
	return out
}

// numberCandidates are the thresholds, a point between each two, and one
// outside on each side.
func numberCandidates(ns []*big.Rat) []string {
	if len(ns) == 0 {
		return nil
	}
	slices.SortFunc(ns, func(a, b *big.Rat) int { return a.Cmp(b) })
	one := big.NewRat(1, 1)
	points := []*big.Rat{new(big.Rat).Sub(ns[0], one)}
	for i, n := range ns {
		points = append(points, n)
		if i+1 < len(ns) {
			mid := new(big.Rat).Add(n, ns[i+1])
			points = append(points, mid.Mul(mid, big.NewRat(1, 2)))
		}
	}
	points = append(points, new(big.Rat).Add(ns[len(ns)-1], one))
	out := make([]string, len(points))
	for i, p := range points {
		s := p.FloatString(20)
		out[i] = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return out
}

func timeCandidates(ts []time.Time) []string {
	var out []string
	for _, t := range ts {
		for _, d := range []time.Duration{0, -time.Second, time.Second} {
			out = append(out, t.Add(d).Format(time.RFC3339Nano))
		}
	}
	return out
}
