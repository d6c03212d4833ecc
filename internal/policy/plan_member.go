package policy

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/stance-sec/stance/internal/model"
)

// isAsset says that a type is that of assets, not of their documents.
func isAsset(t *types.Type) bool { return strings.HasPrefix(t.TypeName(), assetPrefix) }

// ident plans a variable: one of a comprehension around it, or of the evaluation.
func (p *planner) ident(x ast.Expr) (node, error) {
	name := x.AsIdent()
	if l := p.loop(name); l != nil {
		return l.variable(), nil
	}
	known, ok := p.checked.ReferenceMap()[x.ID()]
	if !ok || known.Value != nil || known.Name != name {
		return node{}, foreign(x)
	}
	switch name {
	case "config":
		return node{run: expr[*object](func(act *activation) (*object, *fault) { return &act.root, nil })}, nil
	case "asset":
		return node{run: expr[*assetRef](func(act *activation) (*assetRef, *fault) { return &act.self, nil })}, nil
	case "now":
		return node{run: expr[time.Time](func(act *activation) (time.Time, *fault) { return act.ev.st.now, nil })}, nil
	case "tags":
		return node{run: expr[ref.Val](func(act *activation) (ref.Val, *fault) { return p.value(act.tags()) })}, nil
	}
	if read := ofSubject(name); read != nil {
		return node{run: expr[string](func(act *activation) (string, *fault) { return read(act.asset), nil })}, nil
	}
	return node{}, foreign(x)
}

// ofSubject returns what reads a text of an asset, nil for what is none.
func ofSubject(name string) func(*model.Asset) string {
	switch name {
	case "id":
		return func(a *model.Asset) string { return a.ID }
	case "name":
		return func(a *model.Asset) string { return a.Name }
	case "type":
		return func(a *model.Asset) string { return a.Type }
	case "region":
		return func(a *model.Asset) string { return a.Scope.Region }
	case "account":
		return func(a *model.Asset) string { return a.Scope.Account }
	case "partition":
		return func(a *model.Asset) string { return a.Scope.Partition }
	case "managed_by":
		return func(a *model.Asset) string { return a.ManagedBy }
	}
	return nil
}

// value turns what is held in Go into a value of CEL.
func (p *planner) value(v any) (ref.Val, *fault) {
	return split[ref.Val](p.provider.NativeToValue(v))
}

// member plans a selection: a member of a document or of an asset, a parameter, a
// list of assets, or a key of a map.
func (p *planner) member(x ast.Expr) (node, error) {
	if _, named := p.checked.ReferenceMap()[x.ID()]; named || x.AsSelect().IsTestOnly() {
		return node{}, foreign(x)
	}
	of, name := x.AsSelect().Operand(), x.AsSelect().FieldName()
	t := p.checked.GetType(of.ID())
	if of.Kind() == ast.IdentKind && p.loop(of.AsIdent()) == nil && t.Kind() == types.StructKind {
		switch {
		case listsAssets(t.TypeName()):
			return p.assets(x, t.TypeName(), name)
		case of.AsIdent() == "params":
			if v, ok := p.params[name]; ok {
				return constant(v), nil
			}
		}
	}
	n, err := p.plan(of)
	if err != nil {
		return node{}, err
	}
	if t.Kind() == types.StructKind {
		switch run := n.run.(type) {
		case expr[*object]:
			if f := p.provider.fields[t.TypeName()][name]; f != nil {
				return p.field(run, name, f), nil
			}
		case expr[*assetRef]:
			return p.property(x, run, name)
		}
		return node{}, foreign(x)
	}
	return p.key(x, of, n, types.String(name))
}

// field plans a member of a document.
func (p *planner) field(of expr[*object], name string, f *field) node {
	switch f.schema.Kind {
	case model.Object:
		return node{run: read(of, name, f, (*object).object)}
	case model.Bool:
		return node{run: read(of, name, f, (*object).bool)}
	case model.Int:
		return node{run: read(of, name, f, (*object).int)}
	case model.Float:
		return node{run: read(of, name, f, (*object).float)}
	case model.Time:
		return node{run: read(of, name, f, (*object).time)}
	case model.String:
		return node{run: read(of, name, f, (*object).string)}
	case model.List:
		return node{run: read(of, name, f, func(o *object, name string, f *field) (ref.Val, *fault) { return val(o.list(name, f)) })}
	case model.Map:
		return node{run: read(of, name, f, func(o *object, name string, f *field) (ref.Val, *fault) {
			m, why := o.mapping(name, f)
			if why != nil {
				return nil, why
			}
			return p.value(m)
		})}
	}
	return node{run: read(of, name, f, func(o *object, name string, f *field) (ref.Val, *fault) { return val(o.blob(name, f)) })}
}

