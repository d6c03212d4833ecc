package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/stance-sec/stance/internal/model"
)

// scanner reads the members of an object, or the items of a list, one after
// the other, in JSON that the store wrote: without spaces. It exists for speed,
// as object does: encoding/json would bound the rate of a report. What is
// damaged ends it with an error.
type scanner struct {
	rest   []byte // what follows the member, to the closing bracket
	object bool
	later  bool   // than the first
	key    []byte // between its quotation marks
	value  []byte // as JSON
	err    error
}

// inside returns what reads the object or the list that data holds; open is its
// opening bracket.
func inside(data []byte, open byte) scanner {
	last := len(data) - 1
	if last < 1 || data[0] != open || data[last] != open+2 { // as ASCII has them
		return scanner{err: errDamaged}
	}
	return scanner{rest: data[1:last], object: open == '{'}
}

// next moves to the next member; after the last one, or an error, there is
// none.
func (s *scanner) next() bool {
	if s.err != nil || len(s.rest) == 0 {
		return false
	}
	if s.later && !s.skip(',') {
		return false
	}
	s.later = true
	if s.object {
		n := endOfText(s.rest)
		if n < 0 {
			s.err = errDamaged
			return false
		}
		s.key, s.rest = s.rest[1:n-1], s.rest[n:]
		if !s.skip(':') {
			return false
		}
	}
	n := endOfValue(s.rest)
	if n <= 0 {
		s.err = errDamaged
		return false
	}
	s.value, s.rest = s.rest[:n:n], s.rest[n:]
	return true
}

func (s *scanner) skip(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		s.err = errDamaged
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text returns the value, which is a string.
func (s *scanner) text() string {
	n := len(s.value)
	if n < 2 || s.value[0] != '"' {
		s.err = errDamaged
		return ""
	}
	return s.unquote(s.value[1 : n-1])
}

// name returns the name of the member.
func (s *scanner) name() string { return s.unquote(s.key) }

func (s *scanner) unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	text, _ := s.decode(fmt.Appendf(nil, `"%s"`, b)).(string)
	return text
}

// document returns the value, which is of a document.
func (s *scanner) document() any { return s.decode(s.value) }

func (s *scanner) decode(data []byte) any {
	v, err := model.DecodeJSON(data)
	s.fail(err)
	return v
}

// texts returns the value, which is a list of strings.
func (s *scanner) texts() (out []string) {
	list := inside(s.value, '[')
	for list.next() {
		out = append(out, list.text())
	}
	s.fail(list.err)
	return out
}

// dictionary returns the value, which is an object of strings.
func (s *scanner) dictionary() map[string]string {
	out := map[string]string{}
	object := inside(s.value, '{')
	for object.next() {
		out[object.name()] = object.text()
	}
	s.fail(object.err)
	return out
}

// into decodes the value as encoding/json does.
func (s *scanner) into(v any) { s.fail(json.Unmarshal(s.value, v)) }

func (s *scanner) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// endOfText returns the length of the string at the beginning of b, with its
// quotation marks, or -1.
func endOfText(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return -1
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// endOfValue returns the length of the value at the beginning of b, or -1.
// What is inside the value may be damaged.
func endOfValue(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	if b[0] == '"' {
		return endOfText(b)
	}
	if b[0] != '{' && b[0] != '[' {
		if n := bytes.IndexByte(b, ','); n >= 0 {
			return n
		}
		return len(b)
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := endOfText(b[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
