package gcp

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// Unit is what one source of a session reads: a batch of types of the inventory
// in one scope, or one type that a service lists. It satisfies scan.Source.
type Unit struct {
	Session *Session
	name    string
	root    *node // nil: all roots, for listings of projects that have none in common
	content string
	types   []*Type
	list    *Type
}

// Types returns the asset types that the unit yields.
func (u *Unit) Types() []string {
	if u.list != nil {
		return []string{u.list.Name}
	}
	return names(u.types)
}

func names(types []*Type) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = t.Name
	}
	return out
}

// Scope returns where the unit reads: an organization, a folder or a project,
// with all that is below.
func (u *Unit) Scope() model.Scope { return u.Session.scope(u.root) }

// Name says what the unit reads, for progress.
func (u *Unit) Name() string { return u.name }

// Collect yields the assets of the unit; gaps come as *model.Gap in the error
// position and do not end it. The scope is the unit's own.
func (u *Unit) Collect(ctx context.Context, _ model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		r := &reader{Unit: u, ctx: ctx, yield: yield}
		if u.list != nil {
			r.lists()
			return
		}
		r.inventory()
	}
}

// reader is one collection of a unit.
type reader struct {
	*Unit
	ctx     context.Context
	yield   func(model.Asset, error) bool
	stopped bool
	late    map[string]bool // nodes that the tree lacked, and were told of
	// merge completes the document of a node; it says whether to yield it.
	merge func(n *node, a *model.Asset) bool
	// after ends an inventory, while the policies can still be asked; failed is
	// why the documents are not complete. It says whether to go on.
	after func(p *policies, failed error) bool
}

// errStopped ends a listing whose consumer wants no more.
var errStopped = errors.New("stopped")

func (r *reader) emit(a model.Asset, err error) bool {
	if !r.stopped && !r.yield(a, err) {
		r.stopped = true
	}
	return !r.stopped
}

// ended emits the end of a context that ended the run.
func (r *reader) ended() bool {
	if err := r.ctx.Err(); err != nil {
		r.emit(model.Asset{}, err)
		return true
	}
	return r.stopped
}

// inventory reads a batch of types from the inventory: first their policies, then
// their documents, page by page.
func (r *reader) inventory() {
	s := r.Session
	if r.content == contentAccess && r.root.typ() != OrganizationType {
		for _, t := range r.types {
			r.outside(t, &listAccessPolicies, r.root)
		}
		return
	}
	types := map[string]*Type{}
	var policed []string
	for _, t := range r.types {
		types[t.Name] = t
		if t.Policy && s.needs(t, "iamPolicy") {
			policed = append(policed, t.Name)
		}
	}
	p := &policies{spool: newSpool("")}
	if len(policed) > 0 {
		p = s.readPolicies(r.ctx, r.root, policed)
	}
	defer p.spool.close() //nolint:errcheck // a temporary file
	call := &listResources
	if r.content == contentAccess {
		call = &listAccessPolicies
	}
	l := &listing{scope: r.root, content: r.content, call: call, types: names(r.types)}
	err := s.rows(r.ctx, l, func(rows []row) error {
		if !r.page(types, p, rows) {
			return errStopped
		}
		return nil
	})
	if r.ended() || r.after != nil && !r.after(p, err) {
		return
	}
	for _, t := range r.types {
		f, refused := l.refused[t.Name]
		if !refused && err == nil {
			continue
		}
		if !refused {
			f = s.classify(err, r.target())
		}
		if !r.listGap(t, call, f, r.root) {
			return
		}
	}
}

// outside says of a type that only organizations have that the scan has none in
// its scope: what there is above is not known.
func (r *reader) outside(t *Type, c *Call, n *node) bool {
	return r.listGap(t, c, failure{reason: model.Skipped, detail: "read from organizations only, and none is in scope"}, n)
}

// target is the project that a unit's calls are about.
func (r *reader) target() *node {
	if r.root != nil && r.root.isProject() {
		return r.root
	}
	return nil
}

