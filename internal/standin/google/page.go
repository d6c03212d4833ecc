package google

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// listing is a list before it is cut into pages. Rows have numbers below size;
// gaps are allowed, so that a filtered view of a large inventory needs no copy.
type listing struct {
	body map[string]any // what each page holds besides the items
	size int
	next func(i int) int                     // the first row from i on, or size
	row  func(i int) (scope string, row any) // scope is empty but in aggregated lists
	put  func(body map[string]any, page []row, start bool)
}

type row struct {
	scope string
	value any
}

// slice is a listing of values under a member.
func slice(body map[string]any, member string, values []any) *listing {
	return &listing{
		body: body, size: len(values),
		next: func(i int) int { return i },
		row:  func(i int) (string, any) { return "", values[i] },
		put:  plainPut(member),
	}
}

func plainPut(member string) func(map[string]any, []row, bool) {
	return func(body map[string]any, page []row, _ bool) {
		items := make([]any, 0, len(page))
		for _, r := range page {
			items = append(items, r.value)
		}
		body[member] = items
	}
}

// listing turns a seeded list, plain or aggregated, into rows.
func (p *prepared) listing() *listing {
	if p.list.scoped == "" {
		values, _ := p.items.([]any)
		return slice(p.Body, p.list.member, values)
	}
	scopes, _ := p.items.(map[string]any)
	var rows []row
	for _, scope := range slices.Sorted(maps.Keys(scopes)) {
		entry, _ := scopes[scope].(map[string]any)
		values, _ := entry[p.list.scoped].([]any)
		for _, v := range values {
			rows = append(rows, row{scope, v})
		}
	}
	return &listing{
		body: p.Body, size: len(rows),
		next: func(i int) int { return i },
		row:  func(i int) (string, any) { return rows[i].scope, rows[i].value },
		put: func(body map[string]any, page []row, start bool) {
			items := map[string]any{}
			entry := func(scope string) map[string]any {
				if e, ok := items[scope].(map[string]any); ok {
					return e
				}
				e := map[string]any{}
				given, _ := scopes[scope].(map[string]any)
				if warning, ok := given["warning"]; ok {
					e["warning"] = warning
				}
				items[scope] = e
				return e
			}
			for _, r := range page {
				e := entry(r.scope)
				values, _ := e[p.list.scoped].([]any)
				e[p.list.scoped] = append(values, r.value)
			}
			if start {
				for _, scope := range slices.Sorted(maps.Keys(scopes)) {
					given, _ := scopes[scope].(map[string]any)
					if values, _ := given[p.list.scoped].([]any); len(values) == 0 {
						entry(scope)
					}
				}
			}
			body[p.list.member] = items
		},
	}
}

// pager names the parameters with which a method pages; token is empty for
// methods that do not.
type pager struct {
	token, size string
	inBody      bool // a POST carries them in its body
	kubernetes  bool // the next token is metadata.continue
}

func pagerOf(m *method) pager {
	if m.params["continue"] != nil && m.params["limit"] != nil {
		return pager{token: "continue", size: "limit", kubernetes: true}
	}
	named := func(properties map[string]*schema, inBody bool) pager {
		p := pager{inBody: inBody}
		if properties["pageToken"] != nil {
			p.token = "pageToken"
		}
		for _, size := range []string{"pageSize", "maxResults"} {
			if properties[size] != nil {
				p.size = size
			}
		}
		return p
	}
	if p := named(m.params, false); p.token != "" {
		return p
	}
	if s := m.doc.resolve(m.request); s != nil {
		return named(s.Properties, true)
	}
	return pager{}
}

// largest are page sizes that are cut down silently, as the services do.
var largest = map[string]int{
	"cloudasset:v1/assets.list": 1000, "cloudasset:v1/searchAllResources": 500, "cloudasset:v1/searchAllIamPolicies": 500,
}

const defaultPage = 100

func (r *request) value(p pager, name string) string {
	if name == "" {
		return ""
	}
	if !p.inBody {
		return r.query.Get(name)
	}
	switch v := r.body[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// page cuts the page that the request asks for and applies a fault to it.
func (s *Server) page(req *request, l *listing, f *Fault) (map[string]any, *status) {
	p := pagerOf(req.m)
	body := maps.Clone(l.body)
	if body == nil {
		body = map[string]any{}
	}
	start, size := 0, l.size
	if p.token != "" {
		size = defaultPage
		if asked := req.value(p, p.size); asked != "" {
			n, err := strconv.Atoi(asked)
			if err != nil || n < 0 {
				return nil, newStatus(req.m, http.StatusBadRequest, "Invalid value for %s: %q", p.size, asked).violation(p.size, "not a page size")
			}
			if n > 0 {
				size = n
			}
		}
		if most := largest[req.m.call()]; most > 0 {
			size = min(size, most)
		}
		if s.options.PageSize > 0 {
			size = min(size, s.options.PageSize)
		}
		if token := req.value(p, p.token); token != "" {
			at, ok := req.position(p, token)
			if !ok {
				return nil, expired(req.m, p)
			}
			start = at
		}
	}
	var rows []row
	at := start
	for at < l.size {
		if at = l.next(at); at >= l.size || len(rows) == size {
			break
		}
		scope, value := l.row(at)
		at++
		if f != nil && f.loses(scope, value) {
			continue
		}
		rows = append(rows, row{scope, value})
	}
	more := at < l.size
	if f != nil && f.Kind == FaultEmptyPage && p.token != "" {
		rows, at, more = nil, start, true
	}
	if f != nil && f.Kind == FaultRepeatedToken && p.token != "" {
		at, more = start, true
	}
	l.put(body, rows, start == 0)
	if more {
		token := req.tokenAt(p, at)
		if p.kubernetes {
			meta, _ := body["metadata"].(map[string]any)
			meta = maps.Clone(meta)
			if meta == nil {
				meta = map[string]any{}
			}
			meta["continue"] = token
			body["metadata"] = meta
		} else {
			body["nextPageToken"] = token
		}
	}
	if f != nil {
		f.mark(req, body, listOf(req.m))
	}
	return body, nil
}

func expired(m *method, p pager) *status {
	return newStatus(m, http.StatusBadRequest, "The page token is invalid or has expired.").violation(p.token, "invalid or expired page token")
}

// mark of a page token: it is good for the same request only.
type mark struct {
	Of string `json:"of"`
	At int    `json:"at"`
}

func (r *request) fingerprint(p pager) string {
	query := url.Values{}
	for name, values := range r.query {
		if name != p.token && name != p.size {
			query[name] = values
		}
	}
	body := maps.Clone(r.body)
	delete(body, p.token)
	delete(body, p.size)
	data, _ := json.Marshal(body) // decoded JSON always marshals
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %v %s %s", r.m.call(), r.params, query.Encode(), data))
	return hex.EncodeToString(sum[:8])
}

func (r *request) tokenAt(p pager, at int) string {
	data, _ := json.Marshal(mark{r.fingerprint(p), at}) // two plain members always marshal
	return base64.RawURLEncoding.EncodeToString(data)
}

func (r *request) position(p pager, token string) (int, bool) {
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(token, "="))
	if err != nil {
		return 0, false
	}
	var m mark
	if json.Unmarshal(data, &m) != nil || m.Of != r.fingerprint(p) || m.At < 0 {
		return 0, false
	}
	return m.At, true
}
