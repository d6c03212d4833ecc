package gcp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// The listings of Cloud Asset Inventory.
// https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets/list
var (
	listResources      = inventoryCall("cloudasset.assets.listResource")
	listPolicies       = inventoryCall("cloudasset.assets.listIamPolicy")
	listAccessPolicies = inventoryCall("cloudasset.assets.listAccessPolicy")
)

func inventoryCall(permission string) Call {
	return Call{API: "cloudasset", Method: "assets.list", Permission: permission, Items: "assets"}
}

// Content types of the listings.
const (
	contentResource = "RESOURCE"
	contentPolicy   = "IAM_POLICY"
	contentAccess   = "ACCESS_POLICY"
)

// row is one item of a listing.
type row struct {
	name      string
	typ       string
	ancestors []string // nearest first, projects by number
	location  string
	data      map[string]any
	policy    map[string]any
	truncated bool
}

func rowOf(item any) (row, error) {
	m, _ := item.(map[string]any)
	r := row{}
	r.name, _ = m["name"].(string)
	r.typ, _ = m["assetType"].(string)
	if r.name == "" || r.typ == "" {
		return r, fmt.Errorf("%w: an asset without name or type", errShort)
	}
	list, _ := m["ancestors"].([]any)
	for _, a := range list {
		if text, ok := a.(string); ok {
			r.ancestors = append(r.ancestors, text)
		}
	}
	if resource, ok := m["resource"].(map[string]any); ok {
		r.location, _ = resource["location"].(string)
		r.data, _ = resource["data"].(map[string]any)
	}
	for _, member := range []string{"accessPolicy", "accessLevel", "servicePerimeter"} {
		if doc, ok := m[member].(map[string]any); ok {
			r.data = doc
		}
	}
	r.policy, _ = m["iamPolicy"].(map[string]any)
	exceptions, _ := m["assetExceptions"].([]any)
	for _, e := range exceptions {
		x, _ := e.(map[string]any)
		// Whatever the exception is, the content is not what the service holds.
		r.truncated = r.truncated || x != nil
	}
	return r, nil
}

// listing is one listing of the inventory: a content of a scope, for a batch of
// types. Types that the inventory refuses are taken out and remembered.
type listing struct {
	scope   *node
	content string
	call    *Call
	types   []string
	refused map[string]failure
}

// rows reads all pages of the listing.
func (s *Session) rows(ctx context.Context, l *listing, page func([]row) error) error {
	l.refused = map[string]failure{}
	for len(l.types) > 0 {
		delivered := false
		err := s.pages(ctx, s.listingRequest(l), l.call, func(items []any) error {
			delivered = true
			out := make([]row, 0, len(items))
			for i, item := range items {
				r, err := rowOf(item)
				if err != nil {
					return err
				}
				out = append(out, r)
				items[i] = nil // so that what was delivered of the page can go before its end
			}
			return page(out)
		})
		if err == nil || delivered || !l.refuse(s, err) {
			return err
		}
	}
	return nil
}

func (s *Session) listingRequest(l *listing) *request {
	scope := l.scope.name
	query := url.Values{"contentType": {l.content}, "assetTypes": l.types, "pageSize": {"1000"}}
	if at := s.readTime(); at != "" {
		query.Set("readTime", at)
	}
	return &request{api: l.call.API, method: l.call.Method, permission: l.call.Permission, path: "v1/" + scope + "/assets", query: query}
}

