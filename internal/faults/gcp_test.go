package faults

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/standin/google"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// gcpCloud is a stand-in with the way to it.
type gcpCloud struct {
	app    *app.App
	server *google.Server
	opts   gcp.Options
}

func newGCPCloud(t *testing.T, a *app.App, seed *google.Seed) *gcpCloud {
	t.Helper()
	server, err := google.New(seed, google.Options{PageSize: 25})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	ca, err := server.CAFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := server.ServiceAccountKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &gcpCloud{app: a, server: server, opts: gcp.Options{
		CredentialsFile: key, CAFile: ca, Endpoints: map[string]string{"*": server.URL + "/{api}/"}, Attempts: 2, SpoolDir: dir,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}}
}

func (c *gcpCloud) scan(timeout time.Duration, controls ...string) cloudScan {
	return func(ctx context.Context, store *sqlite.Store) error {
		conn := c.opts
		conn.Timeout = timeout
		_, _, err := c.app.ScanGCP(ctx, store, conn, app.ScanOptions{Selection: app.Selection{Controls: controls}})
		return err
	}
}

// lostScopes are the places that a listing says it could not reach.
var lostScopes = []string{"us-east1", "europe-west1", "global"}

var gcpKinds = map[string]google.Fault{
	"403": {Kind: google.FaultDenied}, "throttle": {Kind: google.FaultThrottled}, "500": {Kind: google.FaultError}, "503": {Kind: google.FaultError, Code: 503},
	"404 of something else": {Kind: google.FaultError, Code: 404}, "400": {Kind: google.FaultError, Code: 400}, "time-out": {Kind: google.FaultTimeout},
	"truncated": {Kind: google.FaultTruncated}, "garbage": {Kind: google.FaultGarbage}, "repeated token": {Kind: google.FaultRepeatedToken},
	"expired token": {Kind: google.FaultExpiredToken}, "empty page": {Kind: google.FaultEmptyPage},
	"rate in a 403":          {Kind: google.FaultForbidden, Reason: "rateLimitExceeded"},
	"API not enabled":        {Kind: google.FaultForbidden, Reason: "accessNotConfigured"},
	"no billing":             {Kind: google.FaultForbidden, Reason: "BILLING_DISABLED"},
	"service controls":       {Kind: google.FaultForbidden, Reason: "VPC_SERVICE_CONTROLS"},
	"partial success":        {Kind: google.FaultPartialSuccess, Scopes: lostScopes},
	"unreachable":            {Kind: google.FaultUnreachable, Scopes: lostScopes},
	"warning":                {Kind: google.FaultWarning, Scopes: lostScopes},
	"403 from the second on": {Kind: google.FaultDenied, Skip: 1}, "500 on a further page": {Kind: google.FaultError, Match: []string{"pageToken"}},
	"truncated further page": {Kind: google.FaultTruncated, Match: []string{"pageToken"}}, "one 500": {Kind: google.FaultError, Times: 1},
}

// gcpBeginning are the services without which there is no scan.
var gcpBeginning = []string{"cloudresourcemanager:", "iamcredentials:"}

// gcpTargets are the calls of a scan that can fail: each method, and of the
// inventory each listing by content and by the first of its types.
func gcpTargets(c *gcpCloud, listings map[string]bool) []google.Fault {
	var out []google.Fault
	for _, call := range slices.Sorted(maps.Keys(c.server.Calls())) {
		switch {
		case strings.HasPrefix(call, "signin/"), call == "unknown":
		case call == "cloudasset:v1/assets.list":
			for _, words := range slices.Sorted(maps.Keys(listings)) {
				out = append(out, google.Fault{Call: call, Match: strings.Fields(words)})
			}
		default:
			out = append(out, google.Fault{Call: call})
		}
	}
	return out
}

