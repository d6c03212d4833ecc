package logpattern

import "strconv"

// selector reads $.a.b[0]['c.d'].*; a dot before a bracket is optional.
func (p *parser) selector() (selector, error) {
	if !p.accept("$") {
		return nil, p.fail("a selector that begins with $")
	}
	var s selector
	for {
		dot := p.peek() == '.'
		if dot {
			p.at++
		}
		switch c := p.peek(); {
		case c == '[':
			st, err := p.bracket()
			if err != nil {
				return nil, err
			}
			s = append(s, st)
		case dot && c == '*':
			p.at++
			s = append(s, step{kind: everyMember})
		case dot && nameByte(c):
			start := p.at
			for p.at < len(p.in) && nameByte(p.in[p.at]) {
				p.at++
			}
			s = append(s, step{name: p.in[start:p.at]})
		case dot:
			return nil, p.fail("a property name")
		case len(s) == 0:
			return nil, p.fail("a property")
		default:
			return s, nil
		}
	}
}

// bracket reads [0], [*], ['name'] or ["name"].
func (p *parser) bracket() (step, error) {
	p.at++
	p.space()
	var st step
	switch c := p.peek(); {
	case c == '*':
		p.at++
		st.kind = everyElement
	case c == '\'' || c == '"':
		name, err := p.quoted(c)
		if err != nil {
			return step{}, err
		}
		st.name = name
	default:
		start := p.at
		for p.at < len(p.in) && p.in[p.at] >= '0' && p.in[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.Atoi(p.in[start:p.at])
		if err != nil {
			return step{}, p.fail("an index")
		}
		st.kind, st.index = byIndex, n
	}
	return st, p.expect("]")
}
