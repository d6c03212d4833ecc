package azure

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// graphTables are the tables of Resource Graph.
// https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources
var graphTables = []string{
	"advisorresources", "alertsmanagementresources", "appserviceresources", "authorizationresources", "awsresources", "chaosresources",
	"communitygalleryresources", "computeresources", "desktopvirtualizationresources", "dnsresources", "edgeorderresources", "elasticsanresources",
	"extendedlocationresources", "guestconfigurationresources", "healthresourcechanges", "healthresources", "insightsresources",
	"iotsecurityresources", "kubernetesconfigurationresources", "kustoresources", "maintenanceresources", "managedserviceresources",
	"migrateresources", "networkresources", "orbitalresources", "patchassessmentresources", "patchinstallationresources", "policyresources",
	"quotaresources", "recoveryservicesresources", "resourcechanges", "resourcecontainerchanges", "resourcecontainers", "resources",
	"securityresources", "servicefabricresources", "servicehealthresources", "spotresources", "supportresources", "tagsresources",
}

// childRows are the child types that the resources table shows beside tracked
// resources.
var childRows = map[string]bool{
	"microsoft.compute/virtualmachines/extensions":                 true,
	"microsoft.compute/galleries/images":                           true,
	"microsoft.compute/galleries/images/versions":                  true,
	"microsoft.hybridcompute/machines/extensions":                  true,
	"microsoft.netapp/netappaccounts/capacitypools":                true,
	"microsoft.netapp/netappaccounts/capacitypools/volumes":        true,
	"microsoft.network/networkwatchers/flowlogs":                   true,
	"microsoft.network/networkwatchers/connectionmonitors":         true,
	"microsoft.network/privatednszones/virtualnetworklinks":        true,
	"microsoft.sql/servers/databases":                              true,
	"microsoft.sql/servers/elasticpools":                           true,
	"microsoft.sql/managedinstances/databases":                     true,
	"microsoft.synapse/workspaces/sqlpools":                        true,
	"microsoft.synapse/workspaces/bigdatapools":                    true,
	"microsoft.web/sites/slots":                                    true,
	"microsoft.automation/automationaccounts/runbooks":             true,
	"microsoft.cdn/profiles/endpoints":                             true,
	"microsoft.cdn/profiles/afdendpoints":                          true,
	"microsoft.containerregistry/registries/replications":          true,
	"microsoft.containerregistry/registries/webhooks":              true,
	"microsoft.machinelearningservices/workspaces/onlineendpoints": true,
	"microsoft.cognitiveservices/accounts/projects":                true,
	"microsoft.kusto/clusters/databases":                           true,
}

// tableOf names the table in which a type has its rows, "" for none: what has
// none can only be read through ARM.
func tableOf(typ string) string {
	typ = strings.ToLower(typ)
	ns, rest, _ := strings.Cut(typ, "/")
	depth := strings.Count(rest, "/")
	switch {
	case typ == "microsoft.resources/subscriptions", typ == "microsoft.resources/subscriptions/resourcegroups", typ == "microsoft.management/managementgroups":
		return "resourcecontainers"
	case ns == "microsoft.authorization":
		switch rest {
		case "roleassignments", "roledefinitions", "classicadministrators":
			return "authorizationresources"
		case "policyassignments", "policydefinitions", "policysetdefinitions", "policyexemptions":
			return "policyresources"
		}
		return ""
	case ns == "microsoft.policyinsights":
		return "policyresources"
	case ns == "microsoft.security":
		switch rest {
		case "automations", "securityconnectors", "iotsecuritysolutions":
			return "resources"
		case "assessments", "assessments/subassessments", "pricings", "securescores", "securescores/securescorecontrols", "alerts", "locations/alerts",
			"attackpaths", "regulatorycompliancestandards", "regulatorycompliancestandards/regulatorycompliancecontrols",
			"regulatorycompliancestandards/regulatorycompliancecontrols/regulatorycomplianceassessments":
			return "securityresources"
		}
		return ""
	case typ == "microsoft.web/sites/config", typ == "microsoft.web/sites/config/web", typ == "microsoft.web/sites/slots/config/web":
		return "appserviceresources"
	case ns == "microsoft.recoveryservices" && depth > 0, ns == "microsoft.dataprotection" && depth > 0:
		return "recoveryservicesresources"
	case strings.HasPrefix(typ, "microsoft.network/dnszones/"), strings.HasPrefix(typ, "microsoft.network/privatednszones/") && !childRows[typ]:
		return "dnsresources"
	case strings.HasPrefix(typ, "microsoft.compute/virtualmachinescalesets/"):
		return "computeresources"
	case typ == "microsoft.insights/datacollectionruleassociations":
		return "insightsresources"
	case typ == "microsoft.insights/diagnosticsettings", typ == "microsoft.insights/logprofiles":
		return ""
	case ns == "microsoft.guestconfiguration":
		return "guestconfigurationresources"
	case ns == "microsoft.kubernetesconfiguration":
		return "kubernetesconfigurationresources"
	case ns == "microsoft.resourcehealth":
		return "healthresources"
	case ns == "microsoft.advisor":
		return "advisorresources"
	case ns == "microsoft.alertsmanagement" && rest == "alerts":
		return "alertsmanagementresources"
	case ns == "microsoft.managedservices":
		return "managedserviceresources"
	case depth == 0 || childRows[typ]:
		return "resources"
	}
	return ""
}

