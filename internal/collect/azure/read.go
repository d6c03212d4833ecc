package azure

import (
	"errors"
	"net/http"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// complete makes the further reads of an asset. It returns false when the asset
// turns out to be gone.
func (r *run) complete(t *Type, a *model.Asset) bool {
	var there looked
	if len(t.Reread) > 0 && !r.reread(t, a, &there) {
		return false
	}
	for i := range t.Side {
		rd := &t.Side[i]
		if r.ctx.Err() != nil {
			return false
		}
		if rd.When != nil && !rd.When(a.Config) || r.belowNothing(t, rd, a) {
			continue
		}
		if !r.needs(t, rd) {
			a.Gaps = append(a.Gaps, gapOn(a, rd.Member, t.call(rd), failure{reason: model.Skipped}))
			continue
		}
		if rd.Graph {
			if t.Graph == nil {
				r.readGraph(t, rd, a)
			}
			continue // those of the directory's own types come in batches
		}
		if !r.read(t, rd, a, &there) {
			return false
		}
	}
	return true
}

// needs says whether a read is made: a selected control or another type needs
// what it gives.
func (s *Session) needs(t *Type, rd *Read) bool {
	if s.opts.Needed == nil || s.opts.Needed(t.Name, topMember(rd.Member)) {
		return true
	}
	for _, b := range s.below(t.Name) {
		if b.Within != nil && covers(rd.Member, b.Within.Path) && s.reads(b) {
			return true
		}
	}
	return false
}

// belowNothing says that a read completes a member which is not there, or which
// is a gap already.
func (r *run) belowNothing(t *Type, rd *Read, a *model.Asset) bool {
	for i := range t.Side {
		o := &t.Side[i]
		if o != rd && strings.HasPrefix(rd.Member, o.Member+".") {
			return at(map[string]any(a.Config), o.Member) == nil
		}
	}
	return false
}

func topMember(path string) string {
	top, _, _ := strings.Cut(path, ".")
	return top
}

// call names a read for gaps and figures.
func (t *Type) call(rd *Read) call {
	if rd.Graph {
		return call{op: "graph:" + graphOperation(rd.Path), permission: rd.Action}
	}
	derived := actionOf(t.Name, rd.Path, rd.Post)
	return call{op: "arm:" + derived, permission: orElse(rd.Action, derived)}
}

func gapOn(a *model.Asset, path string, c call, f failure) model.Gap {
	return model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: f.reason, Operation: c.op,
		Permission: orElse(f.permission, c.permission), Code: f.code, DeniedBy: f.by, Detail: f.detail, RequestID: f.request,
	}
}

// path returns where a read is asked for.
func (r *run) path(rd *Read, a *model.Asset) string {
	if strings.HasPrefix(rd.Path, "/") {
		return strings.NewReplacer("{subscription}", a.Scope.Account, "{tenant}", r.Tenant).Replace(rd.Path)
	}
	return text(a.Config, "id") + "/" + rd.Path
}

// read makes one read of an asset. It returns false when the asset is gone.
func (r *run) read(t *Type, rd *Read, a *model.Asset, there *looked) bool {
	c := t.call(rd)
	req := request{op: c.op, method: http.MethodGet, url: r.armURL(r.path(rd, a), rd.Version, "")}
	if rd.Post {
		req.method = http.MethodPost
	}
	var value any
	var err error
	if rd.Items {
		list := []any{}
		err = r.armPages(r.ctx, req, func(items []any) bool { list = append(list, items...); return true })
		value = list
	} else {
		var out answer
		out, err = r.callARM(r.ctx, req)
		value = map[string]any(out.doc)
	}
	if err != nil {
		if r.ctx.Err() != nil {
			return false
		}
		return r.unread(t, rd, a, there, err)
	}
	if rd.Inner {
		if value = inner(value); value == nil {
			a.Gaps = append(a.Gaps, gapOn(a, rd.Member, c, failure{reason: model.Failed, detail: "the answer lacks properties"}))
			return true
		}
	}
	set(a.Config, rd.Member, value)
	return true
}

// inner takes the properties out of an answer or of each item; nil where one
// has none.
func inner(v any) any {
	switch t := v.(type) {
	case map[string]any:
		return t["properties"]
	case []any:
		for i, e := range t {
			m, _ := e.(map[string]any)
			if m["properties"] == nil {
				return nil
			}
			t[i] = m["properties"]
		}
	}
	return v
}

// unread says what an error of a read means: the member is absent, the asset is
// gone, or there is a gap.
func (r *run) unread(t *Type, rd *Read, a *model.Asset, there *looked, err error) bool {
	gap := func(f failure) bool {
		a.Gaps = append(a.Gaps, gapOn(a, rd.Member, t.call(rd), f))
		return true
	}
	if hasCode(err, rd.Absent) {
		return true
	}
	if hasCode(err, notRegisteredCodes) {
		if rd.Items { // nothing of the provider exists in the subscription
			set(a.Config, rd.Member, []any{})
		}
		return true
	}
	what, notFound := missingOf(err, a.ID)
	if !notFound {
		return gap(classify(err))
	}
	if what == missingUnknown {
		if !there.done {
			there.what, there.err = r.look(t, a)
			there.done = true
		}
		if there.err != nil {
			return gap(classify(there.err))
		}
		what = there.what
	}
	switch {
	case what == missingAsset:
		return false
	case rd.Items:
		set(a.Config, rd.Member, []any{})
	}
	return true
}

// looked is what a look for an asset gave, which is taken once.
type looked struct {
	done bool
	what missing
	err  error
}

// look asks whether an asset is still there, after a read below it found
// nothing.
func (r *run) look(t *Type, a *model.Asset) (missing, error) {
	if isFrame(t.Name) {
		return missingChild, nil
	}
	if t.Version == "" {
		return missingUnknown, &model.Gap{Reason: model.Failed, Code: "ResourceNotFound", Detail: "it is not known whether the asset is gone"}
	}
	_, err := r.armGet(r.ctx, "arm:"+t.Name+"/read", text(a.Config, "id"), t.Version)
	var api *apiError
	switch {
	case err == nil:
		return missingChild, nil
	case errors.As(err, &api) && api.status == http.StatusNotFound:
		return missingAsset, nil
	}
	return missingUnknown, err
}

// reread reads an asset from Azure Resource Manager, where Resource Graph does
// not deliver everything. What Resource Graph said of the paths does not stay
// when that fails.
func (r *run) reread(t *Type, a *model.Asset, there *looked) bool {
	c := call{op: "arm:" + t.Name + "/read", permission: t.Name + "/read"}
	gap := func(f failure) {
		for _, path := range t.Reread {
			remove(a.Config, path)
			a.Gaps = append(a.Gaps, gapOn(a, path, c, f))
		}
	}
	needed := r.opts.Needed == nil
	for _, path := range t.Reread {
		needed = needed || r.opts.Needed(t.Name, topMember(path))
	}
	if !needed {
		gap(failure{reason: model.Skipped})
		return true
	}
	doc, err := r.armGet(r.ctx, c.op, text(a.Config, "id"), t.Version)
	var api *apiError
	switch {
	case err == nil:
		there.what, there.done = missingChild, true // no need to look again
		for k, v := range doc {
			if k != "id" && k != "type" && v != nil {
				a.Config[k] = v
			}
		}
	case r.ctx.Err() != nil:
		return false
	case errors.As(err, &api) && api.status == http.StatusNotFound && (api.code == "ResourceNotFound" || api.code == "ResourceGroupNotFound" || api.code == "NotFound"):
		return false
	default:
		gap(classify(err))
	}
	return true
}
