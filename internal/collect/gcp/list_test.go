package gcp

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// rule is the item of the listings of these tests.
type rule struct {
	Name     string `json:"name"`
	Priority int64  `json:"priority"`
}

// rulesOf is a type that App Engine lists for each project, as the inventory has
// no firewall rules of it.
func rulesOf(per Level) *Type {
	return &Type{Name: "test.googleapis.com/Rule", Item: rule{}, List: &List{
		Per: per, ID: "//appengine.googleapis.com/{scope}/rules/{name}",
		Call: Call{API: "appengine", Method: "apps.firewall.ingressRules.list", Permission: "appengine.applications.get", Path: "v1/apps/{project}/rules", Items: "rules", Item: rule{}},
	}}
}

func listUnit(s *Session, t *Type) *Unit {
	return &Unit{Session: s, root: s.tree.roots[0], list: t, name: "test"}
}

func TestLists(t *testing.T) {
	disabled := func(project string) reply {
		return refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", project, "service", "appengine.googleapis.com")
	}
	state := func(s string) reply { return reply{body: fmt.Sprintf(`{"name": "x", "state": %q}`, s)} }
	listGap := "gap test.googleapis.com/Rule in shop-prod: appengine:apps.firewall.ingressRules.list "
	for _, tt := range []struct {
		name    string
		answer  func(page string) reply
		service reply
		want    []string
	}{
		{"nothing", func(string) reply { return reply{body: `{}`} }, reply{}, nil},
		{"three pages", func(page string) reply {
			next := map[string]string{"": "2", "2": "3"}[page]
			return reply{body: fmt.Sprintf(`{"rules": [{"name": "r%s", "priority": "7"}], "nextPageToken": %q}`, page, next)}
		}, reply{}, []string{"//appengine.googleapis.com/projects/shop-prod/rules/r", "//appengine.googleapis.com/projects/shop-prod/rules/r2", "//appengine.googleapis.com/projects/shop-prod/rules/r3"}},
		{"denied", func(string) reply { return denied("appengine.applications.get") }, reply{}, []string{listGap + "denied, IAM_PERMISSION_DENIED, identity, needs appengine.applications.get"}},
		{"not enabled, and the service agrees", func(string) reply { return disabled("projects/3") }, state("DISABLED"), nil},
		{"not enabled, and the service does not agree", func(string) reply { return disabled("projects/3") }, state("ENABLED"), []string{listGap + "failed, SERVICE_DISABLED, the API is not enabled in the project, but the state of the service is ENABLED"}},
		{"not enabled, and the service is not known", func(string) reply { return disabled("projects/3") }, denied("serviceusage.services.get"), []string{listGap + "failed, SERVICE_DISABLED, the API is not enabled in the project, and the state of the service could not be read"}},
		{"not enabled elsewhere", func(string) reply { return disabled("projects/scanner") }, state("DISABLED"), []string{listGap + "failed, SERVICE_DISABLED, the API is not enabled in the quota project: gcloud services enable appengine.googleapis.com --project scanner"}},
		{"a place was not reached", func(string) reply {
			return reply{body: `{"rules": [{"name": "r"}], "unreachable": ["locations/us-east1"]}`}
		}, reply{}, []string{"//appengine.googleapis.com/projects/shop-prod/rules/r", listGap + "failed, could not reach locations/us-east1"}},
		{"a warning", func(string) reply {
			return reply{body: `{"rules": [{"name": "r"}], "warnings": [{"code": "REGION_UNREACHABLE"}]}`}
		}, reply{}, []string{"//appengine.googleapis.com/projects/shop-prod/rules/r", listGap + "failed, warning REGION_UNREACHABLE"}},
		{"an item without a name", func(string) reply { return reply{body: `{"rules": [{"priority": 1}]}`} }, reply{}, []string{listGap + "failed, the answer was not complete"}},
		{"rate limit as 403", func(string) reply {
			return reply{status: 403, body: `{"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}`}
		}, reply{}, []string{listGap + "throttled, rateLimitExceeded"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{answer: func(op string, req *http.Request) reply {
				switch {
				case op == "serviceusage:services.get":
					return tt.service
				case strings.Contains(req.URL.Path, "shop-prod"):
					return tt.answer(req.URL.Query().Get("pageToken"))
				}
				return reply{body: `{}`}
			}}
			s := testSession(t, Options{Transport: w})
			plant(s)
			got := gatherFrom(listUnit(s, rulesOf(PerProject)).Collect(t.Context(), model.Scope{}))
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(tt.want, got.lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, a := range got.assets {
				if p, sent := a.Config["priority"]; sent && p != int64(7) {
					t.Errorf("priority is %T %v, want an integer", p, p)
				}
			}
		})
	}
}

// TestListLevels holds for which accounts a listing is made.
func TestListLevels(t *testing.T) {
	for per, want := range map[Level][]string{
		PerProject:      {"projects/shop-prod", "projects/shop-test"},
		PerOrganization: {"organizations/1"},
		PerScope:        {"folders/2", "organizations/1", "projects/shop-prod", "projects/shop-test"},
	} {
		w := &wire{answer: func(string, *http.Request) reply { return reply{body: `{}`} }}
		s := testSession(t, Options{Transport: w})
		plant(s)
		typ := rulesOf(per)
		typ.List.Path, typ.List.Query = "v1/rules", map[string]string{"parent": "{scope}"}
		gatherFrom(listUnit(s, typ).Collect(t.Context(), model.Scope{}))
		var got []string
		for _, a := range w.asked {
			_, parent, _ := strings.Cut(a, "parent=")
			got = append(got, strings.ReplaceAll(parent, "%2F", "/"))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("per %s (-want +got):\n%s", per, diff)
		}
	}
}

// TestListPost holds that a listing that is asked with POST has its query, and
// the token, in the body.
func TestListPost(t *testing.T) {
	var bodies []string
	w := &wire{answer: func(_ string, req *http.Request) reply {
		data := make([]byte, 200)
		n, _ := req.Body.Read(data)
		bodies = append(bodies, req.Method+" "+string(data[:n]))
		if len(bodies) == 1 {
			return reply{body: `{"nextPageToken": "next"}`}
		}
		return reply{body: `{}`}
	}}
	s := testSession(t, Options{Transport: w})
	plant(s)
	typ := rulesOf(PerOrganization)
	typ.List.Post, typ.List.Path, typ.List.Query = true, "v2/entries:list", map[string]string{"filter": "a=b"}
	gatherFrom(listUnit(s, typ).Collect(t.Context(), model.Scope{}))
	want := []string{`POST {"filter":"a=b"}`, `POST {"filter":"a=b","pageToken":"next"}`}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSideReads(t *testing.T) {
	typ := Type{
		Name: bucketType, Item: rule{}, Redacted: []string{"password", "users"},
		Side: []Read{
			{Member: "users", Call: Call{API: "sqladmin", Method: "users.list", Permission: "cloudsql.users.list", Path: "v1/{name}/users", Items: "items", Item: rule{}}, Absent: []string{"404"}},
			{Member: "status.server", Call: Call{API: "container", Method: "getServerConfig", Permission: "container.clusters.get", Path: "v1/projects/{project}/zones/{zone}/x/{name}", Item: rule{}}, Absent: []string{"notThere"}},
		},
	}
	prefix := "  gap of users: sqladmin:users.list "
	redacted := "  gap of password: cloudasset:assets.list unsupported, Cloud Asset Inventory leaves this member out"
	for _, tt := range []struct {
		name   string
		users  func(page string) reply
		server reply
		want   []string
		config string
	}{
		{"present", func(page string) reply {
			if page == "" {
				return reply{body: `{"items": [{"name": "u1", "priority": "3"}], "nextPageToken": "n"}`}
			}
			return reply{body: `{"items": [{"name": "u2"}]}`}
		}, reply{body: `{"name": "s"}`}, []string{redacted}, `{"name":"b","status":{"server":{"name":"s"}},"users":[{"name":"u1","priority":3},{"name":"u2"}],"zone":"https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}`},
		{"none", always(reply{body: `{}`}), reply{body: `{}`}, []string{redacted}, `{"name":"b","status":{"server":{}},"users":[],"zone":"https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}`},
		{"absent by the vendor's word", always(refusal(404, "NOT_FOUND", "")), reply{status: 404, body: `{"error": {"errors": [{"reason": "notThere"}]}}`}, []string{redacted}, `{"name":"b","status":{},"zone":"https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}`},
		{"404 of somebody else", always(reply{status: 404, body: "<html>"}), reply{body: `{}`}, []string{prefix + "failed, 404, not found: it may have been deleted since it was listed", redacted}, ""},
		{"denied", always(denied("cloudsql.users.list")), reply{body: `{}`}, []string{prefix + "denied, IAM_PERMISSION_DENIED, identity, needs cloudsql.users.list", redacted}, `{"name":"b","status":{"server":{}},"zone":"https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}`},
		{"second page fails", func(page string) reply {
			if page == "" {
				return reply{body: `{"items": [{"name": "u1"}], "nextPageToken": "n"}`}
			}
			return reply{status: 500}
		}, reply{body: `{}`}, []string{prefix + "failed, 500, the service failed", redacted}, `{"name":"b","status":{"server":{}},"zone":"https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}`},
		{"perimeter", always(refusal(403, "PERMISSION_DENIED", "SECURITY_POLICY_VIOLATED")), reply{body: `{}`}, []string{prefix + "denied, SECURITY_POLICY_VIOLATED, perimeter, needs cloudsql.users.list", redacted}, ""},
		{"not enabled there", always(refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/3")), reply{body: `{}`}, []string{prefix + "failed, SERVICE_DISABLED, the API is not enabled in the project", redacted}, ""},
		{"an answer with more pages", always(reply{body: `{}`}), reply{body: `{"name": "s", "nextPageToken": "x"}`}, []string{"  gap of status.server: container:getServerConfig failed, the answer was not complete", redacted}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{answer: func(op string, req *http.Request) reply {
				switch {
				case op == "sqladmin:users.list" && req.URL.Path == "/v1/projects/shop-prod/b/users":
					return tt.users(req.URL.Query().Get("pageToken"))
				case op == "container:getServerConfig" && req.URL.Path == "/v1/projects/shop-prod/zones/eu-1/x/b":
					return tt.server
				case op == "cloudasset:assets.list":
					return reply{body: `{"assets": [{"name": "//test.googleapis.com/projects/shop-prod/b", "assetType": "` + bucketType + `", "ancestors": ["projects/3"], "resource": {"data": {"name": "b", "zone": "https://www.googleapis.com/compute/v1/projects/p/zones/eu-1"}}}]}`}
				}
				return reply{status: 418}
			}}
			s := testSession(t, Options{Transport: w})
			plant(s)
			schemas := map[string]*model.Schema{bucketType: typ.schema(newShapes())}
			s.schemas = func() map[string]*model.Schema { return schemas }
			u := &Unit{Session: s, root: s.tree.roots[0], content: contentResource, types: []*Type{&typ}}
			got := gatherFrom(u.Collect(t.Context(), model.Scope{}))
			if got.err != nil || len(got.assets) != 1 {
				t.Fatal(got)
			}
			if diff := cmp.Diff(tt.want, got.lines[1:]); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.config, string(got.assets[0].Config.Canonical())); tt.config != "" && diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTemplates holds that names which would climb out of their place in a path
// do not.
func TestTemplates(t *testing.T) {
	a := &model.Asset{ID: "//x.googleapis.com/projects/p/../../a b/é?x", Scope: model.Scope{Account: "p", OrgPath: "organizations/1/projects/p"}, Config: model.Document{"m": map[string]any{"n": "v/w"}}}
	for template, want := range map[string]string{
		"v1/{name}":                      "v1/projects/p/%2E%2E/%2E%2E/a%20b/%C3%A9%3Fx",
		"v1/{scope}/{name}":              "v1/projects/p/%C3%A9%3Fx",
		"{project} {organization} {m.n}": "p 1 v/w",
	} {
		if got, ok := sidePath(template, a, true); !ok || got != want {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
	if _, ok := sidePath("{m.x}", a, true); ok {
		t.Error("a member that is not there fills a path")
	}
}

// TestOutsideOfOrganizations holds that what only organizations have is not known
// where none is in scope, and not asked for.
func TestOutsideOfOrganizations(t *testing.T) {
	const perimeter, pool = "identity.accesscontextmanager.googleapis.com/ServicePerimeter", "iam.googleapis.com/WorkforcePool"
	said := func(typ, op, where string) string {
		return "gap " + typ + " in " + where + ": " + op + " skipped, read from organizations only, and none is in scope"
	}
	for _, tt := range []struct {
		roots []string
		want  []string
	}{
		{[]string{"folders/2"}, []string{said(perimeter, "cloudasset:assets.list", "folders/2 and below"), said(pool, "iam:locations.workforcePools.list", "folders/2 and below")}},
		{[]string{"projects/3", "projects/4"}, []string{
			said(perimeter, "cloudasset:assets.list", "shop-prod"), said(perimeter, "cloudasset:assets.list", "shop-test"),
			said(pool, "iam:locations.workforcePools.list", "shop-prod"), said(pool, "iam:locations.workforcePools.list", "shop-test"),
		}},
	} {
		w := &wire{answer: func(string, *http.Request) reply { return reply{status: 418} }}
		s := testSession(t, Options{Transport: w, Types: only(perimeter, pool)})
		plant(s)
		s.tree.roots = nil
		for _, name := range tt.roots {
			s.tree.roots = append(s.tree.roots, s.tree.find(name))
		}
		if diff := cmp.Diff(tt.want, units(t, s).lines); diff != "" {
			t.Errorf("below %v (-want +got):\n%s", tt.roots, diff)
		}
		if len(w.asked) > 0 {
			t.Errorf("asked for %v", w.asked)
		}
	}
}
