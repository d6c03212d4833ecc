package azure

import (
	"net/http"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// listUnit reads a list below every subscription, every management group or the
// tenant.
func (s *Session) listUnit(t *Type) *Unit {
	u := &Unit{session: s, name: t.Name, types: s.withBelow(t)}
	u.read = func(r *run) {
		type place struct {
			scope model.Scope
			id    string
		}
		var places []any
		switch t.List.Parent {
		case TenantType:
			places = append(places, place{s.tenantScope(), ""})
		case GroupType:
			if s.tree.noTree != nil {
				r.failed(u.types, s.tenantScope(), true, call{op: opDescendants, permission: "Microsoft.Management/managementGroups/descendants/read"}, s.tree.noTree)
			}
			for _, g := range s.tree.managementGroups() {
				places = append(places, place{s.groupScope(g), "/providers/Microsoft.Management/managementGroups/" + g.name})
			}
		default:
			subs := s.tree.subscriptions()
			if len(subs) == 0 {
				r.unseen(u.types, t.listCall().op)
			}
			for _, sub := range subs {
				if !sub.listed {
					r.failed(u.types, s.subscriptionScope(sub.id), false, t.listCall(), &model.Gap{
						Reason: model.Denied, Permission: "Microsoft.Resources/subscriptions/read", Detail: "the caller does not see the subscription",
					})
					continue
				}
				places = append(places, place{s.subscriptionScope(sub.id), "/subscriptions/" + sub.id})
			}
		}
		r.each(places, func(v any) {
			p := v.(place) //nolint:forcetypeassert // made above
			r.list(t, p.scope, p.id, nil, nil)
		})
	}
	return u
}

// listCall names a list for gaps and figures.
func (t *Type) listCall() call {
	parent := t.List.Parent
	if isFrame(parent) {
		parent = ""
	}
	derived := actionOf(parent, t.List.Path, false)
	return call{op: "arm:" + derived, permission: orElse(t.List.Action, derived)}
}

// list reads one list below a scope or a parent asset and completes its items.
func (r *run) list(t *Type, scope model.Scope, base string, parent *model.Asset, of *Type) {
	c := t.listCall()
	path := base + "/" + t.List.Path
	if strings.HasPrefix(t.List.Path, "/") {
		path = strings.NewReplacer("{subscription}", scope.Account, "{tenant}", r.Tenant).Replace(t.List.Path)
	}
	req := request{op: c.op, method: http.MethodGet, url: r.armURL(path, t.List.Version, t.List.Filter)}
	err := r.armPages(r.ctx, req, func(items []any) bool {
		r.each(items, func(v any) {
			m, ok := v.(map[string]any)
			if !ok || text(m, "id") == "" {
				r.failed(r.withBelow(t), scope, false, c, &model.Gap{Reason: model.Failed, Detail: "an item has no id"})
				return
			}
			a, inside := r.newAsset(t, m)
			if !inside {
				return
			}
			if parent != nil && a.Scope.Region == "" {
				a.Scope.Region = parent.Scope.Region
			}
			r.whole(t, a)
		})
		return r.ctx.Err() == nil
	})
	if err == nil || r.ctx.Err() != nil || hasCode(err, t.List.Absent) || hasCode(err, notRegisteredCodes) {
		return
	}
	if parent != nil {
		if what, notFound := missingOf(err, parent.ID); notFound {
			if what == missingUnknown {
				what, _ = r.look(of, parent)
			}
			if what != missingUnknown {
				return
			}
		}
	} else if f := classify(err); f.reason == model.Unsupported || hasCode(err, []string{"ResourceNotFound"}) {
		if sub := subscriptionOf(path); sub != "" && r.unregistered(r.ctx, sub, providerOf(path)) {
			return
		}
	}
	if parent != nil {
		err = detailed(err, "of "+parent.ID)
	}
	r.failed(r.withBelow(t), scope, false, c, err)
}

// detailed adds to what an error's gap says.
func detailed(err error, detail string) error {
	f := classify(err)
	return &model.Gap{
		Reason: f.reason, Code: f.code, DeniedBy: f.by, Permission: f.permission, RequestID: f.request, Detail: strings.TrimSpace(detail + " " + f.detail),
	}
}

// subscriptionUnit yields the subscriptions with their members, whatever the
// selection is: they stand for accounts.
func (s *Session) subscriptionUnit() *Unit {
	t := s.types[strings.ToLower(SubscriptionType)]
	u := &Unit{session: s, name: SubscriptionType, types: []string{SubscriptionType}}
	u.read = func(r *run) {
		for _, sub := range s.tree.subscriptions() {
			if !r.begin(t, s.subscriptionAsset(t, sub)) {
				return
			}
		}
	}
	return u
}

func (s *Session) subscriptionAsset(t *Type, sub *subscription) model.Asset {
	doc, _ := clone(map[string]any(sub.doc)).(map[string]any)
	a := model.Asset{
		ID: "/subscriptions/" + sub.id, Type: SubscriptionType, Class: t.Class, Scope: s.subscriptionScope(sub.id),
		Config: doc, Origin: model.Origin{Kind: model.OriginLive}, Gaps: slices.Clone(sub.gaps),
	}
	if doc == nil {
		a.Config = model.Document{"id": a.ID, "name": orElse(sub.name, sub.id), "type": SubscriptionType}
	}
	gap := func(path string, c call, f failure) { a.Gaps = append(a.Gaps, gapOn(&a, path, c, f)) }
	switch {
	case !sub.listed:
		unseen := failure{reason: model.Denied, permission: "Microsoft.Resources/subscriptions/read", detail: "the caller does not see the subscription"}
		gap("properties", call{op: opSubscriptions}, unseen)
		gap("tags", call{op: opSubscriptions}, unseen)
	case s.tree.unlisted != nil && !sub.seen:
		gap("properties.managementGroupAncestorsChain", call{op: "resourcegraph:resourcecontainers"}, classify(s.tree.unlisted))
	case !sub.seen:
		gap("properties.managementGroupAncestorsChain", call{op: "resourcegraph:resourcecontainers"},
			failure{reason: model.Denied, permission: "Microsoft.Resources/subscriptions/read"})
	}
	return a
}
