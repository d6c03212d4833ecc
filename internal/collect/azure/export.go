package azure

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// ExportOptions say how exports of Azure are read.
type ExportOptions struct {
	// Complete says that the exports were made of everything that their
	// subscriptions have: a type of which a table holds nothing does not exist
	// there. Nothing in an export says so itself.
	Complete bool
}

// Export turns rows of Resource Graph and documents of Azure Resource Manager
// into assets by the same code that reads them live. What an export does not
// hold is a gap. First every value goes through Learn, then all of them again
// through Collect.
type Export struct {
	opts   ExportOptions
	s      *Session
	tables map[string]string         // that rows came from, and why they are not all
	beside map[string]model.Document // documents that are read beside assets, by path in lower case
}

// maxBeside bounds the documents that are kept for reads beside assets.
const maxBeside = 100_000

// NewExport returns an Export that has learned nothing yet.
func NewExport(opts ExportOptions) (*Export, error) {
	s, err := open(Options{Attempts: 1})
	if err != nil {
		return nil, err
	}
	e := &Export{opts: opts, s: s, tables: map[string]string{}, beside: map[string]model.Document{}}
	s.tree = &tree{subs: map[string]*subscription{}, groups: map[string]*group{}}
	s.env.custom = true // nobody is slowed down
	offline := runtime.NewPipeline("stance", "v1", runtime.PipelineOptions{}, &policy.ClientOptions{
		Transport: held{e}, Retry: policy.RetryOptions{MaxRetries: -1},
	})
	s.arm, s.graph = offline, offline
	return e, nil
}

// held answers calls from the documents of the exports.
type held struct{ *Export }

// Do implements policy.Transporter.
func (h held) Do(r *http.Request) (*http.Response, error) {
	doc := h.beside[strings.ToLower(strings.TrimPrefix(r.URL.Path, h.s.armPrefix))]
	if doc == nil || r.Method != http.MethodGet {
		return nil, collect.NotExported()
	}
	body := bytes.NewReader(doc.Canonical())
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: r}, nil
}

// Learn takes one value on the first way through the exports: the tenant, the
// subscriptions and management groups, and what is read beside assets.
func (e *Export) Learn(x *collect.Exported) error {
	doc := x.Doc()
	id, typ := text(doc, "id"), text(doc, "type")
	if id == "" || typ == "" {
		return fmt.Errorf("%w: a row without id or type", model.ErrInvalid)
	}
	tree := e.s.tree
	if tenant := strings.ToLower(text(doc, "tenantId")); tenant != "" && x.Form == collect.GraphRows {
		if e.s.Tenant != "" && e.s.Tenant != tenant {
			return fmt.Errorf("%w: rows of the tenants %s and %s: scan the exports of each tenant by themselves", model.ErrInvalid, e.s.Tenant, tenant)
		}
		e.s.Tenant = tenant
	}
	if sub := subscriptionOf(id); sub != "" && tree.subs[sub] == nil {
		tree.subs[sub] = &subscription{id: sub, listed: true, seen: true}
	}
	if name := groupOf(id); name != "" && tree.groups[strings.ToLower(name)] == nil {
		tree.groups[strings.ToLower(name)] = &group{name: name}
	}
	t := e.s.types[strings.ToLower(typ)]
	if t != nil && x.Form == collect.GraphRows {
		e.tables[t.Table] = cmp.Or(e.tables[t.Table], x.Partial)
	}
	switch {
	case strings.EqualFold(typ, SubscriptionType) || strings.EqualFold(typ, GroupType):
		if sub := tree.subs[subscriptionOf(id)]; sub != nil && e.s.Tenant != "" {
			sub.doc = model.Document{"properties": map[string]any{"tenantId": e.s.Tenant}}
		}
		row, _ := clone(map[string]any(doc)).(map[string]any)
		e.s.container(row)
	case t == nil && x.Form == collect.ARMDocuments && doc["properties"] != nil:
		if len(e.beside) >= maxBeside {
			return fmt.Errorf("%w: more than %d documents of types that are no assets of their own", model.ErrInvalid, maxBeside)
		}
		e.beside[strings.ToLower(id)] = doc
	}
	return nil
}

// Ready ends the first way.
func (e *Export) Ready() error { return nil }

