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

// search walks the product of the patterns' automata. A state is a row of
// positions, those of one glob after those of another.
type search struct {
	cs    []constraint
	width int      // of a row
	rows  []uint64 // all states, in the order in which they were found
	from  []link   // how each was found
}

type link struct {
	parent int
	r      rune
}

func searchString(cs []constraint) (string, bool, bool) {
	runes := alphabet(cs)
	s := search{cs: cs, from: []link{{parent: -1}}}
	for _, c := range cs {
		for _, g := range c.globs {
			start := make(positions, g.words())
			start.add(g, 0)
			s.rows, s.width = append(s.rows, start...), s.width+len(start)
		}
	}
	key := make([]byte, 0, 8*s.width)
	next := make([]uint64, s.width)
	seen := map[string]bool{string(appendRow(key, s.rows)): true}
	for i := 0; i < len(s.from); i++ {
		if s.accepting(s.row(i)) {
			return s.spell(i), true, true
		}
		for _, r := range runes {
			if !s.step(next, s.row(i), r) {
				continue
			}
			key = appendRow(key[:0], next)
			if seen[string(key)] {
				continue
			}
			if len(s.from) >= maxStates {
				return "", false, false
			}
			seen[string(key)] = true
			s.rows, s.from = append(s.rows, next...), append(s.from, link{i, r})
		}
	}
	return "", false, true
}

func (s *search) row(i int) []uint64 { return s.rows[i*s.width : (i+1)*s.width] }

// step makes next the state to which a rune leads; it reports whether what is
// wanted can still be met there.
func (s *search) step(next, at []uint64, r rune) (alive bool) {
	n := 0
	for i := range s.cs {
		c := &s.cs[i]
		x := r
		if c.fold {
			x = unicode.ToLower(r)
		}
		dead := true
		for _, g := range c.globs {
			end := n + g.words()
			if positions(next[n:end]).step(positions(at[n:end]), g, x) {
				dead = false
			}
			n = end
		}
		if c.want && dead {
			return false
		}
	}
	return true
}

func (s *search) accepting(at []uint64) bool {
	n := 0
	for i := range s.cs {
		hit := false
		for _, g := range s.cs[i].globs {
			end := n + g.words()
			hit = hit || positions(at[n:end]).accepts(g)
			n = end
		}
		if hit != s.cs[i].want {
			return false
		}
	}
	return true
}

func appendRow(b []byte, row []uint64) []byte {
	for _, w := range row {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

func (s *search) spell(i int) string {
	var rs []rune
	for ; s.from[i].parent >= 0; i = s.from[i].parent {
		rs = append(rs, s.from[i].r)
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
