package logpattern

// maxIndex bounds the arrays that put makes.
const maxIndex = 1000

// put returns v with a value at a selector, making what is missing on the way.
// A wildcard stands for one member or element. It fails where another value
// than an object or array is in the way.
func put(v any, s selector, value any) (any, bool) {
	if len(s) == 0 {
		return value, true
	}
	first, rest := s[0], s[1:]
	name, index := first.name, first.index
	switch first.kind {
	case everyMember:
		name = "any"
	case everyElement:
		index = 0
	}
	if first.kind == byName || first.kind == everyMember {
		m, ok := v.(map[string]any)
		if !ok && v != nil {
			return v, false
		}
		out := make(map[string]any, len(m)+1)
		for k, e := range m {
			out[k] = e
		}
		e, ok := put(m[name], rest, value)
		out[name] = e
		return out, ok
	}
	a, ok := v.([]any)
	if m, isObject := v.(map[string]any); !ok && v != nil && (!isObject || len(m) > 0) || index > maxIndex {
		return v, false // an empty object gives way to an array
	}
	out := make([]any, max(len(a), index+1))
	copy(out, a)
	e, ok := put(out[index], rest, value)
	out[index] = e
	return out, ok
}
