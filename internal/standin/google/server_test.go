package google

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/oauth2"
	"google.golang.org/api/cloudasset/v1"
	"google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// start serves testdata/estate.json, changed by the given functions.
func start(t *testing.T, options Options, change ...func(*Seed)) *Server {
	t.Helper()
	seed, err := ReadSeed("testdata/estate.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(seed)
	}
	return serve(t, seed, options)
}

func serve(t *testing.T, seed *Seed, options Options) *Server {
	t.Helper()
	s, err := New(seed, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// signedIn is a client with a token of the stand-in.
func signedIn(s *Server) *http.Client {
	return &http.Client{Transport: &oauth2.Transport{
		Source: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: s.Token()}), Base: s.Client().Transport,
	}}
}

func assetsOf(t *testing.T, s *Server) *cloudasset.Service {
	t.Helper()
	c, err := cloudasset.NewService(t.Context(), option.WithHTTPClient(signedIn(s)), option.WithEndpoint(s.Endpoint("cloudasset")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func storageOf(t *testing.T, s *Server) *storage.Service {
	t.Helper()
	c, err := storage.NewService(t.Context(), option.WithHTTPClient(signedIn(s)), option.WithEndpoint(s.Endpoint("storage")+"storage/v1/"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func treeOf(t *testing.T, s *Server) *cloudresourcemanager.Service {
	t.Helper()
	c, err := cloudresourcemanager.NewService(t.Context(), option.WithHTTPClient(signedIn(s)), option.WithEndpoint(s.Endpoint("cloudresourcemanager")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get reads a path with a token and decodes what comes back.
func get(t *testing.T, s *Server, path string) (int, map[string]any) {
	t.Helper()
	return send(t, s, http.MethodGet, path, "")
}

func send(t *testing.T, s *Server, verb, path, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := signedIn(s).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return res.StatusCode, out
}

func apiError(t *testing.T, err error) *googleapi.Error {
	t.Helper()
	var e *googleapi.Error
	if !errors.As(err, &e) {
		t.Fatalf("want an API error, got %v", err)
	}
	return e
}

// infoOf is the ErrorInfo of an error.
func infoOf(t *testing.T, e *googleapi.Error) (reason string, metadata map[string]any) {
	t.Helper()
	for _, d := range e.Details {
		m, _ := d.(map[string]any)
		if m["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			metadata, _ = m["metadata"].(map[string]any)
			return m["reason"].(string), metadata
		}
	}
	t.Fatalf("no ErrorInfo in %v", e.Details)
	return "", nil
}

func TestAssetsByContent(t *testing.T) {
	c := assetsOf(t, start(t, Options{}))
	const (
		org     = "//cloudresourcemanager.googleapis.com/organizations/111"
		folder  = "//cloudresourcemanager.googleapis.com/folders/222"
		web     = "//cloudresourcemanager.googleapis.com/projects/333"
		lab     = "//cloudresourcemanager.googleapis.com/projects/444"
		old     = "//cloudresourcemanager.googleapis.com/projects/555"
		bucket  = "//storage.googleapis.com/web-assets"
		ssh     = "//compute.googleapis.com/projects/web/global/firewalls/ssh"
		policy  = "//orgpolicy.googleapis.com/projects/444/policies/iam.disableServiceAccountKeyCreation"
		fence   = "//accesscontextmanager.googleapis.com/accessPolicies/9/servicePerimeters/data"
		pod     = "//container.googleapis.com/projects/web/zones/z/clusters/c/k8s/namespaces/default/pods/p"
		buckets = "storage.googleapis.com/Bucket"
	)
	for _, tc := range []struct {
		name, parent, content string
		types                 []string
		want                  []string
	}{
		{"all of an organization", "organizations/111", "RESOURCE", nil, []string{org, folder, lab, old, web, bucket, ssh, policy, pod}},
		{"a folder", "folders/222", "RESOURCE", nil, []string{folder, web, bucket, ssh, pod}},
		{"a project by id", "projects/web", "RESOURCE", []string{buckets}, []string{bucket}},
		{"a project by number", "projects/333", "RESOURCE", []string{buckets}, []string{bucket}},
		{"another project", "projects/lab", "RESOURCE", []string{buckets}, nil},
		{"a regular expression", "organizations/111", "RESOURCE", []string{"compute.googleapis.com.*"}, []string{ssh}},
		{"allow policies", "organizations/111", "IAM_POLICY", nil, []string{web, bucket}},
		{"organization policies", "organizations/111", "ORG_POLICY", nil, []string{web}},
		{"access policies", "organizations/111", "ACCESS_POLICY", nil, []string{fence}},
		{"names only", "organizations/111", "", []string{buckets, "identity.accesscontextmanager.googleapis.com/ServicePerimeter"}, []string{bucket, fence}},
		{"a type without an asset", "organizations/111", "RESOURCE", []string{"vpcaccess.googleapis.com/Connector"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			call := c.Assets.List(tc.parent).PageSize(1000)
			if tc.content != "" {
				call.ContentType(tc.content)
			}
			if tc.types != nil {
				call.AssetTypes(tc.types...)
			}
			res, err := call.Do()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range res.Assets {
				got = append(got, a.Name)
				if (a.Resource != nil) != (tc.content == "RESOURCE") || (a.IamPolicy != nil) != (tc.content == "IAM_POLICY") {
					t.Errorf("%s: wrong content for %q", a.Name, tc.content)
				}
			}
			slices.Sort(got)
			want := slices.Clone(tc.want)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAssetsRefused(t *testing.T) {
	s := start(t, Options{})
	c := assetsOf(t, s)
	for _, tc := range []struct {
		name string
		call *cloudasset.AssetsListCall
		code int
		says string
	}{
		{"unknown type", c.Assets.List("organizations/111").AssetTypes("storage.googleapis.com/Bucket", "nosuch.googleapis.com/Thing"), 400, "nosuch.googleapis.com/Thing"},
		{"expression without a match", c.Assets.List("organizations/111").AssetTypes("nosuch.*"), 400, "nosuch.*"},
		{"access policies of a project", c.Assets.List("projects/web").ContentType("ACCESS_POLICY"), 400, "organization"},
		{"read time ahead", c.Assets.List("organizations/111").ReadTime("2999-01-01T00:00:00Z"), 400, "2999"},
		{"read time long past", c.Assets.List("organizations/111").ReadTime("2001-01-01T00:00:00Z"), 400, "2001"},
		{"foreign page token", c.Assets.List("organizations/111").PageToken("abc"), 400, "page token"},
		{"content that does not exist", c.Assets.List("organizations/111").ContentType("EVERYTHING"), 400, "EVERYTHING"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.call.Do()
			e := apiError(t, err)
			if e.Code != tc.code || !strings.Contains(e.Message, tc.says) {
				t.Errorf("%d %s", e.Code, e.Message)
			}
		})
	}
}

func TestPages(t *testing.T) {
	s := start(t, Options{})
	c := storageOf(t, s)
	var pages []int
	var names []string
	err := c.Buckets.List("web").MaxResults(2).Pages(t.Context(), func(b *storage.Buckets) error {
		pages = append(pages, len(b.Items))
		for _, item := range b.Items {
			names = append(names, item.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2, 2, 1}, pages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, names); diff != "" {
		t.Error(diff)
	}
	if n := s.Calls()["storage:v1/buckets.list"]; n != 3 {
		t.Errorf("%d calls counted", n)
	}
	first, err := c.Buckets.List("web").MaxResults(2).Do()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Buckets.List("web").Prefix("x").PageToken(first.NextPageToken).Do(); err == nil {
		t.Error("a token of another request was taken")
	}
}

func TestPageSizeOption(t *testing.T) {
	c := assetsOf(t, start(t, Options{PageSize: 4}))
	var pages []int
	err := c.Assets.List("organizations/111").ContentType("RESOURCE").PageSize(1000).Pages(t.Context(), func(r *cloudasset.ListAssetsResponse) error {
		pages = append(pages, len(r.Assets))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{4, 4, 1}, pages); diff != "" {
		t.Error(diff)
	}
}

func TestAggregatedPages(t *testing.T) {
	s := start(t, Options{})
	got := map[string][]string{}
	token, pages := "", 0
	for {
		code, body := get(t, s, "/compute/compute/v1/projects/web/aggregated/instances?maxResults=2&pageToken="+token)
		if code != 200 {
			t.Fatal(body)
		}
		pages++
		for scope, entry := range body["items"].(map[string]any) {
			m := entry.(map[string]any)
			list, _ := m["instances"].([]any)
			for _, v := range list {
				got[scope] = append(got[scope], v.(map[string]any)["name"].(string))
			}
			if m["warning"] != nil {
				got[scope] = append(got[scope], m["warning"].(map[string]any)["code"].(string))
			}
		}
		if token, _ = body["nextPageToken"].(string); token == "" {
			break
		}
	}
	want := map[string][]string{
		"zones/europe-west1-b": {"vm-1", "vm-2"}, "zones/europe-west1-c": {"vm-3"}, "zones/us-east1-b": {"NO_RESULTS_ON_PAGE"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if pages != 2 {
		t.Errorf("%d pages", pages)
	}
}

func TestKubernetesPages(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) {
		seed.Responses = append(seed.Responses, Response{
			Call: "run:v1/projects.locations.services.list", Params: map[string]string{"parent": "projects/web/locations/-"},
			Items: json.RawMessage(`[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}},{"metadata":{"name":"c"}}]`), Body: map[string]any{"kind": "ServiceList"},
		})
	})
	var sizes []int
	token := ""
	for {
		_, body := get(t, s, "/run/v1/projects/web/locations/-/services?limit=2&continue="+token)
		items, _ := body["items"].([]any)
		sizes = append(sizes, len(items))
		meta, _ := body["metadata"].(map[string]any)
		if token, _ = meta["continue"].(string); token == "" || len(sizes) > 3 {
			break
		}
	}
	if diff := cmp.Diff([]int{2, 1}, sizes); diff != "" {
		t.Error(diff)
	}
}

func TestPagesOfPost(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) {
		seed.Responses = append(seed.Responses, Response{Call: "logging:v2/entries.list", Items: json.RawMessage(`[{"insertId":"1"},{"insertId":"2"},{"insertId":"3"}]`)})
	})
	_, first := send(t, s, http.MethodPost, "/logging/v2/entries:list", `{"resourceNames":["projects/web"],"pageSize":2}`)
	token, _ := first["nextPageToken"].(string)
	_, second := send(t, s, http.MethodPost, "/logging/v2/entries:list", `{"resourceNames":["projects/web"],"pageSize":2,"pageToken":"`+token+`"}`)
	if len(first["entries"].([]any)) != 2 || len(second["entries"].([]any)) != 1 || second["nextPageToken"] != nil {
		t.Errorf("%v then %v", first, second)
	}
	if code, _ := send(t, s, http.MethodPost, "/logging/v2/entries:list", `{"resourceNames":["projects/lab"],"pageToken":"`+token+`"}`); code != 400 {
		t.Errorf("a token of another request: %d", code)
	}
}

func TestNotSeededIsDenied(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) { seed.Denied = []string{"cloudasset.assets.listIamPolicy"} })
	assets, buckets := assetsOf(t, s), storageOf(t, s)
	for _, tc := range []struct {
		name, permission string
		call             func() error
	}{
		{"a list that is not seeded", "storage.buckets.list", func() error { _, err := buckets.Buckets.List("lab").Do(); return err }},
		{"an object that is not seeded", "storage.buckets.get", func() error { _, err := buckets.Buckets.Get("other").Do(); return err }},
		{"a project out of the tree", "cloudasset.assets.listResource", func() error {
			_, err := assets.Assets.List("projects/elsewhere").ContentType("RESOURCE").Do()
			return err
		}},
		{"a denied permission", "cloudasset.assets.listIamPolicy", func() error {
			_, err := assets.Assets.List("organizations/111").ContentType("IAM_POLICY").Do()
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := apiError(t, tc.call())
			reason, meta := infoOf(t, e)
			if e.Code != 403 || reason != "IAM_PERMISSION_DENIED" || meta["permission"] != tc.permission {
				t.Errorf("%d %s %v", e.Code, reason, meta)
			}
		})
	}
	if _, err := buckets.Buckets.Get("gone").Do(); apiError(t, err).Code != 404 {
		t.Errorf("a seeded 404: %v", err)
	}
	if b, err := buckets.Buckets.Get("a").Do(); err != nil || b.Location != "EU" {
		t.Errorf("a seeded object: %v %v", b, err)
	}
}

func TestSeededEmptyList(t *testing.T) {
	s := start(t, Options{})
	for path, want := range map[string]int{"/logging/v2/projects/web/sinks": 1, "/logging/v2/projects/333/sinks": 1, "/logging/v2/projects/lab/sinks": 0} {
		code, body := get(t, s, path)
		list, ok := body["sinks"].([]any)
		if code != 200 || !ok || len(list) != want {
			t.Errorf("%s: %d %v", path, code, body)
		}
	}
	if code, _ := get(t, s, "/logging/v2/projects/elsewhere/sinks"); code != 403 {
		t.Errorf("a star reaches beyond the tree: %d", code)
	}
}

func TestReferences(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) {
		seed.Responses = append(seed.Responses, Response{
			Call: "serviceusage:v1/services.get", Params: map[string]string{"name": "projects/*/services/*"},
			Body: map[string]any{"name": "${name}", "state": "ENABLED"},
		}, Response{
			Call: "compute:v1/networks.list", Items: json.RawMessage(`[{"name":"default","selfLink":"https://www.googleapis.com/compute/v1/projects/${project}/global/networks/default"}]`),
		})
	})
	if _, body := get(t, s, "/serviceusage/v1/projects/web/services/dns.googleapis.com"); body["name"] != "projects/333/services/dns.googleapis.com" {
		t.Errorf("%v", body)
	}
	_, body := get(t, s, "/compute/compute/v1/projects/lab/global/networks")
	if text, _ := json.Marshal(body); !strings.Contains(string(text), "projects/444/global/networks/default") {
		t.Errorf("%s", text)
	}
	if code, _ := get(t, s, "/compute/compute/v1/projects/elsewhere/global/networks"); code != 403 {
		t.Errorf("a project out of the tree: %d", code)
	}
}

func TestRelations(t *testing.T) {
	relation := func(to, kind string) json.RawMessage {
		return json.RawMessage(`{"name":"//compute.googleapis.com/projects/web/zones/z/instances/vm","assetType":"compute.googleapis.com/Instance",
			"relatedAsset":{"asset":"` + to + `","assetType":"x","relationshipType":"` + kind + `"}}`)
	}
	s := start(t, Options{}, func(seed *Seed) {
		seed.Assets = append(seed.Assets, relation("//a", "INSTANCE_TO_INSTANCEGROUP"), relation("//b", "INSTANCE_TO_INSTANCEGROUP"), relation("//c", "COMPUTE_INSTANCE_USE_DISK"))
	})
	c := assetsOf(t, s)
	all, err := c.Assets.List("organizations/111").ContentType("RELATIONSHIP").Do()
	if err != nil || len(all.Assets) != 3 {
		t.Errorf("%v %v", all, err)
	}
	some, err := c.Assets.List("organizations/111").ContentType("RELATIONSHIP").RelationshipTypes("COMPUTE_INSTANCE_USE_DISK").Do()
	if err != nil || len(some.Assets) != 1 || some.Assets[0].RelatedAsset.Asset != "//c" {
		t.Errorf("%v %v", some, err)
	}
}

func TestTree(t *testing.T) {
	s := start(t, Options{})
	c := treeOf(t, s)
	orgs, err := c.Organizations.Search().Do()
	if err != nil || len(orgs.Organizations) != 1 || orgs.Organizations[0].DirectoryCustomerId != "C0example" {
		t.Errorf("organizations: %v %v", orgs, err)
	}
	names := func(res *cloudresourcemanager.ListProjectsResponse, err error) []string {
		if err != nil {
			t.Error(err)
			return nil
		}
		var out []string
		for _, p := range res.Projects {
			out = append(out, p.ProjectId+" "+p.State)
		}
		return out
	}
	if diff := cmp.Diff([]string{"lab ACTIVE"}, names(c.Projects.List().Parent("organizations/111").Do())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"lab ACTIVE", "old DELETE_REQUESTED"}, names(c.Projects.List().Parent("organizations/111").ShowDeleted(true).Do())); diff != "" {
		t.Error(diff)
	}
	found, err := c.Projects.Search().Query("state:ACTIVE labels.env:prod").Do()
	if err != nil || len(found.Projects) != 1 || found.Projects[0].ProjectId != "web" {
		t.Errorf("search: %v %v", found, err)
	}
	if p, err := c.Projects.Get("projects/web").Do(); err != nil || p.Name != "projects/333" {
		t.Errorf("get: %v %v", p, err)
	}
	if _, err := c.Projects.Get("projects/elsewhere").Do(); apiError(t, err).Code != 403 {
		t.Errorf("a project out of the tree: %v", err)
	}
	policy, err := c.Projects.GetIamPolicy("projects/web", &cloudresourcemanager.GetIamPolicyRequest{}).Do()
	if err != nil || len(policy.Bindings) != 1 || policy.Bindings[0].Role != "roles/owner" {
		t.Errorf("policy: %v %v", policy, err)
	}
}

func TestSearch(t *testing.T) {
	c := assetsOf(t, start(t, Options{}))
	res, err := c.V1.SearchAllResources("organizations/111").Query("name:web-assets").Do()
	if err != nil || len(res.Results) != 1 {
		t.Fatalf("%v %v", res, err)
	}
	r := res.Results[0]
	if r.Project != "projects/333" || r.Organization != "organizations/111" || r.Location != "eu" {
		t.Errorf("%+v", r)
	}
	policies, err := c.V1.SearchAllIamPolicies("projects/web").Query("policy:allUsers").Do()
	if err != nil || len(policies.Results) != 1 || policies.Results[0].Resource != "//storage.googleapis.com/web-assets" {
		t.Errorf("%v %v", policies, err)
	}
	if _, err := c.V1.SearchAllResources("organizations/111").Query("a OR b").Do(); apiError(t, err).Code != 501 {
		t.Errorf("a query that is not understood: %v", err)
	}
}

func TestWrongRequests(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name, path, says string
		code             int
	}{
		{"misspelt parameter", "/cloudasset/v1/organizations/111/assets?contentTyp=RESOURCE", "contentTyp", 400},
		{"parameter twice", "/cloudasset/v1/organizations/111/assets?pageSize=1&pageSize=2", "pageSize", 400},
		{"parameter that is required", "/storage/storage/v1/b", "project", 400},
		{"no such service", "/nosuch/v1/x", "nosuch", 404},
		{"no such method", "/cloudasset/v9/x", "cloudasset", 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, body := get(t, s, tc.path)
			text, _ := json.Marshal(body)
			if code != tc.code || !strings.Contains(string(text), tc.says) {
				t.Errorf("%d %s", code, text)
			}
		})
	}
	code, body := send(t, s, http.MethodPost, "/cloudresourcemanager/v3/projects/web:testIamPermissions", `{"permission":["a"]}`)
	if code != 400 {
		t.Errorf("misspelt member of a body: %d %v", code, body)
	}
}

func TestHosts(t *testing.T) {
	s := start(t, Options{})
	for host, path := range map[string]string{
		"logging.googleapis.com":                 "/v2/projects/web/sinks",
		"cloudasset.googleapis.com":              "/v1/projects/web/assets",
		"europe-west1-run.googleapis.com":        "/v1/projects/web/locations/-/services",
		"storage.googleapis.com":                 "/storage/v1/b?project=web",
		"secretmanager.us1.rep.googleapis.com":   "/v1/projects/web/secrets",
		"cloudresourcemanager.googleapis.com:80": "/v3/organizations:search",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := signedIn(s).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if want := map[bool]int{true: 403, false: 200}[strings.Contains(host, "run") || strings.Contains(host, "secret")]; res.StatusCode != want {
			t.Errorf("%s%s: %d", host, path, res.StatusCode)
		}
	}
}

func TestOperations(t *testing.T) {
	s := start(t, Options{})
	c := assetsOf(t, s)
	op, err := c.V1.ExportAssets("organizations/111", &cloudasset.ExportAssetsRequest{ContentType: "RESOURCE"}).Do()
	if err != nil {
		t.Fatal(err)
	}
	var done []bool
	for range 2 {
		got, err := c.Operations.Get(op.Name).Do()
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, got.Done)
		op = got
	}
	if diff := cmp.Diff([]bool{false, true}, done); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(op.Response), "ExportAssetsResponse") {
		t.Errorf("response %s", op.Response)
	}
	_, started := send(t, s, http.MethodPost, "/sqladmin/v1/projects/web/instances/db/restart", "")
	var states []any
	for range 2 {
		_, got := get(t, s, "/sqladmin/v1/projects/web/operations/"+started["name"].(string))
		states = append(states, got["status"])
	}
	if diff := cmp.Diff([]any{"RUNNING", "DONE"}, states); diff != "" {
		t.Error(diff)
	}
}

func TestQuotaProject(t *testing.T) {
	s := start(t, Options{})
	c := assetsOf(t, s)
	call := c.Assets.List("projects/web")
	call.Header().Set("X-Goog-User-Project", "elsewhere")
	_, err := call.Do()
	if reason, _ := infoOf(t, apiError(t, err)); reason != "USER_PROJECT_DENIED" {
		t.Error(reason)
	}
}

func TestSynthetic(t *testing.T) {
	s := serve(t, Synthetic(250, 23), Options{})
	c := assetsOf(t, s)
	count := func(parent, content string) int {
		n, names := 0, map[string]bool{}
		err := c.Assets.List(parent).ContentType(content).PageSize(1000).Pages(context.Background(), func(r *cloudasset.ListAssetsResponse) error {
			for _, a := range r.Assets {
				n++
				names[a.Name] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(names) != n {
			t.Errorf("%s %s: %d assets, %d names", parent, content, n, len(names))
		}
		return n
	}
	for _, tc := range []struct {
		parent, content string
		want            int
	}{
		{syntheticOrganization, "RESOURCE", 1 + 3 + 250 + 250*23},
		{"folders/910000000002", "RESOURCE", 1 + 50 + 50*23},
		{"projects/synthetic-000007", "RESOURCE", 1 + 23},
		{"projects/920000000249", "IAM_POLICY", 4},
	} {
		if got := count(tc.parent, tc.content); got != tc.want {
			t.Errorf("%s %s: %d assets, want %d", tc.parent, tc.content, got, tc.want)
		}
	}
	if code, body := get(t, s, "/logging/v2/projects/synthetic-000007/sinks"); code != 200 || len(body["sinks"].([]any)) != 0 {
		t.Errorf("%d %v", code, body)
	}
}

func TestCAFile(t *testing.T) {
	s := start(t, Options{})
	path, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(data), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%s %v", data, err)
	}
	if res, err := http.Get(s.URL); err == nil {
		res.Body.Close()
		t.Error("a client that does not know the authority was served")
	}
}
