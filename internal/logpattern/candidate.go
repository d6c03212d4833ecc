package logpattern

import (
	"math"
	"slices"
	"strconv"
)

// candidate is a value that stands for all values on which the same conditions
// hold.
type candidate struct {
	present bool
	value   any
	holds   set
}

// maxRegexes bounds the expressions on one selector that are told apart.
const maxRegexes = 4

// candidates returns one value of each class into which the conditions on one
// selector divide the values. It is not complete when classes may be missing:
// when expressions are too many or wildcards meet an order of numbers.
func candidates(atoms []*atom) (out []candidate, complete bool) {
	c := classes{atoms: atoms, complete: true}
	c.read()
	c.add(candidate{}, nil)
	for _, s := range c.texts {
		c.concrete(s)
	}
	for _, n := range c.numbers {
		c.concrete(n)
	}
	c.free()
	for _, v := range []any{nil, true, false, map[string]any{}} {
		c.concrete(v)
	}
	return c.out, c.complete
}

// classes collects candidates.
type classes struct {
	atoms    []*atom
	texts    []string  // which a condition names, and no wildcard
	numbers  []float64 // the same
	bounds   []float64 // of orders
	globs    []glob    // with wildcards
	regexes  []string
	out      []candidate
	complete bool
}

func (c *classes) read() {
	for _, a := range c.atoms {
		switch {
		case a.op >= opIsNull:
		case a.value.regex != nil:
			if !slices.Contains(c.regexes, a.value.text) {
				c.regexes = append(c.regexes, a.value.text)
			}
		case a.op >= opLess:
			c.bounds = append(c.bounds, a.value.number)
		case a.value.numeric:
			c.texts = append(c.texts, a.value.text)
			c.numbers = append(c.numbers, a.value.number)
		case a.value.glob.plain():
			c.texts = append(c.texts, a.value.text)
			if n, ok := canonicalNumber(a.value.text); ok {
				c.numbers = append(c.numbers, n)
			}
		default:
			c.globs = append(c.globs, a.value.glob)
		}
	}
	c.numbers = append(c.numbers, c.bounds...)
	slices.Sort(c.numbers)
	c.numbers = slices.Compact(c.numbers)
	for _, n := range c.numbers {
		c.texts = append(c.texts, numberText(n))
	}
	slices.Sort(c.texts)
	c.texts = slices.Compact(c.texts)
	if len(c.regexes) > maxRegexes {
		c.regexes, c.complete = c.regexes[:maxRegexes], false
	}
}

// canonicalNumber reads a text that is the decimal text of a number.
func canonicalNumber(s string) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) && numberText(n) == s
}

// concrete adds a value that is the only one of its class, or of a class in
// which no condition looks at more than its type.
func (c *classes) concrete(v any) { c.add(candidate{present: true, value: v}, nil) }

// open adds a value that stands for others like it: whether an expression
// matches may differ between them, so each combination is added.
func (c *classes) open(v any) {
	for mask := range 1 << len(c.regexes) {
		c.add(candidate{present: true, value: v}, func(text string) bool {
			i := slices.Index(c.regexes, text)
			return i >= 0 && mask>>i&1 == 1
		})
	}
}

func (c *classes) add(cand candidate, regex func(string) bool) {
	for i, a := range c.atoms {
		var holds bool
		switch {
		case !cand.present:
			holds = a.op == opNotExists
		case regex != nil && a.value.regex != nil:
			holds = regex(a.value.text) == (a.op == opEqual)
		default:
			holds = a.holds(cand.value)
		}
		if holds {
			cand.holds = cand.holds.with(i)
		}
	}
	c.out = append(c.out, cand)
}

// free adds the values that no condition names.
func (c *classes) free() {
	for _, n := range c.between() {
		c.open(n)
	}
	if len(c.globs) == 0 {
		c.open(freshText(c.texts))
		return
	}
	texts, ok := c.explore(anyText{})
	for _, s := range texts {
		c.open(s)
	}
	numbers, numbersOK := c.explore(numberTextForm{})
	for _, s := range numbers {
		n, canonical := canonicalNumber(s)
		if !canonical {
			numbersOK = false
			continue
		}
		c.open(n)
	}
	c.complete = c.complete && ok && numbersOK
	if len(c.bounds) > 0 && slices.ContainsFunc(c.globs, glob.numberLike) {
		c.complete = false
	}
}

// between returns a number from each gap that the named numbers leave.
func (c *classes) between() []float64 {
	if len(c.numbers) == 0 {
		return []float64{7.25}
	}
	first, last := c.numbers[0], c.numbers[len(c.numbers)-1]
	out := []float64{min(first-1.5, math.Nextafter(first, math.Inf(-1)))}
	for i := 1; i < len(c.numbers); i++ {
		lo, hi := c.numbers[i-1], c.numbers[i]
		if mid := lo + (hi-lo)/2; mid > lo && mid < hi {
			out = append(out, mid)
		}
	}
	return append(out, max(last+1.5, math.Nextafter(last, math.Inf(1))))
}

// freshText returns a text that is not in the list.
func freshText(used []string) string {
	for i := 0; ; i++ {
		s := "other"
		if i > 0 {
			s += strconv.Itoa(i)
		}
		if !slices.Contains(used, s) {
			return s
		}
	}
}
