package azure

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// visible lists the subscriptions that the caller may read.
func (s *Server) visible() []any {
	out := []any{}
	for sub := range s.estate.subscriptions() {
		if !sub.Denied {
			out = append(out, s.subscriptionDoc(sub))
		}
	}
	return out
}

func (s *Server) subscriptionDoc(sub *Subscription) map[string]any {
	doc := obj("id", "/subscriptions/"+sub.ID, "authorizationSource", "RoleBased", "managedByTenants", []any{}, "subscriptionId", sub.ID,
		"tenantId", s.estate.seed.Tenant.ID, "displayName", sub.Name, "state", sub.state(),
		"subscriptionPolicies", obj("locationPlacementId", "Public_2014-09-01", "quotaId", "PayAsYouGo_2014-09-01", "spendingLimit", "Off"))
	if sub.Tags != nil {
		doc["tags"] = sub.Tags
	}
	return doc
}

// providers lists the resource providers of a subscription. Where the seed does
// not say which are registered, all are: "not registered" proves that there is
// nothing, and only the seed may say so.
func (s *Server) providers(sub *Subscription) []any {
	registered := map[string]bool{}
	for _, n := range sub.Providers {
		registered[strings.ToLower(n)] = true
	}
	names := s.cat.namespaces()
	for _, n := range sub.Providers {
		names[strings.ToLower(n)] = n
	}
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(names)) {
		state := "NotRegistered"
		if sub.Providers == nil || registered[k] {
			state = "Registered"
		}
		out = append(out, obj("id", "/subscriptions/"+sub.ID+"/providers/"+names[k], "namespace", names[k], "registrationState", state,
			"registrationPolicy", "RegistrationRequired", "resourceTypes", []any{}))
	}
	return out
}

// namespaces are the providers that the stand-in knows, by lower-cased name.
func (c *catalogue) namespaces() map[string]string {
	out := map[string]string{}
	for _, list := range c.routes.byTail {
		for _, r := range list {
			if strings.HasPrefix(r.tail[0], "Microsoft.") {
				out[strings.ToLower(r.tail[0])] = r.tail[0]
			}
		}
	}
	for _, e := range c.routes.extra {
		ns, _, _ := strings.Cut(e.typ, "/")
		out[strings.ToLower(ns)] = ns
	}
	return out
}

func locations(sub *Subscription) []any {
	names := sub.Locations
	if names == nil {
		names = []string{"northeurope", "westeurope"}
	}
	out := []any{}
	for _, n := range names {
		out = append(out, obj("id", "/subscriptions/"+sub.ID+"/locations/"+n, "name", n, "type", "Region", "displayName", n, "regionalDisplayName", n,
			"metadata", obj("regionType", "Physical", "regionCategory", "Recommended", "geographyGroup", "Europe")))
	}
	return out
}

// managementGroups answers the list, one group and its descendants.
func (s *Server) managementGroups(w http.ResponseWriter, r *request) {
	p := r.path
	if len(p) == 3 {
		out := []any{}
		for _, k := range slices.Sorted(maps.Keys(s.estate.groups)) {
			out = append(out, s.groupDoc(s.estate.groups[k]))
		}
		s.listPage(w, r, out, true)
		return
	}
	g := s.estate.groups[strings.ToLower(p[3])]
	if g == nil && strings.EqualFold(p[3], s.estate.seed.Tenant.ID) {
		g = s.estate.groups[strings.ToLower(s.estate.root())]
		if g == nil {
			g = &ManagementGroup{ID: s.estate.seed.Tenant.ID, DisplayName: "Tenant Root Group"}
		}
	}
	if g == nil {
		(&apiError{status: http.StatusForbidden, code: "AuthorizationFailed", message: fmt.Sprintf(
			"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '/%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
			r.who.client, r.who.object, action(r.Method, p[:4]), strings.Join(p[:4], "/"))}).write(w, r.Request)
		return
	}
	switch {
	case len(p) == 4:
		doc := s.groupDoc(g)
		if r.URL.Query().Get("$expand") == "children" {
			doc["properties"].(map[string]any)["children"] = s.groupChildren(g, strings.EqualFold(r.URL.Query().Get("$recurse"), "true"))
		}
		writeJSON(w, http.StatusOK, doc)
	case len(p) == 5 && strings.EqualFold(p[4], "descendants"):
		s.listPage(w, r, s.descendants(g), true)
	case len(p) == 5 && strings.EqualFold(p[4], "subscriptions"):
		var out []any
		for sub := range s.estate.subscriptions() {
			if strings.EqualFold(sub.ManagementGroup, g.ID) {
				out = append(out, obj("id", groupID(g.ID)+"/subscriptions/"+sub.ID, "name", sub.ID, "type", "Microsoft.Management/managementGroups/subscriptions",
					"properties", obj("displayName", sub.Name, "parent", obj("id", groupID(g.ID)), "state", sub.state(), "tenant", s.estate.seed.Tenant.ID)))
			}
		}
		s.listPage(w, r, out, true)
	default:
		denied(r.who, r.Method, p).write(w, r.Request)
	}
}