// TestGCPFaults scans an organization once, then with each call failing in each
// way, several calls in one scan. Without -faults.full each call fails in two of the
// ways.
func TestGCPFaults(t *testing.T) {
	a, seed := gcpOrganization(t)
	cloud := newGCPCloud(t, a, seed)
	base, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	targets := gcpTargets(cloud, gcpListings())
	checkBase(t, base, len(targets))

	suite := faultSuite{base: base}
	names := slices.Sorted(maps.Keys(gcpKinds))
	for i, target := range targets {
		for j, name := range names {
			if !*full && !*single && (j+i*2)%len(names) >= 2 {
				continue
			}
			f := gcpKinds[name]
			f.Call, f.Match = target.Call, append(slices.Clone(target.Match), f.Match...)
			alone := slices.ContainsFunc(gcpBeginning, func(prefix string) bool { return strings.HasPrefix(f.Call, prefix) })
			suite.add(strings.TrimSpace(f.Call+" "+strings.Join(target.Match, " ")), name, f, alone)
		}
	}
	suite.run(t, "Google Cloud", func(t *testing.T) faultCloud {
		c := newGCPCloud(t, a, seed)
		return faultCloud{
			scan:  c.scan,
			clear: c.server.ClearFaults,
			fault: func(f any) error { return c.server.Fault(f.(google.Fault)) }, //nolint:forcetypeassert // added above
		}
	})
}

// gcpListings are the listings of the inventory: by content, and one type of each
// service.
func gcpListings() map[string]bool {
	out := map[string]bool{}
	for _, c := range gcp.Collectors() {
		for _, typ := range c.Types {
			if typ.List != nil {
				continue
			}
			if typ.AccessPolicy {
				out["contentType=ACCESS_POLICY"] = true
				continue
			}
			host, _, _ := strings.Cut(typ.Name, "/")
			if out["contentType=RESOURCE "+host] {
				continue
			}
			out["contentType=RESOURCE "+host] = true
			if typ.Policy {
				out["contentType=IAM_POLICY "+host] = true
			}
		}
	}
	return out
}

func gcpOrganization(t *testing.T) (*app.App, *google.Seed) {
	t.Helper()
	a, err := app.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	return a, newGCPSeed(t, cat)
}

// TestGCPNothing holds that a project without any asset of a kind gets its verdict
// from controls on absence, and that the verdict is unknown where the kind cannot
// be listed.
func TestGCPNothing(t *testing.T) {
	a, seed := gcpOrganization(t)
	cloud := newGCPCloud(t, a, seed)
	controls := absenceControls(a, "cloudresourcemanager.googleapis.com/Project")
	if len(controls) == 0 {
		t.Fatal("no control on projects looks at what is in them")
	}
	const about = "//cloudresourcemanager.googleapis.com/projects/5"
	base, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	decided := map[string]model.Verdict{}
	for id, v := range base.verdicts {
		if base.about[id] == about && controls[base.control[id]] != nil {
			decided[base.control[id]] = v
		}
	}
	for id := range controls {
		if v := decided[id]; v == "" || v == model.Unknown {
			t.Errorf("%s on a project with nothing in it: %q", id, v)
		}
	}
	for id, want := range map[string]model.Verdict{
		"gcp-logging-watches-project-ownership": model.Fail,
	} {
		if decided[id] != want {
			t.Errorf("%s on a project with nothing in it: %q, want %s", id, decided[id], want)
		}
	}
	t.Logf("%d controls on absence are decided", len(decided))
	if err := cloud.server.Fault(google.Fault{Call: "cloudasset:v1/assets.list", Kind: google.FaultDenied}); err != nil {
		t.Fatal(err)
	}
	denied, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if v := denied.verdictOf("gcp-logging-watches-project-ownership", about); v != model.Unknown {
		t.Errorf("the control on a metric and its alert is %q where they cannot be listed", v)
	}
	for id, v := range denied.verdicts {
		if denied.about[id] == about && controls[denied.control[id]] != nil && v == model.Pass {
			t.Errorf("%s is %s, though nothing was listed", denied.names[id], v)
		}
		if denied.about[id] == about && v == model.Fail {
			t.Errorf("%s is %s, though nothing was listed", denied.names[id], v)
		}
	}
}
