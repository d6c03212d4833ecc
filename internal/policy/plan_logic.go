package policy

import (
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// logical plans && and ||, which are commutative in what they absorb: one term
// that decides does so whatever the others are, errors and unknowns among them.
// Otherwise an unknown is stronger than an error, and the first error than later
// ones. See
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators.
func (p *planner) logical(x ast.Expr) (node, error) {
	operator := x.AsCall().FunctionName()
	terms, err := p.terms(x, operator, nil)
	if err != nil {
		return node{}, err
	}
	return node{run: decided(terms, operator == operators.LogicalOr)}, nil
}

// terms flattens a && b && c, which is parsed as a tree of pairs.
func (p *planner) terms(x ast.Expr, operator string, terms []expr[bool]) ([]expr[bool], error) {
	if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operator {
		var err error
		for _, arg := range x.AsCall().Args() {
			if terms, err = p.terms(arg, operator, terms); err != nil {
				return nil, err
			}
		}
		return terms, nil
	}
	n, err := p.plan(x)
	if err != nil {
		return nil, err
	}
	return append(terms, as[bool](n)), nil
}

// decided is by as soon as one of the terms is, and otherwise its opposite.
func decided(terms []expr[bool], by bool) expr[bool] {
	if len(terms) == 2 {
		l, r := terms[0], terms[1]
		return func(act *activation) (bool, *fault) {
			v, why := l(act)
			if why == nil && v == by {
				return by, nil
			}
			v, also := r(act)
			if also == nil && v == by {
				return by, nil
			}
			return !by, stronger(why, also)
		}
	}
	return func(act *activation) (bool, *fault) {
		var why *fault
		for _, term := range terms {
			v, also := term(act)
			if also == nil && v == by {
				return by, nil
			}
			why = stronger(why, also)
		}
		return !by, why
	}
}

// stronger returns the fault that an operator keeps which absorbs them.
func stronger(first, second *fault) *fault {
	if first == nil || (first.failed() && second != nil && !second.failed()) {
		return second
	}
	return first
}

func not(run expr[bool]) expr[bool] {
	return func(act *activation) (bool, *fault) {
		v, why := run(act)
		return !v, why
	}
}

// conditional plans c ? t : f, of which only what the condition chooses is
// evaluated.
func conditional(args []node) node {
	cond, t, f := as[bool](args[0]), args[1], args[2]
	for _, run := range []any{
		chosen[bool](cond, t, f), chosen[string](cond, t, f), chosen[int64](cond, t, f), chosen[float64](cond, t, f),
		chosen[time.Time](cond, t, f), chosen[time.Duration](cond, t, f), chosen[*object](cond, t, f), chosen[*assetRef](cond, t, f),
	} {
		if run != nil {
			return node{run: run}
		}
	}
	return node{run: choice(cond, boxed(t), boxed(f)), loose: t.loose || f.loose}
}

// chosen is the choice between two nodes of the same representation, nil for
// those of another.
func chosen[T any](cond expr[bool], t, f node) any {
	yes, ok := t.run.(expr[T])
	no, too := f.run.(expr[T])
	if !ok || !too {
		return nil
	}
	return choice(cond, yes, no)
}

func choice[T any](cond expr[bool], t, f expr[T]) expr[T] {
	return func(act *activation) (T, *fault) {
		yes, why := cond(act)
		switch {
		case why != nil:
			var none T
			return none, why
		case yes:
			return t(act)
		}
		return f(act)
	}
}
