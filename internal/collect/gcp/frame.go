package gcp

import (
	"context"
	"iter"
	"maps"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// FrameTypes are the types of the assets that stand for accounts.
func (s *Session) FrameTypes() []string { return []string{OrganizationType, FolderType, ProjectType} }

// Frame yields the assets that stand for the organizations, folders and projects
// in scope, each once: the tree's nodes, completed with the inventory's documents
// and policies where it delivers them. A node exists even if the inventory denies
// everything. What could not be read of the tree comes as gaps first.
func (s *Session) Frame(ctx context.Context) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		f := &frame{s: s, ctx: ctx, yield: yield, types: frameTypes(), done: map[*node]bool{}}
		for _, g := range s.tree.gaps {
			own := *g
			if !f.emit(model.Asset{}, &own) {
				return
			}
		}
		for _, root := range s.tree.roots {
			if root.skip == "" && !f.below(root) {
				return
			}
		}
	}
}

// frameTypes are the declared types of frame assets, by name.
func frameTypes() map[string]*Type {
	out := map[string]*Type{OrganizationType: nil, FolderType: nil, ProjectType: nil}
	for _, c := range registry {
		for i := range c.Types {
			if t := &c.Types[i]; contains(out, t.Name) {
				out[t.Name] = t
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, t *Type) bool { return t == nil })
	return out
}

func contains[V any](m map[string]V, key string) bool { _, ok := m[key]; return ok }

// frame is one walk through the tree.
type frame struct {
	s       *Session
	ctx     context.Context
	yield   func(model.Asset, error) bool
	stopped bool
	types   map[string]*Type
	done    map[*node]bool
}

func (f *frame) emit(a model.Asset, err error) bool {
	if !f.stopped && !f.yield(a, err) {
		f.stopped = true
	}
	return !f.stopped
}

// below yields the nodes below a root.
func (f *frame) below(root *node) bool {
	u := &Unit{Session: f.s, root: root, content: contentResource}
	for _, name := range f.s.FrameTypes() {
		if t := f.types[name]; t != nil && f.s.wants(name) {
			u.types = append(u.types, t)
		}
	}
	r := &reader{Unit: u, ctx: f.ctx, merge: f.merge, yield: func(a model.Asset, err error) bool {
		if g, isGap := err.(*model.Gap); isGap && g.Operation == listResources.operation() { //nolint:errorlint // as the run yields it
			return true // the tree has the nodes all the same
		}
		return f.emit(a, err)
	}}
	r.after = func(p *policies, failed error) bool { return f.rest(r, root, p, failed) }
	if len(u.types) == 0 || !root.active() {
		return f.rest(r, root, nil, nil)
	}
	r.inventory()
	return !f.stopped
}

// merge completes the inventory's document of a node by the tree's.
func (f *frame) merge(n *node, a *model.Asset) bool {
	if !n.inside || f.done[n] || n.typ() != a.Type {
		return false
	}
	f.done[n] = true
	for member, v := range n.doc {
		if a.Config[member] == nil {
			a.Config[member] = v
		}
	}
	number(n, a)
	return true
}

// number gives a project's document the number that the tree's version has in its
// name only: other assets and perimeters name projects by it.
func number(n *node, a *model.Asset) {
	if v, err := strconv.ParseInt(strings.TrimPrefix(n.name, "projects/"), 10, 64); err == nil && n.isProject() && a.Config["projectNumber"] == nil {
		a.Config["projectNumber"] = v
	}
}

// rest yields the nodes below a root that the inventory did not deliver.
func (f *frame) rest(r *reader, root *node, p *policies, failed error) bool {
	var nodes []*node
	var assets []model.Asset
	for _, n := range f.s.tree.scanned() {
		t := f.types[n.typ()]
		if t == nil || f.done[n] || !f.s.tree.under(n, root) {
			continue
		}
		f.done[n] = true
		a := t.asset(n.asset(), f.s.scope(n), maps.Clone(n.doc))
		if n.doc == nil {
			f.unread(n, &a)
		}
		number(n, &a)
		f.policy(r, t, n, p, failed, &a)
		nodes, assets = append(nodes, n), append(assets, a)
	}
	return r.batch(func(i int) *Type { return f.types[nodes[i].typ()] }, nodes, assets)
}

// unread says why a node has no document.
func (f *frame) unread(n *node, a *model.Asset) {
	if n.unread != nil {
		a.Gaps = append(a.Gaps, *n.unread)
		return
	}
	a.Gaps = append(a.Gaps, assetGap(a, "", &getProject, failure{reason: model.Failed, detail: "the document could not be read"}))
}

// policy joins the policy of a node that the inventory's documents do not show.
func (f *frame) policy(r *reader, t *Type, n *node, p *policies, failed error, a *model.Asset) {
	if !t.Policy {
		return
	}
	gap := func(x failure) { a.Gaps = append(a.Gaps, assetGap(a, "iamPolicy", &listPolicies, x)) }
	if p == nil || !f.s.needs(t, "iamPolicy") || !n.active() {
		gap(failure{reason: model.Skipped})
		return
	}
	before := len(a.Gaps)
	p.join(f.s, a)
	if len(a.Gaps) > before || a.Config["iamPolicy"] != nil {
		return
	}
	// It may have none, or not be among what the inventory knows.
	if failed != nil {
		gap(f.s.classify(failed, r.target()))
		return
	}
	gap(failure{reason: model.Failed, detail: "Cloud Asset Inventory does not list this"})
}
