package estate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/estate"
	"github.com/stance-sec/stance/internal/model"
)

// azureTypes are the declarations of Azure's collectors, by asset type.
type azureTypes map[string]*azure.Type

func declaredOfAzure() azureTypes {
	out := azureTypes{}
	for _, c := range azure.Collectors() {
		for i := range c.Types {
			out[c.Types[i].Name] = &c.Types[i]
		}
	}
	return out
}

// check holds an asset of Azure to its declaration: what a scan would call it,
// whose it is, and that every read that a scan makes has ended in the document or
// in a gap.
func (types azureTypes) check(t *testing.T, a *model.Asset) {
	t.Helper()
	d := types[a.Type]
	if d == nil {
		t.Errorf("%s: no collector declares type %s", a.ID, a.Type)
		return
	}
	id, _ := a.Config["id"].(string)
	members := []string{"name", "displayName"}
	if d.Graph != nil {
		members = []string{"displayName", "name"}
		path := strings.TrimSuffix(d.Graph.Path, "/")
		if d.Graph.Single {
			id = estate.Tenant
		}
		id = "graph/" + path[strings.LastIndexByte(path, '/')+1:] + "/" + id
	} else {
		id = strings.ToLower(id)
		if a.Config["type"] != a.Type {
			t.Errorf("%s: its document is of type %v", a.ID, a.Config["type"])
		}
	}
	if a.ID != id {
		t.Errorf("%s: a scan would make its id %s", a.ID, id)
	}
	name, _ := fill(d.Label, a)
	for _, m := range members {
		if text, ok := a.Config[m].(string); ok && name == "" {
			name = text
		}
	}
	if name == "" {
		name = a.ID[strings.LastIndexByte(a.ID, '/')+1:]
	}
	// The list of tenants gives none a name, so that its id serves.
	if name != a.Name && a.Type != azure.TenantType {
		t.Errorf("%s: name is %q, a scan would make it %q", a.ID, a.Name, name)
	}
	if managed := d.Managed != nil && d.Managed(a.Config); managed != (a.ManagedBy == "azure") {
		t.Errorf("%s: managed by %q, a scan would say %t", a.ID, a.ManagedBy, managed)
	}
	for i := range d.Side {
		r := &d.Side[i]
		if r.When != nil && !r.When(a.Config) || len(r.Absent) > 0 {
			continue
		}
		gap := slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == r.Member })
		if lacks(map[string]any(a.Config), r.Member) && !gap {
			t.Errorf("%s: lacks %s, which a scan reads", a.ID, r.Member)
		}
	}
	if d.List != nil && d.List.Parent != "" || d.Within != nil {
		return // the region is its parent's
	}
	location, _ := a.Config["location"].(string)
	if location == "global" {
		location = ""
	}
	if a.Scope.Region != location {
		t.Errorf("%s: region is %q, its location %q", a.ID, a.Scope.Region, location)
	}
}
