package azure

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// graphRequest is the body of a query.
// https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
type graphRequest struct {
	Query            string       `json:"query"`
	Subscriptions    []string     `json:"subscriptions"`
	ManagementGroups []string     `json:"managementGroups"`
	Options          graphOptions `json:"options"`
	Facets           []any        `json:"facets"`
}

type graphOptions struct {
	SkipToken                string `json:"$skipToken"`
	Top                      *int   `json:"$top"`
	Skip                     int    `json:"$skip"`
	ResultFormat             string `json:"resultFormat"`
	AllowPartialScopes       bool   `json:"allowPartialScopes"`
	AuthorizationScopeFilter string `json:"authorizationScopeFilter"`
}

// skipToken is what a token carries: it is bound to query and scopes, as the
// vendor's is.
type skipToken struct {
	Bound string `json:"b"`
	Skip  int    `json:"s"`
	After string `json:"a"`
	Total int    `json:"t"`
}

const (
	maxGraphTop           = 1000
	maxGraphSubscriptions = 1000
	visibleSubscriptions  = 10_000
)

// graphError refuses a query; the outer code is the same for all reasons.
func graphError(detail, message string) *apiError {
	return &apiError{
		status: http.StatusBadRequest, code: "BadRequest", message: "Please provide below info when asking for support: the query was refused.",
		details: []any{obj("code", detail, "message", message)},
	}
}

