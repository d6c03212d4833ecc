package azure

import (
	"slices"
	"strings"
)

// routeTree finds the vendor's calls by verb and path. Most templates begin at
// a subscription, some at any scope; both end in "/providers/…", so they are
// filed under what follows the last one.
type routeTree struct {
	byTail map[string][]*route // verb, namespace and first type in lower case
	core   []*route            // without a provider: /subscriptions/{id}, …
	extra  []extraRoute
}

// route is a call with its template cut at the last provider.
type route struct {
	*call
	scope []string // nil when any scope fits
	tail  []string // namespace, type, {name}, …
}

func newRouteTree() *routeTree { return &routeTree{byTail: map[string][]*route{}} }

func (t *routeTree) add(c *call) {
	segs := segments(c.path)
	if len(segs) == 1 && strings.HasPrefix(segs[0], "{") {
		return // "any id": says nothing of a type
	}
	at := lastProviders(segs)
	if at < 0 || at+2 >= len(segs) || strings.HasPrefix(segs[at+1], "{") {
		t.core = append(t.core, &route{call: c, tail: segs})
		return
	}
	r := &route{call: c, scope: segs[:at], tail: segs[at+1:]}
	if at == 1 && strings.HasPrefix(segs[0], "{") {
		r.scope = nil
	}
	k := tailKey(c.verb, r.tail)
	t.byTail[k] = append(t.byTail[k], r)
}

func (t *routeTree) addExtra(e extraRoute) { t.extra = append(t.extra, e) }

func tailKey(verb string, tail []string) string {
	typ := tail[1]
	if strings.HasPrefix(typ, "{") {
		typ = "*"
	}
	return strings.ToLower(verb + " " + tail[0] + "/" + typ)
}

// match lists the calls that a request may be. Templates with fewer
// placeholders come first, so that a literal wins over a parameter.
func (t *routeTree) match(verb string, path []string) []*route {
	var hits []*route
	at := lastProviders(path)
	if at >= 0 && at+2 < len(path) {
		tail := path[at+1:]
		for _, k := range []string{tailKey(verb, tail), strings.ToLower(verb + " " + tail[0] + "/*")} {
			for _, r := range t.byTail[k] {
				if fits(r.tail, tail) && (r.scope == nil || fits(r.scope, path[:at])) {
					hits = append(hits, r)
				}
			}
		}
	}
	for _, r := range t.core {
		if strings.EqualFold(r.verb, verb) && fits(r.tail, path) {
			hits = append(hits, r)
		}
	}
	slices.SortStableFunc(hits, func(a, b *route) int { return holes(a.tail) - holes(b.tail) })
	return hits
}

func holes(segs []string) int {
	n := 0
	for _, s := range segs {
		if strings.HasPrefix(s, "{") {
			n++
		}
	}
	return n
}

// fits compares a template with a path, without regard to case, as ARM does.
func fits(template, path []string) bool {
	if len(template) != len(path) {
		return false
	}
	for i, s := range template {
		if !strings.HasPrefix(s, "{") && !strings.EqualFold(s, path[i]) {
			return false
		}
	}
	return true
}

// versions lists every api-version that the path may be asked with, and says
// whether the type is known at all.
func (t *routeTree) versions(verb string, path []string) (accepted []string, known bool) {
	for _, r := range t.match(verb, path) {
		accepted = append(accepted, r.version)
		known = true
	}
	if at := lastProviders(path); at >= 0 && at+2 < len(path) {
		typ := strings.ToLower(typeOf(path[at+1:]))
		for _, e := range t.extra {
			want := strings.ToLower(e.typ)
			if typ == want || strings.HasPrefix(typ, want+"/") {
				accepted = append(accepted, e.versions...)
				known = true
			}
		}
	}
	slices.Sort(accepted)
	return slices.Compact(accepted), known
}

// segments splits a path; an empty path has none.
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// lastProviders is the place of the last "providers" segment, or -1.
func lastProviders(segs []string) int {
	for i := len(segs) - 1; i >= 0; i-- {
		// In "…/providers/providers" the first is the segment; no vendor type
		// has that name, so the last one decides.
		if strings.EqualFold(segs[i], "providers") {
			return i
		}
	}
	return -1
}

// typeOf gives Namespace/type/child of what follows "providers".
func typeOf(tail []string) string {
	parts := []string{tail[0]}
	for i := 1; i < len(tail); i += 2 {
		parts = append(parts, tail[i])
	}
	return strings.Join(parts, "/")
}
