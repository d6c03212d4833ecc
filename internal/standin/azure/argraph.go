package azure

import (
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