func checkTables(tables map[string][]json.RawMessage) error {
	var errs []error
	for _, t := range slices.Sorted(maps.Keys(tables)) {
		if !slices.Contains(graphTables, strings.ToLower(t)) {
			errs = append(errs, fmt.Errorf("tables.%s: is not a table of Resource Graph", t))
			continue
		}
		for i, raw := range tables[t] {
			var r map[string]any
			if err := decode(raw, &r); err != nil {
				errs = append(errs, fmt.Errorf("tables.%s[%d]: %w", t, i, err))
			} else if _, ok := r["id"].(string); !ok {
				errs = append(errs, fmt.Errorf("tables.%s[%d].id: is missing", t, i))
			}
		}
	}
	return errors.Join(errs...)
}

// toRow makes the row of a resource. Resource Graph writes types in lower
// case, and shows missing texts as empty.
func (e *estate) toRow(r *resource) row {
	out := row{
		"id": r.id, "name": r.doc["name"], "type": strings.ToLower(rowType(r)), "tenantId": e.seed.Tenant.ID,
		"kind": "", "location": "", "resourceGroup": "", "subscriptionId": "", "managedBy": "",
		"sku": nil, "plan": nil, "properties": nil, "tags": nil, "identity": nil, "zones": nil, "extendedLocation": nil,
	}
	for _, k := range []string{"kind", "location", "managedBy", "sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"} {
		if v := r.doc[k]; v != nil {
			out[k] = v
		}
	}
	if len(r.path) > 1 && strings.EqualFold(r.path[0], "subscriptions") {
		out["subscriptionId"] = r.path[1]
		if len(r.path) > 3 && strings.EqualFold(r.path[2], "resourceGroups") {
			out["resourceGroup"] = strings.ToLower(r.path[3])
		}
	}
	return out
}

// rowType is the type of a row; the configuration of a site is filed under its
// name.
func rowType(r *resource) string {
	t := r.typeName()
	if low := strings.ToLower(t); (low == "microsoft.web/sites/config" || low == "microsoft.web/sites/slots/config") && strings.EqualFold(r.path[len(r.path)-1], "web") {
		return t + "/web"
	}
	return t
}

func (e *estate) chain(group string) []any {
	out := []any{}
	for _, g := range e.ancestors(group) {
		out = append(out, obj("name", g.ID, "displayName", g.DisplayName))
	}
	return out
}

// containerRow is the row of a subscription.
func (e *estate) containerRow(s *Subscription) row {
	r := e.toRow(&resource{id: "/subscriptions/" + s.ID, path: []string{"subscriptions", s.ID}, doc: obj("name", s.Name)})
	r["properties"] = obj("state", s.state(), "managementGroupAncestorsChain", e.chain(s.ManagementGroup))
	if s.Tags != nil {
		r["tags"] = s.Tags
	}
	return r
}

func (e *estate) groupRow(g *ManagementGroup) row {
	id := groupID(g.ID)
	r := e.toRow(&resource{id: id, path: segments(id), doc: obj("name", g.ID)})
	details := obj("managementGroupAncestorsChain", e.chain(g.Parent))
	if g.Parent != "" {
		details["parent"] = obj("id", groupID(g.Parent), "name", g.Parent)
	}
	r["properties"] = obj("displayName", g.DisplayName, "tenantId", e.seed.Tenant.ID, "details", details)
	return r
}

