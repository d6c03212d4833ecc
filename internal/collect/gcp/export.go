package gcp

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"iter"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// ExportOptions say how exports of Cloud Asset Inventory are read.
type ExportOptions struct {
	// Complete says that the exports were made of everything that their accounts
	// have: a type of which they hold nothing does not exist there. Nothing in an
	// export says so itself.
	Complete bool
}

// Export turns exports of Cloud Asset Inventory into assets by the same code that
// reads it live. What an export does not hold is a gap. First every value goes
// through Learn, then all of them again through Collect.
type Export struct {
	opts ExportOptions
	s    *Session
	p    *policies
	seed maphash.Seed
	docs map[uint64]bool // names of assets that come with a document

	policed bool              // there are policies
	content bool              // there are documents of resources
	access  bool              // there are access policies
	held    map[string]bool   // types of which there is a document
	partial map[string]string // why a file does not hold all that it was asked for
}

// NewExport returns an Export that has learned nothing yet. Close it.
func NewExport(opts ExportOptions) (*Export, error) {
	s, err := open(context.Background(), Options{
		Transport: unanswered{}, TokenSource: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "none"}), Attempts: 1,
	})
	if err != nil {
		return nil, err
	}
	return &Export{
		opts: opts, s: s, seed: maphash.MakeSeed(), docs: map[uint64]bool{}, held: map[string]bool{}, partial: map[string]string{},
		p: &policies{spool: newSpool(""), err: &model.Gap{Reason: model.Unsupported, Detail: "the export has no policy of this asset"}},
	}, nil
}

// Close lets go of what was kept on disk.
func (e *Export) Close() error { return e.p.spool.close() }

// notExported is the reason by which the answer of unanswered is known again.
const notExported = "NOT_EXPORTED"

// unanswered answers every call as one that is not supported.
type unanswered struct{}

// RoundTrip implements http.RoundTripper.
func (unanswered) RoundTrip(r *http.Request) (*http.Response, error) {
	const text = `{"error": {"code": 501, "status": "UNIMPLEMENTED", "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "` + notExported + `"}]}}`
	return &http.Response{StatusCode: http.StatusNotImplemented, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

var idInName = regexp.MustCompile(`/projects/([a-z][a-z0-9:.-]*[a-z0-9])(/|$)`)

// Learn takes one value on the first way through the exports: the tree of
// organizations, folders and projects, and the policies.
func (e *Export) Learn(x *collect.Exported) error {
	r, err := rowOf(map[string]any(x.Doc()))
	if err != nil {
		return err
	}
	if x.Partial != "" {
		e.partial[x.File] = x.Partial
	}
	e.place(&r)
	switch {
	case r.data != nil && x.Doc()["resource"] == nil:
		e.access = true
	case r.data != nil:
		e.content = true
	}
	if r.data != nil {
		e.docs[maphash.String(e.seed, r.name)], e.held[r.typ] = true, true
	}
	if r.policy != nil {
		e.policed = true
		return e.p.spool.put(r.name, model.Document(r.policy).Canonical())
	}
	return nil
}

// place learns the nodes that a row tells of.
func (e *Export) place(r *row) {
	t := e.s.tree
	own := ""
	for i, name := range r.ancestors {
		n := t.add(&node{name: name, inside: i == 0})
		n.doc = model.Document{} // where it stands is known, which is what tree.path asks
		// Nothing stands below itself, whatever a file says.
		if i+1 < len(r.ancestors) && r.ancestors[i+1] != name {
			n.parent = r.ancestors[i+1]
		}
		if i == 0 {
			own = name
		}
	}
	kind := strings.TrimPrefix(r.name, "//cloudresourcemanager.googleapis.com/")
	isNode := kind != r.name && contains(frameTypes(), r.typ)
	if own == "" {
		switch m := ownProject.FindString(r.name); {
		case isNode:
			own = kind
		case m != "" && m != "/projects/_":
			own = m[1:]
		default:
			return
		}
		t.add(&node{name: own, inside: true})
	}
	n := t.find(own)
	if n == nil || !n.isProject() {
		return
	}
	id, _ := r.data["projectId"].(string)
	if m := idInName.FindStringSubmatch(r.name); id == "" && m != nil {
		id = m[1]
	}
	if r.typ != ProjectType && n.id != "" || id == "" || "projects/"+id == n.name && n.id != "" {
		return
	}
	if n.id == "" || r.typ == ProjectType {
		n.id = id
		t.bind(n, "projects/"+id)
	}
}

// Accounts returns the organizations, folders and projects of which the exports
// hold something.
func (e *Export) Accounts() []string { return e.s.Accounts() }

// Collect yields the assets of the exports, those that stand for accounts among
// them, and the gaps of what they do not hold. records is the second way through
// the same values.
func (e *Export) Collect(ctx context.Context, records iter.Seq2[collect.Exported, error]) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		c := &conversion{Export: e, ctx: ctx, yield: yield, types: map[string]*Type{}, done: map[*node]bool{}}
		for _, t := range e.s.types() {
			if t.List == nil {
				c.types[t.Name] = t
			}
		}
		for x, err := range records {
			if err != nil {
				yield(model.Asset{}, err)
				return
			}
			if !c.take(&x) {
				return
			}
		}
		if c.rest() {
			c.unlisted()
		}
	}
}

