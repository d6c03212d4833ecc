package aws

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// The types that Stance makes itself, so that a control can be about the
// account, or about a region of it: "at least one trail exists".
const (
	AccountType = "AWS::::Account"
	RegionType  = "AWS::::Region"
)

// Unit is what one source of a session reads: one declared type with its
// children, in one region. It satisfies scan.Source.
type Unit struct {
	Session *Session
	Service string
	Region  string
	typ     *Type
	types   map[string]*Type // the other types of the collector, for Custom
}

// Types returns the asset types that the unit yields.
func (u *Unit) Types() []string {
	out := append([]string{u.typ.Name}, childTypes(u.typ)...)
	if u.typ.Custom != nil {
		for _, name := range u.typ.Custom.Yields {
			out = append(append(out, name), childTypes(u.types[name])...)
		}
	}
	return out
}

func childTypes(t *Type) []string {
	var out []string
	for i := range t.Children {
		out = append(out, t.Children[i].Name)
		out = append(out, childTypes(&t.Children[i])...)
	}
	return out
}

// Scope returns where the unit reads.
func (u *Unit) Scope() model.Scope { return u.Session.scope(u.Region) }

func (s *Session) scope(region string) model.Scope {
	return model.Scope{Provider: model.AWS, Partition: s.Partition, Account: s.Account, Region: region}
}

// Name says what the unit reads, for progress: "s3 AWS::S3::Bucket eu-west-1".
func (u *Unit) Name() string {
	return strings.TrimSpace(u.Service + " " + u.typ.Name + " " + u.Region)
}

// Units returns the units that read the regions, global ones first. It begins a
// scan: what the last one shared is forgotten.
func (s *Session) Units(regions []string) []*Unit {
	s.scanned = regions
	s.memo.Clear()
	var global, regional []*Unit
	for _, c := range Collectors() {
		types := map[string]*Type{}
		for i := range c.Types {
			types[c.Types[i].Name] = &c.Types[i]
		}
		for i := range c.Types {
			t := &c.Types[i]
			if t.List == nil && t.Custom == nil {
				continue // yielded by another type's hook
			}
			u := Unit{Session: s, Service: c.Name, typ: t, types: types}
			if !s.wants(&u) {
				continue
			}
			if t.Global {
				g := u
				global = append(global, &g)
				continue
			}
			for _, r := range regions {
				ru := u
				ru.Region = r
				regional = append(regional, &ru)
			}
		}
	}
	return append(global, regional...)
}

func (s *Session) wants(u *Unit) bool {
	if s.opts.Types == nil {
		return true
	}
	for _, t := range u.Types() {
		if s.opts.Types(t) {
			return true
		}
	}
	return false
}

// Collect yields the assets of the unit; gaps come as *model.Gap in the error
// position and do not end it. The scope is the unit's own.
func (u *Unit) Collect(ctx context.Context, _ model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		r := &run{Unit: u, ctx: ctx, yield: yield}
		region := u.Region
		if u.typ.Global {
			region = u.Session.home
			if u.Session.Partition == "aws" {
				region = cmp.Or(u.typ.Home, region)
			}
		}
		if u.typ.Custom != nil {
			r.custom(region)
			return
		}
		r.list(u.typ, region, nil)
	}
}

// run is one collection of a unit.
type run struct {
	*Unit
	ctx     context.Context
	yield   func(model.Asset, error) bool
	stopped bool
}

func (r *run) emit(a model.Asset, err error) bool {
	if !r.stopped && !r.yield(a, err) {
		r.stopped = true
	}
	return !r.stopped
}

// list reads one type, below a parent where it is a child.
func (r *run) list(t *Type, region string, parent *model.Asset) {
	err := t.List.page(r.ctx, r.Session, region, parent, func(items []model.Document) bool {
		assets := make([]model.Asset, 0, len(items))
		for _, item := range items {
			assets = append(assets, r.asset(t, item, parent))
		}
		return r.batch(t, region, assets)
	})
	if err == nil || hasCode(err, t.List.absent) {
		return
	}
	r.failed(append([]string{t.Name}, childTypes(t)...), t.List.op, err, parent)
}

