package azure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// query is the part of the Kusto query language that bulk queries use.
// https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
type query struct {
	table string
	stages
}

type stages []stage

// stage is one step of the pipeline; op says which members hold.
type stage struct {
	op    string // where, project, project-away, extend, order, limit, top, summarize, distinct, count
	cond  expr
	cols  []column
	sorts []sortKey
	n     int
	by    []column
}

type column struct {
	name string
	e    expr // nil in project-away and for count() in summarize
}

type sortKey struct {
	e    expr
	desc bool
}

type lexeme struct {
	kind rune // i identifier, s string, n number, p punctuation, 0 end
	text string
}

// parseQuery reads a query. Its errors are the caller's fault and answered
// with 400.
func parseQuery(text string) (q query, err error) {
	toks, err := lexKQL(text)
	if err != nil {
		return query{}, err
	}
	p := &kqlParser{toks: toks}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(kqlError)
			if !ok {
				panic(r)
			}
			q, err = query{}, e
		}
	}()
	if p.peek().kind == 'i' {
		q.table = strings.ToLower(p.next().text)
	}
	for p.peek().kind != 0 {
		p.want("|")
		q.stages = append(q.stages, p.stage())
	}
	if q.table == "" {
		q.table = "resources"
	}
	return q, nil
}

type kqlError struct{ msg string }

func (e kqlError) Error() string { return e.msg }

func lexKQL(s string) ([]lexeme, error) {
	var out []lexeme
	rs := []rune(s)
	for i := 0; i < len(rs); {
		c := rs[i]
		switch {
		case unicode.IsSpace(c):
			i++
		case c == '/' && i+1 < len(rs) && rs[i+1] == '/':
			for i < len(rs) && rs[i] != '\n' {
				i++
			}
		case c == '\'' || c == '"':
			var b strings.Builder
			j := i + 1
			for ; j < len(rs) && rs[j] != c; j++ {
				if rs[j] == '\\' && j+1 < len(rs) {
					j++
				}
				b.WriteRune(rs[j])
			}
			if j >= len(rs) {
				return nil, kqlError{"string without end"}
			}
			out = append(out, lexeme{'s', b.String()})
			i = j + 1
		case unicode.IsDigit(c):
			j := i
			for j < len(rs) && (unicode.IsDigit(rs[j]) || rs[j] == '.') {
				j++
			}
			out = append(out, lexeme{'n', string(rs[i:j])})
			i = j
		case unicode.IsLetter(c) || c == '_' || c == '$':
			j := i
			for j < len(rs) && (unicode.IsLetter(rs[j]) || unicode.IsDigit(rs[j]) || rs[j] == '_' || rs[j] == '$') {
				j++
			}
			word := string(rs[i:j])
			if word == "project" && strings.HasPrefix(string(rs[j:min(j+5, len(rs))]), "-away") {
				word, j = "project-away", j+5
			}
			if (word == "in" || word == "has_any") && j < len(rs) && rs[j] == '~' {
				word, j = word+"~", j+1
			}
			out = append(out, lexeme{'i', word})
			i = j
		default:
			two := string(rs[i:min(i+2, len(rs))])
			switch two {
			case "==", "!=", "=~", "!~", "<=", ">=":
				out = append(out, lexeme{'p', two})
				i += 2
				continue
			}
			if !strings.ContainsRune("|()[],.=<>!-*", c) {
				return nil, kqlError{fmt.Sprintf("unexpected character %q", c)}
			}
			out = append(out, lexeme{'p', string(c)})
			i++
		}
	}
	return append(out, lexeme{}), nil
}

type kqlParser struct {
	toks []lexeme
	at   int
}

func (p *kqlParser) peek() lexeme { return p.toks[p.at] }

func (p *kqlParser) next() lexeme {
	t := p.toks[p.at]
	if t.kind != 0 {
		p.at++
	}
	return t
}

func (p *kqlParser) is(text string) bool {
	t := p.peek()
	return t.kind != 's' && t.kind != 0 && t.text == text
}

func (p *kqlParser) take(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *kqlParser) want(text string) {
	if !p.take(text) {
		p.fail("found %q, want %q", p.peek().text, text)
	}
}

func (p *kqlParser) fail(format string, args ...any) { panic(kqlError{fmt.Sprintf(format, args...)}) }

func (p *kqlParser) number() int {
	t := p.next()
	n, err := strconv.Atoi(t.text)
	if t.kind != 'n' || err != nil {
		p.fail("found %q, want a number", t.text)
	}
	return n
}

