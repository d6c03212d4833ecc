package policy

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// list plans [a, b]. A list of literals is made once.
func (p *planner) list(x ast.Expr) (node, error) {
	l := x.AsList()
	if len(l.OptionalIndices()) > 0 {
		return node{}, foreign(x)
	}
	elems, err := p.nodes(l.Elements())
	if err != nil {
		return node{}, err
	}
	run := made(elems, func(vals []ref.Val) ref.Val { return types.NewRefValList(p.provider.Registry, vals) })
	return p.once(run, elems)
}

// mapping plans {key: value}. A map of literals is made once.
func (p *planner) mapping(x ast.Expr) (node, error) {
	var parts []ast.Expr
	for _, e := range x.AsMap().Entries() {
		entry := e.AsMapEntry()
		if entry.IsOptional() {
			return node{}, foreign(x)
		}
		parts = append(parts, entry.Key(), entry.Value())
	}
	nodes, err := p.nodes(parts)
	if err != nil {
		return node{}, err
	}
	run := made(nodes, func(vals []ref.Val) ref.Val {
		m := make(map[ref.Val]ref.Val, len(vals)/2)
		for pair := range slices.Chunk(vals, 2) {
			m[pair[0]] = pair[1]
		}
		return types.NewRefValMap(p.provider.Registry, m)
	})
	return p.once(run, nodes)
}

func (p *planner) nodes(xs []ast.Expr) ([]node, error) {
	out := make([]node, len(xs))
	for i, x := range xs {
		var err error
		if out[i], err = p.plan(x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// made makes a value of parts. The first error among them is the result; unknowns
// are only when all have been evaluated.
func made(parts []node, from func([]ref.Val) ref.Val) expr[ref.Val] {
	runs := make([]expr[ref.Val], len(parts))
	for i, n := range parts {
		runs[i] = boxed(n)
	}
	return func(act *activation) (ref.Val, *fault) {
		vals, why := all(act, runs)
		if why != nil {
			return nil, why
		}
		return split[ref.Val](from(vals))
	}
}

// all evaluates arguments until one is an error.
func all(act *activation, runs []expr[ref.Val]) ([]ref.Val, *fault) {
	vals := make([]ref.Val, len(runs))
	var unknown *fault
	for i, run := range runs {
		v, why := run(act)
		if why.failed() {
			return nil, why
		}
		if why != nil {
			unknown = why
		}
		vals[i] = v
	}
	return vals, unknown
}

// once evaluates what is made of nothing but literals.
func (p *planner) once(run expr[ref.Val], parts []node) (node, error) {
	if slices.ContainsFunc(parts, func(n node) bool { return !n.literal }) {
		return node{run: run}, nil
	}
	v, why := run(nil)
	if why != nil {
		return node{}, why.err
	}
	return literal(v), nil
}

// within plans x in list and x in map. A list that is known beforehand is a set.
func (p *planner) within(args []node) node {
	elem, in := args[0], args[1]
	set, known := in.value.(traits.Lister)
	if known && in.literal && set.Size() == types.IntZero {
		return literal(types.False)
	}
	switch run := elem.run.(type) {
	case expr[string]:
		if strs, ok := natives[string](set); ok {
			return node{run: among(run, strs)}
		}
		return node{run: heldText(run, boxed(in))}
	case expr[int64]:
		if numbers, ok := natives[int64](set); ok {
			return node{run: among(run, numbers)}
		}
	}
	l, r := boxed(elem), boxed(in)
	return node{run: expr[bool](func(act *activation) (bool, *fault) {
		x, of, why := both(act, l, r)
		if why != nil {
			return false, why
		}
		return contains(of, x)
	})}
}

// natives returns the elements of a list that are all of one kind.
func natives[T any](l traits.Lister) ([]T, bool) {
	if l == nil {
		return nil, false
	}
	var out []T
	for it := l.Iterator(); it.HasNext() == types.True; {
		v, ok := unboxed[T](it.Next())
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// fewElements is up to how many elements looking at each is quicker than hashing.
const fewElements = 8

func among[T comparable](run expr[T], set []T) expr[bool] {
	if len(set) <= fewElements {
		return func(act *activation) (bool, *fault) {
			v, why := run(act)
			return why == nil && slices.Contains(set, v), why
		}
	}
	keys := make(map[T]bool, len(set))
	for _, v := range set {
		keys[v] = true
	}
	return func(act *activation) (bool, *fault) {
		v, why := run(act)
		return why == nil && keys[v], why
	}
}

// heldText says whether a list of a document, or another list or map, holds a text.
func heldText(text expr[string], in expr[ref.Val]) expr[bool] {
	return func(act *activation) (bool, *fault) {
		x, of, why := both(act, text, in)
		if why != nil {
			return false, why
		}
		if l, ok := of.(*list); ok {
			return l.holds(x), nil
		}
		return contains(of, types.String(x))
	}
}

func contains(of, x ref.Val) (bool, *fault) {
	c, ok := of.(traits.Container)
	if !ok {
		return false, noOverload
	}
	return split[bool](c.Contains(x))
}

// sizeOf counts the elements of a list or a map.
func sizeOf(run expr[ref.Val]) expr[int64] {
	return func(act *activation) (int64, *fault) {
		v, why := run(act)
		if why != nil {
			return 0, why
		}
		switch l := v.(type) {
		case *list:
			return int64(len(l.items)), nil
		case traits.Sizer:
			return split[int64](l.Size())
		}
		return 0, noOverload
	}
}
