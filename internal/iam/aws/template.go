package aws

import "strings"

// piece is a part of a value: a run of pattern text, literal text, or a
// variable.
type piece struct {
	text     string
	literal  bool   // wildcards in text are plain runes
	key      string // the variable's condition key in lower case, or ""
	fallback string
	hasElse  bool
}

// splitVariables finds the variables of a value. Only the language of
// 2012-10-17 has them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func splitVariables(s, version string) []piece {
	if version != "2012-10-17" || !strings.Contains(s, "${") {
		return []piece{{text: s}}
	}
	var out []piece
	for {
		i := strings.Index(s, "${")
		j := -1
		if i >= 0 {
			j = strings.IndexByte(s[i:], '}')
		}
		if j < 0 {
			if s != "" {
				out = append(out, piece{text: s})
			}
			return out
		}
		if i > 0 {
			out = append(out, piece{text: s[:i]})
		}
		out = append(out, variable(s[i+2:i+j]))
		s = s[i+j+1:]
	}
}

func variable(body string) piece {
	switch body {
	case "*", "?", "$":
		return piece{text: body, literal: true}
	}
	key, fallback, ok := strings.Cut(body, ",")
	v := piece{key: strings.ToLower(strings.TrimSpace(key))}
	if ok {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) >= 2 && fallback[0] == '\'' && fallback[len(fallback)-1] == '\'' {
			v.fallback, v.hasElse = fallback[1:len(fallback)-1], true
		}
	}
	return v
}

func hasVariable(ps []piece) bool {
	for _, p := range ps {
		if p.key != "" || p.literal {
			return true
		}
	}
	return false
}

// substitution is what became of the variables of one value.
type substitution uint8

const (
	substituted substitution = iota
	unusable                 // a key is missing or has several values
	undecided                // a key is not known
)

// literalMark stands before each rune of a substituted value, so that compiling
// the pattern takes the rune literally. It is a private-use rune.
const literalMark = '\U0010FFFD'

// resolve puts the values of the keys in place; the substituted text is
// literal, also where it holds wildcards.
func resolve(ps []piece, env *env) (string, substitution) {
	var b strings.Builder
	for _, p := range ps {
		switch {
		case p.literal:
			markLiteral(&b, p.text)
		case p.key == "":
			b.WriteString(p.text)
		default:
			v, state := env.variable(p)
			if state != substituted {
				return "", state
			}
			markLiteral(&b, v)
		}
	}
	return b.String(), substituted
}

func markLiteral(b *strings.Builder, s string) {
	for _, r := range s {
		if r == '*' || r == '?' {
			b.WriteRune(literalMark)
		}
		b.WriteRune(r)
	}
}

func plainText(s string) string { return strings.ReplaceAll(s, string(literalMark), "") }

// resourcePattern is one entry of Resource or NotResource.
type resourcePattern struct {
	text   string
	glob   glob
	pieces []piece // nil without variables
	kind   Kind
}

func newResourcePattern(entry string, kind Kind, version string) (resourcePattern, bool) {
	rp := resourcePattern{text: entry, kind: kind}
	if ps := splitVariables(entry, version); hasVariable(ps) {
		// Variables may stand after the fifth colon only.
		if i := strings.Index(entry, "${"); strings.Count(entry[:i], ":") < 5 {
			return rp, false
		}
		rp.pieces = ps
		return rp, true
	}
	g, ok := resourceGlob(entry, kind)
	rp.glob = g
	return rp, ok
}

// resolved is the pattern with its variables in place.
func (rp resourcePattern) resolved(env *env) (glob, substitution) {
	if rp.pieces == nil {
		return rp.glob, substituted
	}
	s, state := resolve(rp.pieces, env)
	if state != substituted {
		return glob{}, state
	}
	g, ok := resourceGlob(s, rp.kind)
	if !ok {
		return g, unusable
	}
	return g, substituted
}
