package policy

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// selects are the members of documents that an expression selects, by the id of
// the select.
type selects map[int64]selected

type selected struct {
	name  string
	field *field
}

func (p *provider) selects(checked *ast.AST) selects {
	out := selects{}
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.SelectKind {
			return
		}
		s := x.AsSelect()
		if t := checked.GetType(s.Operand().ID()); t != nil && t.Kind() == types.StructKind {
			if f := p.fields[t.TypeName()][s.FieldName()]; f != nil {
				out[x.ID()] = selected{s.FieldName(), f}
			}
		}
	}))
	return out
}

// decorate puts chains in the place of CEL's own nodes for variables and what is
// selected from them.
func (s selects) decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	attribute, ok := i.(interpreter.InterpretableAttribute)
	if !ok || attribute.IsOptional() {
		return i, nil
	}
	if _, known := i.(*chain); known {
		return i, nil
	}
	variable, ok := attribute.Attr().(interpreter.NamespacedAttribute)
	if !ok || len(variable.Qualifiers()) > 0 {
		return i, nil
	}
	names := variable.CandidateVariableNames()
	if len(names) != 1 {
		return i, nil
	}
	return &chain{InterpretableAttribute: attribute, name: names[0], selects: s}, nil
}

// chain is a variable and what is selected from it: config.A.B, or the element of
// a list in a comprehension. It gives what CEL's own node gives, but asks documents
// directly: this is where most of the time of an evaluation goes. While CEL plans
// an expression, AddQualifier grows it; then it does not change any more.
type chain struct {
	interpreter.InterpretableAttribute
	name     string
	steps    []step
	optional bool // it has a step that CEL's own node must do
	selects  selects
}

// step is one member, index or key; field is nil for what is no member of a
// document.
type step struct {
	selected
	qualifier interpreter.Qualifier
}

// AddQualifier implements interpreter.InterpretableAttribute.
func (c *chain) AddQualifier(q interpreter.Qualifier) (interpreter.Attribute, error) {
	c.steps = append(c.steps, step{c.selects[q.ID()], q})
	c.optional = c.optional || q.IsOptional()
	return c.InterpretableAttribute.AddQualifier(q)
}

// Exec implements interpreter.InterpretableV2.
func (c *chain) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	if c.optional {
		return c.InterpretableAttribute.Exec(frame)
	}
	v, found := frame.ResolveName(c.name)
	if !found {
		return c.InterpretableAttribute.Exec(frame)
	}
	switch t := v.(type) {
	case *types.Err:
		return c.failed(t)
	case *types.Unknown:
		return t
	}
	for i := range c.steps {
		s := &c.steps[i]
		var err error
		if o, ok := v.(*object); ok && s.field != nil {
			v, err = o.get(s.name, s.field)
		} else {
			v, err = s.qualifier.Qualify(frame, v)
		}
		if err != nil {
			return c.failed(err)
		}
	}
	if value, ok := v.(ref.Val); ok {
		return value
	}
	return c.Adapter().NativeToValue(v)
}

// Eval implements interpreter.Interpretable.
func (c *chain) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, c.Exec)
}

func (c *chain) failed(err error) ref.Val { return types.LabelErrNode(c.ID(), types.WrapErr(err)) }