// custom runs a hook. Its documents are completed in batches of one type.
func (r *run) custom(region string) {
	const most = 200
	c := r.typ.Custom
	var t *Type
	var batch []model.Asset
	flush := func() bool {
		assets := batch
		batch = nil
		return r.batch(t, region, assets)
	}
	err := c.Run(r.ctx, r.Session, region, func(typ string, doc model.Document, unread ...Unread) bool {
		if len(batch) >= most || t != r.types[typ] {
			if !flush() {
				return false
			}
			t = r.types[typ]
		}
		a := r.asset(t, doc, nil)
		for _, u := range unread {
			a.Gaps = append(a.Gaps, r.assetGap(&a, u.Path, operationAt(u.Err, c.first()), classify(u.Err)))
		}
		batch = append(batch, a)
		return true
	})
	if !flush() || err == nil {
		return
	}
	r.failed(r.Types(), operationAt(err, c.first()), err, nil)
}

// first is the call that stands for a hook where no other is known.
func (c *Custom) first() operation {
	if len(c.Ops) == 0 {
		return operation{}
	}
	return c.Ops[0]
}

// operationAt is the operation that an error names, or else the given one.
func operationAt(err error, otherwise operation) operation {
	var oe *opError
	if asOpError(err, &oe) {
		return oe.op
	}
	return otherwise
}

// batch completes and emits assets of a type, each with its children.
func (r *run) batch(t *Type, region string, assets []model.Asset) bool {
	if len(assets) == 0 {
		return !r.stopped
	}
	r.complete(t, region, assets)
	for i := range assets {
		if assets[i].ID == "" {
			continue // vanished between listing and reading
		}
		if !r.emit(assets[i], nil) || !r.nameless(t, &assets[i]) {
			return false
		}
		for c := range t.Children {
			if child := &t.Children[c]; r.wanted(child) {
				r.list(child, region, &assets[i])
			}
		}
	}
	return !r.stopped
}

// nameless yields a gap of the listing for an asset whose own identifier could
// not be read, so that it goes by the one for that case: what earlier scans know
// of it under its own is not gone.
func (r *run) nameless(t *Type, a *model.Asset) bool {
	own, _, more := strings.Cut(t.ID, " | ")
	if !more {
		return true
	}
	if _, complete := fill(own, r.Session, a); complete {
		return true
	}
	for _, g := range a.Gaps {
		if g.Path == "" || strings.Contains(own, "{"+g.Path+"}") {
			g.Asset, g.Path, g.Detail = "", "", strings.TrimSpace("the identifier of "+a.ID+" "+g.Detail)
			return r.emit(model.Asset{}, &g)
		}
	}
	return true
}

func (r *run) wanted(t *Type) bool {
	return r.Session.opts.Types == nil || r.Session.opts.Types(t.Name)
}

// failed yields the gaps of types whose listing failed.
func (r *run) failed(types []string, op operation, err error, parent *model.Asset) {
	if r.stopped {
		return
	}
	if r.ctx.Err() != nil {
		r.emit(model.Asset{}, r.ctx.Err())
		return
	}
	for _, name := range types {
		if !r.listGap(name, op, err, parent) {
			return
		}
	}
}

// listGap yields the gap of a failed listing. A service that is not enabled has
// nothing to list, which is an answer and no gap.
func (r *run) listGap(typ string, op operation, err error, parent *model.Asset) bool {
	f := classify(err)
	if f.state == model.UnitNotEnabled {
		return true
	}
	where := r.Scope()
	if c := r.typ.Custom; c != nil && c.Beyond && where.Region == slices.Min(r.Session.scanned) {
		where.Region = "" // what stands elsewhere was not listed either
	}
	g := &model.Gap{
		Scope: where, Type: typ, Reason: f.reason, Operation: op.String(), Permission: op.Action,
		Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
	var known *model.Gap
	if errors.As(err, &known) && known.Operation != "" {
		g.Operation, g.Permission = known.Operation, known.Permission
	}
	if parent != nil {
		g.Scope.Region = parent.Scope.Region
		g.Detail = strings.TrimSpace("of " + parent.ID + " " + g.Detail)
	}
	return r.emit(model.Asset{}, g)
}

// complete runs the root and side reads of a page of assets, many at a time.
// An asset that turns out to be gone loses its id.
func (r *run) complete(t *Type, region string, assets []model.Asset) {
	reads := make([]*Read, 0, len(t.Side)+1)
	if t.Root != nil {
		reads = append(reads, t.Root)
	}
	var skipped []*Read
	for i := range t.Side {
		if need := r.Session.opts.Needed; need == nil || need(t.Name, topMember(t.Side[i].Member)) || r.feeds(t, &t.Side[i]) {
			reads = append(reads, &t.Side[i])
		} else {
			skipped = append(skipped, &t.Side[i])
		}
	}
	one := func(a *model.Asset) {
		for _, rd := range reads {
			where := region
			if a.Scope.Region != "" {
				where = a.Scope.Region
			}
			if rd.when != nil && rd != t.Root && !rd.when(a) {
				continue
			}
			if !r.read(t, rd, where, a) {
				a.ID = ""
				return
			}
			if rd.after != nil {
				rd.after(a)
			}
		}
		for _, rd := range skipped {
			if rd.when == nil || rd.when(a) {
				a.Gaps = append(a.Gaps, r.assetGap(a, rd.Member, rd.op, failure{reason: model.Skipped}))
			}
		}
		r.finish(t, a)
	}
	if len(reads) == 0 || len(assets) == 1 {
		for i := range assets {
			one(&assets[i])
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
			one(&assets[i])
		})
	}
	wg.Wait()
}

