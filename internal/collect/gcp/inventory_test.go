package gcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// listingOf is a wire that answers listings of the inventory by content, and
// everything else by other.
func listingOf(contents map[string]func(page string) reply, other func(op string, req *http.Request) reply) *wire {
	return &wire{answer: func(op string, req *http.Request) reply {
		if op == "cloudasset:assets.list" {
			if f := contents[req.URL.Query().Get("contentType")]; f != nil {
				return f(req.URL.Query().Get("pageToken"))
			}
			return reply{body: `{}`}
		}
		if other == nil {
			return denied("not.recorded.get")
		}
		return other(op, req)
	}}
}

func plain(body string) func(string) reply {
	return func(string) reply { return reply{body: body} }
}

// bucketPages are three pages of buckets.
func bucketPages(page string) reply {
	switch page {
	case "":
		return reply{body: `{"assets": [` + bucketRow("a", "projects/3") + `], "nextPageToken": "p2"}`}
	case "p2":
		return reply{body: `{"assets": [], "nextPageToken": "p3"}`}
	case "p3":
		return reply{body: `{"assets": [` + bucketRow("c", "projects/4") + `]}`}
	}
	return reply{status: 400}
}

func TestInventory(t *testing.T) {
	const buckets = "//storage.googleapis.com/"
	listGap := "gap " + bucketType + " in organizations/1 and below: cloudasset:assets.list "
	fail := func(at string, with reply) func(string) reply {
		return func(page string) reply {
			if page == at {
				return with
			}
			return bucketPages(page)
		}
	}
	expired := 0
	for _, tt := range []struct {
		name      string
		resources func(string) reply
		policies  func(string) reply
		want      []string
	}{
		{"three pages, one of them empty", bucketPages, plain(`{}`), []string{buckets + "a", buckets + "c"}},
		{"denied", always(denied("cloudasset.assets.listResource")), plain(`{}`), []string{listGap + "denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listResource"}},
		{"second page denied", fail("p2", denied("cloudasset.assets.listResource")), plain(`{}`), []string{buckets + "a", listGap + "denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listResource"}},
		{"throttled for ever", fail("p3", reply{status: 429}), plain(`{}`), []string{buckets + "a", listGap + "throttled, 429"}},
		{"truncated answer", fail("p3", reply{body: `{"assets": []}`, cut: true}), plain(`{}`), []string{buckets + "a", listGap + "failed, the answer was not complete"}},
		{"garbage", fail("p2", reply{body: `<html>`}), plain(`{}`), []string{buckets + "a", listGap + "failed, the answer was not complete"}},
		{"repeated token", fail("p2", reply{body: `{"nextPageToken": "p2"}`}), plain(`{}`), []string{buckets + "a", listGap + "failed, a page token repeats"}},
		{"a ring of tokens", fail("p3", reply{body: `{"nextPageToken": "p2"}`}), plain(`{}`), []string{buckets + "a", listGap + "failed, a page token repeats"}},
		{"not a list", fail("p3", reply{body: `{"assets": {}}`}), plain(`{}`), []string{buckets + "a", listGap + "failed, the answer was not complete"}},
		{"an asset without a name", fail("p3", reply{body: `{"assets": [{}]}`}), plain(`{}`), []string{buckets + "a", listGap + "failed, the answer was not complete"}},
		{"token expired once", func(page string) reply {
			if page == "p3" {
				if expired++; expired == 1 {
					return reply{status: 400, body: `{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "The page token has expired."}}`}
				}
			}
			return bucketPages(page)
		}, plain(`{}`), []string{buckets + "a", buckets + "c"}},
		{"token expires always", fail("p3", reply{status: 400, body: `{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Invalid page_token"}}`}), plain(`{}`), []string{buckets + "a", listGap + "failed, INVALID_ARGUMENT"}},
		{"policies denied", bucketPages, always(denied("cloudasset.assets.listIamPolicy")), []string{
			buckets + "a", "  gap of iamPolicy: cloudasset:assets.list denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listIamPolicy",
			buckets + "c", "  gap of iamPolicy: cloudasset:assets.list denied, IAM_PERMISSION_DENIED, identity, needs cloudasset.assets.listIamPolicy",
		}},
		{"policies denied from the second page", bucketPages, func(page string) reply {
			if page == "" {
				return reply{body: `{"assets": [{"name": "//storage.googleapis.com/a", "assetType": "storage.googleapis.com/Bucket", "iamPolicy": {"etag": "x"}}], "nextPageToken": "p2"}`}
			}
			return reply{status: 500}
		}, []string{buckets + "a", buckets + "c", "  gap of iamPolicy: cloudasset:assets.list failed, 500, the service failed"}},
		{"type unknown", always(reply{status: 400, body: `{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Unsupported asset type(s): storage.googleapis.com/Bucket"}}`}), plain(`{}`), []string{listGap + "unsupported, INVALID_ARGUMENT, Cloud Asset Inventory does not have this type here"}},
		{"invalid, and no type named", always(refusal(400, "INVALID_ARGUMENT", "")), plain(`{}`), []string{listGap + "failed, INVALID_ARGUMENT"}},
		{"type without policies", bucketPages, always(reply{status: 400, body: `{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "x", "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"description": "storage.googleapis.com/Bucket has no policies"}]}]}}`}), []string{
			buckets + "a", "  gap of iamPolicy: cloudasset:assets.list unsupported, INVALID_ARGUMENT, Cloud Asset Inventory does not have this type here",
			buckets + "c", "  gap of iamPolicy: cloudasset:assets.list unsupported, INVALID_ARGUMENT, Cloud Asset Inventory does not have this type here",
		}},
		{"content cut", plain(`{"assets": [` + strings.Replace(bucketRow("a", "projects/3"), `{"name"`, `{"assetExceptions": [{"exceptionType": "TRUNCATION"}], "name"`, 1) + `]}`), plain(`{}`), []string{buckets + "a", "  gap: cloudasset:assets.list failed, truncated"}},
		{"no document", plain(`{"assets": [{"name": "//storage.googleapis.com/a", "assetType": "storage.googleapis.com/Bucket", "ancestors": ["projects/3"]}]}`), plain(`{}`), []string{buckets + "a", "  gap: cloudasset:assets.list failed, the answer has no document"}},
		{"API disabled in the quota project", always(refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED", "consumer", "projects/scanner", "service", "cloudasset.googleapis.com")), plain(`{}`), []string{listGap + "failed, SERVICE_DISABLED, the API is not enabled in the quota project: gcloud services enable cloudasset.googleapis.com --project scanner"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := listingOf(map[string]func(string) reply{contentResource: tt.resources, contentPolicy: tt.policies}, nil)
			s := testSession(t, Options{Transport: w, Types: only(bucketType)})
			plant(s)
			got := units(t, s)
			if got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(tt.want, got.lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func always(r reply) func(string) reply { return func(string) reply { return r } }

// TestUnsupportedTypeLeavesOthers holds that a type which the inventory refuses
// costs no other type.
func TestUnsupportedTypeLeavesOthers(t *testing.T) {
	const other = "storagetransfer.googleapis.com/TransferJob"
	w := &wire{answer: func(_ string, req *http.Request) reply {
		if slices.Contains(req.URL.Query()["assetTypes"], other) {
			return reply{status: 400, body: `{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Invalid asset type: ` + other + `"}}`}
		}
		return bucketPages(req.URL.Query().Get("pageToken"))
	}}
	s := testSession(t, Options{Transport: w, Types: only(bucketType, other), Needed: func(string, string) bool { return false }})
	plant(s)
	got := units(t, s)
	want := []string{
		"//storage.googleapis.com/a", "  gap of iamPolicy: cloudasset:assets.list skipped",
		"//storage.googleapis.com/c", "  gap of iamPolicy: cloudasset:assets.list skipped",
		"gap " + other + " in organizations/1 and below: cloudasset:assets.list unsupported, INVALID_ARGUMENT, Cloud Asset Inventory does not have this type here",
	}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestProjectsOutside holds that assets of projects which are left out are not
// yielded, and that one that the tree does not have is, with a gap of the tree.
func TestProjectsOutside(t *testing.T) {
	page := `{"assets": [` + strings.Join([]string{bucketRow("in", "projects/3"), bucketRow("out", "projects/4"), bucketRow("new", "projects/77"), bucketRow("newer", "projects/77"), bucketRow("dark", "projects/88")}, ", ") + `]}`
	w := listingOf(map[string]func(string) reply{contentResource: plain(page)}, func(_ string, req *http.Request) reply {
		if strings.HasSuffix(req.URL.Path, "/projects/77") {
			return reply{body: `{"name": "projects/77", "projectId": "just-made", "parent": "folders/2", "state": "ACTIVE"}`}
		}
		return denied("resourcemanager.projects.get")
	})
	s := testSession(t, Options{Transport: w, Types: only(bucketType), ExcludeProjects: []string{"shop-test"}})
	plant(s)
	s.skipProjects()
	got := units(t, s)
	late := "gap " + ProjectType + " in organizations/1 and below: cloudresourcemanager:projects.list failed, Cloud Asset Inventory has projects/%s, which was not among the projects"
	want := []string{fmt.Sprintf(late, "77"), fmt.Sprintf(late, "88"), "//storage.googleapis.com/in", "//storage.googleapis.com/new", "//storage.googleapis.com/newer", "//storage.googleapis.com/dark"}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var scopes []string
	for _, a := range got.assets {
		scopes = append(scopes, a.Scope.Account+" "+a.Scope.OrgPath)
	}
	wantScopes := []string{"shop-prod organizations/1/folders/2/projects/shop-prod", "just-made organizations/1/folders/2/projects/just-made", "just-made organizations/1/folders/2/projects/just-made", "88 organizations/1/projects/88"}
	if diff := cmp.Diff(wantScopes, scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

// TestReadTime holds that all listings of a scan describe one moment, which is
// not in Google's future.
func TestReadTime(t *testing.T) {
	var times []string
	w := &wire{}
	w.answer = func(_ string, req *http.Request) reply {
		times = append(times, req.URL.Query().Get("readTime"))
		return reply{body: `{}`, header: map[string]string{"Date": "Sun, 01 Mar 2026 11:59:30 GMT"}}
	}
	s := testSession(t, Options{Transport: w, Types: only(bucketType)})
	plant(s)
	if _, err := s.call(t.Context(), s.treeRequest(&searchOrganizations, searchOrganizations.Path, nil)); err != nil {
		t.Fatal(err)
	}
	units(t, s)
	want := []string{"", "2026-03-01T11:59:30Z", "2026-03-01T11:59:30Z"}
	if diff := cmp.Diff(want, times); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCancelled holds that a cancelled context ends a unit within a second, with
// its error and nothing after it.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := listingOf(map[string]func(string) reply{contentResource: func(page string) reply {
		if page == "p2" {
			cancel()
			return reply{err: context.Canceled}
		}
		return bucketPages(page)
	}}, nil)
	s := testSession(t, Options{Transport: w, Types: only(bucketType)})
	plant(s)
	start := time.Now()
	got := gatherFrom(s.Units()[0].Collect(ctx, model.Scope{}))
	if !errors.Is(got.err, context.Canceled) || time.Since(start) > time.Second {
		t.Errorf("ended with %v after %v", got.err, time.Since(start))
	}
	if diff := cmp.Diff([]string{"//storage.googleapis.com/a"}, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStopped holds that a consumer that wants no more ends the calls.
func TestStopped(t *testing.T) {
	w := listingOf(map[string]func(string) reply{contentResource: bucketPages}, nil)
	s := testSession(t, Options{Transport: w, Types: only(bucketType)})
	plant(s)
	for range s.Units()[0].Collect(t.Context(), model.Scope{}) {
		break
	}
	if n := w.count("cloudasset:assets.list"); n != 2 {
		t.Errorf("%d calls, want one for policies and one for documents", n)
	}
}

// TestBatches holds that every type is in one batch, and that no batch is too
// large for a URL.
func TestBatches(t *testing.T) {
	s := testSession(t, Options{Transport: &wire{}})
	all := s.types()
	for _, small := range []bool{true, false} {
		seen := map[string]int{}
		for _, batch := range s.batching.group(all, small) {
			size := 0
			for _, typ := range batch {
				seen[typ.Name]++
				size += len(typ.Name) + 20
			}
			if size > 8000 {
				t.Errorf("a batch of %d bytes", size)
			}
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s is in %d batches", name, n)
			}
		}
		if len(seen) != len(all) {
			t.Errorf("%d types in batches, want %d", len(seen), len(all))
		}
	}
}

// TestPolicyOfOtherName holds that a policy is found whether the two listings name
// the project by its id or by its number.
func TestPolicyOfOtherName(t *testing.T) {
	const byID, byNumber, other = "//pubsub.googleapis.com/projects/shop-prod/topics/orders", "//pubsub.googleapis.com/projects/3/topics/orders", "//pubsub.googleapis.com/projects/4/topics/orders"
	for _, tt := range []struct {
		policy, asset string
		want          bool
	}{
		{byID, byID, true},
		{byID, byNumber, true},
		{byNumber, byID, true},
		{byID, other, false},
		{other, byID, false},
	} {
		s := testSession(t, Options{Transport: listingOf(nil, nil)})
		plant(s)
		p := &policies{spool: newSpool(t.TempDir())}
		if err := p.spool.put(tt.policy, model.Document{"etag": "x"}.Canonical()); err != nil {
			t.Fatal(err)
		}
		a := model.Asset{ID: tt.asset, Config: model.Document{}}
		p.join(s, &a)
		if got := a.Config["iamPolicy"] != nil; got != tt.want || len(a.Gaps) > 0 {
			t.Errorf("policy of %s on %s: found %t with gaps %v, want %t", tt.policy, tt.asset, got, a.Gaps, tt.want)
		}
		if err := p.spool.close(); err != nil {
			t.Error(err)
		}
	}
}
