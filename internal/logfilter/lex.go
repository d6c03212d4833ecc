package logfilter

import (
	"fmt"
	"strings"
)

// kind is the kind of a token.
type kind uint8

const (
	word kind = iota // a path, a value without quotation marks, or a keyword
	quoted
	operator
	open
	shut
	comma
	minus
	end
)

type token struct {
	kind     kind
	text     string   // the value; of a word as written
	segments []string // of a word: its parts between dots
	at       int      // offset in bytes
	// joined says that nothing stands between this token and the one before.
	joined bool
}

// lex splits a filter into tokens, without comments.
func lex(s string) ([]token, error) {
	var out []token
	for i := 0; ; {
		from := i
		i = skip(s, i)
		if i >= len(s) {
			return append(out, token{kind: end, at: i}), nil
		}
		t := token{at: i, joined: i == from && from > 0}
		switch c := s[i]; {
		case c == '(':
			t.kind, t.text = open, "("
			i++
		case c == ')':
			t.kind, t.text = shut, ")"
			i++
		case c == ',':
			t.kind, t.text = comma, ","
			i++
		case c == '"' || c == '\'':
			text, next, err := quotedText(s, i)
			if err != nil {
				return nil, err
			}
			t.kind, t.text, i = quoted, text, next
		case strings.IndexByte("=!<>:", c) >= 0:
			n := 1
			if i+1 < len(s) && (s[i:i+2] == "!=" || s[i:i+2] == "=~" || s[i:i+2] == "!~" || s[i:i+2] == "<=" || s[i:i+2] == ">=") {
				n = 2
			}
			t.kind, t.text = operator, s[i:i+n]
			if t.text == "!" {
				return nil, fmt.Errorf("! at %d is no operator", i)
			}
			i += n
		case c == '-' && (len(out) == 0 || out[len(out)-1].kind != operator):
			t.kind, t.text = minus, "-"
			i++
		default:
			var err error
			if t, i, err = path(s, t); err != nil {
				return nil, err
			}
		}
		out = append(out, t)
	}
}

// skip passes white space and comments, which begin with two dashes.
func skip(s string, i int) int {
	for i < len(s) {
		switch {
		case strings.IndexByte(" \t\r\n", s[i]) >= 0:
			i++
		case strings.HasPrefix(s[i:], "--"):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return len(s)
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// path reads a word whose parts after dots may stand in quotation marks:
// protoPayload."@type".
func path(s string, t token) (token, int, error) {
	i, from, part := t.at, t.at, ""
	for i < len(s) {
		c := s[i]
		if (c == '"' || c == '\'') && i > t.at && i == from && s[i-1] == '.' {
			text, next, err := quotedText(s, i)
			if err != nil {
				return t, i, err
			}
			part, from, i = text, next, next
			continue
		}
		if strings.IndexByte(" \t\r\n()\"',=!<>:", c) >= 0 {
			break
		}
		if c == '.' {
			t.segments = append(t.segments, part+s[from:i])
			part, from = "", i+1
		}
		i++
	}
	t.segments = append(t.segments, part+s[from:i])
	t.text = s[t.at:i]
	if i == t.at {
		return t, i, fmt.Errorf("cannot read %q at %d", s[i], i)
	}
	return t, i, nil
}

// quotedText reads a text in quotation marks that begins at i.
func quotedText(s string, i int) (text string, next int, err error) {
	var b strings.Builder
	mark := s[i]
	for j := i + 1; j < len(s); j++ {
		switch c := s[j]; {
		case c == mark:
			return b.String(), j + 1, nil
		case c == '\\' && j+1 < len(s):
			j++
			switch s[j] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			case '"', '\'', '\\':
				b.WriteByte(s[j])
			default: // belongs to a regular expression
				b.WriteByte('\\')
				b.WriteByte(s[j])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", len(s), fmt.Errorf("the text that begins at %d has no end", i)
}
