package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Document is a vendor's JSON object. Its values are nil, bool, int64, float64,
// string, []any and map[string]any and nothing else.
type Document map[string]any

// Canonical returns the document as JSON with sorted keys: equal documents give
// equal bytes.
func (d Document) Canonical() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any(d)); err != nil {
		// Only values outside the documented set can fail here.
		panic(fmt.Sprintf("model: document is not JSON: %v", err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Hash returns the first 32 hex digits of the SHA-256 of the canonical bytes.
func (d Document) Hash() string { return HashBytes(d.Canonical()) }

// HashBytes returns the content address of b used for documents.
func HashBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// UnmarshalJSON decodes a JSON object; integers become int64, other numbers
// float64, so that what the vendor declares as an integer stays one.
func (d *Document) UnmarshalJSON(data []byte) error {
	v, err := DecodeJSON(data)
	if err != nil {
		return err
	}
	if v == nil {
		*d = nil
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%w: document is %T, want an object", ErrInvalid, v)
	}
	*d = m
	return nil
}

// Plain maps the values that decoders produce (json.Number, int, float32,
// map[string]string and the like) to the value set of Document, in place where
// it can.
func Plain(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for k, e := range t {
			t[k] = Plain(e)
		}
		return t
	case Document:
		return Plain(map[string]any(t))
	case []any:
		for i, e := range t {
			t[i] = Plain(e)
		}
		return t
	case []map[string]any:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = Plain(e)
		}
		return out
	case []string:
		out := make([]any, len(t))
		for i, e := range t {
			out[i] = e
		}
		return out
	case map[string]string:
		out := make(map[string]any, len(t))
		for k, e := range t {
			out[k] = e
		}
		return out
	case json.Number:
		s := string(t)
		if !strings.ContainsAny(s, ".eE") {
			if i, err := t.Int64(); err == nil {
				return i
			}
		}
		f, err := t.Float64()
		if err != nil {
			return s
		}
		return f
	case int:
		return int64(t)
	case int32:
		return int64(t)
	case uint64:
		if t <= math.MaxInt64 {
			return int64(t)
		}
		return float64(t)
	case float32:
		return float64(t)
	default:
		return v
	}
}
