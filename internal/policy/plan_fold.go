package policy

import (
	"cmp"
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// maxLoops is how deep comprehensions may stand in each other.
const maxLoops = 16

// slot holds the element at which a loop is, in the representation of its variable.
type slot struct {
	object *object
	text   string
	value  ref.Val
	why    *fault // the element has no value
}

// loop is a comprehension while what it repeats is planned.
type loop struct {
	name  string
	depth int
	holds representation
}

// representation is in which member of a slot an element is.
type representation int

// The representations of elements.
const (
	asValue representation = iota
	asObject
	asText
)

// loop returns the innermost comprehension with a variable of that name.
func (p *planner) loop(name string) *loop {
	for i := len(p.loops) - 1; i >= 0; i-- {
		if p.loops[i].name == name {
			return &p.loops[i]
		}
	}
	return nil
}

// variable is the node of the loop's element.
func (l *loop) variable() node {
	depth := l.depth
	switch l.holds {
	case asObject:
		return node{run: expr[*object](func(act *activation) (*object, *fault) {
			s := &act.slots[depth]
			return s.object, s.why
		})}
	case asText:
		return node{run: expr[string](func(act *activation) (string, *fault) {
			s := &act.slots[depth]
			return s.text, s.why
		})}
	}
	return node{run: expr[ref.Val](func(act *activation) (ref.Val, *fault) {
		s := &act.slots[depth]
		return s.value, s.why
	})}
}

// set puts a value of CEL into the slot.
func (s *slot) set(v ref.Val, as representation) {
	s.why = faultOf(v)
	if s.why != nil {
		return
	}
	ok := true
	switch as {
	case asObject:
		s.object, ok = v.(*object)
	case asText:
		var t types.String
		t, ok = v.(types.String)
		s.text = string(t)
	default:
		s.value = v
	}
	if !ok {
		s.why = noOverload
	}
}

// comprehension plans the loops that the macros all, exists, exists_one, map and
// filter expand to; others are left to the interpreter. See
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros.
func (p *planner) comprehension(x ast.Expr) (node, error) {
	c := x.AsComprehension()
	f, ok := folded(c)
	if !ok || c.HasIterVar2() || len(p.loops) == maxLoops {
		return node{}, foreign(x)
	}
	over, err := p.plan(c.IterRange())
	if err != nil {
		return node{}, err
	}
	l := loop{name: c.IterVar(), depth: len(p.loops), holds: p.elements(c.IterRange())}
	p.loops = append(p.loops, l)
	defer func() { p.loops = p.loops[:l.depth] }()
	parts := make([]node, 2)
	for i, part := range []ast.Expr{f.when, f.gives} {
		if part != nil {
			if parts[i], err = p.plan(part); err != nil {
				return node{}, err
			}
		}
	}
	run := boxed(over)
	switch f.kind {
	case operators.All:
		return node{run: quantified(l, run, as[bool](parts[0]), false)}, nil
	case operators.Exists:
		return node{run: quantified(l, run, as[bool](parts[0]), true)}, nil
	case operators.ExistsOne:
		return node{run: one(l, run, as[bool](parts[0]))}, nil
	}
	var when expr[bool]
	if f.when != nil {
		when = as[bool](parts[0])
	}
	return node{run: p.mapped(l, run, when, boxed(parts[1]))}, nil
}

// elements is the representation of the elements of a list.
func (p *planner) elements(x ast.Expr) representation {
	t := p.checked.GetType(x.ID())
	if t.Kind() != types.ListKind {
		return asValue
	}
	switch elem := t.Parameters()[0]; {
	case elem.Kind() == types.StringKind:
		return asText
	case elem.Kind() == types.StructKind && p.provider.fields[elem.TypeName()] != nil:
		return asObject
	}
	return asValue
}

// fold is what a macro was written with.
type fold struct {
	kind  string   // the macro; map is filter as well
	when  ast.Expr // of each element; nil for a map without
	gives ast.Expr // the element of the new list
}

// folded recognises the macro that a comprehension was expanded from.
func folded(c ast.ComprehensionExpr) (fold, bool) {
	accu := c.AccuVar()
	isAccu := func(x ast.Expr) bool { return x.Kind() == ast.IdentKind && x.AsIdent() == accu }
	step := c.LoopStep()
	if step.Kind() != ast.CallKind {
		return fold{}, false
	}
	args := step.AsCall().Args()
	switch f := step.AsCall().FunctionName(); {
	case f == operators.LogicalAnd && len(args) == 2 && isAccu(args[0]) && isAccu(c.Result()) && isLiteral(c.AccuInit(), types.True):
		return fold{kind: operators.All, when: args[1]}, true
	case f == operators.LogicalOr && len(args) == 2 && isAccu(args[0]) && isAccu(c.Result()) && isLiteral(c.AccuInit(), types.False):
		return fold{kind: operators.Exists, when: args[1]}, true
	}
	if !isLiteral(c.LoopCondition(), types.True) {
		return fold{}, false
	}
	var when ast.Expr
	if step.AsCall().FunctionName() == operators.Conditional {
		if !isAccu(args[2]) {
			return fold{}, false
		}
		when, step = args[0], args[1]
	}
	if step.Kind() != ast.CallKind || step.AsCall().FunctionName() != operators.Add || !isAccu(step.AsCall().Args()[0]) {
		return fold{}, false
	}
	added := step.AsCall().Args()[1]
	switch {
	case when != nil && isLiteral(added, types.IntOne) && isLiteral(c.AccuInit(), types.IntZero) && c.Result().Kind() == ast.CallKind:
		return fold{kind: operators.ExistsOne, when: when}, true
	case added.Kind() == ast.ListKind && added.AsList().Size() == 1 && isAccu(c.Result()) && c.AccuInit().Kind() == ast.ListKind && c.AccuInit().AsList().Size() == 0:
		return fold{kind: operators.Map, when: when, gives: added.AsList().Elements()[0]}, true
	}
	return fold{}, false
}

func isLiteral(x ast.Expr, v ref.Val) bool { return x.Kind() == ast.LiteralKind && x.AsLiteral() == v }

// over calls do with each element in the slot of the loop, until do is false.
func (l *loop) over(act *activation, of ref.Val, do func() bool) *fault {
	s := &act.slots[l.depth]
	switch items := of.(type) {
	case *list:
		for i := range items.items {
			switch l.holds {
			case asObject:
				s.object, s.why = items.objectAt(i)
			case asText:
				s.text, s.why = items.textAt(i)
			default:
				s.set(items.at(i), l.holds)
			}
			if !do() {
				return nil
			}
		}
	case *assetList:
		if items.gap != nil {
			items.st.hit(items.gap) // CEL asks for the size first, which is unknown
		}
		for i := range items.length() {
			s.value, s.why = items.at(i), nil
			if !do() {
				return nil
			}
		}
	case traits.Lister:
		n, _ := items.Size().(types.Int)
		for i := range n {
			s.set(items.Get(i), l.holds)
			if !do() {
				return nil
			}
		}
	case traits.Mapper:
		for _, key := range keys(items) {
			s.set(key, l.holds)
			if !do() {
				return nil
			}
		}
	default:
		if sized, ok := of.(traits.Sizer); ok && sized.Size() == types.IntZero {
			return nil
		}
		return &fault{fmt.Errorf("got '%T', expected iterable type", of)}
	}
	return nil
}

// keys returns the keys of a map, in order where they are texts, so that the same
// document gives the same evidence.
func keys(m traits.Mapper) []ref.Val {
	var out []ref.Val
	for it := m.Iterator(); it.HasNext() == types.True; {
		out = append(out, it.Next())
	}
	slices.SortFunc(out, func(a, b ref.Val) int {
		x, _ := a.(types.String)
		y, _ := b.(types.String)
		return cmp.Compare(x, y)
	})
	return out
}

// quantified is exists, decided by an element for which the condition is true, or
// all, by one for which it is false. Like || and && it absorbs what it can.
func quantified(l loop, of expr[ref.Val], holds expr[bool], by bool) expr[bool] {
	return func(act *activation) (bool, *fault) {
		items, why := of(act)
		if why != nil {
			return false, why
		}
		decided := false
		if failed := l.over(act, items, func() bool {
			v, also := holds(act)
			if also != nil {
				why = stronger(why, also)
				return true
			}
			decided = v == by
			return !decided
		}); failed != nil {
			return false, failed
		}
		if decided {
			return by, nil
		}
		return !by, why
	}
}

// one is exists_one. It absorbs nothing: the last condition without a value is
// the reason, and a later true does not change it.
func one(l loop, of expr[ref.Val], holds expr[bool]) expr[bool] {
	return func(act *activation) (bool, *fault) {
		items, why := of(act)
		if why != nil {
			return false, why
		}
		n := 0
		if failed := l.over(act, items, func() bool {
			v, also := holds(act)
			switch {
			case also != nil:
				why = also
			case v:
				n++
			}
			return true
		}); failed != nil {
			return false, failed
		}
		return n == 1, why
	}
}

// mapped is map and filter, the latter with a condition. After an element without
// a value there is no list any more: of an unknown the others are evaluated still,
// of an error only their conditions.
func (p *planner) mapped(l loop, of expr[ref.Val], when expr[bool], gives expr[ref.Val]) expr[ref.Val] {
	return func(act *activation) (ref.Val, *fault) {
		items, why := of(act)
		if why != nil {
			return nil, why
		}
		var out []ref.Val
		if failed := l.over(act, items, func() bool {
			if when != nil {
				yes, also := when(act)
				if also != nil {
					why = also
				}
				if also != nil || !yes {
					return true
				}
			}
			if why.failed() {
				return when != nil
			}
			v, also := gives(act)
			switch {
			case why != nil:
			case also != nil:
				why = also
			default:
				out = append(out, v)
			}
			return true
		}); failed != nil {
			return nil, failed
		}
		if why != nil {
			return nil, why
		}
		return types.NewRefValList(p.provider.Registry, out), nil
	}
}
