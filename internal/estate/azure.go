package estate

import (
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// The company's tenant and its subscriptions. They came with Weidenhof, a maker
// of office chairs that Lindenbrook bought: its ERP runs there, and so does what
// the finance department analyses.
const (
	Tenant    = "6e0b4d52-7c19-4f83-9a2e-51c8d07f36ab"
	ERP       = "1f86c9d4-2b07-4e5a-8d31-c0a97e6b4f12"
	Analytics = "b3d27a90-58e4-4c6f-9b1d-7e42f5081ac6"

	companyDomain = "lindenbrook.example"
	initialDomain = "lindenbrook.onmicrosoft.com"
	companyGroup  = "lindenbrook" // the management group
	azureRegion   = "germanywestcentral"
)

// tenant collects the assets of the tenant, its directory and its subscriptions.
type tenant struct {
	seed
	assets []*model.Asset
	gaps   []model.Gap
}

// subscription is one of the tenant's subscriptions.
type subscription struct {
	*tenant
	sub, env string
}

// tenantOf is the tenant: ERP and dealers' portal as Weidenhof left them, half
// tidied up since, and a place where finance helped itself.
func tenantOf(now time.Time) Account {
	t := &tenant{seed: seed{id: Tenant, now: now}}
	t.frame()
	t.directory()
	erp, analytics := subscription{t, ERP, "production"}, subscription{t, Analytics, "shared"}
	erp.erp()
	analytics.analytics()
	t.roles()
	t.unread()
	out := Account{
		Provider: model.Azure, ID: Tenant, Name: "Lindenbrook", Gaps: t.gaps,
		Below: []Below{
			{"managementGroups/" + Tenant, "Tenant Root Group", "management group"},
			{"managementGroups/" + companyGroup, "Lindenbrook", "management group"},
			{ERP, "lindenbrook-erp", "subscription"},
			{Analytics, "lindenbrook-analytics", "subscription"},
		},
	}
	for _, a := range t.assets {
		a.ObservedAt = now
		out.Assets = append(out.Assets, *a)
	}
	return out
}

func (t *tenant) tenantScope() model.Scope {
	return model.Scope{Provider: model.Azure, Partition: "azure", Account: Tenant, OrgPath: "tenants/" + Tenant}
}

func (t *tenant) groupScope(groups ...string) model.Scope {
	s := t.tenantScope()
	for _, g := range groups {
		s.Account = "managementGroups/" + g
		s.OrgPath += "/" + s.Account
	}
	return s
}

// scopeOf returns the scope of an asset of Azure Resource Manager by its id.
func (t *tenant) scopeOf(id string) model.Scope {
	if rest, ok := strings.CutPrefix(id, "/subscriptions/"); ok {
		sub, _, _ := strings.Cut(rest, "/")
		s := t.groupScope(Tenant, companyGroup)
		s.Account = sub
		s.OrgPath += "/subscriptions/" + sub
		return s
	}
	if rest, ok := strings.CutPrefix(id, "/providers/Microsoft.Management/managementGroups/"); ok {
		if group, _, _ := strings.Cut(rest, "/"); group != Tenant {
			return t.groupScope(Tenant, group)
		}
		return t.groupScope(Tenant)
	}
	return t.tenantScope()
}

// arm adds an asset of Azure Resource Manager. Further members of its document
// are those of more, "location" among them.
func (t *tenant) arm(typ, id string, properties doc, more ...doc) *model.Asset {
	config := with(doc{"id": id, "type": typ, "name": id[strings.LastIndexByte(id, '/')+1:]}, more...)
	if properties != nil {
		config["properties"] = properties
	}
	plain, _ := model.Plain(config).(map[string]any)
	a := &model.Asset{ID: strings.ToLower(id), Type: typ, Config: plain, Scope: t.scopeOf(id)}
	a.Name, _ = plain["name"].(string)
	if region, _ := plain["location"].(string); region != "global" {
		a.Scope.Region = region
	}
	if zones, _ := plain["zones"].([]any); len(zones) == 1 {
		a.Scope.Zone, _ = zones[0].(string)
	}
	if tags, _ := plain["tags"].(map[string]any); len(tags) > 0 {
		a.Tags = map[string]string{}
		for k, v := range tags {
			a.Tags[k], _ = v.(string)
		}
	}
	t.assets = append(t.assets, a)
	return a
}

// child adds an asset below another one, whose region it shares.
func (t *tenant) child(parent *model.Asset, typ, path string, properties doc, more ...doc) *model.Asset {
	id, _ := parent.Config["id"].(string)
	a := t.arm(typ, id+"/"+path, properties, more...)
	a.Scope.Region = parent.Scope.Region
	return a
}

// graph adds an object of the directory; name is the asset's.
func (t *tenant) graph(typ, collection, id, name string, config doc) *model.Asset {
	plain, _ := model.Plain(config).(map[string]any)
	a := &model.Asset{ID: "graph/" + collection + "/" + id, Type: "graph/" + typ, Name: name, Config: plain, Scope: t.tenantScope()}
	if text, ok := plain["createdDateTime"].(string); ok {
		a.CreatedAt, _ = time.Parse(time.RFC3339, text)
	}
	t.assets = append(t.assets, a)
	return a
}

// setting adds a policy of the directory of which there is one.
func (t *tenant) setting(typ, collection, name string, config doc) {
	if config["id"] == nil {
		config["id"] = collection
	}
	t.graph(typ, collection, Tenant, name, config)
}

// unlisted adds the gap of a listing that was refused, of the tenant or of one of
// its subscriptions.
func (t *tenant) unlisted(scope model.Scope, below bool, typ, operation, permission, code, detail string) {
	t.gaps = append(t.gaps, model.Gap{
		Scope: scope, Below: below, Type: typ, Reason: model.Denied, Operation: operation, Permission: permission, Code: code, Detail: detail,
	})
}

// path is the id of something in the subscription's resource group.
func (s subscription) path(group, typ, name string) string {
	return "/subscriptions/" + s.sub + "/resourceGroups/" + group + "/providers/" + typ + "/" + name
}

// add adds an asset to a resource group, in the main region and with the tags
// that the company puts on everything, unless more says otherwise.
func (s subscription) add(group, typ, name, team string, properties doc, more ...doc) *model.Asset {
	usual := doc{"location": azureRegion, "tags": tagMap("env", s.env, "team", team)}
	return s.arm(typ, s.path(group, typ, name), properties, append([]doc{usual}, more...)...)
}

// noted returns the usual tags with a note.
func (s subscription) noted(team, note string) doc {
	return doc{"tags": tagMap("env", s.env, "team", team, "note", note)}
}

// idOf is the id of an asset as documents of others write it.
func idOf(a *model.Asset) string {
	id, _ := a.Config["id"].(string)
	return id
}

// refTo is a reference to another asset.
func refTo(id string) doc { return doc{"id": id} }

// part is a document of a setting below an asset, as a read of it returns it.
func part(parent, path string, properties doc) doc {
	id := parent + "/" + path
	return doc{"id": id, "name": id[strings.LastIndexByte(id, '/')+1:], "properties": properties}
}

// parts are such documents as a list.
func parts(parent, path string, byName ...any) list {
	out := list{}
	for i := 0; i+1 < len(byName); i += 2 {
		name, _ := byName[i].(string)
		properties, _ := byName[i+1].(doc)
		out = append(out, part(parent, path+"/"+name, properties))
	}
	return out
}

// logsTo is a list with one diagnostic setting, which sends logs to a workspace.
func logsTo(parent, workspace string, categories ...string) list {
	logs := list{}
	for _, c := range categories {
		logs = append(logs, doc{"category": c, "enabled": true, "retentionPolicy": doc{"enabled": false, "days": 0}})
	}
	return parts(parent, "providers/microsoft.insights/diagnosticSettings", "to-workspace", doc{"workspaceId": workspace, "logs": logs, "metrics": list{}})
}

// linked is a list with the connection of a private endpoint.
func linked(parent, endpoint string) list {
	return list{doc{"id": parent + "/privateEndpointConnections/pe", "name": "pe", "properties": doc{
		"privateEndpoint": refTo(endpoint), "provisioningState": "Succeeded",
		"privateLinkServiceConnectionState": doc{"status": "Approved", "description": "Auto-Approved"},
	}}}
}
