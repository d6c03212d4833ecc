package azure

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

const (
	// batchSize is how many requests Microsoft Graph takes in one.
	// https://learn.microsoft.com/graph/json-batching
	batchSize = 20
	graphTop  = 999
)

// absentCodes are Microsoft Graph's words for "there is none".
var absentCodes = []string{"Request_ResourceNotFound", "ResourceNotFound", "itemNotFound"}

// graphOperation names a path of Microsoft Graph in gaps and figures.
func graphOperation(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// graphURL returns the URL of a path, which may have a query of its own.
func (s *Session) graphURL(path string, beta bool, query url.Values) string {
	u := s.env.Graph + "/" + graphVersion(beta) + "/" + path
	if len(query) == 0 {
		return u
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	// Microsoft Graph wants the dollar signs and commas as they are.
	return u + sep + strings.NewReplacer("%24", "$", "%2C", ",", "+", "%20").Replace(query.Encode())
}

func graphVersion(beta bool) string {
	if beta {
		return "beta"
	}
	return "v1.0"
}

// callGraph makes a call of Microsoft Graph at the tenant's rate.
func (s *Session) callGraph(ctx context.Context, req request) (answer, error) {
	req.directory = true
	req.lanes = []*collect.Lane{s.lane("graph", 0, 1)}
	out, err := s.call(ctx, req)
	if err == nil {
		// Above 0.8 the service says how much of the limit is used.
		// https://learn.microsoft.com/graph/throttling
		if used, convErr := strconv.ParseFloat(out.header.Get("X-Ms-Throttle-Limit-Percentage"), 64); convErr == nil && used >= 0.8 {
			req.lanes[0].Throttle()
		}
	}
	return out, err
}

func (s *Session) graphPages(ctx context.Context, req request, each func([]any) bool) error {
	return followPages(ctx, s.env.Graph, req, "@odata.nextLink", s.callGraph, each)
}

// request is the call of a directory list.
func (s *Session) graphList(l *GraphList) (request, call) {
	q := url.Values{}
	if len(l.Select) > 0 {
		q.Set("$select", strings.Join(l.Select, ","))
	}
	for k, v := range l.Query {
		q.Set(k, v)
	}
	if !l.Single && l.Top >= 0 && !q.Has("$top") {
		top := l.Top
		if top == 0 {
			top = graphTop
		}
		q.Set("$top", strconv.Itoa(top))
	}
	c := call{op: "graph:" + graphOperation(l.Path), permission: l.Permission}
	req := request{op: c.op, method: http.MethodGet, url: s.graphURL(l.Path, l.Beta, q)}
	if q.Has("$count") || q.Has("$search") {
		req.header = map[string]string{"ConsistencyLevel": "eventual"}
	}
	return req, c
}

// directoryUnit reads one type of the directory.
func (s *Session) directoryUnit(t *Type) *Unit {
	u := &Unit{session: s, name: t.Name, types: s.withBelow(t)}
	u.read = func(r *run) {
		joins, collection := &joins{lists: map[string]*joined{}}, s.collection(t)
		req, c := s.graphList(t.Graph)
		page := func(items []any) bool {
			assets := make([]model.Asset, 0, len(items))
			for _, item := range items {
				m, ok := item.(map[string]any)
				if !ok {
					r.failed([]string{t.Name}, s.tenantScope(), false, c, &model.Gap{Reason: model.Failed, Detail: "an item is no object"})
					continue
				}
				a, ok := s.graphAsset(t, collection, m)
				if !ok {
					r.failed([]string{t.Name}, s.tenantScope(), false, c, &model.Gap{Reason: model.Failed, Detail: "an item has no id"})
					continue
				}
				assets = append(assets, a)
			}
			return r.directoryPage(t, assets, joins)
		}
		var err error
		if t.Graph.Single {
			var out answer
			if out, err = s.callGraph(r.ctx, req); err == nil {
				page([]any{map[string]any(out.doc)})
			}
		} else {
			err = s.graphPages(r.ctx, req, page)
		}
		if err == nil || hasCode(err, t.Graph.Absent) {
			return
		}
		r.failed(u.types, s.tenantScope(), false, c, err)
	}
	return u
}

// collection is the middle of the ids of a type's assets: the last step of its
// path, "users". Of types that list the same objects the first by name has it,
// and the others go by their own names, because an id names one asset.
func (s *Session) collection(t *Type) string {
	last := func(t *Type) string {
		path := graphOperation(t.Graph.Path)
		return path[strings.LastIndexByte(path, '/')+1:]
	}
	for _, o := range s.types {
		if o.Graph != nil && o.Name < t.Name && last(o) == last(t) {
			return strings.TrimPrefix(t.Name, "graph/")
		}
	}
	return last(t)
}

// graphAsset builds an asset of the directory. Singletons have the same id in
// every tenant, so they go by the tenant's.
func (s *Session) graphAsset(t *Type, collection string, m map[string]any) (model.Asset, bool) {
	for k := range m {
		if strings.HasPrefix(k, "@odata.") && k != "@odata.type" {
			delete(m, k)
		}
	}
	id := text(m, "id")
	if t.Graph.Single {
		id = s.Tenant
	}
	a := model.Asset{
		ID: "graph/" + collection + "/" + id, Type: t.Name, Class: t.Class, Scope: s.tenantScope(),
		Config: m, Origin: model.Origin{Kind: model.OriginLive},
	}
	collect.Conform(m, s.schema(t))
	a.Name = label(t, &a)
	if created, err := time.Parse(time.RFC3339Nano, text(m, "createdDateTime")); err == nil {
		a.CreatedAt = created.UTC()
	}
	if t.Managed != nil && t.Managed(a.Config) {
		a.ManagedBy = "azure"
	}
	return a, id != ""
}

// directoryPage completes and yields a page of objects.
func (r *run) directoryPage(t *Type, assets []model.Asset, joins *joins) bool {
	for i := range assets {
		r.complete(t, &assets[i]) // what is skipped, and reads elsewhere
	}
	for i := range t.Side {
		rd := &t.Side[i]
		if !rd.Graph || !r.needs(t, rd) {
			continue
		}
		var of []*model.Asset
		for j := range assets {
			if rd.When == nil || rd.When(assets[j].Config) {
				of = append(of, &assets[j])
			}
		}
		if strings.Contains(rd.Path, "{id}") {
			r.batches(t, rd, of)
		} else {
			joins.read(r, t, rd, of)
		}
	}
	for i := range assets {
		r.finish(t, &assets[i])
		if r.ctx.Err() != nil || !r.deliver(t, &assets[i]) {
			return false
		}
	}
	return true
}

// batches makes one read of many objects, twenty at a time.
func (r *run) batches(t *Type, rd *Read, assets []*model.Asset) {
	var chunks []any
	for chunk := range slices.Chunk(assets, batchSize) {
		chunks = append(chunks, chunk)
	}
	r.each(chunks, func(v any) {
		r.batch(t, rd, v.([]*model.Asset)) //nolint:forcetypeassert // made above
	})
}

type batchRequest struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	URL    string `json:"url"`
}

// batch asks for up to twenty objects' member. What is throttled inside of a
// batch is asked for again, like any other call.
func (r *run) batch(t *Type, rd *Read, assets []*model.Asset) {
	c := t.call(rd)
	open := make([]int, len(assets))
	for i := range open {
		open[i] = i
	}
	fail := func(i int, err error) { r.unreadGraph(rd, assets[i], c, err) }
	for try := 1; len(open) > 0; try++ {
		answers, err := r.askBatch(rd, assets, open, c)
		if r.ctx.Err() != nil {
			return
		}
		if err != nil {
			for _, i := range open {
				fail(i, err)
			}
			return
		}
		var again []int
		var wait time.Duration
		for _, i := range open {
			a, ok := answers[i]
			switch {
			case !ok:
				fail(i, fmt.Errorf("%w: a batch lacks one of its answers", errAnswer))
			case a.err != nil && (isThrottle(a.err) || isTransient(a.err)) && try < r.opts.Attempts:
				again = append(again, i)
				wait = max(wait, backoff(a.err, try))
			case a.err != nil:
				fail(i, a.err)
			default:
				r.takeGraph(rd, assets[i], c, a.doc)
			}
		}
		if open = again; len(open) > 0 && r.sleep(r.ctx, wait) != nil {
			return
		}
	}
}

type batchAnswer struct {
	doc model.Document
	err error
}

func (r *run) askBatch(rd *Read, assets []*model.Asset, open []int, c call) (map[int]batchAnswer, error) {
	var requests []batchRequest
	for _, i := range open {
		requests = append(requests, batchRequest{ID: strconv.Itoa(i), Method: http.MethodGet, URL: "/" + objectPath(rd, assets[i])})
	}
	body, err := json.Marshal(map[string]any{"requests": requests})
	if err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	out, err := r.callGraph(r.ctx, request{op: c.op, method: http.MethodPost, url: r.graphURL("$batch", rd.Beta, nil), body: string(body)})
	if err != nil {
		return nil, err
	}
	responses, ok := out.doc["responses"].([]any)
	if !ok {
		return nil, fmt.Errorf("%w: a batch has no answers", errAnswer)
	}
	answers := map[int]batchAnswer{}
	for _, v := range responses {
		m, _ := v.(map[string]any)
		i, err := strconv.Atoi(text(m, "id"))
		status, isInt := m["status"].(int64)
		doc, _ := m["body"].(map[string]any)
		switch {
		case err != nil || !isInt:
			return nil, fmt.Errorf("%w: an answer of a batch has no id or status", errAnswer)
		case status != http.StatusOK:
			answers[i] = batchAnswer{err: batchError(int(status), m, doc)}
		case doc == nil:
			answers[i] = batchAnswer{err: fmt.Errorf("%w: it is no JSON object", errAnswer)}
		default:
			answers[i] = batchAnswer{doc: doc}
		}
	}
	return answers, nil
}

func batchError(status int, m, doc map[string]any) error {
	header := http.Header{}
	given, _ := m["headers"].(map[string]any)
	for k, v := range given {
		header.Set(k, fmt.Sprint(v))
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		raw = nil
	}
	e := parseAPIError(status, header.Get, raw)
	e.after, e.directory = retryAfter(header, time.Now()), true
	return e
}

// objectPath is the path of a read for one object.
func objectPath(rd *Read, a *model.Asset) string {
	return strings.ReplaceAll(rd.Path, "{id}", url.PathEscape(text(a.Config, "id")))
}

// takeGraph puts an answer into the document. A list may have further pages.
func (r *run) takeGraph(rd *Read, a *model.Asset, c call, doc model.Document) {
	if !rd.Items {
		for k := range doc {
			if strings.HasPrefix(k, "@odata.") && k != "@odata.type" {
				delete(doc, k)
			}
		}
		set(a.Config, rd.Member, map[string]any(doc))
		return
	}
	items, ok := doc["value"].([]any)
	if !ok {
		r.unreadGraph(rd, a, c, fmt.Errorf("%w: it has no list of values", errAnswer))
		return
	}
	if next := text(doc, "@odata.nextLink"); next != "" {
		u, err := url.Parse(next)
		if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, hostOf(r.env.Graph)) {
			r.unreadGraph(rd, a, c, fmt.Errorf("%w: the link to the next page leads to another host", errAnswer))
			return
		}
		err = r.graphPages(r.ctx, request{op: c.op, method: http.MethodGet, url: next}, func(more []any) bool {
			items = append(items, more...)
			return true
		})
		if err != nil {
			r.unreadGraph(rd, a, c, err)
			return
		}
	}
	set(a.Config, rd.Member, items)
}

