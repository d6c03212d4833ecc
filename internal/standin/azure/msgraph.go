package azure

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxGraphPage is the largest $top that Microsoft Graph takes.
const maxGraphPage = 999

const maxBatch = 20

// checkGraphSeed checks the paths, the kinds and the names of the properties.
func checkGraphSeed(seed map[string]json.RawMessage) error {
	var errs []error
	for _, path := range slices.Sorted(maps.Keys(seed)) {
		at := "graph." + path
		pl, item, ok := placeOf(graphSegments(path))
		if !ok || item {
			errs = append(errs, fmt.Errorf("%s: is not a list or object of Microsoft Graph that is known here", at))
			continue
		}
		if pl.one {
			var o map[string]any
			if err := decode(seed[path], &o); err != nil {
				errs = append(errs, fmt.Errorf("%s: want an object: %w", at, err))
				continue
			}
			errs = append(errs, checkEntity(at, pl.typ, o))
			continue
		}
		var list []map[string]any
		if err := decode(seed[path], &list); err != nil {
			errs = append(errs, fmt.Errorf("%s: want a list of objects: %w", at, err))
			continue
		}
		seen := map[string]bool{}
		for i, o := range list {
			here := fmt.Sprintf("%s[%d]", at, i)
			if id := text(o["id"]); id != "" && seen[id] {
				errs = append(errs, fmt.Errorf("%s.id: %s occurs twice", here, id))
			} else {
				seen[id] = true
			}
			errs = append(errs, checkEntity(here, pl.typ, o))
		}
	}
	return errors.Join(errs...)
}

func checkEntity(at, typ string, o map[string]any) error {
	if typ == directoryObject {
		var ok bool
		if typ, ok = strings.CutPrefix(text(o["@odata.type"]), "#microsoft.graph."); !ok {
			return fmt.Errorf("%s.@odata.type: is missing; want #microsoft.graph.user, group, servicePrincipal or another directory object", at)
		}
	}
	e := graphEntities[typ]
	if e == nil {
		return fmt.Errorf("%s.@odata.type: %q is not known here", at, typ)
	}
	var errs []error
	for _, k := range slices.Sorted(maps.Keys(o)) {
		if strings.HasPrefix(k, "@odata.") || strings.HasPrefix(k, "extension_") || slices.Contains(e.properties, k) || slices.Contains(e.navigation, k) {
			continue
		}
		m := &modelType{name: typ, members: map[string]string{}}
		for _, p := range e.properties {
			m.members[p] = ""
		}
		errs = append(errs, fmt.Errorf("%s.%s: %s", at, k, unknownMember(k, m, nil)))
	}
	return errors.Join(errs...)
}

// graphSegments cuts a path; crossing ids are segments of their own.
func graphSegments(path string) []string { return segments(path) }

// graphOperation names a request for the fault plan; ids are left out.
func graphOperation(path []string) string {
	if len(path) == 0 {
		return ""
	}
	p := path[1:]
	if pl, _, ok := placeOf(p); ok {
		return pl.path
	}
	return strings.Join(p, "/")
}

func graphBad(message string) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "BadRequest", message: message}
}