func (s *Server) groupDoc(g *ManagementGroup) map[string]any {
	details := obj("version", 1)
	if g.Parent != "" {
		details["parent"] = obj("id", groupID(g.Parent), "name", g.Parent)
	}
	return obj("id", groupID(g.ID), "type", "Microsoft.Management/managementGroups", "name", g.ID,
		"properties", obj("tenantId", s.estate.seed.Tenant.ID, "displayName", g.DisplayName, "details", details))
}

func (s *Server) groupChildren(g *ManagementGroup, recurse bool) []any {
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(s.estate.groups)) {
		c := s.estate.groups[k]
		if !strings.EqualFold(c.Parent, g.ID) {
			continue
		}
		doc := obj("id", groupID(c.ID), "type", "Microsoft.Management/managementGroups", "name", c.ID, "displayName", c.DisplayName)
		if recurse {
			doc["children"] = s.groupChildren(c, true)
		}
		out = append(out, doc)
	}
	for sub := range s.estate.subscriptions() {
		if strings.EqualFold(sub.ManagementGroup, g.ID) {
			out = append(out, obj("id", "/subscriptions/"+sub.ID, "type", "/subscriptions", "name", sub.ID, "displayName", sub.Name))
		}
	}
	return out
}

// descendants lists groups and subscriptions below a group, those that the
// caller cannot read included.
func (s *Server) descendants(g *ManagementGroup) []any {
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(s.estate.groups)) {
		c := s.estate.groups[k]
		if !strings.EqualFold(c.ID, g.ID) && s.estate.under(c.ID, g.ID) {
			out = append(out, obj("id", groupID(c.ID), "type", "Microsoft.Management/managementGroups", "name", c.ID,
				"properties", obj("displayName", c.DisplayName, "parent", obj("id", groupID(c.Parent)))))
		}
	}
	for sub := range s.estate.subscriptions() {
		if s.below(sub, g) {
			out = append(out, obj("id", "/subscriptions/"+sub.ID, "type", "/subscriptions", "name", sub.ID,
				"properties", obj("displayName", sub.Name, "parent", obj("id", groupID(s.groupOf(sub))))))
		}
	}
	return out
}

func (s *Server) groupOf(sub *Subscription) string {
	if sub.ManagementGroup == "" {
		return s.estate.root()
	}
	return sub.ManagementGroup
}

func (s *Server) below(sub *Subscription, g *ManagementGroup) bool {
	return strings.EqualFold(s.groupOf(sub), g.ID) || s.estate.under(s.groupOf(sub), g.ID)
}

// entities lists the whole tree, as getEntities does.
func (s *Server) entities() []any {
	out := []any{}
	chain := func(group string) []any {
		names := []any{}
		for _, g := range slices.Backward(s.estate.ancestors(group)) {
			names = append(names, g.ID)
		}
		return names
	}
	for _, k := range slices.Sorted(maps.Keys(s.estate.groups)) {
		g := s.estate.groups[k]
		props := obj("tenantId", s.estate.seed.Tenant.ID, "displayName", g.DisplayName, "permissions", "view", "inheritedPermissions", "view", "parentNameChain", chain(g.Parent))
		if g.Parent != "" {
			props["parent"] = obj("id", groupID(g.Parent))
		}
		out = append(out, obj("id", groupID(g.ID), "type", "Microsoft.Management/managementGroups", "name", g.ID, "properties", props))
	}
	for sub := range s.estate.subscriptions() {
		view := "view"
		if sub.Denied {
			view = "noaccess"
		}
		out = append(out, obj("id", "/subscriptions/"+sub.ID, "type", "/subscriptions", "name", sub.ID, "properties", obj(
			"tenantId", s.estate.seed.Tenant.ID, "displayName", sub.Name, "parent", obj("id", groupID(s.groupOf(sub))), "permissions", view,
			"inheritedPermissions", view, "parentNameChain", chain(s.groupOf(sub)))))
	}
	return out
}
