package logpattern

import "strings"

// Pattern is a parsed filter pattern. The zero value is the empty pattern,
// which matches every event.
type Pattern struct {
	source string
	form   form
	root   node // set for JSON patterns
}

type form uint8

const (
	formEmpty form = iota
	formJSON
	formText // terms or space-delimited fields
)

// Parse reads a filter pattern. Every string that is not in braces is a text
// pattern and valid; inside braces the error says what was expected and where.
func Parse(s string) (Pattern, error) {
	trimmed := strings.TrimSpace(s)
	switch {
	case trimmed == "":
		return Pattern{source: s}, nil
	case trimmed[0] != '{':
		return Pattern{source: s, form: formText}, nil
	}
	root, err := parseJSON(trimmed)
	if err != nil {
		return Pattern{}, err
	}
	return Pattern{source: s, form: formJSON, root: root}, nil
}

// String returns a JSON pattern in one spelling: conditions in the order of the
// source, values quoted. Other patterns are returned as they were written.
func (p Pattern) String() string {
	if p.form != formJSON {
		return p.source
	}
	return "{ " + p.root.String() + " }"
}

// IsJSON reports whether the pattern describes JSON events.
func (p Pattern) IsJSON() bool { return p.form == formJSON }

// Match reports whether the pattern matches a decoded JSON event. Text patterns
// match none, because the bytes of the event are not known.
func (p Pattern) Match(event any) bool {
	switch p.form {
	case formEmpty:
		return true
	case formJSON:
		return p.root.eval(func(a *atom) bool { return a.match(event) })
	}
	return false
}

// node is an expression: a condition, or all or any of its kids.
type node struct {
	kind nodeKind
	kids []node
	atom *atom
}

type nodeKind uint8

const (
	isAtom nodeKind = iota
	isAll
	isAny
)

func (n node) eval(holds func(*atom) bool) bool {
	switch n.kind {
	case isAll:
		for _, k := range n.kids {
			if !k.eval(holds) {
				return false
			}
		}
		return true
	case isAny:
		for _, k := range n.kids {
			if k.eval(holds) {
				return true
			}
		}
		return false
	}
	return holds(n.atom)
}

// each calls f with every condition.
func (n node) each(f func(*atom)) {
	if n.kind == isAtom {
		f(n.atom)
		return
	}
	for _, k := range n.kids {
		k.each(f)
	}
}

func (n node) String() string {
	if n.kind == isAtom {
		return n.atom.String()
	}
	sep := " && "
	if n.kind == isAny {
		sep = " || "
	}
	parts := make([]string, len(n.kids))
	for i, k := range n.kids {
		parts[i] = "(" + k.String() + ")"
	}
	return strings.Join(parts, sep)
}