func groupID(id string) string { return "/providers/Microsoft.Management/managementGroups/" + id }

func (s *Subscription) state() string {
	if s.State == "" {
		return "Enabled"
	}
	return s.State
}

// rows yields a table's rows that a scope shows, ordered by id where the table
// comes from resources alone; key skips all rows up to it.
func (e *estate) rows(table string, sc *scopeFilter, key string) iter.Seq2[string, row] {
	return func(yield func(string, row) bool) {
		if table == "resourcecontainers" && !e.containers(sc, key, yield) {
			return
		}
		for r := range e.after(key) {
			if tableOf(rowType(r)) != table || !sc.shows(r.path, table) || slices.ContainsFunc(e.hidden, func(p pattern) bool { return p.fits(r.path) }) {
				continue
			}
			if !yield(r.key, e.toRow(r)) {
				return
			}
		}
		for name, raws := range e.seed.Tables {
			if !strings.EqualFold(name, table) {
				continue
			}
			for _, raw := range raws {
				var doc row
				if decode(raw, (*map[string]any)(&doc)) != nil {
					continue // checked when the seed was loaded
				}
				id := strings.ToLower(text(doc["id"]))
				if sc.shows(segments(text(doc["id"])), table) && id > key && !yield(id, doc) {
					return
				}
			}
		}
	}
}

func (e *estate) containers(sc *scopeFilter, key string, yield func(string, row) bool) bool {
	for _, g := range slices.Sorted(maps.Keys(e.groups)) {
		r := e.groupRow(e.groups[g])
		if id := strings.ToLower(text(r["id"])); sc.showsGroup(g) && id > key && !yield(id, r) {
			return false
		}
	}
	for s := range e.subscriptions() {
		id := "/subscriptions/" + strings.ToLower(s.ID)
		if id > key && sc.showsSubscription(s) && !yield(id, e.containerRow(s)) {
			return false
		}
	}
	return true
}

// scopeFilter is where a query looks.
type scopeFilter struct {
	e      *estate
	subs   map[string]bool // nil: not by subscription
	groups []string        // nil: not by group
	above  bool
	below  bool
}

func (f *scopeFilter) showsSubscription(s *Subscription) bool {
	if s == nil || s.Denied || s.State == "Deleted" {
		return false
	}
	switch {
	case f.subs != nil:
		return f.subs[strings.ToLower(s.ID)]
	case f.groups != nil:
		return slices.ContainsFunc(f.groups, func(g string) bool { return f.e.under(s.ManagementGroup, g) })
	}
	return true
}

func (f *scopeFilter) showsGroup(id string) bool {
	if f.subs != nil {
		return false
	}
	return f.groups == nil || slices.ContainsFunc(f.groups, func(g string) bool { return f.e.under(id, g) })
}

// shows applies the scope filter: assignments above the scope appear only when
// they were asked for, what comes with the tenant always.
func (f *scopeFilter) shows(path []string, table string) bool {
	if len(path) < 2 {
		return false
	}
	if strings.EqualFold(path[0], "subscriptions") {
		return (f.below || lastProviders(path) == 2) && f.showsSubscription(f.e.subscription(path[1]))
	}
	if len(path) > 3 && strings.EqualFold(path[1], "Microsoft.Management") && strings.EqualFold(path[2], "managementGroups") {
		if f.showsGroup(path[3]) {
			return f.below || slices.ContainsFunc(f.groups, func(g string) bool { return strings.EqualFold(g, path[3]) })
		}
		return f.above && (table == "authorizationresources" || table == "policyresources") && f.isAbove(path[3])
	}
	low := strings.ToLower(strings.Join(path, "/"))
	if strings.Contains(low, "definitions/") {
		return true // built-in definitions belong to no scope
	}
	return f.above || f.subs == nil && f.groups == nil
}

// isAbove says whether a group lies above any place of the scope.
func (f *scopeFilter) isAbove(group string) bool {
	for _, g := range f.groups {
		if f.e.under(g, group) {
			return true
		}
	}
	for id := range f.subs {
		if s := f.e.subscription(id); s != nil && f.e.under(s.ManagementGroup, group) {
			return true
		}
	}
	return f.groups == nil && f.subs == nil
}
