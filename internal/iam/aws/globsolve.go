package aws

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
)

// constraint says that a string matches one of the globs (want) or none of them.
type constraint struct {
	globs []glob
	fold  bool // compare in lower case; the globs are in lower case already
	want  bool
}

func (c constraint) holds(s string) bool {
	if c.fold {
		s = strings.ToLower(s)
	}
	return matchAny(c.globs, s) == c.want
}

func allHold(cs []constraint, s string) bool {
	for _, c := range cs {
		if !c.holds(s) {
			return false
		}
	}
	return true
}

// maxStates bounds the search for a string. Beyond it the search gives up and
// says so; real policies stay below a few hundred.
const maxStates = 20000

// findString returns a string that meets all constraints. The search is exact:
// it walks the product of the patterns' automata over the runes that occur in
// them and one that does not. complete is false if it gave up.
func findString(cs []constraint) (s string, ok, complete bool) {
	finite := false
	for _, c := range cs {
		if !c.want {
			continue
		}
		literal := true
		for _, g := range c.globs {
			if s := example(g); allHold(cs, s) {
				return s, true, true
			}
			literal = literal && g.literal()
		}
		finite = finite || (literal && !c.fold)
	}
	if finite {
		return "", false, true
	}
	if s := "anything"; allHold(cs, s) {
		return s, true, true
	}
	cs, possible := withoutCovered(cs)
	if !possible {
		return "", false, true
	}
	return searchString(cs)
}

// withoutCovered drops the wanted patterns of which an unwanted one plainly
// matches every string, and those that plainly share no string with another
// wanted list. It saves the search where a list stands against its own
// complement, and where two patterns begin or end differently. possible is false if nothing is left of a constraint.
func withoutCovered(cs []constraint) (out []constraint, possible bool) {
	for _, c := range cs {
		if !c.want {
			if slices.ContainsFunc(c.globs, glob.everything) {
				return nil, false
			}
			out = append(out, c)
			continue
		}
		var left []glob
		for _, g := range c.globs {
			covered := slices.ContainsFunc(cs, func(n constraint) bool {
				if n.fold != c.fold {
					return false
				}
				if n.want {
					return !slices.ContainsFunc(n.globs, g.mayMeet)
				}
				return slices.ContainsFunc(n.globs, func(h glob) bool { return h.covers(g) })
			})
			if !covered {
				left = append(left, g)
			}
		}
		if len(left) == 0 {
			return nil, false
		}
		c.globs = left
		out = append(out, c)
	}
	return out, true
}

// mayMeet is false if the literal beginnings or ends of the patterns plainly
// differ, so that no string matches both.
func (g glob) mayMeet(h glob) bool {
	n, m := len(g.toks), len(h.toks)
	for i := 0; i < min(n, m) && g.toks[i].kind == tokLit && h.toks[i].kind == tokLit; i++ {
		if g.toks[i].r != h.toks[i].r {
			return false
		}
	}
	for i := 1; i <= min(n, m) && g.toks[n-i].kind == tokLit && h.toks[m-i].kind == tokLit; i++ {
		if g.toks[n-i].r != h.toks[m-i].r {
			return false
		}
	}
	return true
}

// covers reports whether g plainly matches every string that h matches: it is
// the same pattern, or a prefix of h's literal beginning and a star. It may miss
// other cases.
func (g glob) covers(h glob) bool {
	if g.shape == globPrefix {
		n := 0
		for n < len(h.toks) && h.toks[n].kind == tokLit {
			n++
		}
		return strings.HasPrefix(literalText(h.toks[:n]), g.text)
	}
	return slices.Equal(g.toks, h.toks)
}

// example is a string that g matches, with unlikely text for the wildcards.
func example(g glob) string {
	if g.literal() {
		return g.text
	}
	var b strings.Builder
	for _, t := range g.toks {
		switch t.kind {
		case tokLit:
			b.WriteRune(t.r)
		case tokOne:
			b.WriteByte('0')
		default:
			b.WriteString("any0")
		}
	}
	return b.String()
}

type searchNode struct {
	at     []positions // one per glob of all constraints, in order
	parent int
	r      rune
}

func searchString(cs []constraint) (string, bool, bool) {
	runes := alphabet(cs)
	start := searchNode{parent: -1}
	for _, c := range cs {
		for _, g := range c.globs {
			start.at = append(start.at, newPositions(g))
		}
	}
	nodes := []searchNode{start}
	seen := map[string]bool{stateKey(start.at): true}
	for i := 0; i < len(nodes); i++ {
		if accepting(cs, nodes[i].at) {
			return spell(nodes, i), true, true
		}
		for _, r := range runes {
			at, alive := stepAll(cs, nodes[i].at, r)
			if !alive {
				continue
			}
			key := stateKey(at)
			if seen[key] {
				continue
			}
			if len(nodes) >= maxStates {
				return "", false, false
			}
			seen[key] = true
			nodes = append(nodes, searchNode{at: at, parent: i, r: r})
		}
	}
	return "", false, true
}

func stepAll(cs []constraint, at []positions, r rune) (next []positions, alive bool) {
	next = make([]positions, 0, len(at))
	alive = true
	n := 0
	for _, c := range cs {
		x := r
		if c.fold {
			x = unicode.ToLower(r)
		}
		dead := true
		for _, g := range c.globs {
			p := at[n].step(g, x)
			dead = dead && p.empty()
			next = append(next, p)
			n++
		}
		if c.want && dead {
			return nil, false
		}
	}
	return next, alive
}

func accepting(cs []constraint, at []positions) bool {
	n := 0
	for _, c := range cs {
		hit := false
		for _, g := range c.globs {
			hit = hit || at[n].accepts(g)
			n++
		}
		if hit != c.want {
			return false
		}
	}
	return true
}

func stateKey(at []positions) string {
	var b []byte
	for _, p := range at {
		for _, w := range p {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
	}
	return string(b)
}

func spell(nodes []searchNode, i int) string {
	var rs []rune
	for ; nodes[i].parent >= 0; i = nodes[i].parent {
		rs = append(rs, nodes[i].r)
	}
	slices.Reverse(rs)
	return string(rs)
}

// alphabet is every rune of the patterns, the colon, and one other rune.
func alphabet(cs []constraint) []rune {
	set := map[rune]bool{':': true}
	for _, c := range cs {
		for _, g := range c.globs {
			for _, t := range g.toks {
				if t.kind == tokLit {
					set[t.r] = true
					if c.fold {
						set[unicode.ToUpper(t.r)] = true
					}
				}
			}
		}
	}
	out := make([]rune, 0, len(set)+1)
	for r := range set {
		out = append(out, r)
	}
	for _, r := range "0x7qzQZ~^\u2603" {
		if !set[r] {
			out = append(out, r)
			break
		}
	}
	slices.Sort(out)
	return out
}
