package sqlite

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/model"
)

// object writes a JSON object member by member; empty members are left out.
// It exists for speed: encoding/json would bound the rate of a scan.
type object struct {
	b   []byte
	err error
}

func newObject(b []byte) *object { return &object{b: append(b, '{')} }

func (o *object) end() ([]byte, error) { return append(o.b, '}'), o.err }

func (o *object) key(k string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, k...)
	o.b = append(o.b, '"', ':')
}

func (o *object) str(k, v string) {
	if v != "" {
		o.key(k)
		o.b = appendString(o.b, v)
	}
}

func (o *object) time(k string, t time.Time) {
	if !t.IsZero() {
		o.str(k, t.UTC().Format(time.RFC3339Nano))
	}
}

func (o *object) strings(k string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	o.key(k)
	inner := newObject(o.b)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		inner.b = appendMember(inner.b, name)
		inner.b = appendString(inner.b, m[name])
	}
	o.b = append(inner.b, '}')
}

// value writes a value of a document.
func (o *object) value(k string, v any) {
	o.key(k)
	b, err := appendValue(o.b, v, 0)
	if o.b = b; err != nil && o.err == nil {
		o.err = fmt.Errorf("member %s: %w", k, err)
	}
}

// other writes a value as encoding/json does.
func (o *object) other(k string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		if o.err == nil {
			o.err = fmt.Errorf("member %s: %w", k, err)
		}
		return
	}
	o.key(k)
	o.b = append(o.b, b...)
}

// appendMember appends the key of a member, with the comma before it.
func appendMember(b []byte, k string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendString(b, k), ':')
}

// appendValue appends a value of the documented set of model.Document so that
// model.DecodeJSON gives the same value back: a float64 without a fraction
// keeps its point. Values outside of the set are written as encoding/json does.
func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth > model.MaxDepth {
		return b, fmt.Errorf("%w document: nested deeper than %d levels", model.ErrInvalid, model.MaxDepth)
	}
	var err error
	switch t := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, t), nil
	case int64:
		return strconv.AppendInt(b, t, 10), nil
	case float64:
		return appendFloat(b, t)
	case string:
		return appendString(b, t), nil
	case []any:
		b = append(b, '[')
		for i, e := range t {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, e, depth+1); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	case map[string]any:
		return appendMap(b, t, depth)
	case model.Document:
		return appendMap(b, t, depth)
	case model.Facts:
		return appendMap(b, t, depth)
	}
	other, err := json.Marshal(v)
	if err != nil {
		return b, fmt.Errorf("%w value of type %T: %w", model.ErrInvalid, v, err)
	}
	return append(b, other...), nil
}

func appendMap(b []byte, m map[string]any, depth int) (_ []byte, err error) {
	if m == nil {
		return append(b, "null"...), nil
	}
	var few [24]string
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for _, k := range keys {
		b = appendMember(b, k)
		if b, err = appendValue(b, m[k], depth+1); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

func appendFloat(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, fmt.Errorf("%w value %v: it is not a JSON number", model.ErrInvalid, f)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	for _, c := range b[start:] {
		if c == '.' || c == 'e' {
			return b, nil
		}
	}
	return append(b, ".0"...), nil
}

// appendString appends s as a JSON string; invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, "\ufffd"...)
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