// listGap yields the gap of a type whose listing failed below a node.
func (r *reader) listGap(t *Type, c *Call, f failure, n *node) bool {
	if f.reason == "" {
		f.reason = model.Failed
	}
	a := model.Asset{Type: t.Name}
	g := assetGap(&a, "", c, f)
	g.Scope, g.Below = r.Session.scope(n), n != nil && !n.isProject()
	return r.emit(model.Asset{}, &g)
}

// page turns rows into assets, completes and emits them.
func (r *reader) page(types map[string]*Type, p *policies, rows []row) bool {
	s := r.Session
	assets := make([]model.Asset, 0, len(rows))
	nodes := make([]*node, 0, len(rows))
	for i := range rows {
		t := types[rows[i].typ]
		if t == nil {
			continue // not asked for
		}
		scope, n, late := s.place(r.ctx, r.root, rows[i].ancestors, rows[i].name)
		if n.skip != "" {
			continue
		}
		if late && n.isProject() && !r.lateGap(n) {
			return false
		}
		a := t.asset(rows[i].name, scope, rows[i].data)
		locate(&a.Scope, rows[i].location)
		call := &listResources
		if r.content == contentAccess {
			call = &listAccessPolicies
		}
		switch {
		case rows[i].truncated:
			a.Gaps = append(a.Gaps, assetGap(&a, "", call, failure{reason: model.Failed, detail: "truncated"}))
		case rows[i].data == nil:
			a.Gaps = append(a.Gaps, assetGap(&a, "", call, failure{reason: model.Failed, detail: "the answer has no document"}))
		}
		if t.Policy {
			if s.needs(t, "iamPolicy") {
				p.join(s, &a)
			} else {
				a.Gaps = append(a.Gaps, assetGap(&a, "iamPolicy", &listPolicies, failure{reason: model.Skipped}))
			}
		}
		if r.merge != nil && !r.merge(n, &a) {
			continue
		}
		assets, nodes = append(assets, a), append(nodes, n)
		rows[i] = row{} // the asset has it all
	}
	return r.batch(func(i int) *Type { return types[assets[i].Type] }, nodes, assets)
}

// lateGap says that the tree is not the whole of the organization.
func (r *reader) lateGap(n *node) bool {
	if r.late[n.name] {
		return true
	}
	if r.late == nil {
		r.late = map[string]bool{}
	}
	r.late[n.name] = true
	f := failure{reason: model.Failed, detail: "Cloud Asset Inventory has " + n.name + ", which was not among the projects"}
	return r.listGap(&Type{Name: ProjectType}, &listProjects, f, r.root)
}

// batch completes and emits assets. It checks the context, since what was read
// after it ended is not known to be so.
func (r *reader) batch(typ func(int) *Type, nodes []*node, assets []model.Asset) bool {
	r.complete(typ, nodes, assets)
	if r.ctx.Err() != nil {
		return false
	}
	for i := range assets {
		if !r.emit(assets[i], nil) {
			return false
		}
		assets[i] = model.Asset{} // many pages wait at once, each with what is left of it
	}
	return !r.stopped
}

// complete runs the further reads of assets, many at a time.
func (r *reader) complete(typ func(int) *Type, nodes []*node, assets []model.Asset) {
	reads := false
	for i := range assets {
		reads = reads || len(typ(i).Side) > 0
	}
	one := func(i int) {
		t := typ(i)
		r.side(t, nodes[i], &assets[i])
		t.finish(&assets[i], r.Session.schema(t))
	}
	if !reads || len(assets) == 1 {
		for i := range assets {
			one(i)
		}
		return
	}
	// The session's slots bound the calls; this bounds the goroutines.
	limit := make(chan struct{}, cap(r.Session.slots))
	var wg sync.WaitGroup
	for i := range assets {
		limit <- struct{}{}
		wg.Go(func() {
			defer func() { <-limit }()
			one(i)
		})
	}
	wg.Wait()
}

// needs says whether a member of a type's documents is wanted.
func (s *Session) needs(t *Type, member string) bool {
	top, _, _ := strings.Cut(member, ".")
	return s.wants(t.Name) && (s.opts.Needed == nil || s.opts.Needed(t.Name, top))
}

// isFrame says whether a type's assets are yielded by Frame.
func (s *Session) isFrame(typ string) bool { return slices.Contains(s.FrameTypes(), typ) }