// feeds says whether others need a read: wanted children, or later reads.
func (r *run) feeds(t *Type, rd *Read) bool {
	if rd.after != nil {
		return true
	}
	for i := range t.Children {
		if l := t.Children[i].List; l != nil && l.member == rd.Member && r.wanted(&t.Children[i]) {
			return true
		}
	}
	return false
}

// read runs one read of an asset. It returns false when the vendor says that
// the asset is gone.
func (r *run) read(t *Type, rd *Read, region string, a *model.Asset) bool {
	if top := topMember(rd.Member); top != rd.Member && a.Config[top] == nil {
		a.Config[top] = map[string]any{} // holds what is known to be absent
	}
	out, err := rd.run(r.ctx, r.Session, region, rd, a)
	isRoot := rd == t.Root
	path := rd.Member
	if isRoot {
		path = ""
	}
	if err != nil {
		f := classify(err)
		switch {
		case hasCode(err, rd.absent), rd.flag != "" && f.state == model.UnitNotEnabled:
			if rd.flag != "" {
				a.Config[rd.flag] = false
			}
			return true
		case hasCode(err, vanishedCodes), hasCode(err, rd.vanished):
			return false
		}
		if f.state == model.UnitNotEnabled {
			f.reason = model.Unsupported
		}
		a.Gaps = append(a.Gaps, r.assetGap(a, path, operationAt(err, rd.op), f))
		return true
	}
	if list, ok := out.([]any); ok || rd.shape != nil {
		if rd.shape == nil {
			put(a.Config, rd.Member, list)
		} else if out != nil {
			put(a.Config, rd.Member, out)
		}
		return true
	}
	doc := toDocument(out)
	v, found := payload(rd, doc)
	switch {
	case !found && rd.optional:
		return true
	case !found:
		a.Gaps = append(a.Gaps, r.assetGap(a, path, rd.op, failure{reason: model.Failed, detail: "the answer lacks " + rd.Member}))
		return true
	}
	if rd.flag != "" {
		a.Config[rd.flag] = true
	}
	m, _ := v.(map[string]any)
	for _, name := range rd.always {
		if m == nil || m[name] == nil {
			a.Gaps = append(a.Gaps, r.assetGap(a, join(path, name), rd.op, failure{reason: model.Failed, detail: "the answer lacks " + name}))
		}
	}
	if !isRoot {
		put(a.Config, rd.Member, v)
		return true
	}
	if m == nil {
		a.Gaps = append(a.Gaps, r.assetGap(a, "", rd.op, failure{reason: model.Failed, detail: "the answer is empty"}))
		return true
	}
	for k, e := range m {
		a.Config[k] = e
	}
	return true
}

// payload picks what a read returns: the member of that name, else everything.
func payload(rd *Read, doc model.Document) (any, bool) {
	delete(doc, "NextToken")
	if rd.Member == "" {
		return map[string]any(doc), len(doc) > 0
	}
	source := cmp.Or(rd.source, rd.Member)
	if _, isMember := rd.out.FieldByName(source); !isMember {
		return map[string]any(doc), true
	}
	v, ok := doc[source]
	return v, ok && v != nil
}

func topMember(path string) string {
	top, _, _ := strings.Cut(path, ".")
	return top
}

// put sets a member of a document, of which those before a dot are objects.
func put(doc model.Document, path string, v any) {
	in := map[string]any(doc)
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			in[name] = v
			return
		}
		below, ok := in[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			in[name] = below
		}
		in, path = below, rest
	}
}

func join(path, member string) string {
	if path == "" {
		return member
	}
	return path + "." + member
}

func (r *run) assetGap(a *model.Asset, path string, op operation, f failure) model.Gap {
	return model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: f.reason, Operation: op.String(),
		Permission: op.Action, Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
}