// msgraph answers Microsoft Graph.
func (s *Server) msgraph(w http.ResponseWriter, r *request) {
	if len(r.path) < 2 || r.path[0] != "v1.0" && r.path[0] != "beta" {
		(&apiError{status: http.StatusBadRequest, code: "BadRequest", message: "Invalid version."}).write(w, r.Request)
		return
	}
	w.Header().Set("X-Ms-Resource-Unit", "1")
	if r.path[1] == "$batch" {
		s.batch(w, r)
		return
	}
	if r.Method == http.MethodPost && strings.Join(r.path[1:], "/") == "directoryObjects/getByIds" {
		s.getByIDs(w, r)
		return
	}
	if r.Method != http.MethodGet {
		(&apiError{status: http.StatusForbidden, code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation."}).write(w, r.Request)
		return
	}
	body, e := s.graphGet(r)
	if e != nil {
		e.write(w, r.Request)
		return
	}
	writeJSON(w, http.StatusOK, body)
}

// rank orders the licences.
var rank = map[string]int{"free": 0, "P1": 1, "P2": 2, "": 2}

func (s *Server) lacks(licence string) bool {
	return licence != "" && rank[s.estate.seed.Tenant.Licence] < rank[licence]
}

func licenceMissing() *apiError {
	return &apiError{
		status: http.StatusForbidden, code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
		message: "Neither tenant is B2C or tenant doesn't have premium license",
	}
}

func (s *Server) graphGet(r *request) (map[string]any, *apiError) {
	p := r.path[1:]
	if len(p) > 1 && p[len(p)-1] == "$count" {
		p = p[:len(p)-1]
	}
	pl, item, ok := placeOf(p)
	if !ok {
		return nil, &apiError{status: http.StatusBadRequest, code: "BadRequest", message: fmt.Sprintf("Resource not found for the segment '%s'.", p[len(p)-1])}
	}
	if s.lacks(pl.premium) {
		return nil, licenceMissing()
	}
	opt, e := s.queryOptions(r.URL.Query(), pl.typ, r.path[0] == "beta")
	if e != nil {
		return nil, e
	}
	ctx := fmt.Sprintf("%s/graph/%s/$metadata#%s", baseURL(r.Request), r.path[0], strings.Join(p, "/"))
	if pl.one {
		raw := s.graphSeed(p)
		var o map[string]any
		if raw == nil || decode(raw, &o) != nil {
			return nil, s.graphUnknown(p, false)
		}
		o = s.shape(o, pl.typ, opt)
		o["@odata.context"] = ctx + "/$entity"
		return o, nil
	}
	if item {
		return s.graphItem(p, pl, opt, ctx)
	}
	list, known := s.graphList(p)
	if !known {
		return nil, s.graphUnknown(p, true)
	}
	return s.graphPage(r, list, pl, opt, ctx)
}

func (s *Server) graphSeed(p []string) json.RawMessage {
	want := strings.Join(p, "/")
	for k, v := range s.estate.seed.Graph {
		if strings.EqualFold(strings.Trim(k, "/"), want) {
			return v
		}
	}
	return nil
}

// graphUnknown is the answer for what the seed does not hold.
func (s *Server) graphUnknown(p []string, list bool) *apiError {
	if !list && s.estate.isEmpty(p) {
		return &apiError{status: http.StatusNotFound, code: "Request_ResourceNotFound", message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", p[len(p)-1])}
	}
	return &apiError{status: http.StatusForbidden, code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation."}
}

// graphList finds a list: as seeded, known to be empty, or the transitive
// closure of seeded members.
func (s *Server) graphList(p []string) (list []map[string]any, known bool) {
	if raw := s.graphSeed(p); raw != nil {
		return list, decode(raw, &list) == nil
	}
	if s.estate.isEmpty(p) {
		return nil, true
	}
	if len(p) == 3 && strings.EqualFold(p[0], "groups") && strings.EqualFold(p[2], "transitiveMembers") {
		return s.closure(p[1], map[string]bool{})
	}
	return nil, false
}

func (s *Server) closure(group string, seen map[string]bool) (out []map[string]any, known bool) {
	raw := s.graphSeed([]string{"groups", group, "members"})
	var members []map[string]any
	if raw == nil {
		return nil, s.estate.isEmpty([]string{"groups", group, "members"})
	}
	if decode(raw, &members) != nil {
		return nil, false
	}
	for _, m := range members {
		id := text(m["id"])
		if seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, m)
		if m["@odata.type"] == "#microsoft.graph.group" {
			below, ok := s.closure(id, seen)
			if !ok {
				return nil, false
			}
			out = append(out, below...)
		}
	}
	return out, true
}

func (s *Server) graphItem(p []string, pl place, opt options, ctx string) (map[string]any, *apiError) {
	parent, id := p[:len(p)-1], p[len(p)-1]
	list, known := s.graphList(parent)
	for _, o := range list {
		if strings.EqualFold(text(o["id"]), id) || o["userPrincipalName"] != nil && strings.EqualFold(text(o["userPrincipalName"]), id) {
			o = s.shape(o, pl.typ, opt)
			o["@odata.context"] = ctx + "/$entity"
			return o, nil
		}
	}
	if !known {
		return nil, s.graphUnknown(p, true)
	}
	return nil, &apiError{status: http.StatusNotFound, code: "Request_ResourceNotFound", message: fmt.Sprintf(
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)}
}

// options are the query options of a request.
type options struct {
	selected []string
	expand   []string
	filter   []condition
	top      int
	skip     int
	count    bool
	beta     bool
}

type condition struct{ name, value string }

var reEq = regexp.MustCompile(`^\s*(\w+)\s+eq\s+(?:'((?:[^']|'')*)'|(\S+))\s*$`)

func (s *Server) queryOptions(q url.Values, typ string, beta bool) (options, *apiError) {
	o := options{top: s.pageSize(), beta: beta}
	e := graphEntities[typ]
	if v := q.Get("$select"); v != "" {
		for _, n := range strings.Split(v, ",") {
			n = strings.TrimSpace(n)
			if e != nil && (!slices.Contains(e.properties, n) && !strings.HasPrefix(n, "extension_") || !beta && slices.Contains(e.beta, n)) {
				return o, graphBad(fmt.Sprintf("Could not find a property named '%s' on type '%s'.", n, e.name))
			}
			if e != nil && s.lacks(e.premium[n]) {
				return o, licenceMissing()
			}
			o.selected = append(o.selected, n)
		}
	}
	if v := q.Get("$expand"); v != "" {
		for _, n := range splitTop(v) {
			name, _, _ := strings.Cut(n, "(")
			if e != nil && !slices.Contains(e.navigation, name) {
				return o, graphBad(fmt.Sprintf("Could not find a property named '%s' on type '%s'.", name, e.name))
			}
			o.expand = append(o.expand, name)
		}
	}
	if v := q.Get("$top"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxGraphPage {
			return o, graphBad(fmt.Sprintf("Invalid page size specified: '%s'. Must be between 1 and %d inclusive.", v, maxGraphPage))
		}
		o.top = min(o.top, n)
	}
	if v := q.Get("$filter"); v != "" {
		for _, c := range strings.Split(v, " and ") {
			g := reEq.FindStringSubmatch(c)
			if g == nil || e != nil && !slices.Contains(e.properties, g[1]) {
				return o, &apiError{status: http.StatusBadRequest, code: "Request_UnsupportedQuery", message: "Unsupported or invalid query filter clause specified: " + c}
			}
			o.filter = append(o.filter, condition{g[1], strings.ReplaceAll(g[2], "''", "'") + g[3]})
		}
	}
	if v := q.Get("$skiptoken"); v != "" {
		b, err := base64.RawURLEncoding.DecodeString(v)
		if err == nil {
			o.skip, err = strconv.Atoi(string(b))
		}
		if err != nil || o.skip < 0 {
			return o, &apiError{status: http.StatusBadRequest, code: "Directory_ExpiredPageToken", message: "The specified page token value has expired and is no longer included in your request."}
		}
	}
	o.count = strings.EqualFold(q.Get("$count"), "true")
	return o, nil
}

// splitTop splits at commas outside parentheses.
func splitTop(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

// shape gives an object the members that a request asks for.
func (s *Server) shape(o map[string]any, typ string, opt options) map[string]any {
	if typ == directoryObject {
		typ = strings.TrimPrefix(text(o["@odata.type"]), "#microsoft.graph.")
	}
	e := graphEntities[typ]
	out := map[string]any{}
	names := opt.selected
	if names == nil {
		if names = e.defaults; len(names) == 0 {
			names = slices.Collect(maps.Keys(o))
		}
	}
	for _, n := range names {
		if slices.Contains(e.navigation, n) && !slices.Contains(e.properties, n) || !opt.beta && slices.Contains(e.beta, n) {
			continue
		}
		if v, ok := o[n]; ok {
			out[n] = v
		} else if opt.selected != nil && slices.Contains(e.properties, n) && n != "signInActivity" {
			out[n] = nil // Graph writes a selected property that is not set as null
		}
	}
	if t, ok := o["@odata.type"]; ok {
		out["@odata.type"] = t
	}
	for _, n := range opt.expand {
		if v, ok := o[n]; ok {
			out[n] = v
		} else if n == "principal" {
			out[n] = s.directoryObject(text(o["principalId"]))
		} else if n == "roleDefinition" {
			out[n] = s.find("roleManagement/directory/roleDefinitions", text(o["roleDefinitionId"]))
		}
	}
	return out
}

func (s *Server) find(path, id string) any {
	list, _ := s.graphList(segments(path))
	for _, o := range list {
		if strings.EqualFold(text(o["id"]), id) {
			return o
		}
	}
	return nil
}

// directoryObject finds a principal by id and names its type.
func (s *Server) directoryObject(id string) any {
	for _, p := range []struct{ path, typ string }{{"users", "user"}, {"groups", "group"}, {"servicePrincipals", "servicePrincipal"}} {
		if o, ok := s.find(p.path, id).(map[string]any); ok {
			o = maps.Clone(o)
			o["@odata.type"] = "#microsoft.graph." + p.typ
			return o
		}
	}
	return nil
}

// getByIDs resolves principals; what is not there is left out, as in the
// service.
// https://learn.microsoft.com/graph/api/directoryobject-getbyids
func (s *Server) getByIDs(w http.ResponseWriter, r *request) {
	var in struct {
		IDs   []string `json:"ids"`
		Types []string `json:"types"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil || len(in.IDs) == 0 || len(in.IDs) > 1000 {
		graphBad("Invalid value specified for property 'ids': want 1 to 1000 ids.").write(w, r.Request)
		return
	}
	for _, p := range []string{"users", "groups", "servicePrincipals"} {
		if _, known := s.graphList([]string{p}); !known && (len(in.Types) == 0 || slices.Contains(in.Types, strings.TrimSuffix(p, "s"))) {
			s.graphUnknown([]string{p}, true).write(w, r.Request)
			return
		}
	}
	found := []any{}
	for _, id := range in.IDs {
		if o, ok := s.directoryObject(id).(map[string]any); ok && (len(in.Types) == 0 || slices.Contains(in.Types, strings.TrimPrefix(text(o["@odata.type"]), "#microsoft.graph."))) {
			found = append(found, s.shape(o, directoryObject, options{beta: r.path[0] == "beta"}))
		}
	}
	writeJSON(w, http.StatusOK, obj("@odata.context", fmt.Sprintf("%s/graph/%s/$metadata#directoryObjects", baseURL(r.Request), r.path[0]), "value", found))
}

func (s *Server) graphPage(r *request, list []map[string]any, pl place, opt options, ctx string) (map[string]any, *apiError) {
	list = slices.DeleteFunc(slices.Clone(list), func(o map[string]any) bool {
		return slices.ContainsFunc(opt.filter, func(c condition) bool { return !strings.EqualFold(text(o[c.name]), c.value) })
	})
	from := min(opt.skip, len(list))
	to := min(from+opt.top, len(list))
	items := []any{}
	for _, o := range list[from:to] {
		items = append(items, s.shape(o, pl.typ, opt))
	}
	body := map[string]any{"@odata.context": ctx, "value": items}
	if opt.count && strings.EqualFold(r.Header.Get("ConsistencyLevel"), "eventual") {
		body["@odata.count"] = len(list)
	}
	if to < len(list) {
		next := to
		if r.fault.is(FaultRepeatedToken) && r.URL.Query().Get("$skiptoken") != "" {
			next = from
		}
		q := r.URL.Query()
		q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(next))))
		body["@odata.nextLink"] = baseURL(r.Request) + (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
	}
	return body, nil
}

// batch answers up to 20 requests in one; each has its own status, and its own
// place in the fault plan.
// https://learn.microsoft.com/graph/json-batching
func (s *Server) batch(w http.ResponseWriter, r *request) {
	var in struct {
		Requests []struct {
			ID      string            `json:"id"`
			Method  string            `json:"method"`
			URL     string            `json:"url"`
			Headers map[string]string `json:"headers"`
		} `json:"requests"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<20)).Decode(&in); err != nil || len(in.Requests) == 0 || len(in.Requests) > maxBatch {
		graphBad(fmt.Sprintf("Invalid batch payload format: want 1 to %d requests.", maxBatch)).write(w, r.Request)
		return
	}
	out := []any{}
	for _, q := range in.Requests {
		req, err := http.NewRequestWithContext(r.Context(), q.Method, baseURL(r.Request)+"/graph/"+r.path[0]+"/"+strings.TrimPrefix(q.URL, "/"), http.NoBody)
		if err != nil || strings.Contains(q.URL, "$batch") {
			graphBad("Invalid batch payload format.").write(w, r.Request)
			return
		}
		req.Host = r.Host
		req.RequestURI = req.URL.RequestURI()
		req.Header.Set("Authorization", r.Header.Get("Authorization"))
		for k, v := range q.Headers {
			req.Header.Set(k, v)
		}
		buf := newBuffer()
		s.handle("", "graph", s.msgraph)(buf, req)
		answer := obj("id", q.ID, "status", buf.code(), "body", json.RawMessage(buf.body.Bytes()))
		headers := map[string]string{"Content-Type": "application/json"}
		if v := buf.header.Get("Retry-After"); v != "" {
			headers["Retry-After"] = v
		}
		answer["headers"] = headers
		if !json.Valid(buf.body.Bytes()) {
			answer["body"] = buf.body.String()
		}
		out = append(out, answer)
	}
	writeJSON(w, http.StatusOK, obj("responses", out))
}
