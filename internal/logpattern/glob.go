package logpattern

import "strings"

// glob is a text in which * stands for any characters: the parts between the
// stars. One part is a plain text.
type glob []string

func globOf(s string) glob { return strings.Split(s, "*") }

func (g glob) plain() bool { return len(g) == 1 }

// match reports whether the whole of s matches.
func (g glob) match(s string) bool {
	if g.plain() {
		return s == g[0]
	}
	first, last := g[0], g[len(g)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range g[1 : len(g)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// numberLike reports whether the decimal text of some number may match, for a
// glob that tells numbers apart: "*" alone matches all of them.
func (g glob) numberLike() bool {
	parts := strings.Join(g, "")
	return parts != "" && strings.Trim(parts, "-.0123456789") == ""
}
