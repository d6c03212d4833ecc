package gcp

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/parser"
)

// Condition is a compiled condition of a binding or of a deny rule.
// https://cloud.google.com/iam/docs/conditions-attribute-reference
type Condition struct {
	Title, Text string
	// Problem says why the text is no condition; such a one is never decided.
	Problem string

	expr ast.Expr
}

// maxCondition bounds the text of a condition, in bytes; Google's own bound is
// smaller.
const maxCondition = 32 << 10

// ParseCondition compiles a condition. It never fails: what is no expression is
// unknown.
func ParseCondition(text, title string) *Condition {
	c := &Condition{Text: text, Title: title}
	if strings.TrimSpace(text) == "" {
		c.Problem = "the condition has no expression"
		return c
	}
	if len(text) > maxCondition {
		c.Problem = "the condition is too long"
		return c
	}
	p, err := parser.NewParser(parser.MaxRecursionDepth(100), parser.ErrorRecoveryLimit(1), parser.ExpressionSizeCodePointLimit(maxCondition))
	if err != nil {
		c.Problem = err.Error()
		return c
	}
	parsed, errs := p.Parse(common.NewTextSource(text))
	if errs != nil && len(errs.GetErrors()) > 0 {
		c.Problem = errs.GetErrors()[0].Message
		return c
	}
	c.expr = parsed.Expr()
	return c
}

func (c *Condition) label() string {
	if c.Title != "" {
		return fmt.Sprintf("%q (%s)", c.Title, c.Text)
	}
	return c.Text
}

// Holds evaluates the condition in three values. Times are compared with the
// context's; hours and days of the week, which come again, are not known, and
// neither is any attribute that the context does not have.
func (c *Condition) Holds(ctx Context) Truth {
	if c.Problem != "" || c.expr == nil {
		return Unknown
	}
	return ctx.truth(c.expr)
}

func (ctx Context) truth(e ast.Expr) Truth {
	switch e.Kind() {
	case ast.LiteralKind:
		if b, ok := e.AsLiteral().Value().(bool); ok {
			return boolean(b)
		}
	case ast.CallKind:
		return ctx.call(e.AsCall())
	}
	return Unknown
}

func boolean(b bool) Truth {
	if b {
		return True
	}
	return False
}

func (ctx Context) call(c ast.CallExpr) Truth {
	args := c.Args()
	switch c.FunctionName() {
	case operators.LogicalAnd:
		out := True
		for _, a := range args {
			out = out.And(ctx.truth(a))
		}
		return out
	case operators.LogicalOr:
		out := False
		for _, a := range args {
			out = out.Or(ctx.truth(a))
		}
		return out
	case operators.LogicalNot:
		return ctx.truth(args[0]).Not()
	case operators.Conditional:
		switch ctx.truth(args[0]) {
		case True:
			return ctx.truth(args[1])
		case False:
			return ctx.truth(args[2])
		}
		a, b := ctx.truth(args[1]), ctx.truth(args[2])
		if a == b {
			return a
		}
		return Unknown
	case operators.In:
		return ctx.in(args[0], args[1])
	case "startsWith", "endsWith", "contains":
		if c.IsMemberFunction() && len(args) == 1 {
			return ctx.text(c.FunctionName(), c.Target(), args[0])
		}
		return Unknown
	}
	if len(args) == 2 {
		return ctx.compare(c.FunctionName(), args[0], args[1])
	}
	return Unknown
}

// in decides x in [a, b]; an element that is not known may be equal.
func (ctx Context) in(x, list ast.Expr) Truth {
	if list.Kind() != ast.ListKind {
		return Unknown
	}
	out := False
	for _, e := range list.AsList().Elements() {
		out = out.Or(ctx.compare(operators.Equals, x, e))
	}
	return out
}

func (ctx Context) text(function string, target, arg ast.Expr) Truth {
	have, ok := ctx.value(target).(string)
	if !ok {
		return Unknown
	}
	want, ok := ctx.value(arg).(string)
	if !ok {
		return Unknown
	}
	switch function {
	case "startsWith":
		return boolean(strings.HasPrefix(have, want))
	case "endsWith":
		return boolean(strings.HasSuffix(have, want))
	}
	return boolean(strings.Contains(have, want))
}

// compare decides the comparisons of two values of the same kind.
func (ctx Context) compare(function string, left, right ast.Expr) Truth {
	l, r := ctx.value(left), ctx.value(right)
	var order int
	switch a := l.(type) {
	case time.Time:
		b, ok := r.(time.Time)
		if !ok {
			return Unknown
		}
		order = a.Compare(b)
	case string:
		b, ok := r.(string)
		if !ok {
			return Unknown
		}
		order = strings.Compare(a, b)
	case int64:
		b, ok := r.(int64)
		if !ok {
			return Unknown
		}
		switch {
		case a < b:
			order = -1
		case a > b:
			order = 1
		}
	case bool:
		b, ok := r.(bool)
		if !ok || function != operators.Equals && function != operators.NotEquals {
			return Unknown
		}
		if a != b {
			order = 1
		}
	default:
		return Unknown
	}
	switch function {
	case operators.Equals:
		return boolean(order == 0)
	case operators.NotEquals:
		return boolean(order != 0)
	case operators.Less:
		return boolean(order < 0)
	case operators.LessEquals:
		return boolean(order <= 0)
	case operators.Greater:
		return boolean(order > 0)
	case operators.GreaterEquals:
		return boolean(order >= 0)
	}
	return Unknown
}

// value returns a string, bool, int64, time or duration, or nil for what is not
// known.
func (ctx Context) value(e ast.Expr) any {
	switch e.Kind() {
	case ast.LiteralKind:
		return e.AsLiteral().Value()
	case ast.SelectKind:
		name := dotted(e)
		if name == "request.time" {
			if ctx.Time.IsZero() {
				return nil
			}
			return ctx.Time
		}
		if v, ok := ctx.Attributes[name]; ok {
			return v
		}
	case ast.CallKind:
		return ctx.result(e.AsCall())
	}
	return nil
}

// result evaluates the calls that make times.
func (ctx Context) result(c ast.CallExpr) any {
	args := c.Args()
	switch c.FunctionName() {
	case "timestamp":
		if len(args) == 1 && !c.IsMemberFunction() {
			if s, ok := ctx.value(args[0]).(string); ok {
				if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
					return t
				}
			}
		}
	case "duration":
		if len(args) == 1 && !c.IsMemberFunction() {
			if s, ok := ctx.value(args[0]).(string); ok {
				if d, err := time.ParseDuration(s); err == nil {
					return d
				}
			}
		}
	case operators.Add, operators.Subtract:
		if len(args) != 2 {
			return nil
		}
		t, isTime := ctx.value(args[0]).(time.Time)
		d, isDuration := ctx.value(args[1]).(time.Duration)
		if !isTime || !isDuration {
			return nil
		}
		if c.FunctionName() == operators.Subtract {
			d = -d
		}
		return t.Add(d)
	}
	return nil
}

// dotted returns a.b.c of nested selections, "" for anything else.
func dotted(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() {
			return ""
		}
		if operand := dotted(s.Operand()); operand != "" {
			return operand + "." + s.FieldName()
		}
	}
	return ""
}
