package azure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// row is a row of a table; columns as in the answer.
type row map[string]any

type expr interface{ eval(row) any }

type (
	litExpr   struct{ v any }
	fieldExpr []string
	binExpr   struct {
		op   string
		l, r expr
	}
	inExpr struct {
		op   string
		e    expr
		list []expr
		not  bool
	}
	callExpr struct {
		name string
		args []expr
	}
)

func (e litExpr) eval(row) any { return e.v }

func (f fieldExpr) eval(r row) any {
	v := r[f[0]]
	for _, name := range f[1:] {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (e binExpr) eval(r row) any {
	switch e.op {
	case "and":
		return truth(e.l.eval(r)) && truth(e.r.eval(r))
	case "or":
		return truth(e.l.eval(r)) || truth(e.r.eval(r))
	}
	l, rt := e.l.eval(r), e.r.eval(r)
	switch e.op {
	case "<", ">", "<=", ">=":
		if l == nil || rt == nil {
			return false
		}
		c := compareValues(l, rt)
		return e.op == "<" && c < 0 || e.op == ">" && c > 0 || e.op == "<=" && c <= 0 || e.op == ">=" && c >= 0
	case "==":
		return same(l, rt, false)
	case "!=":
		return !same(l, rt, false)
	}
	a, b := text(l), text(rt)
	if !strings.HasSuffix(e.op, "_cs") {
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	switch strings.TrimSuffix(e.op, "_cs") {
	case "=~":
		return a == b
	case "!~":
		return a != b
	case "has":
		return hasTerm(a, b)
	case "contains":
		return strings.Contains(a, b)
	case "startswith":
		return strings.HasPrefix(a, b)
	case "endswith":
		return strings.HasSuffix(a, b)
	}
	return nil
}

func (e inExpr) eval(r row) any {
	v := e.e.eval(r)
	found := false
	for _, x := range e.list {
		w := x.eval(r)
		if e.op == "has_any" && hasTerm(strings.ToLower(text(v)), strings.ToLower(text(w))) ||
			e.op != "has_any" && same(v, w, e.op == "in~") {
			found = true
			break
		}
	}
	return found != e.not
}

// kqlFunctions are the scalar functions that are understood.
var kqlFunctions = []string{
	"not", "tolower", "toupper", "tostring", "toint", "tolong", "todouble", "tobool", "isnull", "isnotnull", "isempty", "isnotempty",
	"coalesce", "strcat", "array_length", "iff", "iif", "todynamic", "parse_json", "bag_keys",
}

func (e callExpr) eval(r row) any {
	arg := func(i int) any {
		if i < len(e.args) {
			return e.args[i].eval(r)
		}
		return nil
	}
	switch e.name {
	case "not":
		return !truth(arg(0))
	case "tolower":
		return strings.ToLower(text(arg(0)))
	case "toupper":
		return strings.ToUpper(text(arg(0)))
	case "tostring":
		return text(arg(0))
	case "toint", "tolong", "todouble":
		f, ok := number(arg(0))
		if !ok {
			return nil
		}
		if e.name != "todouble" {
			return float64(int64(f))
		}
		return f
	case "tobool":
		switch strings.ToLower(text(arg(0))) {
		case "true", "1":
			return true
		case "false", "0":
			return false
		}
		return nil
	case "isnull":
		return arg(0) == nil
	case "isnotnull":
		return arg(0) != nil
	case "isempty":
		return text(arg(0)) == ""
	case "isnotempty":
		return text(arg(0)) != ""
	case "coalesce":
		for i := range e.args {
			if v := arg(i); v != nil && v != "" {
				return v
			}
		}
		return nil
	case "strcat":
		var b strings.Builder
		for i := range e.args {
			b.WriteString(text(arg(i)))
		}
		return b.String()
	case "array_length":
		if l, ok := arg(0).([]any); ok {
			return float64(len(l))
		}
		return nil
	case "iff", "iif":
		if truth(arg(0)) {
			return arg(1)
		}
		return arg(2)
	case "todynamic", "parse_json":
		s, ok := arg(0).(string)
		if !ok {
			return arg(0)
		}
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			return s
		}
		return v
	case "bag_keys":
		m, _ := arg(0).(map[string]any)
		var out []any
		for k := range m {
			out = append(out, k)
		}
		return out
	}
	return nil
}

func truth(v any) bool { b, _ := v.(bool); return b }

// text is tostring(): a missing value is the empty string, an object its JSON.
func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case json.Number:
		return x.String()
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case int:
		return strconv.Itoa(x)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func number(v any) (float64, bool) {
	switch v.(type) {
	case json.Number, float64, int, string:
		f, err := strconv.ParseFloat(text(v), 64)
		return f, err == nil
	}
	return 0, false
}

func same(a, b any, fold bool) bool {
	if fold {
		return strings.EqualFold(text(a), text(b))
	}
	if _, ok := a.(string); !ok {
		if x, ok := number(a); ok {
			if y, ok := number(b); ok {
				return x == y
			}
		}
	}
	return text(a) == text(b)
}

func compareValues(a, b any) int {
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(text(a), text(b))
}

// hasTerm finds a whole term, as `has` does: letters and digits around it end
// the match.
func hasTerm(s, term string) bool {
	if term == "" {
		return true
	}
	word := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
	}
	for from := 0; ; {
		i := strings.Index(s[from:], term)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(term)
		if (i == 0 || !word(s[i-1]) || !word(term[0])) && (end == len(s) || !word(s[end]) || !word(term[len(term)-1])) {
			return true
		}
		from = i + 1
	}
}
