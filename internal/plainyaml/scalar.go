package plainyaml

import (
	"strconv"
	"strings"
)

// wordByte are the bytes that mean nothing but themselves in words, wherever
// these stand; a space and a colon depend on what follows. Those beyond ASCII were
// looked at by ordinary.
var wordByte = func() (is [256]bool) {
	for c := 0x80; c < len(is); c++ {
		is[c] = true
	}
	for c := range is {
		is[c] = is[c] || begins(byte(c))
	}
	for _, c := range []byte("-+*()@%$=;!&|<>^~\"'`\\") {
		is[c] = true
	}
	return is
}()

// begins says that words may begin with a byte.
func begins(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '/' || c == '.' || c == '_'
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// word is a scalar. Without quotes it can be more than text.
type word struct {
	text   string
	quoted bool
}

// isText says that a scalar is the text it consists of where text is wanted.
func (w word) isText() bool {
	if w.quoted {
		return true
	}
	switch w.text {
	case "true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL":
		return false
	}
	return true
}

// value returns what a scalar is where any type may stand.
func (w word) value() (any, bool) {
	switch {
	case w.quoted:
		return w.text, true
	case w.text == "true" || w.text == "false":
		return w.text == "true", true
	case letter(w.text[0]) || w.text[0] == '/' || w.text[0] == '(':
		return w.text, w.isText()
	case w.text == "0" || w.text[0] >= '1' && w.text[0] <= '9' && strings.Trim(w.text, "0123456789") == "":
		n, err := strconv.Atoi(w.text)
		return n, err == nil
	}
	// A number has at most one dash and one dot inside, a time begins with its year.
	isText := (strings.Count(w.text, "-") > 1 || strings.Count(w.text, ".") > 1) && !(len(w.text) > 4 && w.text[4] == '-')
	return w.text, isText && w.text[0] != '.'
}

// maxKey is the length of the longest key; YAML's limit is 1024.
const maxKey = 200

// key reads a key with its colon and goes to what follows on the line.
func (r *reader) key() (string, bool) {
	var name string
	start := r.pos
	switch c := r.text[r.pos]; {
	case c == '"' || c == '\'':
		r.pos++
		for r.text[r.pos] == ' ' || wordByte[r.text[r.pos]] && r.text[r.pos] != c && r.text[r.pos] != '\\' {
			r.pos++
		}
		name = r.text[start+1 : r.pos]
		if r.text[r.pos] != c {
			return "", false
		}
		r.pos++
	case letter(c):
		for r.inKey() {
			r.pos++
		}
		name = r.text[start:r.pos]
		if !(word{text: name}).isText() {
			return "", false
		}
	default:
		return "", false
	}
	if r.text[r.pos] != ':' || r.pos-start > maxKey {
		return "", false
	}
	r.pos++
	if c := r.text[r.pos]; c != ' ' && c != '\n' {
		return "", false
	}
	r.spaces()
	return name, true
}

// inKey says that a key without quotes goes on.
func (r *reader) inKey() bool {
	c := r.text[r.pos]
	if c == ':' {
		next := r.text[r.pos+1]
		return next == ':' || begins(next)
	}
	return c == '-' || begins(c)
}

// scalar reads a scalar in or below a column.
func (r *reader) scalar(column int) (w word, ok bool) {
	switch r.text[r.pos] {
	case '|', '>':
		w.quoted = true
		w.text, ok = r.block(column)
	case '"', '\'':
		w.quoted = true
		w.text, ok = r.quoted(column)
		ok = ok && r.endLine()
	case '&':
		name, named := r.name()
		if !named || r.text[r.pos] == '&' || r.text[r.pos] == '*' {
			return w, false
		}
		if w, ok = r.scalar(column); ok {
			r.anchors[name] = w
		}
	case '*':
		name, named := r.name()
		w, ok = r.anchors[name]
		ok = ok && named && r.endLine()
	default:
		w.text, ok = r.phrase(column)
	}
	return w, ok
}

// maxNames is how often scalars may be named; YAML's limit is a share of a
// document.
const maxNames = 50

// name reads the name of an anchor and goes to what follows on the line.
func (r *reader) name() (string, bool) {
	if r.anchors == nil {
		r.anchors = map[string]word{}
	}
	r.names++
	r.pos++
	start := r.pos
	for letter(r.text[r.pos]) {
		r.pos++
	}
	name := r.text[start:r.pos]
	ok := name != "" && r.names <= maxNames && (r.text[r.pos] == ' ' || r.text[r.pos] == '\n')
	r.spaces()
	return name, ok
}

// phrase reads words without quotes, which go on in the lines that are indented
// further than the column.
func (r *reader) phrase(column int) (string, bool) {
	if c := r.text[r.pos]; !begins(c) && c != '(' {
		return "", false
	}
	text, ends, ok := r.line()
	if !ok || ends {
		return text, ok
	}
	r.buf = r.buf[:0]
	for {
		breaks, at := r.breaks()
		if at >= len(r.text) || r.columnOf(at) <= column || r.text[at] == '#' {
			break
		}
		if len(r.buf) == 0 {
			r.buf = append(r.buf, text...)
		}
		r.pos = at
		more, ends, ok := r.line()
		if !ok {
			return "", false
		}
		r.fold(breaks)
		r.buf = append(r.buf, more...)
		if ends {
			break
		}
	}
	if len(r.buf) > 0 {
		text = string(r.buf)
	}
	return text, true
}

// line reads the words up to the line's end or to a comment, which ends the
// phrase.
func (r *reader) line() (text string, ends, ok bool) {
	rest := r.text[r.pos : r.pos+r.restOfLine()]
	r.pos += len(rest)
	text = rest
	for i := range len(rest) {
		if c := rest[i]; c == '#' && rest[i-1] == ' ' {
			text, ends = rest[:i], true
			break
		} else if c == ':' && (i+1 == len(rest) || rest[i+1] == ' ') {
			return "", false, false
		}
	}
	return strings.TrimRight(text, " "), ends, true
}

// breaks counts the line ends before the next word and says where it is.
func (r *reader) breaks() (n, at int) {
	for at = r.pos; at < len(r.text); at++ {
		switch r.text[at] {
		case '\n':
			n++
		case ' ':
		default:
			return n, at
		}
	}
	return n, at
}

// fold writes what so many line ends mean: one is a space.
func (r *reader) fold(breaks int) {
	if breaks == 1 {
		r.buf = append(r.buf, ' ')
	}
	for range breaks - 1 {
		r.buf = append(r.buf, '\n')
	}
}

// quoted reads a scalar in quotes.
func (r *reader) quoted(column int) (string, bool) {
	quote := r.text[r.pos]
	r.pos++
	start := r.pos
	end := start + strings.IndexByte(r.text[start:], quote)
	if end < start {
		return "", false
	}
	if text := r.text[start:end]; strings.IndexByte(text, '\n') < 0 && strings.IndexByte(text, '\\') < 0 && r.text[end+1] != '\'' {
		r.pos = end + 1
		return text, true
	}
	r.buf = r.buf[:0]
	solid := 0 // how much of buf does not vanish at a line's end
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == quote && quote == '\'' && r.text[r.pos+1] == quote:
			r.buf = append(r.buf, quote)
			r.pos += 2
		case c == quote:
			r.pos++
			return string(r.buf), true
		case c == '\\' && quote == '"':
			plain, ok := unescaped(r.text[r.pos+1])
			if !ok {
				return "", false
			}
			r.buf = append(r.buf, plain)
			r.pos += 2
		case c == '\n':
			breaks, at := r.breaks()
			if r.columnOf(at) <= column {
				return "", false
			}
			r.buf = r.buf[:solid]
			r.fold(breaks)
			r.pos = at
		default:
			r.buf = append(r.buf, c)
			r.pos++
			if c == ' ' {
				continue
			}
		}
		solid = len(r.buf)
	}
	return "", false
}