// unreadGraph says what an error of a read of the directory means.
func (r *run) unreadGraph(rd *Read, a *model.Asset, c call, err error) {
	if r.ctx.Err() != nil || hasCode(err, rd.Absent) || hasCode(err, absentCodes) {
		return
	}
	a.Gaps = append(a.Gaps, gapOn(a, rd.Member, c, classify(err)))
}

// readGraph makes a read of the directory for an asset of Azure Resource
// Manager, by its principal.
func (r *run) readGraph(t *Type, rd *Read, a *model.Asset) {
	c := t.call(rd)
	out, err := r.callGraph(r.ctx, request{op: c.op, method: http.MethodGet, url: r.graphURL(objectPath(rd, a), rd.Beta, nil)})
	if err != nil {
		r.unreadGraph(rd, a, c, err)
		return
	}
	r.takeGraph(rd, a, c, out.doc)
}

// joins are the lists of all objects that members come from, read once a unit.
type joins struct {
	mu    sync.Mutex
	lists map[string]*joined
}

type joined struct {
	byID map[string]map[string]any
	err  error
}

func (j *joins) read(r *run, t *Type, rd *Read, assets []*model.Asset) {
	c := t.call(rd)
	j.mu.Lock()
	defer j.mu.Unlock()
	key := rd.Path
	l := j.lists[key]
	if l == nil {
		l = &joined{byID: map[string]map[string]any{}}
		l.err = r.graphPages(r.ctx, request{op: c.op, method: http.MethodGet, url: r.graphURL(rd.Path, rd.Beta, nil)}, func(items []any) bool {
			for _, v := range items {
				if m, ok := v.(map[string]any); ok {
					l.byID[text(m, "id")] = m
				}
			}
			return true
		})
		j.lists[key] = l
	}
	for _, a := range assets {
		item, ok := l.byID[text(a.Config, "id")]
		switch {
		case l.err != nil:
			r.unreadGraph(rd, a, c, l.err)
		case !ok:
			a.Gaps = append(a.Gaps, gapOn(a, rd.Member, c, failure{reason: model.Unsupported, detail: "the list has nothing of the object"}))
		case !rd.Inner:
			set(a.Config, rd.Member, item)
		case item[topMember(rd.Member)] != nil:
			set(a.Config, rd.Member, item[topMember(rd.Member)])
		}
	}
}
