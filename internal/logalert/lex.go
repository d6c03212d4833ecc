package logalert

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// token is a name, a quoted text, a number with its unit, or a sign.
type token struct {
	kind kind
	text string
}

type kind int

const (
	sign kind = iota
	name
	quoted
	numeral
)

// lex splits a query of either language. Names may hold dots, slashes and colons,
// as types of metrics do in MQL and names of them in PromQL.
func lex(query string) ([]token, error) {
	var out []token
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '#':
			if n := strings.IndexByte(query[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(query)
			}
		case c == '"' || c == '\'' || c == '`':
			end := i + 1
			for end < len(query) && query[end] != c {
				if query[end] == '\\' {
					return nil, errors.New("a text with an escape")
				}
				end++
			}
			if end == len(query) {
				return nil, errors.New("a text that does not end")
			}
			out = append(out, token{quoted, query[i+1 : end]})
			i = end + 1
		case letter(c):
			end := i
			for end < len(query) && (letter(query[end]) || digit(query[end]) || strings.IndexByte("./:", query[end]) >= 0) {
				end++
			}
			out = append(out, token{name, query[i:end]})
			i = end
		case digit(c) || c == '.' && i+1 < len(query) && digit(query[i+1]):
			end := i
			for end < len(query) && (letter(query[end]) || digit(query[end]) || query[end] == '.') {
				end++
			}
			out = append(out, token{numeral, query[i:end]})
			i = end
		default:
			if c >= unicode.MaxASCII || c < ' ' {
				return nil, errors.New("a character of no query")
			}
			n := 1
			if i+1 < len(query) {
				switch query[i : i+2] {
				case ">=", "<=", "==", "!=", "=~", "!~", "||", "&&":
					n = 2
				}
			}
			out = append(out, token{sign, query[i : i+n]})
			i += n
		}
	}
	return out, nil
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// reader takes tokens one by one.
type reader struct {
	tokens []token
}

func (r *reader) done() bool { return len(r.tokens) == 0 }

// peek returns the next token, a sign without text at the end.
func (r *reader) peek() token {
	if r.done() {
		return token{}
	}
	return r.tokens[0]
}

func (r *reader) take() token {
	t := r.peek()
	if !r.done() {
		r.tokens = r.tokens[1:]
	}
	return t
}

// accept takes the next token if it is this one.
func (r *reader) accept(k kind, text string) bool {
	if r.done() || r.peek() != (token{k, text}) {
		return false
	}
	r.take()
	return true
}

// group takes what stands between a pair of brackets, the first of which was taken.
func (r *reader) group(open, shut string) ([]token, bool) {
	depth := 1
	for i, t := range r.tokens {
		if t.kind != sign {
			continue
		}
		switch t.text {
		case open:
			depth++
		case shut:
			depth--
		}
		if depth == 0 {
			inside := r.tokens[:i]
			r.tokens = r.tokens[i+1:]
			return inside, true
		}
	}
	return nil, false
}

// period reads a length of time of a query, such as 5m or 1h30m.
func period(t token) (time.Duration, bool) {
	if t.kind != numeral {
		return 0, false
	}
	rest, total := t.text, time.Duration(0)
	for rest != "" {
		n := 0
		for n < len(rest) && digit(rest[n]) {
			n++
		}
		count, err := strconv.Atoi(rest[:n])
		if err != nil || count > 1e6 {
			return 0, false
		}
		rest = rest[n:]
		unit := 0
		for unit < len(rest) && letter(rest[unit]) {
			unit++
		}
		length, ok := units[rest[:unit]]
		if !ok {
			return 0, false
		}
		total += time.Duration(count) * length
		rest = rest[unit:]
	}
	return total, total > 0
}

// units are those of both languages.
var units = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

// value reads a number, with a minus or without.
func (r *reader) value() (float64, bool) {
	negative := r.accept(sign, "-")
	t := r.take()
	if t.kind != numeral {
		return 0, false
	}
	f, err := strconv.ParseFloat(t.text, 64)
	if negative {
		f = -f
	}
	return f, err == nil
}

// mirrored is the sign of a comparison whose sides are exchanged.
func mirrored(s string) string {
	return strings.NewReplacer("<", ">", ">", "<").Replace(s)
}

func comparison(t token) bool {
	switch t.text {
	case ">", ">=", "<", "<=", "==", "!=":
		return t.kind == sign
	}
	return false
}
