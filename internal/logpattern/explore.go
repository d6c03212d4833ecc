package logpattern

import (
	"slices"
	"strings"
)

// shape is a set of texts as a finite automaton.
type shape interface {
	// alphabet returns the characters of texts, nil for all.
	alphabet() []rune
	// next returns the state after a character, -1 if no text goes on so. The
	// first state is 0.
	next(state int, r rune) int
	// done reports whether a text may end in the state.
	done(state int) bool
}

// anyText is every text.
type anyText struct{}

func (anyText) alphabet() []rune   { return nil }
func (anyText) next(int, rune) int { return 0 }
func (anyText) done(int) bool      { return true }

// numberTextForm is the decimal texts of numbers: no leading or trailing zeros,
// no negative zero.
type numberTextForm struct{}

const (
	numStart = iota
	numMinus
	numZero
	numMinusZero
	numInteger
	numPoint
	numFraction
	numFractionZero
)

func (numberTextForm) alphabet() []rune { return []rune("0123456789-.") }

func (numberTextForm) done(s int) bool {
	return s == numZero || s == numInteger || s == numFraction
}

func (numberTextForm) next(s int, r rune) int {
	digit, zero := r >= '0' && r <= '9', r == '0'
	switch {
	case s == numStart && r == '-':
		return numMinus
	case s == numStart && zero:
		return numZero
	case s == numMinus && zero:
		return numMinusZero
	case (s == numStart || s == numMinus || s == numInteger) && digit:
		return numInteger
	case (s == numZero || s == numMinusZero || s == numInteger) && r == '.':
		return numPoint
	case s >= numPoint && zero:
		return numFractionZero
	case s >= numPoint && digit:
		return numFraction
	}
	return -1
}

// maxStates bounds an exploration.
const maxStates = 20000

// explore returns, for each set of wildcard texts that some text of the shape
// matches together and that is not only made of named texts, one such text. It
// walks the product of the automata of the shape, the wildcard texts and the
// named texts, shortest first; false means that it was cut off.
func (c *classes) explore(sh shape) ([]string, bool) {
	e := newExplorer(c, sh)
	var out []string
	seen, classes := map[string]bool{}, map[string]bool{}
	queue := []state{e.start()}
	seen[queue[0].key()] = true
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if class := e.class(s); sh.done(s.shape) && !e.named(s) && !classes[class] {
			classes[class] = true
			out = append(out, s.text)
		}
		for _, r := range e.runes(s) {
			n, ok := e.step(s, r)
			if !ok || seen[n.key()] {
				continue
			}
			if len(seen) >= maxStates {
				return out, false
			}
			seen[n.key()] = true
			queue = append(queue, n)
		}
	}
	return out, true
}

// explorer holds the automata.
type explorer struct {
	shape  shape
	globs  [][]rune // * is -1
	letter []rune   // of the shape and the wildcard texts, and one of neither
	trie   []trieNode
}

type trieNode struct {
	next  map[rune]int
	named bool
}

// state is a state of all automata and the shortest text that leads there.
type state struct {
	text  string
	shape int
	trie  int // -1: no named text begins like this
	globs []set
}

func newExplorer(c *classes, sh shape) *explorer {
	e := &explorer{shape: sh, trie: []trieNode{{next: map[rune]int{}}}}
	for _, name := range c.texts {
		e.name(name)
	}
	for _, g := range c.globs {
		var tokens []rune
		for i, part := range g {
			if i > 0 {
				tokens = append(tokens, -1)
			}
			tokens = append(tokens, []rune(part)...)
		}
		e.globs = append(e.globs, tokens)
	}
	if e.letter = sh.alphabet(); e.letter == nil {
		for _, g := range e.globs {
			e.letter = append(e.letter, g...)
		}
		e.letter = append(e.letter, e.fresh())
	}
	slices.Sort(e.letter)
	e.letter = slices.DeleteFunc(slices.Compact(e.letter), func(r rune) bool { return r < 0 })
	return e
}

func (e *explorer) name(s string) {
	at := 0
	for _, r := range s {
		n, ok := e.trie[at].next[r]
		if !ok {
			n = len(e.trie)
			e.trie = append(e.trie, trieNode{next: map[rune]int{}})
			e.trie[at].next[r] = n
		}
		at = n
	}
	e.trie[at].named = true
}

// fresh returns a character that stands in no text.
func (e *explorer) fresh() rune {
	used := map[rune]bool{}
	for _, n := range e.trie {
		for r := range n.next {
			used[r] = true
		}
	}
	for r := 'x'; ; r++ {
		if !used[r] && !slices.ContainsFunc(e.globs, func(g []rune) bool { return slices.Contains(g, r) }) {
			return r
		}
	}
}

func (e *explorer) start() state {
	s := state{globs: make([]set, len(e.globs))}
	for i := range e.globs {
		s.globs[i] = closure(e.globs[i], set{}, 0)
	}
	return s
}

// closure adds a position and those behind the stars that follow it.
func closure(tokens []rune, s set, at int) set {
	s = s.with(at)
	for at < len(tokens) && tokens[at] == -1 {
		at++
		s = s.with(at)
	}
	return s
}

// runes returns the characters after which the states may differ.
func (e *explorer) runes(s state) []rune {
	out := e.letter
	if s.trie >= 0 && e.shape.alphabet() == nil {
		for r := range e.trie[s.trie].next {
			if !slices.Contains(e.letter, r) {
				out = append(out[:len(out):len(out)], r)
			}
		}
		slices.Sort(out[len(e.letter):])
	}
	return out
}

func (e *explorer) step(s state, r rune) (state, bool) {
	n := state{text: s.text + string(r), shape: e.shape.next(s.shape, r), trie: -1}
	if n.shape < 0 {
		return n, false
	}
	if s.trie >= 0 {
		if t, ok := e.trie[s.trie].next[r]; ok {
			n.trie = t
		}
	}
	n.globs = make([]set, len(e.globs))
	for i, tokens := range e.globs {
		for at := range tokens {
			if !s.globs[i].has(at) {
				continue
			}
			switch tokens[at] {
			case -1:
				n.globs[i] = closure(tokens, n.globs[i], at)
			case r:
				n.globs[i] = closure(tokens, n.globs[i], at+1)
			}
		}
	}
	return n, true
}

func (e *explorer) named(s state) bool { return s.trie >= 0 && e.trie[s.trie].named }

// class tells which wildcard texts match in a state.
func (e *explorer) class(s state) string {
	b := make([]byte, len(e.globs))
	for i, tokens := range e.globs {
		if s.globs[i].has(len(tokens)) {
			b[i] = 1
		}
	}
	return string(b)
}

func (s state) key() string {
	var b strings.Builder
	write := func(n uint64) {
		for range 8 {
			b.WriteByte(byte(n))
			n >>= 8
		}
	}
	write(uint64(s.shape))
	write(uint64(s.trie + 1))
	for _, g := range s.globs {
		for len(g) > 0 && g[len(g)-1] == 0 {
			g = g[:len(g)-1]
		}
		write(uint64(len(g)))
		for _, w := range g {
			write(w)
		}
	}
	return b.String()
}
