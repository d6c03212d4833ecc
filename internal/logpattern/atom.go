package logpattern

import (
	"regexp"
	"strconv"
)

// op is what a condition asks of the selected value.
type op uint8

const (
	opEqual op = iota
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opIsNull
	opIsTrue
	opIsFalse
	opNotExists
)

var opText = map[op]string{
	opEqual: "=", opNotEqual: "!=", opLess: "<", opLessEqual: "<=", opGreater: ">", opGreaterEqual: ">=",
	opIsNull: "IS NULL", opIsTrue: "IS TRUE", opIsFalse: "IS FALSE", opNotExists: "NOT EXISTS",
}

// atom is one condition.
type atom struct {
	selector selector
	op       op
	value    value
	key      string // equal for conditions that mean the same
}

// value is the right side of a comparison: a number, a regular expression, or a
// text with wildcards.
type value struct {
	text    string
	number  float64
	numeric bool
	glob    glob
	regex   *regexp.Regexp
}

func (a *atom) String() string {
	s := a.selector.String() + " " + opText[a.op]
	switch {
	case a.op >= opIsNull:
		return s
	case a.value.regex != nil:
		return s + " %" + a.value.text + "%"
	case a.value.numeric:
		return s + " " + a.value.text
	}
	return s + ` "` + escapeWith(a.value.text, '"') + `"`
}

// match reports whether the condition holds for an event. With a wildcard in
// the selector one value is enough; NOT EXISTS asks that there is none.
func (a *atom) match(event any) bool {
	found, hit := false, false
	a.selector.each(event, func(v any) bool {
		found = true
		hit = a.holds(v)
		return !hit
	})
	if a.op == opNotExists {
		return !found
	}
	return hit
}

// holds reports whether the condition holds for a value that exists.
func (a *atom) holds(v any) bool {
	switch a.op {
	case opNotExists:
		return false
	case opIsNull:
		return v == nil
	case opIsTrue:
		return v == true
	case opIsFalse:
		return v == false
	case opEqual:
		return a.value.equals(v) == yes
	case opNotEqual:
		return a.value.equals(v) == no
	}
	n, ok := numberOf(v)
	if !ok {
		return false
	}
	switch a.op {
	case opLess:
		return n < a.value.number
	case opLessEqual:
		return n <= a.value.number
	case opGreater:
		return n > a.value.number
	}
	return n >= a.value.number
}

// equality is whether two values are equal, if they can be compared at all.
type equality uint8

const (
	incomparable equality = iota
	no
	yes
)

// equals compares with a string or a number; a number counts as its decimal
// text, and an unquoted number also as its value.
func (w value) equals(v any) equality {
	s, isText := v.(string)
	if !isText {
		n, ok := numberOf(v)
		if !ok {
			return incomparable
		}
		if w.numeric {
			return equalityOf(n == w.number)
		}
		s = numberText(n)
	}
	switch {
	case w.regex != nil:
		return equalityOf(w.regex.MatchString(s))
	case w.numeric:
		return equalityOf(s == w.text)
	}
	return equalityOf(w.glob.match(s))
}

func equalityOf(b bool) equality {
	if b {
		return yes
	}
	return no
}

// numberOf reads a JSON number as decoders give it.
func numberOf(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case int:
		return float64(n), true
	case interface{ Float64() (float64, error) }: // json.Number
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

// numberText is the decimal text of a number, without an exponent.
func numberText(n float64) string {
	if n == 0 {
		n = 0 // no negative zero
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
