package logalert

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/truth"
)

// monitoringQuery decides a condition in MQL: a pipeline that fetches exactly the
// metric, aligns and groups it, and compares it with a number.
// https://cloud.google.com/monitoring/mql/reference
func monitoringQuery(c map[string]any, m Metric) (truth.Truth, string) {
	query := text(c["query"])
	undecided := "whether its alert in MQL fires for every entry"
	if !strings.Contains(query, m.typeName()) {
		return truth.False, ""
	}
	tokens, err := lex(query)
	if err != nil {
		return truth.Unknown, fmt.Sprintf("%s: %v", undecided, err)
	}
	if !slices.ContainsFunc(tokens, func(t token) bool {
		return t.text == m.typeName() || strings.HasSuffix(t.text, "::"+m.typeName())
	}) {
		return truth.False, ""
	}
	p := pipeline{bounds: one}
	if !p.read(tokens) {
		return truth.Unknown, undecided
	}
	if p.metric != m.typeName() {
		return truth.False, ""
	}
	return all(
		func() (truth.Truth, string) {
			return covers(fmt.Sprintf("metric.type=%q resource.type=%q", p.metric, p.resource), m)
		},
		func() (truth.Truth, string) { return counts(m) },
		func() (truth.Truth, string) { return p.bounds.compare(p.sign, p.limit), undecided },
		func() (truth.Truth, string) {
			return truth.Of(p.every <= p.bounds.lasts).Or(truth.Unknown), "whether its alert looks at every minute"
		},
		func() (truth.Truth, string) { return p.bounds.sustained(c) },
		func() (truth.Truth, string) { return triggered(c) },
	)
}

// pipeline is what was read of a query.
type pipeline struct {
	bounds
	resource, metric string
	every            time.Duration
	alias            string // of the values, after they were grouped
	sign             string
	limit            float64
}

// read takes a query apart. It is not ok with an operation that is not known, with a
// filter, or without a condition at its end.
func (p *pipeline) read(tokens []token) bool {
	var stages [][]token
	depth, from := 0, 0
	for i, t := range tokens {
		if t.kind != sign {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case "|":
			if depth == 0 {
				stages, from = append(stages, tokens[from:i]), i+1
			}
		}
	}
	stages = append(stages, tokens[from:])
	for i, s := range stages {
		r := &reader{s}
		op := r.take()
		if op.kind != name || (i == 0) != (op.text == "fetch") || p.sign != "" {
			return false
		}
		known := map[string]func(*reader) bool{
			"fetch": p.fetch, "metric": p.named, "align": p.align, "every": p.step, "group_by": p.groupBy, "condition": p.condition,
		}[op.text]
		if known == nil || !known(r) || !r.done() {
			return false
		}
	}
	return p.metric != "" && p.sign != ""
}

// fetch reads "gce_route", "gce_route::type" or "gce_route::'type'".
func (p *pipeline) fetch(r *reader) bool {
	t := r.take()
	resource, metric, joined := strings.Cut(t.text, "::")
	p.resource, p.metric = resource, metric
	if joined && metric == "" {
		return t.kind == name && p.named(r)
	}
	return t.kind == name && resource != ""
}

func (p *pipeline) named(r *reader) bool {
	t := r.take()
	if p.metric != "" || t.kind != name && t.kind != quoted {
		return false
	}
	p.metric = t.text
	return true
}

// align reads how points become one a window.
// https://cloud.google.com/monitoring/mql/reference#align-tabop
func (p *pipeline) align(r *reader) bool {
	if r.done() {
		return true
	}
	how := r.take()
	window := p.lasts
	if !r.accept(sign, "(") {
		return false
	}
	closed := r.accept(sign, ")")
	if !closed {
		var ok bool
		if window, ok = period(r.take()); !ok || !r.accept(sign, ")") {
			return false
		}
	}
	p.lasts = max(p.lasts, window)
	switch how {
	case token{name, "delta"}, token{name, "delta_gauge"}:
		return true
	case token{name, "rate"}:
		if closed {
			p.bounds = p.diluted() // over what "every" says
		} else {
			p.bounds = p.per(window)
		}
		return true
	}
	return false
}

func (p *pipeline) step(r *reader) bool {
	var ok bool
	p.every, ok = period(r.take())
	return ok
}

// groupBy reads labels and what becomes of the values.
// https://cloud.google.com/monitoring/mql/reference#group_by-tabop
func (p *pipeline) groupBy(r *reader) bool {
	windowed := r.peek().kind == numeral
	if windowed {
		window, ok := period(r.take())
		if !ok || !r.accept(sign, ",") {
			return false
		}
		p.lasts = max(p.lasts, window)
	}
	if all := r.tokens; r.accept(sign, "[") {
		if _, ok := r.group("[", "]"); !ok {
			return false
		}
		switch {
		case r.accept(sign, ","):
		case windowed && r.done():
			r.tokens = all // over time alone, so these are the values
		default:
			return r.done()
		}
	}
	if r.accept(sign, "[") {
		inside, ok := r.group("[", "]")
		if !ok || !r.done() {
			return false
		}
		r.tokens = inside
		if len(inside) > 2 && inside[1].text == ":" {
			p.alias, r.tokens = inside[0].text, inside[2:]
		} else if len(inside) > 1 && inside[0].kind == name && strings.HasSuffix(inside[0].text, ":") {
			p.alias, r.tokens = strings.TrimSuffix(inside[0].text, ":"), inside[1:]
		}
	}
	r.accept(sign, ".")
	t := r.take()
	if t.kind != name {
		return false
	}
	if r.accept(sign, "(") {
		of, ok := r.group("(", ")")
		if !ok || len(of) > 0 && of[0].kind != name || slices.ContainsFunc(of, func(t token) bool {
			return t.kind != name && t.text != "(" && t.text != ")"
		}) {
			return false
		}
		// An inner call other than val() may make anything of the value.
		if slices.Contains(of, token{sign, "("}) && of[0].text != "val" {
			return false
		}
	}
	switch t.text {
	case "sum", "max", "aggregate":
		return true
	case "mean":
		p.bounds = p.diluted()
		return true
	}
	return false
}

// condition reads a comparison of the value with a number, whose unit may follow.
func (p *pipeline) condition(r *reader) bool {
	if t := r.peek(); t.kind == numeral || t == (token{sign, "-"}) {
		limit, ok := p.amount(r)
		s := r.take()
		p.sign, p.limit = mirrored(s.text), limit
		return ok && comparison(s) && p.column(r)
	}
	if !p.column(r) {
		return false
	}
	s := r.take()
	limit, ok := p.amount(r)
	p.sign, p.limit = s.text, limit
	return ok && comparison(s)
}

// amount reads a number. In another unit than that of a count it means another one.
func (p *pipeline) amount(r *reader) (float64, bool) {
	limit, ok := r.value()
	if t := r.peek(); t.kind == quoted {
		r.take()
		ok = ok && (limit == 0 || t.text == "1" || t.text == "1/s")
	}
	return limit, ok
}

// column reads the only column of values: val(), or its name. Another name may be
// that of a label.
func (p *pipeline) column(r *reader) bool {
	t := r.take()
	if t.kind != name {
		return false
	}
	if t.text == "val" && r.accept(sign, "(") {
		r.accept(numeral, "0")
		return r.accept(sign, ")")
	}
	return strings.HasPrefix(t.text, "value.") || t.text == p.alias
}
