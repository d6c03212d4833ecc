package network

import (
	"math"
	"strconv"
	"strings"
)

// integer reads a whole number as decoders and vendors spell it: int64 and its
// kin, float64, json.Number, or digits in a string.
func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case float64:
		if n != math.Trunc(n) || math.Abs(n) > 1<<53 {
			return 0, false
		}
		return int64(n), true
	case string:
		i, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		return i, err == nil
	case interface{ Int64() (int64, error) }: // json.Number
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

// boolean reads a truth value, also in a string.
func boolean(v any) (bool, bool) {
	switch b := v.(type) {
	case bool:
		return b, true
	case string:
		t, err := strconv.ParseBool(strings.ToLower(b))
		return t, err == nil
	}
	return false, false
}

// list returns the items of a member. Absent and null are an empty list; a
// value of another shape is not a list.
func list(doc map[string]any, member string) (items []any, ok bool) {
	switch v := doc[member].(type) {
	case nil:
		return nil, true
	case []any:
		return v, true
	case []map[string]any:
		for _, e := range v {
			items = append(items, e)
		}
		return items, true
	}
	return nil, false
}

func object(v any) (map[string]any, bool) {
	m, ok := v.(map[string]any)
	return m, ok && m != nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
