package azure

import (
	"iter"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// FrameTypes are the types of the assets that stand for accounts.
func (s *Session) FrameTypes() []string { return []string{TenantType, GroupType, SubscriptionType} }

// Frame yields the assets that stand for the tenant and its management groups,
// and the gap of groups that could not be read. The subscriptions' own, which
// have members to be read, come from the first of Units.
func (s *Session) Frame() iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		if !yield(s.frameAsset(TenantType, "/tenants/"+s.Tenant, s.tenantScope(), s.tree.tenant), nil) {
			return
		}
		for _, g := range s.tree.managementGroups() {
			doc := g.doc
			if doc == nil {
				doc = model.Document{"properties": map[string]any{"displayName": g.name}}
			}
			id := "/providers/Microsoft.Management/managementGroups/" + g.name
			a := s.frameAsset(GroupType, id, s.groupScope(g), doc)
			if !yield(a, nil) {
				return
			}
		}
		if s.tree.noTree != nil {
			yield(model.Asset{}, s.groupless())
		}
	}
}

func (s *Session) frameAsset(typ, id string, scope model.Scope, known model.Document) model.Asset {
	t := s.types[strings.ToLower(typ)]
	doc, _ := clone(map[string]any(known)).(map[string]any)
	doc["id"], doc["type"] = id, typ
	if text(doc, "name") == "" {
		doc["name"] = id[strings.LastIndexByte(id, '/')+1:]
	}
	a := model.Asset{ID: strings.ToLower(id), Type: typ, Class: t.Class, Scope: scope, Config: doc, Origin: model.Origin{Kind: model.OriginLive}}
	collect.Conform(doc, s.schema(t))
	a.Name = label(t, &a)
	return a
}