// graphQuery answers a query of Resource Graph.
func (s *Server) graphQuery(w http.ResponseWriter, r *http.Request, f *Fault) {
	if e := s.takeGraphQuota(w); e != nil {
		e.write(w, r)
		return
	}
	var req graphRequest
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&req); err != nil {
		graphError("InvalidRequestBody", err.Error()).write(w, r)
		return
	}
	body, e := s.answerQuery(w.Header(), &req, f)
	if e != nil {
		e.write(w, r)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func (s *Server) answerQuery(h http.Header, req *graphRequest, f *Fault) (map[string]any, *apiError) {
	q, err := parseQuery(req.Query)
	if err != nil {
		return nil, graphError("InvalidQuery", "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying: "+err.Error())
	}
	if !slices.Contains(graphTables, q.table) {
		return nil, graphError("DisallowedLogicalTableName", fmt.Sprintf("Table %s is invalid, unsupported or disallowed.", q.table))
	}
	top := maxGraphTop
	if req.Options.Top != nil {
		if top = *req.Options.Top; top < 1 || top > maxGraphTop {
			return nil, graphError("InvalidOptions", fmt.Sprintf("$top is %d, want 1 to %d.", top, maxGraphTop))
		}
	}
	sc, e := s.scopeOf(h, req, q.table)
	if e != nil {
		return nil, e
	}
	bound := bind(req)
	tok := skipToken{Skip: req.Options.Skip}
	if req.Options.SkipToken != "" {
		if f.is(FaultExpiredToken) || !readToken(req.Options.SkipToken, &tok) || tok.Bound != bound {
			return nil, graphError("InvalidSkipToken", "The skip token is invalid or has expired.")
		}
	}
	res := s.run(q, sc, tok, top)
	if e := checkFormat(req.Options.ResultFormat); e != nil {
		return nil, e
	}
	body := map[string]any{"totalRecords": res.total, "count": len(res.rows), "facets": []any{}, "resultTruncated": "false", "data": res.rows}
	if req.Options.ResultFormat == "table" {
		body["data"] = asTable(res.rows)
	}
	switch {
	case f.is(FaultTruncatedResult):
		body["resultTruncated"] = "true"
		half := res.rows[:len(res.rows)/2]
		body["data"], body["count"] = half, len(half)
	case !res.more && !res.cut:
	case res.pageable:
		next := skipToken{Bound: bound, Skip: tok.Skip + len(res.rows), After: res.last, Total: res.total}
		if f.is(FaultRepeatedToken) && req.Options.SkipToken != "" {
			body["$skipToken"] = req.Options.SkipToken
		} else {
			body["$skipToken"] = writeToken(next)
		}
		if f.is(FaultTruncatedFlag) {
			body["resultTruncated"] = "true"
		}
	default:
		body["resultTruncated"] = "true"
	}
	if f.is(FaultWrongCount) {
		body["totalRecords"] = res.total + top
	}
	if f.is(FaultSubscriptionLimit) {
		h.Set("X-Ms-Tenant-Subscription-Limit-Hit", "true")
	}
	return body, nil
}

func checkFormat(format string) *apiError {
	switch format {
	case "", "objectArray", "table":
		return nil
	}
	return graphError("InvalidOptions", fmt.Sprintf("resultFormat %q is not known.", format))
}

func (s *Server) scopeOf(h http.Header, req *graphRequest, table string) (*scopeFilter, *apiError) {
	sc := &scopeFilter{e: s.estate, below: true}
	switch req.Options.AuthorizationScopeFilter {
	case "", "AtScopeAndBelow":
	case "AtScopeAndAbove":
		sc.above, sc.below = true, false
	case "AtScopeAboveAndBelow":
		sc.above = true
	case "AtScopeExact":
		sc.below = false
	default:
		return nil, graphError("InvalidOptions", fmt.Sprintf("authorizationScopeFilter %q is not known.", req.Options.AuthorizationScopeFilter))
	}
	if table != "authorizationresources" && table != "policyresources" {
		sc.below = true
	}
	if len(req.Subscriptions) > 0 && len(req.ManagementGroups) > 0 {
		return nil, graphError("InvalidScopes", "Give subscriptions or managementGroups, not both.")
	}
	if len(req.Subscriptions) > maxGraphSubscriptions {
		return nil, graphError("TooManySubscriptions", fmt.Sprintf("%d subscriptions were given, at most %d are allowed.", len(req.Subscriptions), maxGraphSubscriptions))
	}
	if len(req.Subscriptions) > 0 {
		sc.subs = map[string]bool{}
		for _, id := range req.Subscriptions {
			if sub := s.estate.subscription(id); sub != nil && !sub.Denied {
				sc.subs[strings.ToLower(id)] = true
			}
		}
		if len(sc.subs) == 0 {
			return nil, graphError("NoValidSubscriptionsInQueryRequest", "There must be at least one subscription that is eligible to contain resources.")
		}
	}
	for _, g := range req.ManagementGroups {
		// The tenant's root group has the tenant's id whatever the seed calls it.
		if strings.EqualFold(g, s.estate.seed.Tenant.ID) && s.estate.groups[strings.ToLower(g)] == nil {
			g = s.estate.root()
		}
		if s.estate.groups[strings.ToLower(g)] == nil && !(s.estate.root() == s.estate.seed.Tenant.ID && strings.EqualFold(g, s.estate.seed.Tenant.ID)) {
			return nil, &apiError{status: http.StatusForbidden, code: "AuthorizationFailed", message: fmt.Sprintf("The management group '%s' does not exist or access to it is denied.", g)}
		}
		sc.groups = append(sc.groups, g)
	}
	if len(s.estate.groups) == 0 {
		sc.groups = nil // without a tree the root is the whole tenant
	}
	if sc.subs == nil && len(s.estate.subs)+s.estate.synth.subs > visibleSubscriptions {
		h.Set("X-Ms-Tenant-Subscription-Limit-Hit", "true")
	}
	return sc, nil
}

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

// asTable is the older form of an answer, with columns and cells.
func asTable(rows []row) map[string]any {
	var columns []string
	if len(rows) > 0 {
		columns = slices.Sorted(maps.Keys(rows[0]))
	}
	cols, cells := []any{}, []any{}
	for _, c := range columns {
		typ := "string"
		if len(rows) > 0 {
			switch rows[0][c].(type) {
			case map[string]any, []any, nil:
				typ = "object"
			case int, float64, json.Number:
				typ = "integer"
			case bool:
				typ = "boolean"
			}
		}
		cols = append(cols, obj("name", c, "type", typ))
	}
	for _, r := range rows {
		line := []any{}
		for _, c := range columns {
			line = append(line, r[c])
		}
		cells = append(cells, line)
	}
	return obj("columns", cols, "rows", cells)
}

// bind is the fingerprint of what a token belongs to.
func bind(req *graphRequest) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q", req.Query, req.Subscriptions, req.ManagementGroups, req.Options.AuthorizationScopeFilter)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func writeToken(t skipToken) string {
	b, err := json.Marshal(t)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func readToken(s string, t *skipToken) bool {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && json.Unmarshal(b, t) == nil
}