// Accounts returns the tenant, management groups and subscriptions of which the
// exports hold something.
func (e *Export) Accounts() []string {
	out := e.s.Accounts()
	if e.s.Tenant == "" {
		out = out[1:]
	}
	return out
}

// Collect yields the assets of the exports, those that stand for accounts among
// them, and the gaps of what they do not hold. records is the second way through
// the same values.
func (e *Export) Collect(ctx context.Context, records iter.Seq2[collect.Exported, error]) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		emit := func(a model.Asset, err error) bool {
			var gap *model.Gap
			if errors.As(err, &gap) {
				return true // the export's own are said at the end
			}
			if err == nil && a.Scope.Account == "" {
				return true // it stands above subscriptions, and nothing names the tenant
			}
			if err == nil {
				e.adjust(&a)
			}
			return yield(a, err)
		}
		for a, err := range e.frame(ctx) {
			if !emit(a, err) {
				return
			}
		}
		u := &Unit{session: e.s}
		var failed error
		u.read = func(r *run) { failed = e.read(r, records) }
		for a, err := range u.Collect(ctx, model.Scope{}) {
			if !emit(a, err) {
				return
			}
		}
		if failed != nil {
			yield(model.Asset{}, failed)
			return
		}
		e.unlisted(yield)
	}
}

// frame yields the assets that stand for accounts.
func (e *Export) frame(ctx context.Context) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		for a, err := range e.s.Frame() {
			if err == nil && a.Type == TenantType {
				if e.s.Tenant == "" {
					continue
				}
				a.Gaps = append(a.Gaps, gapOn(&a, "", call{op: opTenants}, failure{reason: model.Unsupported, detail: collect.NotInExport}))
			}
			if g := e.s.tree.groups[strings.ToLower(groupOf(a.ID))]; err == nil && a.Type == GroupType && (g == nil || g.doc == nil) {
				a.Gaps = append(a.Gaps, gapOn(&a, "properties", call{op: opDescendants}, failure{reason: model.Unsupported, detail: collect.NotInExport}))
			}
			if !yield(a, err) {
				return
			}
		}
		for _, sub := range e.s.tree.subscriptions() {
			a := model.Asset{ID: "/subscriptions/" + sub.id, Type: SubscriptionType, Scope: e.s.subscriptionScope(sub.id)}
			lacking := []string{"properties", "tags"}
			if sub.doc != nil { // a live scan asks Azure Resource Manager for these
				lacking = slices.DeleteFunc([]string{"properties.state", "properties.subscriptionPolicies", "properties.managedByTenants", "properties.authorizationSource"}, func(path string) bool {
					return at(map[string]any(sub.doc), path) != nil
				})
			}
			for _, member := range lacking {
				sub.gaps = append(sub.gaps, gapOn(&a, member, call{op: opSubscriptions}, failure{reason: model.Unsupported, detail: collect.NotInExport}))
			}
		}
		for a, err := range e.s.subscriptionUnit().Collect(ctx, model.Scope{}) {
			if !yield(a, err) {
				return
			}
		}
	}
}

// read turns the records into assets.
func (e *Export) read(r *run, records iter.Seq2[collect.Exported, error]) error {
	once := seenIDs{}
	for x, err := range records {
		if err != nil {
			return err
		}
		doc := x.Doc()
		t := e.s.types[strings.ToLower(text(doc, "type"))]
		if t == nil || isFrame(t.Name) {
			continue
		}
		var a model.Asset
		var inside bool
		if x.Form == collect.GraphRows {
			a, inside = e.s.newAsset(t, armDocument(doc, t.Name))
		} else {
			a, inside = e.s.newAsset(t, withoutNulls(doc))
			t = e.whole(t)
		}
		if !inside || !once.add(a.ID) {
			continue
		}
		e.columns(&a, doc, x.Form)
		a.Origin.File = x.File
		if !r.begin(t, a) {
			return nil
		}
	}
	return nil
}

// whole is the type of a document that Azure Resource Manager returned itself,
// which need not be read again.
func (e *Export) whole(t *Type) *Type {
	if len(t.Reread) == 0 {
		return t
	}
	own := *t
	own.Reread = nil
	return &own
}