// Ready ends the first way: the roots are what has nothing above it. Projects
// that a live scan leaves out are left out.
func (e *Export) Ready() error {
	e.s.skipProjects()
	t := e.s.tree
	t.roots = nil
	for _, n := range t.scanned() {
		above := t.find(n.parent)
		for above != nil && !above.inside {
			above = t.find(above.parent)
		}
		if above == nil {
			t.roots = append(t.roots, n)
		}
	}
	if e.opts.Complete && e.policed {
		e.p.err = nil
	}
	return nil
}

// conversion is one way through the records.
type conversion struct {
	*Export
	ctx   context.Context //nolint:containedctx // it lives as long as the collection
	yield func(model.Asset, error) bool
	types map[string]*Type
	done  map[*node]bool
	file  string
	form  collect.Form
}

// reader is that of a live unit, whose gaps of listings are not passed on: the
// export's own are said at its end.
func (c *conversion) reader(root *node, version string) *reader {
	u := &Unit{Session: c.s, root: root, content: contentResource}
	r := &reader{Unit: u, ctx: c.ctx}
	r.yield = func(a model.Asset, err error) bool {
		var gap *model.Gap
		if errors.As(err, &gap) {
			return true
		}
		if err == nil {
			c.adjust(&a, version)
		}
		return c.yield(a, err)
	}
	return r
}

func (c *conversion) take(x *collect.Exported) bool {
	if err := c.ctx.Err(); err != nil {
		return c.yield(model.Asset{}, err)
	}
	doc := x.Doc()
	r, err := rowOf(map[string]any(doc))
	if err != nil {
		return c.yield(model.Asset{}, err)
	}
	if c.types[r.typ] == nil || len(c.s.tree.roots) == 0 {
		return true
	}
	if r.data == nil && c.docs[maphash.String(c.seed, r.name)] {
		return true // its policy is joined to its document
	}
	c.file, c.form = x.File, x.Form
	resource, _ := doc["resource"].(map[string]any)
	version, _ := resource["version"].(string)
	if n := c.s.tree.find(strings.TrimPrefix(r.name, "//cloudresourcemanager.googleapis.com/")); n != nil && c.s.isFrame(r.typ) {
		if c.done[n] {
			return true
		}
		c.done[n] = true
	}
	return c.reader(c.s.tree.roots[0], version).page(c.types, c.p, []row{r})
}

// rest yields the accounts that have no document.
func (c *conversion) rest() bool {
	c.file, c.form = "", ""
	for _, n := range c.s.tree.scanned() {
		t := c.types[n.typ()]
		if c.done[n] || t == nil {
			continue
		}
		a := t.asset(n.asset(), c.s.scope(n), nil)
		a.Gaps = append(a.Gaps, assetGap(&a, "", &listResources, failure{reason: model.Unsupported, detail: collect.NotInExport}))
		if t.Policy {
			c.p.join(c.s, &a)
		}
		if !c.reader(n, "").batch(func(int) *Type { return t }, []*node{n}, []model.Asset{a}) {
			return false
		}
	}
	return true
}

