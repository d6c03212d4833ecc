package azure

import (
	"fmt"
	"strings"
)

// Condition is a compiled condition of a role assignment. What it says about
// actions is decided; every other comparison is not known here.
// https://learn.microsoft.com/azure/role-based-access-control/conditions-format
type Condition struct {
	// Text is the condition as written.
	Text string
	root node
}

// node is one node of the expression.
type node struct {
	op       operator
	sub      []node
	patterns []pattern   // of opAction
	literal  Truth       // of opLiteral
	compared *comparison // of opAtom, nil when it has another form
}

type operator int

const (
	opAtom   operator = iota // anything that is not about actions
	opAction                 // ActionMatches
	opNot
	opAnd
	opOr
	opLiteral // true or false as written
)

// maxNesting bounds the brackets of a condition; Azure's own editor stops far
// earlier.
const maxNesting = 100

// ParseCondition compiles a condition. Text that is no condition is an error.
func ParseCondition(source string) (*Condition, error) {
	p := conditionParser{text: source}
	root, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail("text after the condition")
	}
	return &Condition{Text: source, root: root}, nil
}

// Admits says whether the condition holds for an action, whatever the
// attributes are: True for one that it does not guard, Unknown for one that it
// ties to attributes.
func (c *Condition) Admits(action string) Truth {
	if c == nil {
		return True
	}
	return c.root.admits(representative(action))
}

func (n node) admits(action string) Truth {
	switch n.op {
	case opAction:
		for _, p := range n.patterns {
			if p.match(action) {
				return True
			}
		}
		return False
	case opNot:
		return n.sub[0].admits(action).Not()
	case opAnd:
		out := True
		for _, s := range n.sub {
			out = out.And(s.admits(action))
		}
		return out
	case opOr:
		out := False
		for _, s := range n.sub {
			out = out.Or(s.admits(action))
		}
		return out
	case opLiteral:
		return n.literal
	}
	return Unknown
}

// conditionParser reads conditions by recursive descent.
type conditionParser struct {
	text string
	at   int
}

func (p *conditionParser) fail(what string) error {
	return fmt.Errorf("condition: %s at character %d", what, p.at)
}

func (p *conditionParser) space() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.at])) {
		p.at++
	}
}

// take consumes one of the words if it stands next.
func (p *conditionParser) take(words ...string) bool {
	p.space()
	for _, w := range words {
		rest := p.text[p.at:]
		if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) {
			continue
		}
		if letter(w[0]) && len(rest) > len(w) && letter(rest[len(w)]) {
			continue
		}
		p.at += len(w)
		return true
	}
	return false
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func (p *conditionParser) or(depth int) (node, error) {
	return p.chain(opOr, []string{"||", "OR"}, func() (node, error) { return p.and(depth) })
}

func (p *conditionParser) and(depth int) (node, error) {
	return p.chain(opAnd, []string{"&&", "AND"}, func() (node, error) { return p.unary(depth) })
}

func (p *conditionParser) chain(op operator, words []string, next func() (node, error)) (node, error) {
	first, err := next()
	if err != nil {
		return node{}, err
	}
	all := []node{first}
	for p.take(words...) {
		n, err := next()
		if err != nil {
			return node{}, err
		}
		all = append(all, n)
	}
	if len(all) == 1 {
		return first, nil
	}
	return node{op: op, sub: all}, nil
}

func (p *conditionParser) unary(depth int) (node, error) {
	if depth > maxNesting {
		return node{}, p.fail("nested too deep")
	}
	if p.take("!", "NOT") {
		n, err := p.unary(depth + 1)
		return node{op: opNot, sub: []node{n}}, err
	}
	if p.take("(") {
		n, err := p.or(depth + 1)
		if err != nil {
			return node{}, err
		}
		if !p.take(")") {
			return node{}, p.fail("a bracket does not close")
		}
		return n, nil
	}
	if p.take("ActionMatches") {
		list, err := p.braces()
		if err != nil {
			return node{}, err
		}
		n := node{op: opAction}
		for _, s := range list {
			n.patterns = append(n.patterns, newPattern(s))
		}
		return n, nil
	}
	return p.atom()
}

// braces reads the quoted texts between braces.
func (p *conditionParser) braces() ([]string, error) {
	if !p.take("{") {
		return nil, p.fail("a brace is missing")
	}
	var out []string
	for {
		p.space()
		if p.at >= len(p.text) || p.text[p.at] != '\'' {
			return nil, p.fail("a quoted action is missing")
		}
		s, err := p.quoted()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		if p.take("}") {
			return out, nil
		}
		if !p.take(",") {
			return nil, p.fail("neither a comma nor a closing brace")
		}
	}
}

func (p *conditionParser) quoted() (string, error) {
	from := p.at + 1
	end := strings.IndexByte(p.text[from:], '\'')
	if end < 0 {
		return "", p.fail("a quote does not close")
	}
	p.at = from + end + 1
	return p.text[from : from+end], nil
}

// atom skips one comparison, up to the operator or bracket that ends it.
// Attribute names in brackets, values in braces and texts in quotes may hold
// anything.
func (p *conditionParser) atom() (node, error) {
	p.space()
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '\'':
			if _, err := p.quoted(); err != nil {
				return node{}, err
			}
		case c == '[' || c == '{':
			if err := p.skip(c); err != nil {
				return node{}, err
			}
		case c == '(' || c == ')' || strings.HasPrefix(p.text[p.at:], "&&") || strings.HasPrefix(p.text[p.at:], "||"):
			return p.atomEnd(start)
		case letter(c) && (p.at == 0 || !letter(p.text[p.at-1])) && p.atJoin():
			return p.atomEnd(start)
		default:
			p.at++
		}
	}
	return p.atomEnd(start)
}

func (p *conditionParser) atomEnd(start int) (node, error) {
	switch text := strings.TrimSpace(p.text[start:p.at]); {
	case text == "":
		return node{}, p.fail("a comparison is missing")
	case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"):
		return node{op: opLiteral, literal: truthOf(strings.EqualFold(text, "true"))}, nil
	default:
		c, ok := readComparison(text)
		if !ok {
			return node{}, nil
		}
		return node{compared: &c}, nil
	}
}

// atJoin says whether AND or OR stands next as a word.
func (p *conditionParser) atJoin() bool {
	at := p.at
	join := p.take("AND", "OR")
	p.at = at
	return join
}

// skip passes over brackets or braces, the quoted texts in them included.
func (p *conditionParser) skip(open byte) error {
	closing := byte(']')
	if open == '{' {
		closing = '}'
	}
	for p.at++; p.at < len(p.text); {
		switch c := p.text[p.at]; c {
		case '\'':
			if _, err := p.quoted(); err != nil {
				return err
			}
		case closing:
			p.at++
			return nil
		default:
			p.at++
		}
	}
	return p.fail("a bracket does not close")
}