// refuse takes the types out that an error says are not supported. A type that
// is misspelt and one that the inventory does not have fail the whole listing
// alike, and the answer names them.
func (l *listing) refuse(s *Session, err error) bool {
	var api *apiError
	if !errors.As(err, &api) || api.status != http.StatusBadRequest {
		return false
	}
	// Longer names first: one may begin like another.
	names := slices.Clone(l.types)
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	text := api.message
	var found []string
	for _, name := range names {
		if strings.Contains(text, name) {
			text = strings.ReplaceAll(text, name, "")
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return false
	}
	f := s.classify(err, nil)
	f.state, f.reason, f.detail = model.UnitUnsupported, model.Unsupported, "Cloud Asset Inventory does not have this type here"
	for _, name := range found {
		l.refused[name] = f
	}
	l.types = slices.DeleteFunc(slices.Clone(l.types), func(t string) bool { return slices.Contains(found, t) })
	return true
}

// policies is what the listing of policies told of a batch.
type policies struct {
	spool   *spool
	refused map[string]failure
	err     error
}

// readPolicies reads the allow policies of a batch of types before their
// documents, so that each document is complete when it is yielded.
func (s *Session) readPolicies(ctx context.Context, scope *node, types []string) *policies {
	p := &policies{spool: newSpool(s.opts.SpoolDir)}
	l := &listing{scope: scope, content: contentPolicy, call: &listPolicies, types: types}
	p.err = s.rows(ctx, l, func(rows []row) error {
		for i := range rows {
			if rows[i].policy == nil {
				continue // it has none of its own
			}
			if err := p.spool.put(rows[i].name, model.Document(rows[i].policy).Canonical()); err != nil {
				return err
			}
		}
		return nil
	})
	p.refused = l.refused
	return p
}

// join puts the policy of an asset into its document, or the gap of one that is
// not known. A policy that a complete listing does not have is absent.
func (p *policies) join(s *Session, a *model.Asset) {
	text, found, err := p.spool.get(a.ID)
	if !found && err == nil {
		for _, name := range s.tree.spellings(a.ID) {
			if text, found, err = p.spool.get(name); found || err != nil {
				break
			}
		}
	}
	switch f, refused := p.refused[a.Type]; {
	case refused:
		a.Gaps = append(a.Gaps, assetGap(a, "iamPolicy", &listPolicies, f))
	case err != nil:
		a.Gaps = append(a.Gaps, assetGap(a, "iamPolicy", &listPolicies, failure{reason: model.Failed, detail: "the policies could not be kept on disk"}))
	case found:
		var doc model.Document
		if json.Unmarshal(text, &doc) == nil {
			a.Config["iamPolicy"] = map[string]any(doc)
		}
	case p.err != nil:
		a.Gaps = append(a.Gaps, assetGap(a, "iamPolicy", &listPolicies, s.classify(p.err, nil)))
	}
}

var zones = regexp.MustCompile(`^([a-z]+-[a-z]+[0-9]+)-[a-z]$`)

// locate turns a location into region and zone.
func locate(scope *model.Scope, location string) {
	location = strings.ToLower(location[strings.LastIndexByte(location, '/')+1:])
	if location == "global" {
		return
	}
	scope.Region = location
	if m := zones.FindStringSubmatch(location); m != nil {
		scope.Region, scope.Zone = m[1], location
	}
}

// place returns the scope of an asset that the inventory says is below the given
// nodes, and the node itself; late says that the tree did not know it before.
func (s *Session) place(ctx context.Context, root *node, ancestors []string, name string) (scope model.Scope, n *node, late bool) {
	own := ""
	if len(ancestors) > 0 {
		own = ancestors[0]
	} else if m := ownProject.FindString(name); m != "" {
		own = m[1:]
	}
	switch {
	case own == "":
		n = root
	case s.tree.find(own) == nil && strings.HasPrefix(own, "projects/") && root.isProject():
		s.tree.bind(root, own) // went by its id
		n = root
	case strings.HasPrefix(own, "projects/"):
		n, late = s.resolve(ctx, own)
	default:
		if n = s.tree.find(own); n == nil {
			n, late = s.tree.add(&node{name: own, inside: true}), true
		}
	}
	scope = s.scope(n)
	if scope.OrgPath == "" && len(ancestors) > 0 {
		parts := slices.Clone(ancestors)
		slices.Reverse(parts)
		if n.isProject() {
			parts[len(parts)-1] = "projects/" + n.account()
		}
		scope.OrgPath = strings.Join(parts, "/")
	}
	return scope, n, late
}

var ownProject = regexp.MustCompile(`/projects/[^/]+`)

// hashOf tells pages apart, by the names on them.
func hashOf(items []any) uint64 {
	h := fnv.New64a()
	for _, item := range items {
		m, _ := item.(map[string]any)
		for _, member := range []string{"name", "id", "selfLink", "email", "assetType"} {
			text, _ := m[member].(string)
			_, _ = io.WriteString(h, text)
			_, _ = h.Write([]byte{0})
		}
	}
	return h.Sum64()
}
