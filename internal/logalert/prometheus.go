package logalert

import (
	"fmt"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/truth"
)

// interval is how often a query of PromQL is evaluated unless it says otherwise.
const interval = 30 * time.Second

// prometheus decides a condition in PromQL: the increase or the rate of exactly the
// metric, summed or not, compared with a number.
// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#PrometheusQueryLanguageCondition
func prometheus(c map[string]any, m Metric) (truth.Truth, string) {
	query := text(c["query"])
	undecided := "whether its alert in PromQL fires for every entry"
	mapped := prometheusName(m.typeName())
	if !strings.Contains(query, mapped) && !strings.Contains(query, m.typeName()) && !strings.Contains(query, "__name__") {
		return truth.False, ""
	}
	tokens, err := lex(query)
	if err != nil {
		return truth.Unknown, fmt.Sprintf("%s: %v", undecided, err)
	}
	if !selects(tokens, mapped, m) {
		return truth.False, ""
	}
	p := prometheusQuery{reader: reader{tokens}, bounds: one}
	sign, limit, ok := p.compared()
	if !ok {
		return truth.Unknown, undecided
	}
	if p.metric != mapped && p.metric != m.typeName() && !(m.Distribution && strings.HasPrefix(p.metric, mapped+"_")) {
		return truth.False, ""
	}
	return all(
		func() (truth.Truth, string) { return covers(p.filter(m), m) },
		func() (truth.Truth, string) { return counts(m) },
		func() (truth.Truth, string) { return p.bounds.compare(sign, limit), undecided },
		func() (truth.Truth, string) { return p.bounds.sustained(c) },
		func() (truth.Truth, string) {
			every, ok := duration(c["evaluationInterval"])
			if every == 0 {
				every = interval
			}
			return truth.Of(ok && every <= p.bounds.lasts).Or(truth.Unknown), "whether its alert looks often enough"
		},
	)
}

// prometheusName is the name that PromQL has for a type of metric.
// https://cloud.google.com/monitoring/promql/promql-mapping
func prometheusName(typ string) string {
	host, path, _ := strings.Cut(typ, "/")
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < 128 && (letter(byte(r)) || digit(byte(r))) {
				return r
			}
			return '_'
		}, s)
	}
	return plain(host) + ":" + plain(path)
}

// selects reports whether a query may speak of the metric at all: by its name, that
// of a part of a distribution, or an expression for names.
func selects(tokens []token, mapped string, m Metric) bool {
	for _, t := range tokens {
		switch {
		case t.text == "__name__", t.text == mapped, t.text == m.typeName():
			return true
		case m.Distribution && strings.HasPrefix(t.text, mapped+"_"):
			return true
		}
	}
	return false
}

// prometheusQuery is what was read of a query.
type prometheusQuery struct {
	reader
	bounds
	metric   string
	matchers []string
}

// compared reads a comparison of a value with a number, in either order.
func (q *prometheusQuery) compared() (string, float64, bool) {
	if t := q.peek(); t.kind == numeral || t == (token{sign, "-"}) {
		limit, ok := q.value()
		s := q.take()
		if !ok || !comparison(s) || !q.aggregated(0) || !q.done() {
			return "", 0, false
		}
		return mirrored(s.text), limit, true
	}
	if !q.aggregated(0) {
		return "", 0, false
	}
	s := q.take()
	limit, ok := q.reader.value()
	return s.text, limit, ok && comparison(s) && q.done()
}

// aggregated reads a value: parentheses, sums and greatest values around a change.
func (q *prometheusQuery) aggregated(depth int) bool {
	if depth > 8 {
		return false
	}
	if q.accept(sign, "(") {
		return q.aggregated(depth+1) && q.accept(sign, ")")
	}
	switch t := q.take(); t {
	case token{name, "sum"}, token{name, "max"}, token{name, "avg"}:
		if !q.grouping() || !q.accept(sign, "(") || !q.aggregated(depth+1) || !q.accept(sign, ")") || !q.grouping() {
			return false
		}
		if t.text == "avg" {
			q.bounds = q.diluted()
		}
		return true
	case token{name, "increase"}, token{name, "rate"}:
		if !q.accept(sign, "(") || !q.selector() || !q.accept(sign, "[") {
			return false
		}
		d, ok := period(q.take())
		if !ok || !q.accept(sign, "]") || !q.accept(sign, ")") {
			return false
		}
		// What an entry adds is extrapolated, so that it need not be a whole number.
		q.least, q.greatest, q.lasts = tiny, 2, d
		if t.text == "rate" {
			q.bounds = q.per(d)
		}
		return true
	}
	return false
}

// grouping reads the labels that are kept, or that are not, if there are any.
func (q *prometheusQuery) grouping() bool {
	if q.accept(name, "by") || q.accept(name, "without") {
		if !q.accept(sign, "(") {
			return false
		}
		_, ok := q.group("(", ")")
		return ok
	}
	return true
}

// selector reads the name of a metric with matchers of labels.
func (q *prometheusQuery) selector() bool {
	if t := q.peek(); t.kind == name {
		q.metric = q.take().text
	}
	if !q.accept(sign, "{") {
		return q.metric != ""
	}
	inside, ok := q.group("{", "}")
	if !ok {
		return false
	}
	r := reader{inside}
	for !r.done() {
		label := r.take()
		if label.kind != name && label.kind != quoted {
			return false
		}
		if t := r.peek(); label.kind == quoted && (r.done() || t == (token{sign, ","})) {
			// {"type of the metric"}
			if q.metric != "" {
				return false
			}
			q.metric = label.text
		} else {
			s, v := r.take(), r.take()
			if s != (token{sign, "="}) || v.kind != quoted || v.text == "" {
				return false
			}
			switch label.text {
			case "__name__":
				if q.metric != "" {
					return false
				}
				q.metric = v.text
			case "monitored_resource":
				q.matchers = append(q.matchers, fmt.Sprintf("resource.type=%q", v.text))
			case "project_id":
				q.matchers = append(q.matchers, fmt.Sprintf("resource.labels.project_id=%q", v.text))
			default:
				q.matchers = append(q.matchers, fmt.Sprintf("metric.labels.%s=%q", strings.ReplaceAll(label.text, ":", "_"), v.text))
			}
		}
		if !r.done() && !r.accept(sign, ",") {
			return false
		}
	}
	return q.metric != ""
}

// filter says in the language of Cloud Monitoring what was selected.
func (q *prometheusQuery) filter(m Metric) string {
	return fmt.Sprintf("metric.type=%q ", m.typeName()) + strings.Join(q.matchers, " ")
}