func (p *kqlParser) stage() stage {
	op := p.next()
	switch op.text {
	case "where", "filter":
		return stage{op: "where", cond: p.or()}
	case "project", "extend", "distinct", "project-away":
		s := stage{op: op.text, cols: p.columns()}
		if op.text == "distinct" || op.text == "project-away" {
			for _, c := range s.cols {
				if c.name == "" {
					p.fail("%s wants names of columns", op.text)
				}
			}
		}
		return s
	case "order", "sort":
		p.want("by")
		return stage{op: "order", sorts: p.sorts()}
	case "limit", "take", "sample":
		return stage{op: "limit", n: p.number()}
	case "top":
		n := p.number()
		p.want("by")
		return stage{op: "top", n: n, sorts: p.sorts()}
	case "count":
		return stage{op: "count"}
	case "summarize":
		return p.summarize()
	}
	p.fail("operator %q is not supported", op.text)
	return stage{}
}

func (p *kqlParser) summarize() stage {
	s := stage{op: "summarize"}
	for !p.is("by") && !p.is("|") && p.peek().kind != 0 {
		name := p.next().text
		fn := name
		if p.take("=") {
			fn = p.next().text
		} else {
			name = "count_"
		}
		if fn != "count" {
			p.fail("summarize by %s is not supported", fn)
		}
		p.want("(")
		p.want(")")
		s.cols = append(s.cols, column{name: name})
		if !p.take(",") {
			break
		}
	}
	if p.take("by") {
		s.by = p.columns()
	}
	return s
}

func (p *kqlParser) columns() []column {
	var out []column
	for {
		if p.peek().kind == 'i' && p.toks[p.at+1].text == "=" && p.toks[p.at+1].kind == 'p' {
			name := p.next().text
			p.next()
			out = append(out, column{name, p.or()})
		} else {
			e := p.or()
			out = append(out, column{columnName(e, len(out)), e})
		}
		if !p.take(",") {
			return out
		}
	}
}

// columnName is what Kusto calls an unnamed column: properties.a.b becomes
// properties_a_b.
func columnName(e expr, n int) string {
	if f, ok := e.(fieldExpr); ok {
		return strings.Join(f, "_")
	}
	return fmt.Sprintf("Column%d", n+1)
}

func (p *kqlParser) sorts() []sortKey {
	var out []sortKey
	for {
		k := sortKey{e: p.or(), desc: true}
		if p.take("asc") {
			k.desc = false
		} else {
			p.take("desc")
		}
		if p.take("nulls") {
			p.next()
		}
		out = append(out, k)
		if !p.take(",") {
			return out
		}
	}
}

func (p *kqlParser) or() expr {
	e := p.and()
	for p.take("or") {
		r := p.and()
		e = binExpr{"or", e, r}
	}
	return e
}

func (p *kqlParser) and() expr {
	e := p.compare()
	for p.take("and") {
		r := p.compare()
		e = binExpr{"and", e, r}
	}
	return e
}

var kqlWords = []string{"has", "contains", "startswith", "endswith", "contains_cs", "startswith_cs", "endswith_cs", "has_cs"}

func (p *kqlParser) compare() expr {
	e := p.unary()
	not := false
	if p.is("!") {
		p.next()
		not = true
	}
	op := p.peek()
	switch {
	case op.kind == 'p' && slices.Contains([]string{"==", "!=", "=~", "!~", "<", ">", "<=", ">="}, op.text) && !not:
		p.next()
		return binExpr{op.text, e, p.unary()}
	case op.kind == 'i' && (op.text == "in" || op.text == "in~" || op.text == "has_any"):
		p.next()
		p.want("(")
		var list []expr
		for !p.take(")") {
			list = append(list, p.or())
			if !p.take(",") && !p.is(")") {
				p.fail("found %q, want , or )", p.peek().text)
			}
		}
		return inExpr{op.text, e, list, not}
	case op.kind == 'i' && slices.Contains(kqlWords, op.text):
		p.next()
		var out expr = binExpr{op.text, e, p.unary()}
		if not {
			out = callExpr{"not", []expr{out}}
		}
		return out
	case not:
		p.fail("found %q after !", op.text)
	}
	return e
}

func (p *kqlParser) unary() expr {
	t := p.next()
	switch {
	case t.kind == 's':
		return litExpr{t.text}
	case t.kind == 'n':
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			p.fail("%q is not a number", t.text)
		}
		return litExpr{f}
	case t.text == "(" && t.kind == 'p':
		e := p.or()
		p.want(")")
		return e
	case t.kind == 'i' && (t.text == "true" || t.text == "false"):
		return litExpr{t.text == "true"}
	case t.kind == 'i' && p.take("("):
		if !slices.Contains(kqlFunctions, t.text) {
			p.fail("function %q is not supported", t.text)
		}
		c := callExpr{name: t.text}
		for !p.take(")") {
			c.args = append(c.args, p.or())
			if !p.take(",") && !p.is(")") {
				p.fail("found %q, want , or )", p.peek().text)
			}
		}
		return c
	case t.kind == 'i':
		f := fieldExpr{t.text}
		for {
			switch {
			case p.take("."):
				f = append(f, p.next().text)
			case p.take("["):
				f = append(f, p.next().text)
				p.want("]")
			default:
				return f
			}
		}
	}
	p.fail("unexpected %q", t.text)
	return nil
}