func read[T any](of expr[*object], name string, f *field, get func(*object, string, *field) (T, *fault)) expr[T] {
	return func(act *activation) (T, *fault) {
		o, why := of(act)
		if why != nil {
			var none T
			return none, why
		}
		return get(o, name, f)
	}
}

// val is a value of ours as one of CEL, which a nil of ours must not become.
func val[T ref.Val](v T, why *fault) (ref.Val, *fault) {
	if why != nil {
		return nil, why
	}
	return v, nil
}

// assets plans assets("TYPE") and its like, which the macros make of variables.
func (p *planner) assets(x ast.Expr, of, typ string) (node, error) {
	f, ok := p.provider.assetsField(typ, of)
	if !ok {
		return node{}, foreign(x)
	}
	return node{run: expr[ref.Val](func(act *activation) (ref.Val, *fault) {
		v, err := f.GetFrom(act.st)
		if err != nil {
			return nil, &fault{err}
		}
		return p.value(v)
	})}, nil
}

// property plans what is asked of an asset: its document, or what the inventory
// says of it.
func (p *planner) property(x ast.Expr, of expr[*assetRef], name string) (node, error) {
	if text := ofSubject(name); text != nil {
		return node{run: ofAsset(of, func(a *assetRef) (string, *fault) { return text(a.asset), nil })}, nil
	}
	switch name {
	case "config":
		t := p.checked.GetType(x.ID())
		return node{run: ofAsset(of, func(a *assetRef) (*object, *fault) { return a.config(t), nil })}, nil
	case "tags":
		return node{run: ofAsset(of, func(a *assetRef) (ref.Val, *fault) { return p.value(tagMap(a.asset)) })}, nil
	}
	return node{}, foreign(x)
}

// ofAsset is what is asked of an asset, which is unknown for those that nobody saw.
func ofAsset[T any](of expr[*assetRef], get func(*assetRef) (T, *fault)) expr[T] {
	return func(act *activation) (T, *fault) {
		a, why := of(act)
		if why == nil && a.gap != nil {
			a.st.hit(a.gap)
			why = unread
		}
		if why != nil {
			var none T
			return none, why
		}
		return get(a)
	}
}

// key plans a key of a map or a position of a list that is known beforehand. What
// is looked into may be of any kind, so CEL's own qualifier does it.
func (p *planner) key(x, operand ast.Expr, of node, key ref.Val) (node, error) {
	q, err := p.names.NewQualifier(nil, x.ID(), key, false)
	if err != nil {
		return node{}, fmt.Errorf("plan a key: %w", err)
	}
	run := boxed(of)
	return node{loose: p.isDyn(operand), run: expr[ref.Val](func(act *activation) (ref.Val, *fault) {
		v, why := run(act)
		if why != nil {
			return nil, why
		}
		return p.qualified(q, v)
	})}, nil
}

// index plans of[at].
func (p *planner) index(x ast.Expr, of, at node) (node, error) {
	operand := x.AsCall().Args()[0]
	if at.value != nil {
		return p.key(x, operand, of, at.value)
	}
	run, key := boxed(of), boxed(at)
	part := isPart(operand)
	return node{loose: p.isDyn(operand), run: expr[ref.Val](func(act *activation) (ref.Val, *fault) {
		v, why := run(act)
		if why.failed() || why != nil && !part {
			return nil, why
		}
		k, also := key(act)
		if also != nil {
			return nil, also
		}
		if why != nil {
			return nil, why
		}
		q, err := p.names.NewQualifier(nil, x.ID(), k, false)
		if err != nil {
			return nil, &fault{err}
		}
		return p.qualified(q, v)
	})}, nil
}

// isPart says that an expression is a part of a variable's value. CEL evaluates a
// position in an unread part, and in nothing else that is unread.
func isPart(x ast.Expr) bool {
	part := false
	for {
		switch {
		case x.Kind() == ast.SelectKind:
			x = x.AsSelect().Operand()
		case x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.Index:
			x = x.AsCall().Args()[0]
		default:
			return part && x.Kind() == ast.IdentKind
		}
		part = true
	}
}

func (p *planner) isDyn(x ast.Expr) bool { return p.checked.GetType(x.ID()).Kind() == types.DynKind }

func (p *planner) qualified(q interpreter.Qualifier, v ref.Val) (ref.Val, *fault) {
	out, err := q.Qualify(nil, v)
	if err != nil {
		return nil, &fault{err}
	}
	return p.value(out)
}
