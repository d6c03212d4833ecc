package gcp

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// The types that stand for accounts. They exist for every node of the tree,
// whatever the inventory delivers.
const (
	OrganizationType = "cloudresourcemanager.googleapis.com/Organization"
	FolderType       = "cloudresourcemanager.googleapis.com/Folder"
	ProjectType      = "cloudresourcemanager.googleapis.com/Project"
)

// node is an organization, a folder or a project.
type node struct {
	name   string // "organizations/1", "folders/2", "projects/3"; by id while a project's number is not known
	id     string // of a project
	number string // "projects/3" where name has the id
	parent string
	doc    model.Document // of Cloud Resource Manager v3; nil where it could not be read
	unread *model.Gap     // why doc is nil
	state  string
	inside bool   // in the scope of the scan
	skip   string // why a project inside is not scanned
}

func (n *node) account() string {
	if n.id != "" {
		return n.id
	}
	if number, ok := strings.CutPrefix(n.name, "projects/"); ok {
		return number
	}
	return n.name
}

func (n *node) isProject() bool { return strings.HasPrefix(n.name, "projects/") }

func (n *node) active() bool { return n.state == "" || n.state == "ACTIVE" }

func (n *node) typ() string {
	switch {
	case n.isProject():
		return ProjectType
	case strings.HasPrefix(n.name, "folders/"):
		return FolderType
	}
	return OrganizationType
}

// asset is the id of the asset that stands for the node.
func (n *node) asset() string { return "//cloudresourcemanager.googleapis.com/" + n.name }

// isAbove says whether an account is a folder or an organization.
func isAbove(account string) bool {
	return strings.HasPrefix(account, "folders/") || strings.HasPrefix(account, "organizations/")
}

// tree holds the nodes, and maps numbers of projects to their ids and back. It
// is safe for concurrent use.
type tree struct {
	mu    sync.Mutex
	nodes map[string]*node // by name and, for projects, by "projects/<id>"
	roots []*node          // what the inventory is asked about
	gaps  []*model.Gap     // parts of the tree that could not be read
}

func newTree() *tree { return &tree{nodes: map[string]*node{}} }

// add adds a node, or returns the one that is there.
func (t *tree) add(n *node) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.nodes[n.name]
	if known == nil && n.id != "" {
		known = t.nodes["projects/"+n.id]
	}
	if known != nil {
		if n.inside && !known.inside {
			known.inside = true
		}
		n = known
	} else {
		t.nodes[n.name] = n
	}
	if n.id != "" {
		t.nodes["projects/"+n.id] = n
	}
	return n
}

func (t *tree) find(name string) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.nodes[name]
}

// bind lets a project that goes by its id be found by its number, too.
func (t *tree) bind(n *node, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nodes[name] = n
	n.number = name
}

// spellings returns the other names of an asset whose name has a project in it: the
// inventory uses ids and numbers of projects, for the same asset even in different
// contents.
func (t *tree) spellings(name string) []string {
	at := ownProject.FindStringIndex(name)
	if at == nil {
		return nil
	}
	own := name[at[0]+1 : at[1]]
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.nodes[own]
	if n == nil {
		return nil
	}
	var out []string
	for _, other := range []string{n.name, n.number, "projects/" + n.id} {
		if other != own && other != "" && other != "projects/" {
			out = append(out, name[:at[0]+1]+other+name[at[1]:])
		}
	}
	return out
}

func (t *tree) gap(g *model.Gap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gaps = append(t.gaps, g)
}

// path is the whole chain from the organization to the node, with projects by
// id; empty where the chain could not be read up to its end.
func (t *tree) path(n *node) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []string
	for range model.MaxDepth {
		own := n.name
		if n.isProject() {
			own = "projects/" + n.account()
			if n.doc == nil {
				return "" // its parent is not known
			}
		}
		parts = append(parts, own)
		if n.parent == "" {
			if n.typ() == FolderType {
				return ""
			}
			slices.Reverse(parts)
			return strings.Join(parts, "/")
		}
		if n = t.nodes[n.parent]; n == nil {
			return ""
		}
	}
	return ""
}

// under says whether a node is below another one, or is it.
func (t *tree) under(n, top *node) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range model.MaxDepth {
		if n == nil || n == top {
			return n == top
		}
		n = t.nodes[n.parent]
	}
	return false
}

// all returns the nodes in scope that f accepts, sorted by kind and name.
func (t *tree) all(f func(*node) bool) []*node {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*node
	for _, n := range t.nodes {
		if n.inside && f(n) {
			out = append(out, n)
		}
	}
	rank := func(n *node) int { return slices.Index([]string{OrganizationType, FolderType, ProjectType}, n.typ()) }
	slices.SortFunc(out, func(a, b *node) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.account(), b.account()))
	})
	return slices.Compact(out)
}

func (t *tree) scanned() []*node { return t.all(func(n *node) bool { return n.skip == "" }) }

func (t *tree) accounts() []string {
	out := []string{}
	for _, n := range t.scanned() {
		out = append(out, n.account())
	}
	slices.Sort(out)
	return out
}

// Skipped returns the projects of the tree that are left out though they are in
// scope, for the ledger: those of Apps Script, which have ids that begin with
// "sys-", those excluded, and those without the labels asked for.
// https://cloud.google.com/resource-manager/docs/creating-managing-projects
func (s *Session) Skipped() []model.Coverage {
	var out []model.Coverage
	for _, n := range s.tree.all(func(n *node) bool { return n.skip != "" }) {
		out = append(out, model.Coverage{Scope: s.scope(n), Type: ProjectType, State: model.UnitSkipped, Detail: n.skip})
	}
	return out
}
