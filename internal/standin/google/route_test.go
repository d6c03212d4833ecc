package google

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inUse are the services that Stance reads.
var inUse = []string{
	"cloudasset", "cloudresourcemanager", "iam", "serviceusage", "compute", "storage", "sqladmin", "logging", "monitoring",
	"essentialcontacts", "apikeys", "container", "orgpolicy", "accesscontextmanager", "accessapproval", "dns", "bigquery",
	"cloudkms", "run", "cloudfunctions", "secretmanager", "pubsub", "artifactregistry", "appengine", "iap", "admin", "cloudidentity",
}

func testLibrary(t *testing.T) *library {
	t.Helper()
	lib, err := openLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// TestRouteEveryMethod writes a path for each method from its flat template and
// holds that the path leads back to the method.
func TestRouteEveryMethod(t *testing.T) {
	lib := testLibrary(t)
	part := regexp.MustCompile(`\{\+?[^}]*\}`)
	total := 0
	for _, name := range inUse {
		s, err := lib.service(name)
		if err != nil {
			t.Fatal(err)
		}
		calls := map[string]*method{}
		for _, m := range s.ordered {
			calls[m.call()] = m
		}
		walk := func(doc *document, raw map[string]*rawCall) {
			for _, c := range raw {
				total++
				template := c.FlatPath
				if template == "" {
					template = c.Path
				}
				path := "/" + doc.ServicePath + part.ReplaceAllString(template, "x1")
				m, _ := s.route(c.Verb, path)
				_, want, _ := strings.Cut(c.ID, ".")
				if m == nil {
					t.Errorf("%s %s: no method, want %s", c.Verb, path, c.ID)
				} else if m.call() != doc.ID+"/"+want && m.pattern.String() != calls[doc.ID+"/"+want].pattern.String() {
					// Two versions of Cloud Resource Manager share the path of their operations.
					t.Errorf("%s %s: %s, want %s/%s", c.Verb, path, m.call(), doc.ID, want)
				}
			}
		}
		var deep func(*document, map[string]*resource)
		deep = func(doc *document, rs map[string]*resource) {
			for _, r := range rs {
				walk(doc, r.Methods)
				deep(doc, r.Resources)
			}
		}
		seen := map[*document]bool{}
		for _, m := range s.ordered {
			if !seen[m.doc] {
				seen[m.doc] = true
				walk(m.doc, m.doc.Methods)
				deep(m.doc, m.doc.Resources)
			}
		}
	}
	if total < 2500 {
		t.Errorf("only %d methods were tried", total)
	}
}

func TestRouteParameters(t *testing.T) {
	for _, tc := range []struct {
		name, service, verb, path, call string
		params                          map[string]string
	}{
		{
			"reserved expansion", "cloudasset", "GET", "/v1/organizations/1/assets", "cloudasset:v1/assets.list",
			map[string]string{"parent": "organizations/1"},
		},
		{
			"custom verb wins over a name", "cloudasset", "GET", "/v1/projects/web:searchAllResources", "cloudasset:v1/searchAllResources",
			map[string]string{"scope": "projects/web"},
		},
		{
			"encoded slash stays one segment", "iam", "GET", "/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2F333/denypolicies", "iam:v2/policies.listPolicies",
			map[string]string{"parent": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F333/denypolicies"},
		},
		{
			"double encoding of client libraries", "iam", "GET", "/v2/policies/cloudresourcemanager.googleapis.com%252Fprojects%252F333/denypolicies", "iam:v2/policies.listPolicies",
			map[string]string{"parent": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F333/denypolicies"},
		},
		{
			"service path", "compute", "GET", "/compute/v1/projects/web/zones/z/instances/vm/getEffectiveFirewalls", "compute:v1/instances.getEffectiveFirewalls",
			map[string]string{"project": "web", "zone": "z", "instance": "vm"},
		},
		{
			"the same id in two versions", "run", "GET", "/v2/projects/web/locations/-/services", "run:v2/projects.locations.services.list",
			map[string]string{"parent": "projects/web/locations/-"},
		},
		{
			"the older version", "run", "GET", "/v1/projects/web/locations/-/services", "run:v1/projects.locations.services.list",
			map[string]string{"parent": "projects/web/locations/-"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := testLibrary(t).service(tc.service)
			if err != nil {
				t.Fatal(err)
			}
			m, params := s.route(tc.verb, tc.path)
			if m == nil {
				t.Fatal("no method")
			}
			if m.call() != tc.call {
				t.Errorf("call %s, want %s", m.call(), tc.call)
			}
			if diff := cmp.Diff(tc.params, params); diff != "" {
				t.Error(diff)
			}
		})
	}
}