func unescaped(c byte) (byte, bool) {
	switch c {
	case '"', '\\':
		return c, true
	case 'n':
		return '\n', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// block reads a literal or folded scalar, whose lines are indented further than
// the column.
func (r *reader) block(column int) (string, bool) {
	folded := r.text[r.pos] == '>'
	r.pos++
	strip := r.text[r.pos] == '-'
	if strip {
		r.pos++
	}
	if !r.endLine() {
		return "", false
	}
	breaks, at := r.breaks()
	indent := at - r.pos - 1
	if breaks != 1 || indent <= column {
		return "", false
	}
	r.buf = r.buf[:0]
	for {
		r.pos = at
		rest := r.text[at : at+r.restOfLine()]
		r.buf = append(r.buf, rest...)
		r.pos += len(rest)
		breaks, at = r.breaks()
		next := r.columnOf(at) // of the next line
		switch {
		case r.pos+breaks != at-next: // lines of nothing but spaces
			return "", false
		case next < indent:
			if !strip {
				r.buf = append(r.buf, '\n')
			}
			return string(r.buf), true
		case folded && next == indent && rest[0] != ' ':
			r.fold(breaks)
		default: // lines that are indented further are not folded
			r.buf = append(r.buf, r.text[r.pos:r.pos+breaks]...)
		}
		at += indent - next
	}
}