// adjust says of an asset what the live collectors do not know of exports.
func (c *conversion) adjust(a *model.Asset, version string) {
	a.Origin = model.Origin{Kind: model.OriginExport, File: c.file}
	for i := range a.Gaps {
		g := &a.Gaps[i]
		switch {
		case g.Code == notExported:
			g.Code, g.Detail = "", collect.NotInExport
		case g.Path != "" || g.Detail != "the answer has no document":
		case c.form == collect.InventorySearch:
			g.Reason, g.Detail = model.Unsupported, "search results hold no documents"
		default:
			g.Reason, g.Detail = model.Unsupported, "the export was made without the content type RESOURCE"
		}
	}
	if c.s.isFrame(a.Type) && len(a.Config) > 0 && version != "v3" {
		c.older(a)
	}
}

// first are the members that the first version of Cloud Resource Manager has,
// which is what the inventory delivers. A live scan completes them by the third.
// https://cloud.google.com/resource-manager/reference/rest/v1/projects
var first = map[string][]string{
	ProjectType:      {"projectId", "projectNumber", "lifecycleState", "name", "labels", "createTime", "parent"},
	FolderType:       {"name", "parent", "displayName", "lifecycleState", "createTime"},
	OrganizationType: {"name", "displayName", "owner", "creationTime", "lifecycleState"},
}

// older yields the gaps of members that only the third version has.
func (c *conversion) older(a *model.Asset) {
	t := c.types[a.Type]
	whole := slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == "" })
	if t == nil || whole {
		return
	}
	fields := c.s.schema(t).Fields
	for _, member := range sortedFields(fields) {
		if a.Config[member] != nil || member == "iamPolicy" || slices.Contains(first[a.Type], member) {
			continue
		}
		g := assetGap(a, member, &listResources, failure{reason: model.Unsupported, detail: "the inventory holds the first version of the document, which lacks it"})
		a.Gaps = append(a.Gaps, g)
	}
}

func sortedFields(m map[string]*model.Schema) []string {
	return slices.Sorted(maps.Keys(m))
}

// uncertain are types that the inventory holds in some organizations or at some
// times only. A live listing is refused where it does not; an export just lacks
// them, so that none of them proves nothing.
// https://cloud.google.com/asset-inventory/docs/supported-asset-types
var uncertain = []string{
	"iam.googleapis.com/WorkforcePool", "iam.googleapis.com/WorkloadIdentityPool", "iam.googleapis.com/WorkloadIdentityPoolProvider",
	"k8s.io/Node", "k8s.io/Pod", "rbac.authorization.k8s.io/ClusterRoleBinding", "vpcaccess.googleapis.com/Connector",
	"workstations.googleapis.com/WorkstationCluster",
}

// unlisted yields the gaps of types of which the exports do not prove that they
// hold all.
func (c *conversion) unlisted() {
	for _, t := range c.s.types() {
		if c.s.isFrame(t.Name) {
			continue
		}
		detail := collect.NotInExport
		call := &listResources
		switch {
		case t.List != nil:
			call = &t.List.Call
		case slices.Contains(uncertain, t.Name) && !c.held[t.Name]:
		case t.AccessPolicy && c.opts.Complete && c.access, !t.AccessPolicy && c.opts.Complete && c.content:
			if len(c.partial) == 0 {
				continue
			}
			file := slices.Min(slices.Collect(maps.Keys(c.partial)))
			detail = file + ": " + c.partial[file]
		default:
			detail = "the export does not say that it holds all of them"
		}
		for _, root := range c.s.tree.roots {
			a := model.Asset{Type: t.Name}
			g := assetGap(&a, "", call, failure{reason: model.Unsupported, detail: detail})
			g.Scope, g.Below = c.s.scope(root), !root.isProject()
			if !c.yield(model.Asset{}, &g) {
				return
			}
		}
	}
}
