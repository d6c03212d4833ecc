package gcp

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// hierarchy answers the calls of Cloud Resource Manager for organizations/1 over
// folders/2 over folders/5, with projects at each level. Lists have two pages.
func hierarchy(op string, req *http.Request) reply {
	parent, page := req.URL.Query().Get("parent"), req.URL.Query().Get("pageToken")
	switch op + " " + parent {
	case "cloudresourcemanager:organizations.search ":
		return reply{body: `{"organizations": [{"name": "organizations/1", "displayName": "shop.example", "state": "ACTIVE"}]}`}
	case "cloudresourcemanager:folders.list organizations/1":
		return reply{body: `{"folders": [{"name": "folders/2", "parent": "organizations/1", "displayName": "prod", "state": "ACTIVE"}]}`}
	case "cloudresourcemanager:folders.list folders/2":
		return reply{body: `{"folders": [{"name": "folders/5", "parent": "folders/2", "displayName": "deep", "state": "ACTIVE"}]}`}
	case "cloudresourcemanager:projects.list folders/2":
		if page == "" {
			return reply{body: `{"projects": [{"name": "projects/3", "projectId": "shop-prod", "parent": "folders/2", "state": "ACTIVE", "labels": {"env": "prod"}}], "nextPageToken": "more"}`}
		}
		return reply{body: `{"projects": [{"name": "projects/7", "projectId": "shop-old", "parent": "folders/2", "state": "DELETE_REQUESTED", "labels": {"env": "prod"}}]}`}
	case "cloudresourcemanager:projects.list organizations/1":
		return reply{body: `{"projects": [{"name": "projects/4", "projectId": "shop-test", "parent": "organizations/1", "state": "ACTIVE"}, {"name": "projects/9", "projectId": "sys-00112233", "parent": "organizations/1", "state": "ACTIVE"}]}`}
	case "cloudresourcemanager:folders.list folders/5", "cloudresourcemanager:projects.list folders/5":
		return reply{body: `{}`}
	}
	switch path := req.URL.Path; {
	case strings.HasSuffix(path, "/v3/organizations/1"):
		return reply{body: `{"name": "organizations/1", "displayName": "shop.example", "state": "ACTIVE"}`}
	case strings.HasSuffix(path, "/v3/folders/2"):
		return reply{body: `{"name": "folders/2", "parent": "organizations/1", "displayName": "prod", "state": "ACTIVE"}`}
	case strings.HasSuffix(path, "/v3/folders/5"):
		return reply{body: `{"name": "folders/5", "parent": "folders/2", "displayName": "deep", "state": "ACTIVE"}`}
	case strings.HasSuffix(path, "/v3/projects/shop-prod"), strings.HasSuffix(path, "/v3/projects/3"):
		return reply{body: `{"name": "projects/3", "projectId": "shop-prod", "parent": "folders/2", "state": "ACTIVE"}`}
	case strings.HasSuffix(path, "/v3/projects/nowhere"):
		return refusal(404, "NOT_FOUND", "")
	}
	return denied("some.thing.get")
}

