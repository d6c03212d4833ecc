package policy

import (
	"errors"
	"fmt"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// expr computes a value for the asset at hand, or says why there is none.
//
// A control is checked by cel-go and then planned: each node of its tree becomes
// an expr, made for the kinds that the checker proved, so that an evaluation
// looks up no names and wraps no values. What an expr gives is what CEL's own
// interpreter gives, in evidence and gaps too, because parts are evaluated in
// the same order. The semantics are those of
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#evaluation.
type expr[T any] func(*activation) (T, *fault)

// fault is why an expression has no value: nobody could read it, which CEL calls
// unknown, or an error.
type fault struct {
	err error // nil: unknown
}

// unread is the fault of what could not be read. Why it could not is in the state.
var unread = &fault{}

// failed reports whether the reason is an error.
func (f *fault) failed() bool { return f != nil && f.err != nil }

// value returns the fault as CEL has it.
func (f *fault) value() ref.Val {
	if f.err == nil {
		return unknown
	}
	return types.WrapErr(f.err)
}

// faultOf returns why a value of CEL is none, nil for every other.
func faultOf(v ref.Val) *fault {
	switch t := v.(type) {
	case *types.Unknown:
		return unread
	case *types.Err:
		return &fault{t}
	}
	return nil
}

// noOverload is CEL's error for a value of a kind that nothing is declared for.
var noOverload = &fault{errors.New("no such overload")}

// node is a planned expression.
type node struct {
	// run is an expr of bool, string, int64, float64, time.Time, time.Duration,
	// *object, *assetRef or, for every other kind, ref.Val.
	run any
	// value is set of a constant.
	value ref.Val
	// literal is set of a constant that is written in the expression: unlike a
	// parameter it is part of what is checked.
	literal bool
	// loose is set where the checker took a kind for granted that it did not prove,
	// because what is looked into may be anything.
	loose bool
}

// always is the expression of a constant.
func always[T any](v T) expr[T] {
	return func(*activation) (T, *fault) { return v, nil }
}

// constant returns the node of a value.
func constant(v ref.Val) node {
	n := node{value: v}
	switch t := v.(type) {
	case types.Bool:
		n.run = always(bool(t))
	case types.String:
		n.run = always(string(t))
	case types.Int:
		n.run = always(int64(t))
	case types.Double:
		n.run = always(float64(t))
	case types.Timestamp:
		n.run = always(t.Time)
	case types.Duration:
		n.run = always(t.Duration)
	default:
		n.run = always(v)
	}
	return n
}

func literal(v ref.Val) node {
	n := constant(v)
	n.literal = true
	return n
}

// boxed returns the expression with its value as CEL has it.
func boxed(n node) expr[ref.Val] {
	if n.value != nil {
		return always(n.value)
	}
	switch run := n.run.(type) {
	case expr[bool]:
		return box(run, func(v bool) ref.Val { return types.Bool(v) })
	case expr[string]:
		return box(run, func(v string) ref.Val { return types.String(v) })
	case expr[int64]:
		return box(run, func(v int64) ref.Val { return types.Int(v) })
	case expr[float64]:
		return box(run, func(v float64) ref.Val { return types.Double(v) })
	case expr[time.Time]:
		return box(run, func(v time.Time) ref.Val { return types.Timestamp{Time: v} })
	case expr[time.Duration]:
		return box(run, func(v time.Duration) ref.Val { return types.Duration{Duration: v} })
	case expr[*object]:
		return box(run, func(v *object) ref.Val { return v })
	case expr[*assetRef]:
		return box(run, func(v *assetRef) ref.Val { return v })
	}
	return n.run.(expr[ref.Val])
}

func box[T any](run expr[T], wrap func(T) ref.Val) expr[ref.Val] {
	return func(act *activation) (ref.Val, *fault) {
		v, why := run(act)
		if why != nil {
			return nil, why
		}
		return wrap(v), nil
	}
}

// as returns the expression with a value of Go. The checker proved its kind, but
// where a value comes from a function or out of a list nobody checked it since.
func as[T any](n node) expr[T] {
	if run, ok := n.run.(expr[T]); ok {
		return run
	}
	run := boxed(n)
	return func(act *activation) (T, *fault) {
		v, why := run(act)
		if why != nil {
			var none T
			return none, why
		}
		return split[T](v)
	}
}

// split returns a value of CEL as one of Go, or why it is none.
func split[T any](v ref.Val) (T, *fault) {
	why := faultOf(v)
	if why == nil {
		if t, ok := unboxed[T](v); ok {
			return t, nil
		}
		why = noOverload
	}
	var none T
	return none, why
}

// unboxed returns a value of CEL as one of Go; ok is false for one of another kind.
func unboxed[T any](v ref.Val) (out T, ok bool) {
	switch p := any(&out).(type) {
	case *bool:
		var b types.Bool
		b, ok = v.(types.Bool)
		*p = bool(b)
	case *string:
		var s types.String
		s, ok = v.(types.String)
		*p = string(s)
	case *int64:
		var i types.Int
		i, ok = v.(types.Int)
		*p = int64(i)
	case *float64:
		var d types.Double
		d, ok = v.(types.Double)
		*p = float64(d)
	case *time.Time:
		var t types.Timestamp
		t, ok = v.(types.Timestamp)
		*p = t.Time
	case *time.Duration:
		var d types.Duration
		d, ok = v.(types.Duration)
		*p = d.Duration
	default:
		out, ok = v.(T)
	}
	return out, ok
}

// both evaluates the arguments of a function that needs both. An error on the left
// ends it; after an unknown the right is evaluated for what it reads, and the
// unknown stays the reason.
func both[A, B any](act *activation, l expr[A], r expr[B]) (x A, y B, why *fault) {
	if x, why = l(act); why.failed() {
		return x, y, why
	}
	y, also := r(act)
	if why == nil {
		why = also
	}
	return x, y, why
}

// planner makes the expressions of one checked tree.
type planner struct {
	provider  *provider
	overloads map[string]*functions.Overload
	names     interpreter.AttributeFactory
	params    paramValues

	checked *ast.AST
	loops   []loop // around the node at hand, outermost first
}

// errForeign says that the planner does not know a form of CEL. Expressions with
// one are left to CEL's interpreter.
var errForeign = errors.New("left to the interpreter")

func foreign(x ast.Expr) error { return fmt.Errorf("%w: node %d", errForeign, x.ID()) }

// plan returns the node of an expression, in the representation of its type.
func (p *planner) plan(x ast.Expr) (node, error) {
	n, err := p.form(x)
	if err != nil {
		return node{}, err
	}
	if _, general := n.run.(expr[ref.Val]); general && n.value == nil && !n.loose {
		n.run = p.narrow(n, p.checked.GetType(x.ID()))
	}
	return n, nil
}

func (p *planner) form(x ast.Expr) (node, error) {
	switch x.Kind() {
	case ast.LiteralKind:
		return literal(x.AsLiteral()), nil
	case ast.IdentKind:
		return p.ident(x)
	case ast.SelectKind:
		return p.member(x)
	case ast.CallKind:
		return p.call(x)
	case ast.ListKind:
		return p.list(x)
	case ast.MapKind:
		return p.mapping(x)
	case ast.ComprehensionKind:
		return p.comprehension(x)
	}
	return node{}, foreign(x)
}

// narrow gives what CEL's own types hold the representation of Go.
func (p *planner) narrow(n node, t *types.Type) any {
	switch t.Kind() {
	case types.BoolKind:
		return as[bool](n)
	case types.StringKind:
		return as[string](n)
	case types.IntKind:
		return as[int64](n)
	case types.DoubleKind:
		return as[float64](n)
	case types.TimestampKind:
		return as[time.Time](n)
	case types.DurationKind:
		return as[time.Duration](n)
	case types.StructKind:
		switch {
		case p.provider.fields[t.TypeName()] != nil:
			return as[*object](n)
		case isAsset(t):
			return as[*assetRef](n)
		}
	}
	return n.run
}
