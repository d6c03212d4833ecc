package logpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrSyntax is wrapped by every error of Parse.
var ErrSyntax = errors.New("filter pattern")

// maxNesting bounds the parentheses of a pattern.
const maxNesting = 100

// parser reads the grammar
//
//	pattern   = "{" any "}"
//	any       = all { "||" all }
//	all       = primary { "&&" primary }
//	primary   = "(" any ")" | selector condition
//	condition = ("=" | "!=" | "<" | "<=" | ">" | ">=") value
//	          | "IS" ("NULL" | "TRUE" | "FALSE") | "NOT" "EXISTS"
type parser struct {
	in    string
	at    int
	depth int
}

func parseJSON(s string) (node, error) {
	p := &parser{in: s}
	if err := p.expect("{"); err != nil {
		return node{}, err
	}
	n, err := p.any()
	if err != nil {
		return node{}, err
	}
	if err := p.expect("}"); err != nil {
		return node{}, err
	}
	if p.space(); p.at < len(p.in) {
		return node{}, p.fail("nothing after the closing brace")
	}
	return n, nil
}

func (p *parser) any() (node, error) { return p.chain("||", isAny, p.all) }

func (p *parser) all() (node, error) { return p.chain("&&", isAll, p.primary) }

// chain reads one or more operands; nested chains of one kind become one.
func (p *parser) chain(operator string, kind nodeKind, operand func() (node, error)) (node, error) {
	var kids []node
	for {
		n, err := operand()
		if err != nil {
			return node{}, err
		}
		if n.kind == kind {
			kids = append(kids, n.kids...)
		} else {
			kids = append(kids, n)
		}
		if !p.accept(operator) {
			break
		}
	}
	if len(kids) == 1 {
		return kids[0], nil
	}
	return node{kind: kind, kids: kids}, nil
}

func (p *parser) primary() (node, error) {
	if !p.accept("(") {
		a, err := p.condition()
		return node{atom: a}, err
	}
	if p.depth++; p.depth > maxNesting {
		return node{}, p.fail("fewer parentheses")
	}
	n, err := p.any()
	if err != nil {
		return node{}, err
	}
	p.depth--
	return n, p.expect(")")
}

func (p *parser) condition() (*atom, error) {
	sel, err := p.selector()
	if err != nil {
		return nil, err
	}
	a := &atom{selector: sel}
	switch {
	case p.word("IS"):
		switch {
		case p.word("NULL"):
			a.op = opIsNull
		case p.word("TRUE"):
			a.op = opIsTrue
		case p.word("FALSE"):
			a.op = opIsFalse
		default:
			return nil, p.fail("NULL, TRUE or FALSE")
		}
	case p.word("NOT"):
		if !p.word("EXISTS") {
			return nil, p.fail("EXISTS")
		}
		a.op = opNotExists
	default:
		if err := p.comparison(a); err != nil {
			return nil, err
		}
	}
	a.key = a.String()
	return a, nil
}

func (p *parser) comparison(a *atom) error {
	switch {
	case p.accept("!="):
		a.op = opNotEqual
	case p.accept("<="):
		a.op = opLessEqual
	case p.accept(">="):
		a.op = opGreaterEqual
	case p.accept("<"):
		a.op = opLess
	case p.accept(">"):
		a.op = opGreater
	case p.accept("="):
		a.op = opEqual
	default:
		return p.fail("an operator")
	}
	var err error
	if a.value, err = p.value(); err != nil {
		return err
	}
	if a.op >= opLess && !a.value.numeric {
		return p.fail("a number")
	}
	return nil
}

var numberForm = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func (p *parser) value() (value, error) {
	p.space()
	switch p.peek() {
	case '"':
		s, err := p.quoted('"')
		return value{text: s, glob: globOf(s)}, err
	case '%':
		return p.regex()
	}
	start := p.at
	for p.at < len(p.in) && !p.endsValue() {
		p.at++
	}
	s := p.in[start:p.at]
	if s == "" {
		return value{}, p.fail("a value")
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && numberForm.MatchString(s) {
		return value{text: s, number: n, numeric: true}, nil
	}
	return value{text: s, glob: globOf(s)}, nil
}

// endsValue reports whether an unquoted value ends here.
func (p *parser) endsValue() bool {
	rest := p.in[p.at:]
	return strings.ContainsRune(" \t\r\n(){}\"=<>", rune(rest[0])) ||
		strings.HasPrefix(rest, "&&") || strings.HasPrefix(rest, "||")
}

func (p *parser) regex() (value, error) {
	p.at++
	start := p.at
	for ; p.at < len(p.in); p.at++ {
		switch p.in[p.at] {
		case '\\':
			p.at++
		case '%':
			s := p.in[start:p.at]
			re, err := regexp.Compile(s)
			if err != nil {
				return value{}, p.fail("a regular expression")
			}
			p.at++
			return value{text: s, regex: re}, nil
		}
	}
	return value{}, p.fail("% after the regular expression")
}

// quoted reads a quoted text; a backslash keeps the next byte.
func (p *parser) quoted(quote byte) (string, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.in); p.at++ {
		switch c := p.in[p.at]; {
		case c == quote:
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.in) && (p.in[p.at+1] == quote || p.in[p.at+1] == '\\'):
			p.at++
			b.WriteByte(p.in[p.at])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fail("a closing quotation mark")
}

func (p *parser) space() {
	for p.at < len(p.in) && strings.IndexByte(" \t\r\n", p.in[p.at]) >= 0 {
		p.at++
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return 0
}

func (p *parser) accept(s string) bool {
	p.space()
	if !strings.HasPrefix(p.in[p.at:], s) {
		return false
	}
	p.at += len(s)
	return true
}

// word accepts a keyword in any case.
func (p *parser) word(w string) bool {
	p.space()
	end := p.at + len(w)
	if end > len(p.in) || !strings.EqualFold(p.in[p.at:end], w) || end < len(p.in) && nameByte(p.in[end]) {
		return false
	}
	p.at = end
	return true
}

func (p *parser) expect(s string) error {
	if !p.accept(s) {
		return p.fail(s)
	}
	return nil
}

func (p *parser) fail(want string) error {
	return fmt.Errorf("%w: want %s at byte %d", ErrSyntax, want, p.at)
}
