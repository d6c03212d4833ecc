package gcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// side runs the further reads of an asset. What its document is does not matter
// for a read whose result is not needed: that is a gap that says so.
func (r *reader) side(t *Type, n *node, a *model.Asset) {
	for i := range t.Side {
		rd := &t.Side[i]
		if rd.When != nil && !rd.When(a.Config) {
			continue
		}
		if !r.Session.needs(t, rd.Member) || n != nil && !n.active() {
			a.Gaps = append(a.Gaps, assetGap(a, rd.Member, &rd.Call, failure{reason: model.Skipped}))
			continue
		}
		r.read(rd, n, a)
	}
}

// read runs one read: its member is present, absent by the vendor's word, or a
// gap afterwards.
func (r *reader) read(rd *Read, n *node, a *model.Asset) {
	gap := func(f failure) {
		if f.reason == "" {
			f.reason = model.Unsupported // the service is not enabled there
		}
		a.Gaps = append(a.Gaps, assetGap(a, rd.Member, &rd.Call, f))
	}
	req, missing := rd.request(func(template string, path bool) (string, bool) { return sidePath(template, a, path) })
	if missing != "" {
		gap(failure{reason: model.Failed, detail: "the document lacks what " + missing + " names"})
		return
	}
	req.project = projectOf(a.Scope.Account)
	var value any
	var items []any
	err := r.Session.pages(r.ctx, req, &rd.Call, func(page []any) error {
		if rd.Items == "" {
			m, _ := page[0].(map[string]any)
			if m["nextPageToken"] != nil {
				return fmt.Errorf("%w: the answer has more pages", errShort)
			}
			value = m
			return nil
		}
		items = append(items, page...)
		return nil
	})
	switch {
	case err == nil && rd.Items == "":
		set(a.Config, rd.Member, value)
	case err == nil:
		if items == nil {
			items = []any{}
		}
		set(a.Config, rd.Member, items)
	case hasTag(err, rd.Absent):
		// The vendor says that it is not set; the objects above it are known.
		if top, _, more := strings.Cut(rd.Member, "."); more && a.Config[top] == nil {
			a.Config[top] = map[string]any{}
		}
	default:
		if n != nil && !n.isProject() {
			n = nil
		}
		gap(r.Session.classify(err, n))
	}
}

// request builds a call's request; missing is the template that could not be
// filled.
func (c *Call) request(fill func(template string, path bool) (string, bool)) (req *request, missing string) {
	path, ok := fill(c.Path, true)
	if !ok {
		return nil, c.Path
	}
	req = &request{api: c.API, method: c.Method, permission: c.Permission, path: path, query: url.Values{}}
	for key, template := range c.Query {
		v, ok := fill(template, false)
		if !ok {
			return nil, template
		}
		req.query.Set(key, v)
	}
	return req, ""
}

// lists reads a type that a service lists, for every account of its level, many
// at a time.
func (r *reader) lists() {
	if r.list.List.Per == PerOrganization && (r.root == nil || r.root.typ() != OrganizationType) {
		for _, n := range r.Session.listed(PerScope, r.root) {
			if (r.root == nil || n == r.root) && !r.outside(r.list, &r.list.List.Call, n) {
				break
			}
		}
		return
	}
	nodes := r.Session.listed(r.list.List.Per, r.root)
	limit := make(chan struct{}, min(cap(r.Session.slots), 16))
	var mu sync.Mutex // of the consumer, which takes one at a time
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	for _, n := range nodes {
		select {
		case limit <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-limit }()
			r.listOf(ctx, n, &mu, stop)
		})
	}
	wg.Wait()
	r.ended()
}

// listed returns the accounts for which a listing is made.
func (s *Session) listed(per Level, root *node) []*node {
	keep := func(n *node) bool {
		if n.skip != "" || !n.active() {
			return false
		}
		switch per {
		case PerProject:
			return n.isProject()
		case PerOrganization:
			return n.typ() == OrganizationType
		}
		return true
	}
	all := s.tree.all(keep)
	out := all[:0]
	for _, n := range all {
		for _, top := range s.tree.roots {
			if (top == root || root == nil && top.isProject()) && s.tree.under(n, top) {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

// listOf reads the listing of one account.
func (r *reader) listOf(ctx context.Context, n *node, mu *sync.Mutex, stop context.CancelFunc) {
	s, t := r.Session, r.list
	locked := func(f func() bool) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil && !f() {
			stop()
		}
	}
	scope := s.scope(n)
	req, missing := t.List.request(func(template string, path bool) (string, bool) { return listPath(template, scope, path) })
	if missing != "" {
		locked(func() bool {
			return r.listGap(t, &t.List.Call, failure{reason: model.Failed, detail: "nothing to put into " + missing}, n)
		})
		return
	}
	req.project = projectOf(scope.Account)
	if t.List.Post {
		body := map[string]any{}
		for key := range req.query {
			body[key] = req.query.Get(key)
		}
		req.post, req.body, req.query = true, body, url.Values{}
	}
	err := s.pages(ctx, req, &t.List.Call, func(items []any) error {
		assets := make([]model.Asset, 0, len(items))
		nodes := make([]*node, 0, len(items))
		for _, item := range items {
			doc, _ := item.(map[string]any)
			id, ok := itemID(t.List.ID, scope, doc)
			if doc == nil || !ok {
				return errShort
			}
			a := t.asset(id, scope, doc)
			location, _ := doc["location"].(string)
			locate(&a.Scope, location)
			assets, nodes = append(assets, a), append(nodes, n)
		}
		one := &reader{Unit: r.Unit, ctx: ctx}
		one.complete(func(int) *Type { return t }, nodes, assets)
		locked(func() bool {
			for i := range assets {
				if !r.emit(assets[i], nil) {
					return false
				}
			}
			return true
		})
		return ctx.Err()
	})
	if err == nil || ctx.Err() != nil {
		return
	}
	f := s.classify(err, n)
	if f.state == model.UnitNotEnabled {
		if f = s.notEnabled(ctx, n, t.List.API, f); f.state == model.UnitNotEnabled {
			return // the project cannot have any
		}
	}
	locked(func() bool { return r.listGap(t, &t.List.Call, f, n) })
}

// serviceState is what is known of an API in a project.
type serviceState struct {
	once  sync.Once
	state string
	err   error
}

var getService = Call{API: "serviceusage", Method: "services.get", Permission: "serviceusage.services.get", Path: "v1/projects/{project}/services/"}

// notEnabled checks a refusal that says that an API is not enabled: it proves
// that there is nothing only where the state of the service agrees.
// https://cloud.google.com/service-usage/docs/reference/rest/v1/services/get
func (s *Session) notEnabled(ctx context.Context, n *node, api string, f failure) failure {
	v, _ := s.services.LoadOrStore(n.name+"/"+api, &serviceState{})
	known := v.(*serviceState) //nolint:forcetypeassert // nothing else is stored
	known.once.Do(func() {
		path := "v1/projects/" + n.account() + "/services/" + api + "." + s.conn.universe
		doc, err := s.call(ctx, &request{api: getService.API, method: getService.Method, permission: getService.Permission, path: path, project: n.account()})
		known.err = err
		known.state, _ = doc["state"].(string)
	})
	if known.err == nil && known.state == "DISABLED" {
		return f
	}
	f.state, f.reason = model.UnitFailed, model.Failed
	switch {
	case known.err != nil && !errors.Is(known.err, context.Canceled):
		f.detail += ", and the state of the service could not be read"
		f.permission = getService.Permission
	default:
		f.detail += ", but the state of the service is " + known.state
	}
	return f
}
