package gcp

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

const nodes = "//cloudresourcemanager.googleapis.com/"

// projectRow is a project as the inventory delivers it, in the first version.
const projectRow = `{"name": "//cloudresourcemanager.googleapis.com/projects/3", "assetType": "cloudresourcemanager.googleapis.com/Project", "ancestors": ["projects/3", "folders/2", "organizations/1"], "resource": {"version": "v1", "data": {"projectId": "shop-prod", "projectNumber": "3", "lifecycleState": "ACTIVE", "name": "Shop", "labels": {"env": "prod"}, "parent": {"type": "folder", "id": "2"}}}}`

func TestFrame(t *testing.T) {
	noPolicy := func(reason string) string { return "  gap of iamPolicy: cloudasset:assets.list " + reason }
	unlisted := noPolicy("failed, Cloud Asset Inventory does not list this")
	deniedPolicy := noPolicy("denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listIamPolicy")
	orgPolicy := `{"assets": [{"name": "` + nodes + `organizations/1", "assetType": "` + OrganizationType + `", "iamPolicy": {"etag": "o"}}]}`
	for _, tt := range []struct {
		name      string
		opts      Options
		resources func(string) reply
		policies  func(string) reply
		want      []string
	}{
		{
			"the inventory lists a project",
			Options{},
			plain(`{"assets": [` + projectRow + `]}`), plain(`{}`),
			[]string{nodes + "projects/3", nodes + "organizations/1", unlisted, nodes + "folders/2", unlisted, nodes + "projects/4", unlisted},
		},
		{
			"twice on two pages",
			Options{},
			func(page string) reply {
				if page == "" {
					return reply{body: `{"assets": [` + projectRow + `], "nextPageToken": "2"}`}
				}
				return reply{body: `{"assets": [` + projectRow + `]}`}
			}, plain(orgPolicy),
			[]string{nodes + "projects/3", nodes + "organizations/1", nodes + "folders/2", unlisted, nodes + "projects/4", unlisted},
		},
		{
			"everything is denied",
			Options{},
			always(denied("cloudasset.assets.listResource")), always(denied("cloudasset.assets.listIamPolicy")),
			[]string{nodes + "organizations/1", deniedPolicy, nodes + "folders/2", deniedPolicy, nodes + "projects/3", deniedPolicy, nodes + "projects/4", deniedPolicy},
		},
		{
			"documents are denied",
			Options{},
			always(denied("cloudasset.assets.listResource")), plain(orgPolicy),
			[]string{
				nodes + "organizations/1",
				nodes + "folders/2", noPolicy("denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listResource"),
				nodes + "projects/3", noPolicy("denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listResource"),
				nodes + "projects/4", noPolicy("denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listResource"),
			},
		},
		{
			"not wanted",
			Options{Types: only(bucketType)},
			always(reply{status: 418}), always(reply{status: 418}),
			[]string{nodes + "organizations/1", noPolicy("skipped"), nodes + "folders/2", noPolicy("skipped"), nodes + "projects/3", noPolicy("skipped"), nodes + "projects/4", noPolicy("skipped")},
		},
		{
			"excluded",
			Options{ExcludeProjects: []string{"shop-prod"}},
			plain(`{"assets": [` + projectRow + `]}`), plain(orgPolicy),
			[]string{nodes + "organizations/1", nodes + "folders/2", unlisted, nodes + "projects/4", unlisted},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := listingOf(map[string]func(string) reply{contentResource: tt.resources, contentPolicy: tt.policies}, nil)
			tt.opts.Transport = w
			s := testSession(t, tt.opts)
			plant(s)
			s.skipProjects()
			got := gatherFrom(s.Frame(t.Context()))
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(tt.want, got.lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			seen := map[string]bool{}
			for _, a := range got.assets {
				if seen[a.ID] || a.Scope.Account == "" || !strings.HasPrefix(a.Scope.OrgPath, "organizations/1") {
					t.Errorf("%s: twice, or in no account: %+v", a.ID, a.Scope)
				}
				seen[a.ID] = true
			}
			for _, u := range s.Units() {
				for _, typ := range u.Types() {
					if s.isFrame(typ) {
						t.Errorf("unit %s yields %s too", u.Name(), typ)
					}
				}
			}
		})
	}
}

// TestFrameDocument holds that a project's document has the members of both
// versions, whichever the inventory delivers.
func TestFrameDocument(t *testing.T) {
	w := listingOf(map[string]func(string) reply{contentResource: plain(`{"assets": [` + projectRow + `]}`)}, nil)
	s := testSession(t, Options{Transport: w})
	plant(s)
	documents := map[string]model.Document{}
	for _, a := range gatherFrom(s.Frame(t.Context())).assets {
		documents[a.ID] = a.Config
	}
	bulk, tree := documents[nodes+"projects/3"], documents[nodes+"projects/4"]
	if bulk["projectNumber"] != int64(3) || bulk["name"] != "Shop" || bulk["state"] != "ACTIVE" {
		t.Errorf("from the inventory: %v", bulk)
	}
	if tree["lifecycleState"] != "ACTIVE" || tree["projectId"] != "shop-test" {
		t.Errorf("from the tree: %v", tree)
	}
}

// TestFrameGaps holds that what of the tree could not be read comes first, and
// that a project which could not be read has an asset.
func TestFrameGaps(t *testing.T) {
	w := &wire{answer: func(op string, req *http.Request) reply {
		if op == "cloudasset:assets.list" {
			return denied("cloudasset.assets.listResource")
		}
		return hierarchy(op, req)
	}}
	s := testSession(t, Options{Transport: w, Projects: []string{"secret", "shop-prod"}, Types: only(bucketType)})
	if err := s.discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := gatherFrom(s.Frame(t.Context()))
	want := []string{
		nodes + "projects/secret", "  gap: cloudresourcemanager:projects.get denied, IAM_PERMISSION_DENIED, identity, needs some.thing.get", "  gap of iamPolicy: cloudasset:assets.list skipped",
		nodes + "projects/3", "  gap of iamPolicy: cloudasset:assets.list skipped",
	}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