func TestDiscover(t *testing.T) {
	for _, tt := range []struct {
		name     string
		opts     Options
		answer   func(op string, req *http.Request) reply // nil: hierarchy
		accounts []string
		roots    []string
		skipped  []string
		gaps     []string
		paths    map[string]string
		err      error
		says     string
	}{
		{
			name:     "everything",
			accounts: []string{"folders/2", "folders/5", "organizations/1", "shop-old", "shop-prod", "shop-test"},
			roots:    []string{"organizations/1"},
			skipped:  []string{"sys-00112233 system project"},
			paths:    map[string]string{"projects/shop-prod": "organizations/1/folders/2/projects/shop-prod", "folders/5": "organizations/1/folders/2/folders/5", "projects/4": "organizations/1/projects/shop-test"},
		},
		{
			name:     "exclude wins",
			opts:     Options{Organizations: []string{"organizations/1"}, Projects: []string{"shop-prod"}, ExcludeProjects: []string{"shop-prod", "projects/4"}},
			accounts: []string{"folders/2", "folders/5", "organizations/1", "shop-old"},
			roots:    []string{"organizations/1"},
			skipped:  []string{"shop-prod excluded", "shop-test excluded", "sys-00112233 system project"},
		},
		{
			name:     "labels",
			opts:     Options{ProjectLabels: map[string]string{"env": "prod"}},
			accounts: []string{"folders/2", "folders/5", "organizations/1", "shop-old", "shop-prod"},
			roots:    []string{"organizations/1"},
			skipped:  []string{"shop-test without the label env", "sys-00112233 system project"},
		},
		{
			name:     "a folder and a project of it",
			opts:     Options{Folders: []string{"2"}, Projects: []string{"shop-prod"}},
			accounts: []string{"folders/2", "folders/5", "shop-old", "shop-prod"},
			roots:    []string{"folders/2"},
			paths:    map[string]string{"projects/3": "organizations/1/folders/2/projects/shop-prod"},
		},
		{
			name:     "a project by number",
			opts:     Options{Projects: []string{"3"}},
			accounts: []string{"shop-prod"},
			roots:    []string{"projects/3"},
			paths:    map[string]string{"projects/shop-prod": "organizations/1/folders/2/projects/shop-prod"},
		},
		{
			name: "no organization is visible",
			answer: func(op string, _ *http.Request) reply {
				switch op {
				case "cloudresourcemanager:organizations.search":
					return reply{body: `{}`}
				case "cloudresourcemanager:projects.search":
					return reply{body: `{"projects": [{"name": "projects/3", "projectId": "shop-prod", "parent": "folders/2", "state": "ACTIVE"}, {"name": "projects/4", "projectId": "alone", "state": "ACTIVE"}]}`}
				}
				return denied("x.y.z")
			},
			accounts: []string{"alone", "shop-prod"},
			roots:    []string{"projects/3", "projects/4"},
			paths:    map[string]string{"projects/3": "", "projects/4": "projects/alone"},
		},
		{
			name: "nothing is visible", err: model.ErrCredentials, says: "roles/browser",
			answer: func(string, *http.Request) reply { return reply{body: `{}`} },
		},
		{
			name: "part of the tree is denied",
			answer: func(op string, req *http.Request) reply {
				if op == "cloudresourcemanager:projects.list" && req.URL.Query().Get("parent") == "folders/2" {
					return denied("resourcemanager.projects.list")
				}
				return hierarchy(op, req)
			},
			accounts: []string{"folders/2", "folders/5", "organizations/1", "shop-test"},
			roots:    []string{"organizations/1"},
			skipped:  []string{"sys-00112233 system project"},
			gaps:     []string{"gap " + ProjectType + " in folders/2 and below: cloudresourcemanager:projects.list denied, IAM_PERMISSION_DENIED, identity, needs resourcemanager.projects.list"},
		},
		{
			name: "the page after is denied",
			answer: func(op string, req *http.Request) reply {
				if req.URL.Query().Get("pageToken") == "more" {
					return reply{status: 500}
				}
				return hierarchy(op, req)
			},
			accounts: []string{"folders/2", "folders/5", "organizations/1", "shop-prod", "shop-test"},
			roots:    []string{"organizations/1"},
			skipped:  []string{"sys-00112233 system project"},
			gaps:     []string{"gap " + ProjectType + " in folders/2 and below: cloudresourcemanager:projects.list failed, 500, the service failed"},
		},
		{name: "a project that is not there", opts: Options{Projects: []string{"nowhere"}}, err: model.ErrInvalid, says: `project "nowhere": there is none`},
		{name: "a project that may not be read", opts: Options{Projects: []string{"secret"}}, err: model.ErrCredentials, says: "refused"},
		{
			name: "one of two may not be read", opts: Options{Projects: []string{"secret", "shop-prod"}},
			accounts: []string{"secret", "shop-prod"}, roots: []string{"projects/secret", "projects/3"},
			paths: map[string]string{"projects/secret": ""},
		},
		{name: "an organization by name", opts: Options{Organizations: []string{"shop.example"}}, err: model.ErrInvalid, says: "number"},
		{name: "all excluded", opts: Options{Projects: []string{"shop-prod"}, ExcludeProjects: []string{"shop-prod"}}, err: model.ErrInvalid, says: "excluded"},
		{
			name: "the API is not enabled", err: model.ErrCredentials, says: "gcloud services enable cloudresourcemanager.googleapis.com --project scanner",
			answer: func(string, *http.Request) reply {
				return refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/scanner", "service", "cloudresourcemanager.googleapis.com")
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := tt.answer
			if answer == nil {
				answer = hierarchy
			}
			tt.opts.Transport = &wire{answer: answer}
			s := testSession(t, tt.opts)
			err := s.discover(t.Context())
			if !errors.Is(err, tt.err) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v, want %v that says %q", err, tt.err, tt.says)
			}
			if tt.err != nil {
				return
			}
			var roots, skipped, gaps []string
			for _, r := range s.tree.roots {
				roots = append(roots, r.name)
			}
			for _, c := range s.Skipped() {
				skipped = append(skipped, c.Scope.Account+" "+c.Detail)
			}
			for _, g := range s.tree.gaps {
				gaps = append(gaps, gapLine(g))
			}
			for _, d := range []string{cmp.Diff(tt.accounts, s.Accounts()), cmp.Diff(tt.roots, roots), cmp.Diff(tt.skipped, skipped), cmp.Diff(tt.gaps, gaps)} {
				if d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			}
			for name, want := range tt.paths {
				if got := s.tree.path(s.tree.find(name)); got != want {
					t.Errorf("path of %s: %q, want %q", name, got, want)
				}
			}
		})
	}
}
