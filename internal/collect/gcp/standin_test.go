package gcp

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/standin/google"
)

// standinTypes are the types that testdata/standin.json has.
var standinTypes = only(
	OrganizationType, FolderType, ProjectType, bucketType, "sqladmin.googleapis.com/Instance",
	"identity.accesscontextmanager.googleapis.com/ServicePerimeter", "iam.googleapis.com/WorkforcePool",
)

// standin starts a stand-in for Google Cloud whose pages hold two items.
func standin(t *testing.T) *google.Server {
	t.Helper()
	seed, err := google.ReadSeed("testdata/standin.json")
	if err != nil {
		t.Fatal(err)
	}
	server, err := google.New(seed, google.Options{PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// through are the options that lead to a stand-in over https with its own CA.
func through(t *testing.T, server *google.Server, credentials func(dir string) (string, error)) Options {
	t.Helper()
	dir := t.TempDir()
	ca, err := server.CAFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err := credentials(dir)
	if err != nil {
		t.Fatal(err)
	}
	return Options{CredentialsFile: file, CAFile: ca, Endpoints: map[string]string{"*": server.URL + "/{api}/"}, Types: standinTypes, Needed: engineMembers, Attempts: 3, Timeout: 5 * time.Second}
}

// whole opens a session and reads everything.
func whole(t *testing.T, opts Options) (gathered, *Session, error) {
	t.Helper()
	s, err := open(t.Context(), opts)
	if err != nil {
		return gathered{}, nil, err
	}
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s.pace = func(_ *collect.Lane, ctx context.Context) error { return ctx.Err() }
	defer s.Close()
	if err := s.begin(t.Context()); err != nil {
		return gathered{}, nil, err
	}
	all := gatherFrom(s.Frame(t.Context()))
	rest := units(t, s)
	all.assets, all.lines, all.gaps = append(all.assets, rest.assets...), append(all.lines, rest.lines...), append(all.gaps, rest.gaps...)
	if rest.err != nil {
		all.err = rest.err
	}
	slices.SortFunc(all.assets, func(a, b model.Asset) int { return strings.Compare(a.ID, b.ID) })
	return all, s, all.err
}

const readerAccount = "reader@shop-web.iam.gserviceaccount.com"

// TestStandin reads an organization over the wire by each way to sign in.
func TestStandin(t *testing.T) {
	want := []string{
		"//accesscontextmanager.googleapis.com/accessPolicies/9/servicePerimeters/data organizations/111 organizations/111",
		"//cloudresourcemanager.googleapis.com/folders/222 folders/222 organizations/111/folders/222",
		"//cloudresourcemanager.googleapis.com/organizations/111 organizations/111 organizations/111",
		"//cloudresourcemanager.googleapis.com/projects/333 shop-web organizations/111/folders/222/projects/shop-web",
		"//cloudresourcemanager.googleapis.com/projects/444 shop-lab organizations/111/projects/shop-lab",
		"//cloudsql.googleapis.com/projects/shop-web/instances/main shop-web organizations/111/folders/222/projects/shop-web",
		"//iam.googleapis.com/locations/global/workforcePools/partners organizations/111 organizations/111",
		"//iam.googleapis.com/locations/global/workforcePools/robots organizations/111 organizations/111",
		"//iam.googleapis.com/locations/global/workforcePools/staff organizations/111 organizations/111",
		"//storage.googleapis.com/lab shop-lab organizations/111/projects/shop-lab",
		"//storage.googleapis.com/lab-2 shop-lab organizations/111/projects/shop-lab",
		"//storage.googleapis.com/lab-3 shop-lab organizations/111/projects/shop-lab",
		"//storage.googleapis.com/shop-logs shop-web organizations/111/folders/222/projects/shop-web",
		"//storage.googleapis.com/shop-site shop-web organizations/111/folders/222/projects/shop-web",
	}
	for _, tt := range []struct {
		name   string
		file   func(*google.Server, string) (string, error)
		adjust func(*Options)
		calls  map[string]int // of the stand-in's sign-in
	}{
		{"service account key", (*google.Server).ServiceAccountKey, func(*Options) {}, map[string]int{"signin/token": 1}},
		{"user", (*google.Server).AuthorizedUser, func(*Options) {}, map[string]int{"signin/token": 1}},
		{"impersonation", (*google.Server).ServiceAccountKey, func(o *Options) { o.Impersonate = readerAccount }, map[string]int{"signin/token": 1, generateToken: 1}},
		{"impersonation by file", func(s *google.Server, dir string) (string, error) { return s.ImpersonatedAccount(dir, readerAccount) }, func(*Options) {}, map[string]int{"signin/token": 1, generateToken: 1}},
		{"federation", (*google.Server).ExternalAccount, func(*Options) {}, map[string]int{"signin/exchange": 1, generateToken: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := standin(t)
			opts := through(t, server, func(dir string) (string, error) { return tt.file(server, dir) })
			tt.adjust(&opts)
			got, s, err := whole(t, opts)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			byID := map[string]model.Asset{}
			for _, a := range got.assets {
				lines = append(lines, a.ID+" "+a.Scope.Account+" "+a.Scope.OrgPath)
				byID[a.ID] = a
			}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(got.lines) - len(got.assets); n != 0 {
				t.Errorf("%d gaps: %v", n, got.lines)
			}
			if v, _ := byID["//storage.googleapis.com/shop-site"].Config["iamPolicy"].(map[string]any); v["etag"] != "CAE=" {
				t.Errorf("policy %v", v)
			}
			if v, ok := byID["//storage.googleapis.com/lab"].Config["iamPolicy"]; ok {
				t.Errorf("a policy where there is none: %v", v)
			}
			if v, _ := byID["//cloudsql.googleapis.com/projects/shop-web/instances/main"].Config["users"].([]any); len(v) != 2 {
				t.Errorf("users %v", v)
			}
			if diff := cmp.Diff([]string{"folders/222", "organizations/111", "shop-lab", "shop-web"}, s.Accounts()); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
			if skipped := s.Skipped(); len(skipped) != 1 || skipped[0].Scope.Account != "sys-00112233445566" {
				t.Errorf("skipped %v", skipped)
			}
			signIns := map[string]int{}
			for call, n := range server.Calls() {
				if strings.HasPrefix(call, "signin/") || call == generateToken {
					signIns[call] = n
				}
			}
			if diff := cmp.Diff(tt.calls, signIns); diff != "" {
				t.Errorf("sign-in calls (-want +got):\n%s", diff)
			}
		})
	}
}

const generateToken = "iamcredentials:v1/projects.serviceAccounts.generateAccessToken"

// TestStandinFaults makes every call of a whole run fail in every way, and holds
// that nothing vanishes and nothing is taken for absent: whatever differs from
// the run without a fault is covered by a gap, or the session does not open.
func TestStandinFaults(t *testing.T) {
	server := standin(t)
	opts := through(t, server, server.ServiceAccountKey)
	sound, _, err := whole(t, opts)
	if err != nil {
		t.Fatal(err)
	}
	calls := slices.DeleteFunc(slices.Sorted(maps.Keys(server.Calls())), func(c string) bool { return strings.HasPrefix(c, "signin/") })
	faults := []google.Fault{
		{Kind: google.FaultDenied},
		{Kind: google.FaultThrottled, RetryAfter: 1},
		{Kind: google.FaultError},
		{Kind: google.FaultTruncated},
		{Kind: google.FaultGarbage},
		{Kind: google.FaultTimeout},
		{Kind: google.FaultRepeatedToken},
		{Kind: google.FaultExpiredToken},
		{Kind: google.FaultEmptyPage},
		{Kind: google.FaultForbidden, Reason: "rateLimitExceeded"},
		{Kind: google.FaultForbidden, Reason: "accessNotConfigured"},
		{Kind: google.FaultForbidden, Reason: "BILLING_DISABLED"},
		{Kind: google.FaultForbidden, Reason: "VPC_SERVICE_CONTROLS"},
		{Kind: google.FaultError, Code: 404},
		{Kind: google.FaultError, Code: 400},
		{Kind: google.FaultError, Code: 503},
	}
	// Most of the time is waited for answers that do not come, and for rates that
	// grow again: each worker has a server of its own.
	jobs := make(chan google.Fault)
	var tried atomic.Int64
	var wg sync.WaitGroup
	for range 24 {
		server := standin(t)
		opts := through(t, server, server.ServiceAccountKey)
		opts.Timeout = 500 * time.Millisecond
		wg.Go(func() {
			for fault := range jobs {
				if server.Fault(fault) != nil {
					continue // the call has no such fault
				}
				tried.Add(1)
				checkFault(t, server, opts, fault, sound)
			}
		})
	}
	for _, call := range calls {
		for _, fault := range faults {
			fault.Call = call
			jobs <- fault
			if strings.HasPrefix(call, "cloudasset") {
				for _, content := range []string{contentResource, contentPolicy, contentAccess} {
					fault.Match = []string{content}
					jobs <- fault
				}
			}
			if slices.Contains([]string{google.FaultDenied, google.FaultError, google.FaultTruncated}, fault.Kind) {
				fault.Match = []string{"pageToken"}
				jobs <- fault
			}
		}
	}
	close(jobs)
	wg.Wait()
	if tried.Load() < 100 {
		t.Errorf("only %d faults", tried.Load())
	}
}

// checkFault reads everything from a server with a fault, and compares.
func checkFault(t *testing.T, server *google.Server, opts Options, fault google.Fault, sound gathered) {
	t.Helper()
	defer server.ClearFaults()
	name := fmt.Sprintf("%s %s %s%v %v", fault.Call, fault.Kind, fault.Reason, fault.Code, fault.Match)
	got, s, err := whole(t, opts)
	switch {
	case s == nil:
		return // the session did not open
	case err != nil:
		t.Errorf("%s: the run ended with %v", name, err)
		return
	}
	scope := s.Accounts()
	for _, missing := range uncovered(sound, got, func(a *model.Asset) bool { return slices.Contains(scope, a.Scope.Account) }) {
		t.Errorf("%s: %s", name, missing)
	}
}

// uncovered says what of a sound run another one lacks without a gap. Accounts
// that are not in the scope of a scan are left as they were, if it says that there
// may be more.
func uncovered(sound, got gathered, inScope func(*model.Asset) bool) []string {
	byID := map[string]*model.Asset{}
	for i := range got.assets {
		byID[got.assets[i].ID] = &got.assets[i]
	}
	var out []string
	for i := range sound.assets {
		want := &sound.assets[i]
		have := byID[want.ID]
		if have == nil {
			if !slices.ContainsFunc(got.gaps, func(g model.Gap) bool {
				return g.Type == want.Type && reaches(&g, want) || !inScope(want) && strings.HasPrefix(g.Type, "cloudresourcemanager.")
			}) {
				out = append(out, want.ID+" vanished")
			}
			continue
		}
		members := maps.Clone(want.Config)
		maps.Copy(members, have.Config)
		for member := range members {
			if reflect.DeepEqual(want.Config[member], have.Config[member]) {
				continue
			}
			if !slices.ContainsFunc(have.Gaps, func(g model.Gap) bool { return g.Path == "" || g.Path == member }) && !fromTree(want, member, have) {
				out = append(out, fmt.Sprintf("%s: %s is %v, was %v", want.ID, member, have.Config[member], want.Config[member]))
			}
		}
	}
	return out
}

// fromTree says whether a member of a frame asset has the value of the tree's
// document in place of the inventory's.
func fromTree(want *model.Asset, member string, have *model.Asset) bool {
	return strings.HasPrefix(want.Type, "cloudresourcemanager.") && member != "iamPolicy" && have.Config["name"] != nil
}

func reaches(g *model.Gap, a *model.Asset) bool {
	return g.Asset == "" && (g.Scope.Account == a.Scope.Account || g.Below && slices.Contains(a.Scope.Above(), g.Scope.Account))
}
