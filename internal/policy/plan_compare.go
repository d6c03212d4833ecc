package policy

import (
	"cmp"
	"time"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// equality plans == and, where same is false, !=. Values of one kind are compared
// as Go does, others by CEL's own definition, see
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#equality.
func equality(args []node, same bool) node {
	l, r := args[0], args[1]
	for _, run := range []expr[bool]{
		equal[string](l, r, same), equal[int64](l, r, same), equal[bool](l, r, same), equal[float64](l, r, same), equal[time.Duration](l, r, same),
	} {
		if run != nil {
			return node{run: run}
		}
	}
	a, b := boxed(l), boxed(r)
	return node{run: expr[bool](func(act *activation) (bool, *fault) {
		x, y, why := operands(act, a, b)
		if why != nil {
			return false, why
		}
		eq, why := split[bool](types.Equal(x, y))
		return eq == same, why
	})}
}

// equal compares nodes of one representation, nil for those of another.
func equal[T comparable](l, r node, same bool) expr[bool] {
	a, ok := l.run.(expr[T])
	b, too := r.run.(expr[T])
	if !ok || !too {
		return nil
	}
	if c, ok := unboxed[T](r.value); ok {
		return func(act *activation) (bool, *fault) {
			x, why := a(act)
			return (x == c) == same, why
		}
	}
	return func(act *activation) (bool, *fault) {
		x, y, why := operands(act, a, b)
		return (x == y) == same, why
	}
}

// operands evaluates both sides of an equality. Unlike with other functions an
// error on either side is stronger than an unknown on the other.
func operands[T any](act *activation, l, r expr[T]) (x, y T, why *fault) {
	if x, why = l(act); why.failed() {
		return x, y, why
	}
	y, also := r(act)
	if why == nil || also.failed() {
		why = also
	}
	return x, y, why
}

// ordering plans <, <=, > and >= of two values of one kind, nil for those without
// such an order in Go, and for other operators.
func ordering(operator string, args []node) expr[bool] {
	var holds func(int) bool
	switch operator {
	case operators.Less:
		holds = func(c int) bool { return c < 0 }
	case operators.LessEquals:
		holds = func(c int) bool { return c <= 0 }
	case operators.Greater:
		holds = func(c int) bool { return c > 0 }
	case operators.GreaterEquals:
		holds = func(c int) bool { return c >= 0 }
	default:
		return nil
	}
	l, r := args[0], args[1]
	for _, run := range []expr[bool]{
		ordered(l, r, cmp.Compare[int64], holds), ordered(l, r, cmp.Compare[string], holds),
		ordered(l, r, cmp.Compare[time.Duration], holds), ordered(l, r, time.Time.Compare, holds),
	} {
		if run != nil {
			return run
		}
	}
	return nil
}

func ordered[T any](l, r node, compare func(T, T) int, holds func(int) bool) expr[bool] {
	a, ok := l.run.(expr[T])
	b, too := r.run.(expr[T])
	if !ok || !too {
		return nil
	}
	return func(act *activation) (bool, *fault) {
		x, y, why := both(act, a, b)
		return why == nil && holds(compare(x, y)), why
	}
}
