package logpattern

import (
	"slices"
	"strconv"
	"strings"
)

// step is one part of a selector: a member, an element, or all of either.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	everyMember  // .*
	everyElement // [*]
)

// selector is a path into an event.
type selector []step

func (s selector) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, st := range s {
		switch st.kind {
		case byName:
			if plainName(st.name) {
				b.WriteString("." + st.name)
			} else {
				b.WriteString(".['" + escapeWith(st.name, '\'') + "']")
			}
		case byIndex:
			b.WriteString("[" + strconv.Itoa(st.index) + "]")
		case everyMember:
			b.WriteString(".*")
		case everyElement:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// wild reports whether the selector can name more than one value.
func (s selector) wild() bool {
	for _, st := range s {
		if st.kind == everyMember || st.kind == everyElement {
			return true
		}
	}
	return false
}

// above reports whether s leads to a value that t looks into.
func (s selector) above(t selector) bool {
	return len(s) < len(t) && slices.Equal(s, t[:len(s)])
}

// each calls f with every value that the selector names, until f returns false.
func (s selector) each(v any, f func(any) bool) bool {
	if len(s) == 0 {
		return f(v)
	}
	first, rest := s[0], s[1:]
	switch first.kind {
	case byName:
		m, _ := v.(map[string]any)
		e, ok := m[first.name]
		return !ok || rest.each(e, f)
	case byIndex:
		a, _ := v.([]any)
		return first.index >= len(a) || rest.each(a[first.index], f)
	case everyMember:
		m, _ := v.(map[string]any)
		for _, e := range m {
			if !rest.each(e, f) {
				return false
			}
		}
	case everyElement:
		a, _ := v.([]any)
		for _, e := range a {
			if !rest.each(e, f) {
				return false
			}
		}
	}
	return true
}

func plainName(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// nameByte reports whether a byte may stand in a member name without quotes.
// The guide names letters, digits, "-" and "_"; the service is not stricter
// about bytes that have no other meaning.
func nameByte(c byte) bool {
	return c > ' ' && c != 0x7f && !strings.ContainsRune(`.[](){}=!<>&|"'*%$,\`, rune(c))
}

func escapeWith(s string, quote byte) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	return strings.ReplaceAll(s, string(quote), `\`+string(quote))
}
