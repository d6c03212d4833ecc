package azure

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// result is one page of a query.
type result struct {
	rows     []row
	total    int
	last     string // key of the last row where pages follow the id
	more     bool   // rows are left after this page
	cut      bool   // an operator of the query cut rows off
	pageable bool
}

// run evaluates a query. A query in the shape of a bulk read (filter, project,
// order by id) goes through the estate once and keeps one page; any other is
// held in memory.
func (s *Server) run(q query, sc *scopeFilter, tok skipToken, top int) result {
	if q.streams() && len(s.estate.seed.Tables[q.table]) == 0 && (tok.Skip == 0 || tok.After != "") {
		return s.stream(q, sc, tok, top)
	}
	head, tail := q.split()
	var rows []row
	var g *grouper
	if len(tail.stages) > 0 && tail.stages[0].groups() {
		g, tail.stages = newGrouper(tail.stages[0]), tail.stages[1:]
	}
	for _, r := range s.estate.rows(q.table, sc, "") {
		r, ok := head.one(r)
		switch {
		case !ok:
		case g != nil:
			g.add(r)
		default:
			rows = append(rows, r)
		}
	}
	if g != nil {
		rows = g.rows()
	}
	all, res := tail.apply(rows)
	res.total = len(all)
	from := min(tok.Skip, len(all))
	to := min(from+top, len(all))
	res.rows, res.more = all[from:to], to < len(all)
	if !q.ordered() && tok.Skip > 0 && len(res.rows) > 1 && res.more {
		// Without an order the service's pages overlap and leave holes.
		res.rows = append(slices.Clone(all[from-1:from]), res.rows[:len(res.rows)-1]...)
	}
	if res.rows == nil {
		res.rows = []row{}
	}
	return res
}

// split cuts a query after the stages that look at one row at a time, so that
// what they drop is never held.
func (q query) split() (head, tail query) {
	i := 0
	for i < len(q.stages) && slices.Contains([]string{"where", "project", "extend"}, q.stages[i].op) {
		i++
	}
	return query{q.table, q.stages[:i]}, query{q.table, q.stages[i:]}
}

// streams says whether rows can be answered in the order in which they lie.
func (q query) streams() bool {
	if q.table == "resourcecontainers" {
		return false
	}
	ordered := false
	for _, st := range q.stages {
		switch st.op {
		case "where":
		case "extend", "project":
			for _, c := range st.cols {
				if f, ok := c.e.(fieldExpr); c.name == "id" && !(ok && len(f) == 1 && f[0] == "id") {
					return false
				}
			}
		case "order":
			f, ok := st.sorts[0].e.(fieldExpr)
			if !ok || len(st.sorts) != 1 || f[0] != "id" || st.sorts[0].desc {
				return false
			}
			ordered = true
		default:
			return false
		}
	}
	return ordered
}

func (s *Server) stream(q query, sc *scopeFilter, tok skipToken, top int) result {
	res := result{total: tok.Total, rows: []row{}}
	count := tok.Total == 0
	n := 0
	for key, r := range s.estate.rows(q.table, sc, tok.After) {
		out, ok := q.one(r)
		if !ok {
			continue
		}
		n++
		if n > top {
			res.more = true
			if !count {
				break
			}
			continue
		}
		res.rows, res.last = append(res.rows, out), key
	}
	if count {
		res.total = n
	}
	res.pageable = pageable(res.rows)
	return res
}

// one passes a row through stages that neither add nor drop others.
func (q query) one(r row) (row, bool) {
	for _, st := range q.stages {
		switch st.op {
		case "where":
			if !truth(st.cond.eval(r)) {
				return nil, false
			}
		case "project", "extend":
			r = st.project(r)
		}
	}
	return r, true
}

func (st stage) project(r row) row {
	out := row{}
	if st.op == "extend" {
		out = maps.Clone(r)
	}
	for _, c := range st.cols {
		out[c.name] = c.e.eval(r)
	}
	return out
}

func (q query) ordered() bool {
	return slices.ContainsFunc(q.stages, func(s stage) bool { return s.op == "order" || s.op == "top" })
}

// apply runs all stages over all rows.
func (q query) apply(rows []row) ([]row, result) {
	res := result{}
	limited := false
	for _, st := range q.stages {
		switch st.op {
		case "where":
			rows = slices.DeleteFunc(rows, func(r row) bool { return !truth(st.cond.eval(r)) })
		case "project", "extend":
			for i, r := range rows {
				rows[i] = st.project(r)
			}
		case "project-away":
			for i, r := range rows {
				r = maps.Clone(r)
				for _, c := range st.cols {
					delete(r, c.name)
				}
				rows[i] = r
			}
		case "order", "top":
			slices.SortStableFunc(rows, func(a, b row) int { return order(st.sorts, a, b) })
			if st.op == "order" {
				continue
			}
			fallthrough
		case "limit":
			limited = true
			if st.n < len(rows) {
				rows, res.cut = rows[:st.n], true
			}
		case "count", "summarize", "distinct":
			g := newGrouper(st)
			for _, r := range rows {
				g.add(r)
			}
			rows = g.rows()
		}
	}
	res.pageable = !limited && pageable(rows)
	return rows, res
}

func order(keys []sortKey, a, b row) int {
	for _, k := range keys {
		x, y := k.e.eval(a), k.e.eval(b)
		if f, ok := k.e.(fieldExpr); ok && len(f) == 1 && f[0] == "id" {
			x, y = strings.ToLower(text(x)), strings.ToLower(text(y))
		}
		c := compareValues(x, y)
		if k.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (st stage) groups() bool { return st.op == "count" || st.op == "summarize" || st.op == "distinct" }

// grouper counts rows by the values of columns; it keeps a row a group.
type grouper struct {
	counts []column
	by     []column
	index  map[string]row
	out    []row
}

func newGrouper(st stage) *grouper {
	g := &grouper{counts: st.cols, by: st.by, index: map[string]row{}}
	switch st.op {
	case "distinct":
		g.counts, g.by = nil, st.cols
	case "count":
		g.counts = []column{{name: "Count"}}
	}
	return g
}

func (g *grouper) add(r row) {
	var key []string
	for _, c := range g.by {
		key = append(key, text(c.e.eval(r)))
	}
	k := strings.Join(key, "\x00")
	group := g.index[k]
	if group == nil {
		group = row{}
		for _, c := range g.by {
			group[c.name] = c.e.eval(r)
		}
		g.index[k] = group
		g.out = append(g.out, group)
	}
	for _, c := range g.counts {
		n, _ := group[c.name].(int)
		group[c.name] = n + 1
	}
}

func (g *grouper) rows() []row {
	if len(g.by) == 0 && len(g.out) == 0 {
		zero := row{}
		for _, c := range g.counts {
			zero[c.name] = 0
		}
		g.out = append(g.out, zero)
	}
	slices.SortFunc(g.out, func(a, b row) int {
		for _, c := range g.by {
			if d := cmp.Compare(text(a[c.name]), text(b[c.name])); d != 0 {
				return d
			}
		}
		return 0
	})
	return g.out
}

// pageable holds when a column is scalar: with dynamic columns only, the
// service cannot page.
func pageable(rows []row) bool {
	if len(rows) == 0 {
		return true
	}
	for _, v := range rows[0] {
		switch v.(type) {
		case nil, map[string]any, []any:
		default:
			return true
		}
	}
	return false
}
