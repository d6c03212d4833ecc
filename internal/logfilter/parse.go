package logfilter

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// maxLength is how long a filter may be; the service takes 20,000 characters.
const maxLength = 100_000

// maxDepth bounds nesting, which the service keeps far below.
const maxDepth = 200

// Parse reads a filter. What it refuses may still be a filter that the service
// takes: an error says that nothing is known, not that nothing matches.
func Parse(text string) (Filter, error) {
	if len(text) > maxLength {
		return Filter{}, fmt.Errorf("a filter of %d bytes is too long", len(text))
	}
	tokens, err := lex(text)
	if err != nil {
		return Filter{}, err
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == end {
		return Filter{}, nil
	}
	root, err := p.conjunction(p.comparison)
	if err != nil {
		return Filter{}, err
	}
	if t := p.peek(); t.kind != end {
		return Filter{}, fmt.Errorf("%q at %d stands where the filter should end", t.text, t.at)
	}
	return Filter{root}, nil
}

type parser struct {
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != end {
		p.next++
	}
	return t
}

func (p *parser) keyword(name string) bool {
	t := p.peek()
	if t.kind == word && t.text == name {
		p.next++
		return true
	}
	return false
}

// conjunction reads what AND joins, or nothing: OR binds more tightly.
func (p *parser) conjunction(leaf func() (expr, error)) (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	var list and
	for {
		e, err := p.disjunction(leaf)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if p.keyword("AND") {
			continue
		}
		if k := p.peek().kind; k == end || k == shut {
			break
		}
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return list, nil
}

func (p *parser) disjunction(leaf func() (expr, error)) (expr, error) {
	var list or
	for {
		e, err := p.negation(leaf)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.keyword("OR") {
			break
		}
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return list, nil
}

func (p *parser) negation(leaf func() (expr, error)) (expr, error) {
	negative := false
	for {
		if p.keyword("NOT") {
			negative = !negative
			continue
		}
		if p.peek().kind == minus {
			p.next++
			negative = !negative
			continue
		}
		break
	}
	var e expr
	var err error
	if p.peek().kind == open {
		p.next++
		if e, err = p.conjunction(leaf); err != nil {
			return nil, err
		}
		if t := p.take(); t.kind != shut {
			return nil, fmt.Errorf("%q at %d stands where a parenthesis should close", t.text, t.at)
		}
	} else if e, err = leaf(); err != nil {
		return nil, err
	}
	if negative {
		return not{e}, nil
	}
	return e, nil
}

// comparison reads a member with what is asked of it, a function, or a text
// that any member may hold.
func (p *parser) comparison() (expr, error) {
	t := p.take()
	if t.kind != word && t.kind != quoted {
		return nil, fmt.Errorf("%q at %d stands where a comparison should", t.text, t.at)
	}
	if t.kind == word && (t.text == "AND" || t.text == "OR") {
		return nil, fmt.Errorf("%s at %d joins nothing", t.text, t.at)
	}
	n := p.peek()
	if t.kind == word && n.kind == open && n.joined {
		return p.function(t)
	}
	if n.kind != operator {
		return &atom{op: has, value: t.text, text: quote(t)}, nil
	}
	p.next++
	segments := t.segments
	if t.kind == quoted {
		segments = []string{t.text}
	}
	name := fieldName(segments)
	leaf := func() (expr, error) { return p.value(t.text, name, n.text) }
	if p.peek().kind == open {
		p.next++
		e, err := p.conjunction(leaf)
		if err != nil {
			return nil, err
		}
		if s := p.take(); s.kind != shut {
			return nil, fmt.Errorf("%q at %d stands where a parenthesis should close", s.text, s.at)
		}
		return e, nil
	}
	return leaf()
}

// value reads what a member is compared with.
func (p *parser) value(written, field, sign string) (expr, error) {
	t := p.take()
	if t.kind != word && t.kind != quoted {
		return nil, fmt.Errorf("%q at %d stands where a value should", t.text, t.at)
	}
	if n := p.peek(); t.kind == word && n.kind == open && n.joined {
		return p.oneOf(t, written, field, sign)
	}
	a := &atom{field: field, value: t.text, text: written + sign + quote(t)}
	switch sign {
	case "=":
		a.op = equal
	case "!=":
		a.op = unequal
	case ":":
		a.op = has
		if t.kind == word && t.text == "*" {
			a.op = exists
		}
	case "<":
		a.op = less
	case "<=":
		a.op = lessEqual
	case ">":
		a.op = greater
	case ">=":
		a.op = greaterEqual
	case "=~", "!~":
		a.op = matches
		if sign == "!~" {
			a.op = differs
		}
		re, err := regexp.Compile(t.text)
		if err != nil {
			return nil, fmt.Errorf("regular expression at %d: %w", t.at, err)
		}
		a.re = re
	}
	return a, nil
}

// oneOf reads a function that stands for values, as filters of Cloud Monitoring
// have them, which are written like those of Cloud Logging otherwise.
// https://cloud.google.com/monitoring/api/v3/filters#comparisons
func (p *parser) oneOf(name token, written, field, sign string) (expr, error) {
	p.next++
	var values []token
	for {
		v := p.take()
		if v.kind != quoted && v.kind != word {
			return nil, fmt.Errorf("%q at %d stands where a value should", v.text, v.at)
		}
		values = append(values, v)
		t := p.take()
		if t.kind == shut {
			break
		}
		if t.kind != comma {
			return nil, fmt.Errorf("%q at %d stands where a comma should", t.text, t.at)
		}
	}
	if sign != "=" && sign != "!=" {
		return nil, fmt.Errorf("%s at %d cannot be compared by %s", name.text, name.at, sign)
	}
	var list or
	for _, v := range values {
		a := &atom{field: field, value: v.text, text: written + "=" + name.text + "(" + quote(v) + ")"}
		expression := ""
		switch name.text {
		case "one_of":
			a.op = equal
		case "has_substring":
			a.op = has
		case "ends_with":
			a.op = suffix
		case "starts_with":
			expression = "^" + regexp.QuoteMeta(v.text)
		case "monitoring.regex.full_match":
			expression = "^(?:" + v.text + ")$"
		default:
			return nil, fmt.Errorf("%s at %d is not known", name.text, name.at)
		}
		if expression != "" {
			re, err := regexp.Compile(expression)
			if err != nil {
				return nil, fmt.Errorf("regular expression at %d: %w", v.at, err)
			}
			a.op, a.re = matches, re
		}
		list = append(list, a)
	}
	if sign == "!=" {
		return not{list}, nil
	}
	return list, nil
}

// function reads the arguments of a function. Only log_id is understood.
func (p *parser) function(name token) (expr, error) {
	p.next++
	depth := 1
	var args []token
	for depth > 0 {
		t := p.take()
		switch t.kind {
		case end:
			return nil, fmt.Errorf("the parenthesis of %s at %d is not closed", name.text, name.at)
		case open:
			depth++
		case shut:
			depth--
		}
		if depth > 0 {
			args = append(args, t)
		}
	}
	written := make([]string, len(args))
	for i, a := range args {
		written[i] = quote(a)
	}
	text := name.text + "(" + strings.Join(written, "") + ")"
	if strings.EqualFold(name.text, "log_id") && len(args) == 1 {
		return &atom{field: "logname", op: suffix, value: "/logs/" + url.PathEscape(args[0].text), text: text}, nil
	}
	// ip_in_net and cast compare their result; the comparison belongs to them.
	if p.peek().kind == operator {
		text += p.take().text + quote(p.take())
	}
	return &atom{op: opaque, value: text, text: text}, nil
}

func quote(t token) string {
	if t.kind == quoted {
		return `"` + t.text + `"`
	}
	return t.text
}
