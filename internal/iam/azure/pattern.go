package azure

import "strings"

// pattern is an action of a role definition. A star stands for any text, the
// slashes included, and may stand anywhere; case does not matter.
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions
type pattern struct {
	text  string   // as written
	parts []string // in lower case, between the stars
}

func newPattern(text string) pattern {
	return pattern{text: text, parts: strings.Split(strings.ToLower(strings.TrimSpace(text)), "*")}
}

// match says whether the pattern covers an action in lower case.
func (p pattern) match(action string) bool {
	first, last := p.parts[0], p.parts[len(p.parts)-1]
	if len(p.parts) == 1 {
		return action == first
	}
	if !strings.HasPrefix(action, first) {
		return false
	}
	rest := action[len(first):]
	for _, part := range p.parts[1 : len(p.parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, last)
}

// unnamed stands for what no role definition names.
const unnamed = "stance-any0"

// representative returns the action that stands for all that a pattern covers:
// one with names that no definition mentions.
func representative(action string) string {
	return strings.ReplaceAll(strings.ToLower(action), "*", unnamed)
}

func readable(action string) string { return strings.ReplaceAll(action, unnamed, "*") }
