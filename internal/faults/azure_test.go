package faults

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/model"
	standin "github.com/stance-sec/stance/internal/standin/azure"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

// azureCloud is a stand-in with the way to it.
type azureCloud struct {
	app    *app.App
	server *standin.Server
	opts   azure.Options
	pages  *smallPages
}

func newAzureCloud(t *testing.T, a *app.App, seed standin.Seed) *azureCloud {
	t.Helper()
	server, err := standin.New(seed, standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pages := &smallPages{next: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: server.CAPool(), MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 32,
	}}
	t.Cleanup(func() {
		pages.next.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &azureCloud{app: a, server: server, pages: pages, opts: azure.Options{
		Transport: pages, Attempts: 2, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Endpoints: azure.Endpoints{Authority: server.URL(), ARM: server.URL() + "/arm", Graph: server.URL() + "/graph", Logs: server.URL() + "/logs"},
	}}
}

func (c *azureCloud) scan(timeout time.Duration, controls ...string) cloudScan {
	return func(ctx context.Context, store *sqlite.Store) error {
		conn := c.opts
		conn.Timeout = timeout
		_, _, err := c.app.ScanAzure(ctx, store, conn, app.ScanOptions{Selection: app.Selection{Controls: controls}})
		return err
	}
}

// smallPages asks for pages of a few items, so that a small tenant has several,
// and takes down the types that the queries of Resource Graph ask for.
type smallPages struct {
	next *http.Transport

	mu      sync.Mutex
	queries map[string]bool
}

var (
	topOfURL  = regexp.MustCompile(`(\$top|%24top)=\d+`)
	topOfBody = regexp.MustCompile(`"\$top":\d+`)
	firstType = regexp.MustCompile(`type in~ \(('[^']+')`)
)

// RoundTrip implements http.RoundTripper.
func (p *smallPages) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.RawQuery = topOfURL.ReplaceAllString(out.URL.RawQuery, "$1=2")
	if req.Body != nil && strings.Contains(req.URL.Path, "Microsoft.ResourceGraph") {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if m := firstType.FindSubmatch(body); m != nil {
			p.mu.Lock()
			if p.queries == nil {
				p.queries = map[string]bool{}
			}
			p.queries[string(m[1])] = true
			p.mu.Unlock()
		}
		body = topOfBody.ReplaceAll(body, []byte(`"$$top":7`))
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return p.next.RoundTrip(out)
}

// azureKinds are the ways in which a call fails. What a fault does not fit is
// answered as ever: only lists have a second page.
func azureKinds(op string) map[string]standin.Fault {
	out := map[string]standin.Fault{
		"403": {Kind: standin.FaultDenied}, "throttle": {Kind: standin.FaultThrottled}, "500": {Kind: standin.FaultError},
		"503": {Kind: standin.FaultUnavailable}, "409": {Kind: standin.FaultLocked}, "404 of something else": {Kind: standin.FaultStatus, Status: 404, Code: "PageNotFound"},
		"400":      {Kind: standin.FaultStatus, Status: 400, Code: "BadRequest"},
		"time-out": {Kind: standin.FaultTimeout}, "truncated": {Kind: standin.FaultTruncated}, "garbage": {Kind: standin.FaultGarbage},
		"repeated token": {Kind: standin.FaultRepeatedToken}, "expired token": {Kind: standin.FaultExpiredToken},
		"403 from the second on": {Kind: standin.FaultDenied, Skip: 1}, "500 from the second on": {Kind: standin.FaultError, Skip: 1},
		"one 500": {Kind: standin.FaultError, Times: 1},
	}
	if op == "POST Microsoft.ResourceGraph/resources" {
		out["rows lost"] = standin.Fault{Kind: standin.FaultTruncatedResult}
		out["truncated beside a token"] = standin.Fault{Kind: standin.FaultTruncatedFlag}
		out["count is not the total"] = standin.Fault{Kind: standin.FaultWrongCount}
		out["too many subscriptions"] = standin.Fault{Kind: standin.FaultSubscriptionLimit}
	}
	return out
}

// azureBeginning are the calls without which there is no scan.
var azureBeginning = []string{"POST token", "GET openid-configuration", "GET Microsoft.Resources/subscriptions"}

// azureTargets are the calls of a scan that can fail: each operation, and each
// query of Resource Graph by the first type that it asks for.
func azureTargets(c *azureCloud) []standin.Fault {
	seen := map[string]bool{}
	for _, call := range c.server.Calls() {
		seen[call.Operation] = true
	}
	var out []standin.Fault
	for _, op := range slices.Sorted(maps.Keys(seen)) {
		if op != "POST Microsoft.ResourceGraph/resources" {
			out = append(out, standin.Fault{Operation: op})
			continue
		}
		for _, typ := range slices.Sorted(maps.Keys(c.pages.queries)) {
			out = append(out, standin.Fault{Operation: op, Body: typ})
		}
	}
	return out
}

// TestAzureFaults scans a tenant once, then with each call failing in each way.
// Without -faults.full each call fails in two of the ways, several calls in one scan.
func TestAzureFaults(t *testing.T) {
	a, seed := azureTenant(t)
	cloud := newAzureCloud(t, a, seed)
	base, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	targets := azureTargets(cloud)
	checkBase(t, base, len(targets))
	for name, calls := range unserved(cloud) {
		t.Logf("not served: %s (%d)", name, calls)
	}

	suite := faultSuite{base: base}
	for i, target := range targets {
		kinds := azureKinds(target.Operation)
		names := slices.Sorted(maps.Keys(kinds))
		for j, name := range names {
			if !*full && !*single && (j+i*2)%len(names) >= 2 {
				continue
			}
			f := kinds[name]
			f.Operation, f.Body = target.Operation, target.Body
			suite.add(strings.TrimSpace(f.Operation+" "+f.Body), name, f, slices.Contains(azureBeginning, f.Operation))
		}
	}
	suite.run(t, "Azure", func(t *testing.T) faultCloud {
		c := newAzureCloud(t, a, seed)
		return faultCloud{
			scan:  c.scan,
			clear: c.server.ClearFaults,
			fault: func(f any) error { return c.server.Fault(f.(standin.Fault)) }, //nolint:forcetypeassert // added above
		}
	})
}

func azureTenant(t *testing.T) (*app.App, standin.Seed) {
	t.Helper()
	a, err := app.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_TENANT_ID", faultTenant)
	t.Setenv("AZURE_CLIENT_ID", faultClient)
	t.Setenv("AZURE_CLIENT_SECRET", "s3cret")
	return a, newAzureSeed(t, cat)
}

// unserved counts the calls that the stand-in refused though there is no fault.
func unserved(c *azureCloud) map[string]int {
	out := map[string]int{}
	for _, call := range c.server.Calls() {
		if call.Status >= 400 && call.Status != http.StatusNotFound {
			out[call.Operation]++
		}
	}
	return out
}

// TestAzureNothing holds that a subscription without any asset of a kind gets its
// verdict from controls on absence, and that the verdict is unknown where the kind
// cannot be listed.
func TestAzureNothing(t *testing.T) {
	a, seed := azureTenant(t)
	cloud := newAzureCloud(t, a, seed)
	controls := absenceControls(a, azure.SubscriptionType)
	if len(controls) == 0 {
		t.Fatal("no control on subscriptions looks at what is in them")
	}
	about := "/subscriptions/" + emptySub
	base, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	decided := map[string]bool{}
	if v := base.verdictOf("azure-monitor-alert-policy-assignment-written", about); v != model.Fail {
		t.Errorf("the control on an alert is %q where there is no alert", v)
	}
	for id, v := range base.verdicts {
		if base.about[id] != about || controls[base.control[id]] == nil {
			continue
		}
		decided[base.control[id]] = true
		if v == model.Unknown {
			t.Errorf("%s is unknown, though everything was listed", base.names[id])
		}
	}
	for id := range controls {
		if !decided[id] {
			t.Errorf("%s has no finding on a subscription with nothing in it", id)
		}
	}
	t.Logf("%d controls on absence are decided", len(decided))
	if err := cloud.server.Fault(
		standin.Fault{Operation: "POST Microsoft.ResourceGraph/resources", Body: "type in~", Kind: standin.FaultDenied},
	); err != nil {
		t.Fatal(err)
	}
	denied, err := over(t, nil, cloud.scan(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if v := denied.verdictOf("azure-monitor-alert-policy-assignment-written", about); v != model.Unknown {
		t.Errorf("the control on an alert is %q where alerts cannot be listed", v)
	}
	for id, v := range denied.verdicts {
		if denied.about[id] == about && controls[denied.control[id]] != nil && inTable(controls[denied.control[id]]) && v != model.Unknown && v != model.NotApplicable {
			t.Errorf("%s is %s, though nothing was listed", denied.names[id], v)
		}
	}
}

// inTable says whether some of the types come from Resource Graph only.
func inTable(types []string) bool {
	for _, c := range azure.Collectors() {
		for _, typ := range c.Types {
			if typ.Table != "" && slices.Contains(types, typ.Name) {
				return true
			}
		}
	}
	return false
}
