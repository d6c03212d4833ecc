package estate

import (
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// The company's organization in Google Cloud and its projects. The web team
// started there with a shop's search and recommendations; the data team followed.
const (
	Organization = "organizations/418820573316"
	ShopProject  = "lindenbrook-shop-prod"
	DataProject  = "lindenbrook-data-platform"
	LabProject   = "lindenbrook-sandbox"

	productionFolder = "folders/702118845590"
	labsFolder       = "folders/731904417228"
	googleRegion     = "europe-west3"
)

// organization collects the assets of the organization and all below it.
type organization struct {
	seed
	assets []*model.Asset
	gaps   []model.Gap
}

// project is one of the organization's projects.
type project struct {
	*organization
	name, number, folder, env string
}

// organizationOf is the organization: a shop that is looked after, a data platform
// that grew, and a sandbox in which nobody looks.
func organizationOf(now time.Time) Account {
	o := &organization{seed: seed{id: Organization, now: now}}
	o.frame()
	shop := project{o, ShopProject, "508817264403", productionFolder, "production"}
	data := project{o, DataProject, "593320118846", productionFolder, "production"}
	lab := project{o, LabProject, "667104993152", labsFolder, "sandbox"}
	shop.shop()
	data.dataPlatform()
	lab.sandbox()
	o.unlisted(o.scope(), "iam.googleapis.com/WorkforcePool", "iam:locations.workforcePools.list", "iam.workforcePools.list")
	for _, kind := range []string{"Account", "AccountKey"} {
		o.unlisted(lab.scope(), "policyanalyzer.googleapis.com/Service"+kind+"LastAuthentication", "policyanalyzer:projects.locations.activityTypes.activities.query",
			"policyanalyzer.service"+kind+"LastAuthenticationActivities.query")
	}
	out := Account{
		Provider: model.GCP, ID: Organization, Name: companyDomain, Gaps: o.gaps,
		Below: []Below{
			{productionFolder, "Production", "folder"},
			{labsFolder, "Labs", "folder"},
			{ShopProject, ShopProject, "project"},
			{DataProject, DataProject, "project"},
			{LabProject, LabProject, "project"},
		},
	}
	for _, a := range o.assets {
		a.ObservedAt = now
		out.Assets = append(out.Assets, *a)
	}
	return out
}

func (o *organization) scope() model.Scope {
	return model.Scope{Provider: model.GCP, Partition: "gcp", Account: Organization, OrgPath: Organization}
}

func (o *organization) folderScope(folder string) model.Scope {
	s := o.scope()
	s.Account = folder
	s.OrgPath += "/" + folder
	return s
}

func (p project) scope() model.Scope {
	s := p.folderScope(p.folder)
	s.Account = p.name
	s.OrgPath += "/projects/" + p.name
	return s
}

// labelled are the types whose assets go by a member of their document; the
// others go by the end of their id.
var labelled = map[string]string{
	"apikeys.googleapis.com/Key":                                    "displayName",
	"cloudresourcemanager.googleapis.com/Folder":                    "displayName",
	"cloudresourcemanager.googleapis.com/Organization":              "displayName",
	"cloudresourcemanager.googleapis.com/Project":                   "projectId",
	"essentialcontacts.googleapis.com/Contact":                      "email",
	"iam.googleapis.com/Role":                                       "title",
	"iam.googleapis.com/ServiceAccount":                             "email",
	"iam.googleapis.com/WorkloadIdentityPool":                       "displayName",
	"logging.googleapis.com/LogMetric":                              "name",
	"logging.googleapis.com/LogSink":                                "name",
	"monitoring.googleapis.com/AlertPolicy":                         "displayName",
	"monitoring.googleapis.com/NotificationChannel":                 "displayName",
	"identity.accesscontextmanager.googleapis.com/AccessPolicy":     "title",
	"identity.accesscontextmanager.googleapis.com/ServicePerimeter": "title",
}

// put adds an asset.
func (o *organization) put(scope model.Scope, typ, id, location string, config doc) *model.Asset {
	plain, _ := model.Plain(config).(map[string]any)
	a := &model.Asset{ID: id, Type: typ, Config: plain, Scope: scope, Name: id[strings.LastIndexByte(id, '/')+1:]}
	if text, ok := plain[labelled[typ]].(string); ok {
		a.Name = text
	}
	if location != "global" {
		a.Scope.Region = strings.ToLower(location)
		if parts := strings.Split(location, "-"); len(parts) == 3 && len(parts[2]) == 1 {
			a.Scope.Region, a.Scope.Zone = parts[0]+"-"+parts[1], location
		}
	}
	for _, member := range []string{"labels", "userLabels", "resourceLabels", "settings.userLabels", "metadata.labels"} {
		labels, _ := within(plain, member).(map[string]any)
		for k, v := range labels {
			if a.Tags == nil {
				a.Tags = map[string]string{}
			}
			a.Tags[k], _ = v.(string)
		}
	}
	for _, member := range []string{"createTime", "creationTimestamp", "timeCreated", "metadata.creationTimestamp", "creationTime", "validAfterTime"} {
		switch v := within(plain, member).(type) {
		case string:
			a.CreatedAt, _ = time.Parse(time.RFC3339, v)
		case int64:
			a.CreatedAt = time.UnixMilli(v).UTC()
		}
	}
	o.assets = append(o.assets, a)
	return a
}

// add adds an asset of the project. Of ids that stand for places below the
// project only the end is given, after the host and "projects/…".
func (p project) add(typ, host, path, location string, config doc) *model.Asset {
	return p.put(p.scope(), typ, "//"+host+"/"+p.path(path), location, config)
}

// path is a name below the project.
func (p project) path(below string) string { return "projects/" + p.name + "/" + below }

// numbered is a name below the project, which some services know by its number.
func (p project) numbered(below string) string { return "projects/" + p.number + "/" + below }

// link is a name of Compute Engine as its documents write it.
func (p project) link(below string) string {
	return "https://www.googleapis.com/compute/v1/" + p.path(below)
}

// owned are the labels that the company puts on everything.
func (p project) owned(team string, more ...string) doc {
	return tagMap(append([]string{"env", p.env, "team", team}, more...)...)
}

// unlisted adds the gap of a listing that was refused.
func (o *organization) unlisted(scope model.Scope, typ, operation, permission string) {
	o.gaps = append(o.gaps, model.Gap{Scope: scope, Type: typ, Reason: model.Denied, Operation: operation, Permission: permission, Code: "PERMISSION_DENIED"})
}

// within returns what stands at a dotted path.
func within(in map[string]any, path string) any {
	var v any = in
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// granted is an allow policy; of each binding the first text is the role, the
// others are the members.
func (o *organization) granted(bindings ...[]string) doc {
	all := list{}
	for _, b := range bindings {
		all = append(all, doc{"role": b[0], "members": b[1:]})
	}
	return doc{"version": 1, "etag": "Bw" + strings.ToUpper(o.hex("etag", 8)) + "=", "bindings": all}
}

// staff is a member of the company.
func staff(name string) string { return "user:" + name + "@" + companyDomain }

func crew(name string) string { return "group:" + name + "@" + companyDomain }

// seconds is a duration of days as Google writes it.
func seconds(days int) string { return strconv.Itoa(days*86400) + "s" }
