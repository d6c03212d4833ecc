package azure

import (
	"cmp"
	"context"
	"crypto/sha256"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

const (
	// queryTypes bounds the types of one bulk query.
	queryTypes = 30
	// window bounds the assets of one unit that are being completed, beside bounds
	// what is done side by side below one of them. perSlot bounds those of all units
	// that only wait for a free slot, by the number of slots.
	window  = 2048
	beside  = 16
	perSlot = 8
)

// Unit is what one source of a session reads: the rows of some types in Resource
// Graph, one list of Azure Resource Manager over all subscriptions, or one list
// of the directory, with what stands below. It satisfies scan.Source.
type Unit struct {
	session *Session
	name    string
	types   []string
	read    func(*run)
}

// Name says what the unit reads, for progress: "resources Microsoft.Storage".
func (u *Unit) Name() string { return u.name }

// Scope returns where the unit reads: the tenant, with all that is below.
func (u *Unit) Scope() model.Scope { return u.session.tenantScope() }

// Types returns the asset types that the unit yields.
func (u *Unit) Types() []string { return slices.Clone(u.types) }

// Units returns the units of what the options select, those of the frame first.
// It begins a scan: what the last one learned of registered providers is
// forgotten.
func (s *Session) Units() []*Unit {
	s.provided.Clear()
	units := []*Unit{s.subscriptionUnit()}
	tables := map[[2]string][]*Type{}
	for _, t := range s.sortedTypes() {
		switch {
		case isFrame(t.Name) || !s.reads(t):
		case t.Table != "":
			key := [2]string{t.Table, t.Where}
			tables[key] = append(tables[key], t)
		case t.List != nil && (t.List.Parent == "" || isFrame(t.List.Parent)):
			units = append(units, s.listUnit(t))
		case t.Graph != nil:
			units = append(units, s.directoryUnit(t))
		}
	}
	keys := make([][2]string, 0, len(tables))
	for k := range tables {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, k := range keys {
		for _, part := range packed(tables[k]) {
			units = append(units, s.tableUnit(k[0], k[1], part))
		}
	}
	return units
}

func isFrame(typ string) bool {
	return typ == TenantType || typ == GroupType || typ == SubscriptionType
}

func (s *Session) sortedTypes() []*Type {
	out := make([]*Type, 0, len(s.types))
	for _, t := range s.types {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *Type) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// packed groups the types of a table by provider and puts small providers
// together, so that a handful of queries reads everything and no answer is
// larger than it must be.
func packed(types []*Type) [][]*Type {
	var out [][]*Type
	provider := func(t *Type) string { p, _, _ := strings.Cut(t.Name, "/"); return strings.ToLower(p) }
	for len(types) > 0 {
		n := 1
		for n < len(types) && provider(types[n]) == provider(types[0]) {
			n++
		}
		last := len(out) - 1
		if last >= 0 && len(out[last])+n <= queryTypes {
			out[last] = append(out[last], types[:n]...)
		} else {
			out = append(out, slices.Clone(types[:n]))
		}
		types = types[n:]
	}
	return out
}

// below returns the types that are listed below the assets of a type, or made
// of parts of their documents.
func (s *Session) below(parent string) []*Type { return s.children[parent] }

// know takes up the types that a session reads.
func (s *Session) know(types map[string]*Type) {
	s.types, s.children = types, map[string][]*Type{}
	for _, t := range s.sortedTypes() {
		switch {
		case t.List != nil && t.List.Parent != "":
			s.children[t.List.Parent] = append(s.children[t.List.Parent], t)
		case t.Within != nil:
			s.children[t.Within.Parent] = append(s.children[t.Within.Parent], t)
		}
	}
}

// reads says whether a type, or one below it, is selected.
func (s *Session) reads(t *Type) bool {
	return s.wanted(t) || slices.ContainsFunc(s.below(t.Name), s.reads)
}

// withBelow returns a type's name with those of the selected types below it.
func (s *Session) withBelow(t *Type) []string {
	out := []string{t.Name}
	for _, b := range s.below(t.Name) {
		if s.reads(b) {
			out = append(out, s.withBelow(b)...)
		}
	}
	return out
}

// tableUnit reads types of one table of Resource Graph.
func (s *Session) tableUnit(table, where string, types []*Type) *Unit {
	q := query{table: table, where: where}
	u := &Unit{session: s, name: table}
	for _, t := range types {
		q.types = append(q.types, t.Name)
		u.types = append(u.types, s.withBelow(t)...)
		if provider, _, _ := strings.Cut(t.Name, "/"); !strings.HasSuffix(u.name, " "+provider) {
			u.name += " " + provider
		}
	}
	u.read = func(r *run) {
		r.unseen(u.types, q.op())
		once := seenIDs{}
		s.bulk(r.ctx, q, func(row model.Document) bool {
			t := s.types[strings.ToLower(text(row, "type"))]
			if t == nil || !slices.Contains(types, t) {
				return r.ctx.Err() == nil
			}
			a, inside := s.newAsset(t, armDocument(row, t.Name))
			if !inside || !once.add(a.ID) {
				return r.ctx.Err() == nil
			}
			return r.begin(t, a)
		}, func(lost, subs []string, err error) {
			var names []string
			for _, name := range lost {
				names = append(names, s.withBelow(s.types[strings.ToLower(name)])...)
			}
			if subs == nil || inherited(table) {
				r.failed(names, s.tenantScope(), true, call{op: q.op()}, err)
				return
			}
			for _, sub := range subs {
				r.failed(names, s.subscriptionScope(sub), false, call{op: q.op()}, err)
			}
		})
	}
	return u
}

// seenIDs remembers ids by a part of their hash.
type seenIDs map[[16]byte]bool

func (s seenIDs) add(id string) bool {
	sum := sha256.Sum256([]byte(id))
	key := [16]byte(sum[:16])
	if s[key] {
		return false
	}
	s[key] = true
	return true
}

// call names a call for gaps.
type call struct {
	op         string
	permission string
}

// run is one collection of a unit. Assets and gaps go through one channel, from
// as many goroutines as complete them.
type run struct {
	*Session
	unit    *Unit
	ctx     context.Context //nolint:containedctx // it lives as long as the collection
	out     chan item
	window  chan struct{}
	workers sync.WaitGroup
}

type item struct {
	asset model.Asset
	err   error
}

// Collect yields the assets of the unit in no particular order; gaps come as
// *model.Gap in the error position and do not end it. The scope is the unit's
// own.
func (u *Unit) Collect(ctx context.Context, _ model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		r := &run{Session: u.session, unit: u, ctx: inner, out: make(chan item, 64), window: make(chan struct{}, window)}
		go func() {
			defer close(r.out)
			u.read(r)
			r.workers.Wait()
		}()
		stopped := false
		for it := range r.out { // to the end, so that nobody is left behind
			if !stopped && !yield(it.asset, it.err) {
				stopped = true
				cancel()
			}
		}
		if err := ctx.Err(); err != nil && !stopped {
			yield(model.Asset{}, err)
		}
	}
}

func (r *run) emit(a model.Asset, err error) bool {
	select {
	case r.out <- item{a, err}:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// begin completes an asset, with what stands below it, beside the others. Rates
// hold for each subscription, so it takes many assets to read at the rate of all;
// while the slots are what is short, more assets would only take up memory.
func (r *run) begin(t *Type, a model.Asset) bool {
	if !r.works(t) {
		return r.whole(t, a)
	}
	select {
	case r.window <- struct{}{}:
	case <-r.ctx.Done():
		return false
	}
	for r.busy.Load() >= int64(perSlot*cap(r.slots)) {
		if sleep(r.ctx, 20*time.Millisecond) != nil {
			<-r.window
			return false
		}
	}
	r.busy.Add(1)
	r.workers.Go(func() {
		defer func() {
			r.busy.Add(-1)
			<-r.window
		}()
		r.whole(t, a)
	})
	return true
}

// works says whether an asset of a type needs further calls.
func (r *run) works(t *Type) bool {
	return len(t.Side) > 0 || len(t.Reread) > 0 || slices.ContainsFunc(r.below(t.Name), func(b *Type) bool { return r.reads(b) })
}

// whole completes an asset and yields it, and then what stands below it.
func (r *run) whole(t *Type, a model.Asset) bool {
	if !r.complete(t, &a) {
		return r.ctx.Err() == nil // it vanished after it was listed
	}
	r.finish(t, &a)
	return r.deliver(t, &a)
}

func (r *run) deliver(t *Type, a *model.Asset) bool {
	parent := *a
	children := r.below(t.Name)
	if len(children) > 0 { // the consumer may change what it got
		parent.Config, _ = clone(map[string]any(a.Config)).(map[string]any)
		parent.Gaps = slices.Clone(a.Gaps)
	}
	if !r.emit(*a, nil) {
		return false
	}
	for _, child := range children {
		switch {
		case !r.reads(child):
		case child.Within != nil:
			r.within(child, &parent)
		default:
			r.list(child, parent.Scope, text(parent.Config, "id"), &parent, t)
		}
	}
	return r.ctx.Err() == nil
}

// within makes assets of the items of a list in another asset's document.
func (r *run) within(t *Type, parent *model.Asset) {
	for _, g := range parent.Gaps {
		if covers(g.Path, t.Within.Path) {
			g.Type, g.Asset, g.Path, g.Detail = t.Name, "", "", strings.TrimSpace("of "+parent.ID+" "+g.Detail)
			r.emit(model.Asset{}, &g)
			return
		}
	}
	items, _ := at(map[string]any(parent.Config), t.Within.Path).([]any)
	r.each(items, func(v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		doc := model.Document(m)
		if text(doc, "id") == "" {
			doc["id"] = text(parent.Config, "id") + t.Name[strings.LastIndexByte(t.Name, '/'):] + "/" + text(doc, "name")
		}
		if a, inside := r.newAsset(t, doc); inside {
			if a.Scope.Region == "" {
				a.Scope.Region = parent.Scope.Region
			}
			r.whole(t, a)
		}
	})
}

// covers says whether a gap at one path leaves another one unknown.
func covers(gap, path string) bool {
	return gap == "" || gap == path || strings.HasPrefix(path, gap+".")
}

// each works on items side by side and returns when all are done.
func (r *run) each(items []any, do func(any)) {
	if len(items) == 1 {
		do(items[0])
		return
	}
	limit := make(chan struct{}, beside)
	var wg sync.WaitGroup
	for _, v := range items {
		select {
		case limit <- struct{}{}:
		case <-r.ctx.Done():
			wg.Wait()
			return
		}
		wg.Go(func() {
			defer func() { <-limit }()
			do(v)
		})
	}
	wg.Wait()
}

// failed yields the gaps of types whose listing failed.
func (r *run) failed(types []string, scope model.Scope, below bool, c call, err error) {
	if r.ctx.Err() != nil {
		return
	}
	f := classify(err)
	for _, name := range types {
		g := &model.Gap{
			Scope: scope, Below: below, Type: name, Reason: f.reason, Operation: c.op, Permission: orElse(f.permission, c.permission),
			Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
		}
		if g.Permission == "" && f.reason == model.Denied {
			g.Permission = name + "/read"
		}
		if !r.emit(model.Asset{}, g) {
			return
		}
	}
}

// unseen yields the gaps of subscriptions that Resource Graph does not show to
// the caller: no row of theirs is no proof that there is nothing.
func (r *run) unseen(types []string, op string) {
	gap := func(scope model.Scope, below bool, f failure) {
		for _, name := range types {
			g := &model.Gap{
				Scope: scope, Below: below, Type: name, Reason: f.reason, Operation: op, Permission: f.permission,
				Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
			}
			if !r.emit(model.Asset{}, g) {
				return
			}
		}
	}
	const sees = "Microsoft.Resources/subscriptions/read"
	subs := r.tree.subscriptions()
	if len(subs) == 0 {
		gap(r.tenantScope(), true, failure{reason: model.Denied, permission: sees, detail: "the caller sees no subscription"})
		return
	}
	if r.tree.unlisted != nil {
		f := classify(r.tree.unlisted)
		f.detail = strings.TrimSpace("the subscriptions' own rows could not be read " + f.detail)
		gap(r.tenantScope(), true, f)
		for _, sub := range subs {
			if !sub.listed {
				gap(r.subscriptionScope(sub.id), false, failure{reason: model.Denied, permission: sees, detail: "the caller does not see the subscription"})
			}
		}
		return
	}
	for _, sub := range subs {
		if !sub.seen {
			gap(r.subscriptionScope(sub.id), false, failure{reason: model.Denied, permission: sees, detail: "the caller does not see the subscription"})
		}
	}
}
