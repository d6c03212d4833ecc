package report

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/model"
)

// lineEncoder writes JSON values, each on one line and not escaped for HTML,
// and keeps the first error. What is written a hundred thousand times is
// appended member by member, in the very bytes that encoding/json would write;
// all else is left to encoding/json.
type lineEncoder struct {
	w          io.Writer
	b          []byte        // the line
	json       *json.Encoder // appends to it, nil before it is needed
	frameworks shared[[]byte]
	err        error
}

// appender is a writer into a slice.
type appender struct{ b *[]byte }

func (a appender) Write(p []byte) (int, error) {
	*a.b = append(*a.b, p...)
	return len(p), nil
}

// value writes a value as encoding/json has it.
func (e *lineEncoder) value(v any) {
	e.b = e.b[:0]
	e.other(v)
	e.flush()
}

// flush writes the line.
func (e *lineEncoder) flush() {
	if e.err == nil {
		_, e.err = e.w.Write(e.b)
	}
}

// other appends a value as encoding/json has it.
func (e *lineEncoder) other(v any) {
	if e.json == nil {
		e.json = json.NewEncoder(appender{&e.b})
		e.json.SetEscapeHTML(false)
	}
	if err := e.json.Encode(v); err != nil {
		e.fail(err)
		return
	}
	e.b = e.b[:len(e.b)-1] // the line break
}

// open appends an object without its closing bracket, and more the members of
// a second one to it. Neither may be empty.
func (e *lineEncoder) open(v any) {
	if e.other(v); e.err == nil {
		e.b = e.b[:len(e.b)-1]
	}
}

func (e *lineEncoder) more(v any) {
	start := len(e.b)
	if e.open(v); e.err == nil {
		e.b[start] = ','
	}
}

func (e *lineEncoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

func (e *lineEncoder) raw(s string)    { e.b = append(e.b, s...) }
func (e *lineEncoder) string(s string) { e.b = appendText(e.b, s) }
func (e *lineEncoder) int(n int)       { e.b = strconv.AppendInt(e.b, int64(n), 10) }

// member appends the name of a member, with the comma before it.
func (e *lineEncoder) member(name string) {
	if n := len(e.b); n > 0 && e.b[n-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.b = append(e.b, '"')
	e.b = append(e.b, name...)
	e.b = append(e.b, '"', ':')
}

// text appends a member; optional leaves it out when it is empty.
func (e *lineEncoder) text(name, s string) {
	e.member(name)
	e.string(s)
}

func (e *lineEncoder) optional(name, s string) {
	if s != "" {
		e.text(name, s)
	}
}

// time appends a member, or leaves the zero time out.
func (e *lineEncoder) time(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	e.member(name)
	e.b = append(e.b, '"')
	b, err := t.AppendText(e.b)
	if err != nil {
		e.fail(err)
		return
	}
	e.b = append(b, '"')
}

// appendList appends a list, which is never null.
func appendList[T any](e *lineEncoder, list []T, item func(*lineEncoder, T)) {
	e.raw("[")
	for i, v := range list {
		if i > 0 {
			e.raw(",")
		}
		item(e, v)
	}
	e.raw("]")
}

// appendObject appends an object, which is never null, in order of the names.
func appendObject[T any](e *lineEncoder, m map[string]T, item func(*lineEncoder, T)) {
	var few [16]string
	names := few[:0]
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	e.raw("{")
	for i, name := range names {
		if i > 0 {
			e.raw(",")
		}
		e.string(name)
		e.raw(":")
		item(e, m[name])
	}
	e.raw("}")
}

// document appends a value of a document. Numbers with a fraction and what no
// document holds are left to encoding/json, as is what nests so deep that it
// may have no end.
func (e *lineEncoder) document(v any, depth int) {
	inner := func(e *lineEncoder, v any) { e.document(v, depth+1) }
	switch t := v.(type) {
	case nil:
		e.raw("null")
	case bool:
		e.b = strconv.AppendBool(e.b, t)
	case int64:
		e.b = strconv.AppendInt(e.b, t, 10)
	case string:
		e.string(t)
	case []any:
		if t == nil || depth > model.MaxDepth {
			e.other(v)
		} else {
			appendList(e, t, inner)
		}
	case map[string]any:
		if t == nil || depth > model.MaxDepth {
			e.other(v)
		} else {
			appendObject(e, t, inner)
		}
	default:
		e.other(v)
	}
}

// appendText appends a JSON string as encoding/json does: besides what JSON
// wants escaped, that is U+2028 and U+2029, for the sake of JavaScript, and
// U+FFFD in place of what is no UTF-8.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plainASCII[c] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// plainASCII are the bytes that stand in a JSON string as they are.
var plainASCII = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()
