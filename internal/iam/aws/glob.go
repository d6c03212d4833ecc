package aws

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokLit     tokenKind = iota // one given rune
	tokOne                      // ?: any one rune
	tokStar                     // *: any run of runes
	tokSegStar                  // *: any run of runes without a colon
)

type token struct {
	kind tokenKind
	r    rune
}

type globShape uint8

const (
	globLiteral   globShape = iota
	globPrefix              // literal text and one star at the end
	globPlain               // literals, ? and tokStar
	globSegmented           // has a star that stops at colons
)

// glob is a compiled pattern. The zero glob matches the empty string only.
type glob struct {
	toks  []token
	text  string // the literal text of globLiteral and globPrefix
	shape globShape
}

// literalGlob matches s and nothing else, whatever runes s has.
func literalGlob(s string) glob {
	g := glob{toks: make([]token, 0, len(s)), text: s}
	for _, r := range s {
		g.toks = append(g.toks, token{tokLit, r})
	}
	return g
}

// newGlob compiles a pattern in which * and ? are wildcards that cross colons.
func newGlob(s string) glob {
	if plainRunes(s) {
		toks := make([]token, 0, len(s))
		for _, r := range s {
			toks = append(toks, wildToken(r, tokStar))
		}
		return globOf(toks, s)
	}
	return globOf(appendTokens(make([]token, 0, len(s)), []rune(s), func(int) tokenKind { return tokStar }), "")
}

// plainRunes reports whether the tokens of a pattern are its runes one by one.
func plainRunes(s string) bool { return !strings.ContainsRune(s, literalMark) && utf8.ValidString(s) }

// appendTokens compiles runes; a rune after literalMark is no wildcard. star
// says which star stands at an index.
func appendTokens(toks []token, runes []rune, star func(i int) tokenKind) []token {
	for i := 0; i < len(runes); i++ {
		if runes[i] == literalMark && i+1 < len(runes) {
			i++
			toks = append(toks, token{tokLit, runes[i]})
			continue
		}
		toks = append(toks, wildToken(runes[i], star(i)))
	}
	return toks
}

func wildToken(r rune, star tokenKind) token {
	switch r {
	case '*':
		return token{kind: star}
	case '?':
		return token{kind: tokOne}
	}
	return token{tokLit, r}
}

// globOf is the pattern of the tokens; s is its text where each token is a rune
// of that, and "" otherwise.
func globOf(toks []token, s string) glob {
	g := glob{toks: toks}
	wild, first := false, -1
	for i, t := range toks {
		if t.kind == tokLit {
			continue
		}
		if first < 0 {
			first = i
		}
		wild = true
		if t.kind == tokSegStar {
			g.shape = globSegmented
		}
	}
	switch {
	case g.shape == globSegmented:
	case !wild:
		if g.text = s; s == "" {
			g.text = literalText(toks)
		}
	case first == len(toks)-1 && toks[first].kind == tokStar:
		g.shape = globPrefix
		if s != "" {
			g.text = s[:len(s)-1]
		} else {
			g.text = literalText(toks[:first])
		}
	default:
		g.shape = globPlain
	}
	return g
}

func literalText(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		b.WriteRune(t.r)
	}
	return b.String()
}

func (g glob) literal() bool { return g.shape == globLiteral }

// everything reports whether g matches every string.
func (g glob) everything() bool { return g.shape == globPrefix && g.text == "" }

// startsWith is whether every string that g matches begins with prefix.
func (g glob) startsWith(prefix string) bool {
	runes := []rune(prefix)
	if len(g.toks) < len(runes) {
		return false
	}
	for i, r := range runes {
		if g.toks[i] != (token{tokLit, r}) {
			return false
		}
	}
	return true
}

// match reports whether the whole of s matches.
func (g glob) match(s string) bool {
	switch g.shape {
	case globLiteral:
		return s == g.text
	case globPrefix:
		return strings.HasPrefix(s, g.text)
	case globSegmented:
		return g.simulate(s)
	}
	return matchPlain(g.toks, s)
}

// matchPlain needs to go back to the last star only, because every star can
// take any run of runes.
func matchPlain(toks []token, s string) bool {
	t, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case t < len(toks) && toks[t].kind == tokStar:
			star, mark = t, i
			t++
		case t < len(toks) && (toks[t].kind == tokOne || toks[t].r == r):
			t++
			i += n
		case star >= 0:
			_, n := utf8.DecodeRuneInString(s[mark:])
			mark += n
			t, i = star+1, mark
		default:
			return false
		}
	}
	for t < len(toks) && toks[t].kind == tokStar {
		t++
	}
	return t == len(toks)
}

func (g glob) simulate(s string) bool {
	n := g.words()
	var room [8]uint64
	both := room[:]
	if 2*n > len(both) {
		both = make([]uint64, 2*n)
	}
	cur, next := positions(both[:n]), positions(both[n:2*n])
	cur.add(g, 0)
	for _, r := range s {
		if !next.step(cur, g, r) {
			return false
		}
		cur, next = next, cur
	}
	return cur.accepts(g)
}

// positions is the set of places in a pattern at which matching may stand.
type positions []uint64

// words is the length of positions in the pattern.
func (g glob) words() int { return len(g.toks)/64 + 1 }

// add puts position i and those reached from it by empty stars.
func (p positions) add(g glob, i int) {
	for {
		p[i/64] |= 1 << (i % 64)
		if i >= len(g.toks) || (g.toks[i].kind != tokStar && g.toks[i].kind != tokSegStar) {
			return
		}
		i++
	}
}

func (p positions) has(i int) bool { return p[i/64]&(1<<(i%64)) != 0 }

func (p positions) accepts(g glob) bool { return p.has(len(g.toks)) }

// step makes p the places to which a rune leads from those of another; it
// reports whether there are any.
func (p positions) step(from positions, g glob, r rune) bool {
	clear(p)
	alive := false
	for w, word := range from {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if i == len(g.toks) {
				break // the end, from which nothing leads on
			}
			to := i
			switch t := g.toks[i]; {
			case t.kind == tokLit && t.r == r, t.kind == tokOne:
				to++
			case t.kind == tokStar, t.kind == tokSegStar && r != ':':
			default:
				continue
			}
			p.add(g, to)
			alive = true
		}
	}
	return alive
}

func matchAny(globs []glob, s string) bool {
	for i := range globs {
		if globs[i].match(s) {
			return true
		}
	}
	return false
}
