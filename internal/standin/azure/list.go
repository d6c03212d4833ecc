package azure

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// armList answers a collection.
func (s *Server) armList(w http.ResponseWriter, r *request) {
	p := r.path
	key := "/" + strings.ToLower(strings.Join(p, "/"))
	list := s.estate.children(key)
	if len(list) == 0 || s.deep(p) {
		list = s.collect(p, list)
	}
	unfiltered := len(list)
	list, e := filter(list, p, r.URL.Query().Get("$filter"))
	if e != nil {
		e.write(w, r.Request)
		return
	}
	if unfiltered == 0 {
		if parent, _ := parentOf(p); !s.exists(parent) {
			parentNotFound(p, parent).write(w, r.Request)
			return
		}
		if !s.estate.isEmpty(p) && !s.unregistered(p) {
			denied(r.who, r.Method, p).write(w, r.Request)
			return
		}
	}
	s.listPage(w, r, s.docs(list), s.pages(p))
}

// filter applies atScope(), which drops what lies below the scope, and
// comparisons with eq. Another filter is refused: to ignore it would answer
// something else.
func filter(list []*resource, p []string, text string) ([]*resource, *apiError) {
	if text == "" {
		return list, nil
	}
	for _, c := range strings.Split(text, " and ") {
		at := lastProviders(p)
		g := reEq.FindStringSubmatch(c)
		var drop func(*resource) bool
		switch {
		case strings.TrimSpace(c) == "atScope()" && at >= 0:
			scope := "/" + strings.ToLower(strings.Join(p[:at], "/"))
			drop = func(r *resource) bool {
				own := "/" + strings.ToLower(strings.Join(r.path[:max(lastProviders(r.path), 0)], "/"))
				return len(own) > len(scope) && strings.HasPrefix(own, strings.TrimSuffix(scope, "/")+"/")
			}
		case g != nil:
			drop = func(r *resource) bool { return !strings.EqualFold(fieldOf(r, g[1]), g[2]+g[3]) }
		default:
			return nil, &apiError{status: http.StatusBadRequest, code: "InvalidFilterInQueryString", message: fmt.Sprintf("Invalid $filter '%s' specified in the query string.", text)}
		}
		list = slices.DeleteFunc(slices.Clone(list), drop)
	}
	return list, nil
}

// fieldOf is the value that a filter compares: of the resource or of its
// properties.
func fieldOf(r *resource, name string) string {
	if strings.EqualFold(name, "resourceType") {
		return r.typeName()
	}
	if v, ok := r.doc[name]; ok {
		return text(v)
	}
	props, _ := r.doc["properties"].(map[string]any)
	return text(props[name])
}

// unregistered says whether the subscription has not registered the provider:
// then it has none of its resources, and the list is empty.
func (s *Server) unregistered(p []string) bool {
	at := lastProviders(p)
	if at < 0 || !strings.EqualFold(p[0], "subscriptions") {
		return false
	}
	sub := s.estate.subscription(p[1])
	return sub != nil && sub.Providers != nil && !isExtension(p[at+1]) &&
		!slices.ContainsFunc(sub.Providers, func(n string) bool { return strings.EqualFold(n, p[at+1]) })
}

// pages says whether the vendor's list has pages at all.
func (s *Server) pages(p []string) bool {
	for _, r := range s.cat.routes.match(http.MethodGet, p) {
		if _, item, paged, err := r.mod.response(r.response); err == nil && item != "" {
			return paged
		}
	}
	return true
}

// deep says whether a list at a scope also shows what lies below and above it.
func (s *Server) deep(p []string) bool {
	at := lastProviders(p)
	return at >= 0 && at+3 == len(p) && strings.EqualFold(p[at+1], "Microsoft.Authorization")
}

