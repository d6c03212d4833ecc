package model

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth bounds the nesting of documents that DecodeJSON accepts.
const MaxDepth = 200

// DecodeJSON decodes one JSON value into the value set of Document: integers
// that fit become int64, other numbers float64. Input that is no JSON (RFC
// 8259), has data after the value, or nests deeper than MaxDepth, is an error
// that names the byte. Of members of the same name the last one counts.
func DecodeJSON(data []byte) (any, error) {
	d := decoder{data: data}
	d.space()
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at < len(d.data) {
		return nil, d.fail("data after the value")
	}
	return v, nil
}

// decoder reads documents straight into maps, lists and scalars; they are most
// of what a scan reads and the general decoder takes several times as long.
type decoder struct {
	data []byte
	at   int
	buf  []byte
}

func (d *decoder) fail(what string) error {
	return fmt.Errorf("%w JSON: %s at byte %d", ErrInvalid, what, d.at)
}

func (d *decoder) space() {
	for d.at < len(d.data) {
		switch d.data[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) value(depth int) (any, error) {
	if d.at >= len(d.data) {
		return nil, d.fail("the input ends")
	}
	switch c := d.data[d.at]; {
	case c == '{':
		return d.object(depth + 1)
	case c == '[':
		return d.list(depth + 1)
	case c == '"':
		return d.text()
	case c == '-' || '0' <= c && c <= '9':
		return d.number()
	case c == 't':
		return true, d.word("true")
	case c == 'f':
		return false, d.word("false")
	case c == 'n':
		return nil, d.word("null")
	}
	return nil, d.fail("no value")
}

func (d *decoder) word(w string) error {
	if len(d.data)-d.at < len(w) || string(d.data[d.at:d.at+len(w)]) != w {
		return d.fail("no value")
	}
	d.at += len(w)
	return nil
}

func (d *decoder) object(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, d.fail(fmt.Sprintf("nested deeper than %d levels", MaxDepth))
	}
	d.at++
	m := map[string]any{}
	for first := true; ; first = false {
		d.space()
		if d.at >= len(d.data) {
			return nil, d.fail("an object does not end")
		}
		if d.data[d.at] == '}' && first {
			d.at++
			return m, nil
		}
		if d.data[d.at] != '"' {
			return nil, d.fail("a member has no name")
		}
		key, err := d.text()
		if err != nil {
			return nil, err
		}
		d.space()
		if d.at >= len(d.data) || d.data[d.at] != ':' {
			return nil, d.fail("a member has no value")
		}
		d.at++
		d.space()
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		m[key] = v
		more, err := d.next('}')
		if err != nil || !more {
			return m, err
		}
	}
}

func (d *decoder) list(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, d.fail(fmt.Sprintf("nested deeper than %d levels", MaxDepth))
	}
	d.at++
	items := []any{}
	d.space()
	if d.at < len(d.data) && d.data[d.at] == ']' {
		d.at++
		return items, nil
	}
	for {
		d.space()
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		more, err := d.next(']')
		if err != nil || !more {
			return items, err
		}
	}
}

// next reads a comma, or the end of an object or list.
func (d *decoder) next(end byte) (more bool, err error) {
	d.space()
	if d.at < len(d.data) {
		switch d.data[d.at] {
		case ',':
			d.at++
			return true, nil
		case end:
			d.at++
			return false, nil
		}
	}
	return false, d.fail("neither a comma nor the end")
}

func (d *decoder) number() (any, error) {
	start, whole := d.at, true
	digits := func() bool {
		from := d.at
		for d.at < len(d.data) && '0' <= d.data[d.at] && d.data[d.at] <= '9' {
			d.at++
		}
		return d.at > from
	}
	if d.data[d.at] == '-' {
		d.at++
	}
	zero := d.at < len(d.data) && d.data[d.at] == '0'
	first := d.at
	if !digits() || zero && d.at > first+1 {
		return nil, d.fail("no number")
	}
	if d.at < len(d.data) && d.data[d.at] == '.' {
		whole = false
		d.at++
		if !digits() {
			return nil, d.fail("no number")
		}
	}
	if d.at < len(d.data) && (d.data[d.at] == 'e' || d.data[d.at] == 'E') {
		whole = false
		d.at++
		if d.at < len(d.data) && (d.data[d.at] == '+' || d.data[d.at] == '-') {
			d.at++
		}
		if !digits() {
			return nil, d.fail("no number")
		}
	}
	text := string(d.data[start:d.at])
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return text, nil //nolint:nilerr // a number beyond floating point stays what was written
	}
	return f, nil
}

func (d *decoder) text() (string, error) {
	d.at++
	start := d.at
	for d.at < len(d.data) {
		switch c := d.data[d.at]; {
		case c == '"':
			s := string(d.data[start:d.at])
			d.at++
			return s, nil
		case c == '\\' || c >= utf8.RuneSelf:
			return d.escaped(start)
		case c < ' ':
			return "", d.fail("a control character in a string")
		}
		d.at++
	}
	return "", d.fail("a string does not end")
}

// escaped reads the rest of a string that holds escapes or more than ASCII;
// bytes that are no UTF-8 become U+FFFD.
func (d *decoder) escaped(start int) (string, error) {
	b := append(d.buf[:0], d.data[start:d.at]...)
	for d.at < len(d.data) {
		c := d.data[d.at]
		switch {
		case c == '"':
			d.at++
			d.buf = b
			return string(b), nil
		case c < ' ':
			return "", d.fail("a control character in a string")
		case c == '\\':
			r, err := d.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
		case c < utf8.RuneSelf:
			b = append(b, c)
			d.at++
		default:
			r, size := utf8.DecodeRune(d.data[d.at:])
			b = utf8.AppendRune(b, r)
			d.at += size
		}
	}
	return "", d.fail("a string does not end")
}

func (d *decoder) escape() (rune, error) {
	d.at++
	if d.at >= len(d.data) {
		return 0, d.fail("a string does not end")
	}
	c := d.data[d.at]
	d.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := d.hex()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		// The second half of a pair; a half that stands alone is no character.
		if d.at+1 < len(d.data) && d.data[d.at] == '\\' && d.data[d.at+1] == 'u' {
			back := d.at
			d.at += 2
			low, err := d.hex()
			if err != nil {
				return 0, err
			}
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
			d.at = back
		}
		return utf8.RuneError, nil
	}
	d.at--
	return 0, d.fail("an unknown escape")
}

func (d *decoder) hex() (rune, error) {
	if d.at+4 > len(d.data) {
		return 0, d.fail("a string does not end")
	}
	n, err := strconv.ParseUint(string(d.data[d.at:d.at+4]), 16, 32)
	if err != nil {
		return 0, d.fail("an unknown escape")
	}
	d.at += 4
	return rune(n), nil
}