func withoutNulls(doc model.Document) model.Document {
	out := maps.Clone(doc)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	// The command line adds what it takes out of the id.
	for _, member := range []string{"resourceGroup", "subscriptionId", "tenantId", "apiVersion", "createdTime", "changedTime", "provisioningState"} {
		delete(out, member)
	}
	return out
}

// columns yields the gaps of members that a query left out. The lists of the
// command line have no properties, or spread them over the document under names
// of their own.
func (e *Export) columns(a *model.Asset, doc model.Document, form collect.Form) {
	op := "arm:" + a.Type + "/read"
	if form == collect.GraphRows {
		op = e.operation(e.s.types[strings.ToLower(a.Type)])
	}
	gap := func(path, detail string) {
		a.Gaps = append(a.Gaps, gapOn(a, path, call{op: op}, failure{reason: model.Unsupported, detail: detail}))
	}
	if doc["properties"] == nil {
		detail := "the document has no properties: az resource list leaves them out, and other commands spread them; export with az graph query, az resource show or az rest"
		if form == collect.GraphRows {
			detail = "the query left the column properties out"
		}
		gap("properties", detail)
	}
	if form != collect.GraphRows {
		return
	}
	for _, column := range []string{"name", "kind", "location", "managedBy", "sku", "plan", "tags", "identity", "zones", "extendedLocation"} {
		if _, ok := doc[column]; !ok {
			gap(column, "the query left the column out")
		}
	}
}

// adjust says of an asset what the live collectors do not know of exports.
func (e *Export) adjust(a *model.Asset) {
	a.Origin = model.Origin{Kind: model.OriginExport, File: a.Origin.File}
	if e.s.Tenant != "" {
		return
	}
	// Without the tenant there is nothing above the subscriptions.
	a.Scope.OrgPath = e.path(a.Scope.OrgPath)
	for i := range a.Gaps {
		a.Gaps[i].Scope.OrgPath = e.path(a.Gaps[i].Scope.OrgPath)
	}
}

func (e *Export) path(p string) string {
	if e.s.Tenant != "" {
		return p
	}
	return strings.TrimPrefix(p, "tenants//")
}

// unlisted yields the gaps of types of which the exports do not prove that they
// hold all.
func (e *Export) unlisted(yield func(model.Asset, error) bool) {
	for _, t := range e.s.sortedTypes() {
		if isFrame(t.Name) {
			continue
		}
		detail := collect.NotInExport
		origin := t
		for origin.Within != nil && e.s.types[strings.ToLower(origin.Within.Parent)] != nil {
			origin = e.s.types[strings.ToLower(origin.Within.Parent)]
		}
		if why, ok := e.tables[origin.Table]; ok && origin.Table != "" {
			switch {
			case why != "":
				detail = why
			case origin == t && e.opts.Complete:
				continue
			case origin != t && e.opts.Complete && !e.side(origin, t.Within.Path):
				continue
			default:
				detail = "the export does not say that it holds all of them"
			}
		}
		for _, scope := range e.roots() {
			g := &model.Gap{
				Scope: scope, Below: scope.Account == e.s.Tenant, Type: t.Name, Reason: model.Unsupported,
				Operation: e.operation(origin), Detail: detail,
			}
			if !yield(model.Asset{}, g) {
				return
			}
		}
	}
}

// operation names the call that lists a type.
func (e *Export) operation(t *Type) string {
	switch {
	case t.Table != "":
		return "resourcegraph:" + t.Table
	case t.List != nil:
		return t.listCall().op
	case t.Graph != nil:
		return "graph:" + graphOperation(t.Graph.Path)
	}
	return "arm:" + t.Name + "/read"
}

// side says whether a list of another asset's document comes from a read beside
// it, which exports do not hold.
func (e *Export) side(t *Type, path string) bool {
	return slices.ContainsFunc(t.Side, func(r Read) bool { return covers(r.Member, path) }) ||
		slices.ContainsFunc(t.Reread, func(p string) bool { return covers(p, path) })
}

// roots are the scopes of what has nothing above it.
func (e *Export) roots() []model.Scope {
	if e.s.Tenant != "" {
		return []model.Scope{e.s.tenantScope()}
	}
	var out []model.Scope
	for _, sub := range e.s.tree.subscriptions() {
		scope := e.s.subscriptionScope(sub.id)
		scope.OrgPath = e.path(scope.OrgPath)
		out = append(out, scope)
	}
	return out
}