// collect gathers a list at a subscription or group from the resources in it.
func (s *Server) collect(p []string, direct []*resource) []*resource {
	at := lastProviders(p)
	if at < 0 || at+3 != len(p) || at > 4 {
		return direct
	}
	scope := "/" + strings.ToLower(strings.Join(p[:at], "/"))
	typ := typeOf(p[at+1:])
	if !s.deep(p) {
		if isExtension(p[at+1]) && typeIsExtension(typ) {
			return direct
		}
		return s.tracked(scope, typ)
	}
	out := slices.Clone(direct)
	above := s.scopesAbove(p[:at])
	for _, r := range s.estate.byType[strings.ToLower(typ)] {
		own := "/" + strings.ToLower(strings.Join(r.path[:lastProviders(r.path)], "/"))
		if slices.Contains(direct, r) {
			continue
		}
		if scope == "/" || strings.HasPrefix(own, scope+"/") || slices.Contains(above, own) {
			out = append(out, r)
		}
	}
	return out
}

// typeIsExtension tells diagnostic settings and Defender plans, which hang
// below their scope, from tracked types of the same providers.
func typeIsExtension(typ string) bool {
	switch strings.ToLower(typ) {
	case "microsoft.insights/activitylogalerts", "microsoft.insights/actiongroups", "microsoft.insights/components", "microsoft.insights/datacollectionrules",
		"microsoft.insights/datacollectionendpoints", "microsoft.insights/metricalerts", "microsoft.insights/scheduledqueryrules", "microsoft.insights/autoscalesettings",
		"microsoft.insights/webtests", "microsoft.security/automations", "microsoft.security/securityconnectors", "microsoft.security/iotsecuritysolutions":
		return false
	}
	return true
}

// scopesAbove lists the scopes from which assignments are inherited.
func (s *Server) scopesAbove(scope []string) []string {
	out := []string{"/"}
	group := ""
	switch {
	case len(scope) > 1 && strings.EqualFold(scope[0], "subscriptions"):
		for n := 2; n < len(scope); n += 2 {
			out = append(out, "/"+strings.ToLower(strings.Join(scope[:n], "/")))
		}
		if sub := s.estate.subscription(scope[1]); sub != nil {
			group = sub.ManagementGroup
		}
	case len(scope) == 4:
		group = scope[3]
	}
	for _, g := range s.estate.ancestors(group) {
		out = append(out, strings.ToLower(groupID(g.ID)))
	}
	return out
}

// tracked lists the resources of a type in a subscription or group; all tracked
// ones for an empty type.
func (s *Server) tracked(scope, typ string) []*resource {
	var out []*resource
	p := segments(scope)
	if typ == "" {
		for r := range s.estate.after(scope + "/") {
			if !strings.HasPrefix(r.key, scope+"/") {
				break
			}
			if tableOf(rowType(r)) == "resources" {
				out = append(out, r)
			}
		}
		return out
	}
	for _, r := range s.estate.byType[strings.ToLower(typ)] {
		if strings.HasPrefix(r.key, scope+"/") {
			out = append(out, r)
		}
	}
	if len(p) > 1 {
		out = append(out, s.estate.synth.ofType(p[1], typ)...)
	}
	return out
}

func (s *Server) docs(list []*resource) []any {
	out := make([]any, len(list))
	for i, r := range list {
		out[i] = r.doc
	}
	return out
}

func (s *Server) pageSize() int {
	if n := s.estate.seed.PageSize; n > 0 {
		return n
	}
	return 100
}

// listPage answers a page of a list, with nextLink where the list has pages.
func (s *Server) listPage(w http.ResponseWriter, r *request, items []any, paged bool) {
	q := r.URL.Query()
	from := 0
	if tok := q.Get("$skiptoken"); tok != "" {
		b, err := base64.RawURLEncoding.DecodeString(tok)
		if err == nil {
			from, err = strconv.Atoi(string(b))
		}
		if err != nil || from < 0 || from > len(items) {
			(&apiError{status: http.StatusBadRequest, code: "InvalidSkipToken", message: "The skip token is invalid or has expired."}).write(w, r.Request)
			return
		}
	}
	size := s.pageSize()
	if n, err := strconv.Atoi(q.Get("$top")); err == nil && n > 0 {
		size = min(size, n)
	}
	to := len(items)
	if paged {
		to = min(from+size, len(items))
	}
	body := obj("value", items[from:to])
	if to < len(items) {
		next := to
		if r.fault.is(FaultRepeatedToken) && q.Get("$skiptoken") != "" {
			next = from
		}
		q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(next))))
		body["nextLink"] = baseURL(r.Request) + (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
	}
	writeJSON(w, http.StatusOK, body)
}
