package azure

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

var update = flag.Bool("update", false, "rewrite the expected assets and gaps")

const (
	testTenant       = "99999999-0000-0000-0000-000000000000"
	testSubscription = "00000000-0000-0000-0000-000000000001"
)

// TestCollectors replays the recorded answers of every collector and compares
// the assets and gaps. Each collector has a testdata/<name>.txtar. The files
// that begin with a capital letter are answers; the first word is the kind of
// call, the others must occur in the request's path, query or body:
//
//	-- Query microsoft.storage/storageaccounts --   Azure Resource Graph
//	-- Get st1/blobServices/default? --             Azure Resource Manager
//	-- Post app1/config/appsettings/list --         the same, with POST
//	-- Graph /v1.0/users? --                        Microsoft Graph
//	-- Batch /users/11111111/owners --              Microsoft Graph's $batch
//
// Beside them stand:
//
//	-- subscriptions --   the subscriptions that are read, one a line; by default
//	                      00000000-0000-0000-0000-000000000001
//	-- want --            assets and gaps as JSON; written by -update
func TestCollectors(t *testing.T) {
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", c.Name+".txtar")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("collector %s has no recorded answers: %v", c.Name, err)
			}
			archive := txtar.Parse(data)
			subscriptions := []string{testSubscription}
			var want []byte
			for _, f := range archive.Files {
				switch f.Name {
				case "subscriptions":
					subscriptions = strings.Fields(string(f.Data))
				case "want":
					want = f.Data
				}
			}
			replay := collect.NewReplay(archive, operationName)
			got := collectAll(t, testSession(t, replay, subscriptions...), c)
			for _, p := range replay.Problems() {
				t.Error(p)
			}
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: got})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := gocmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("assets and gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// operationName says which kind of call a request is.
func operationName(req *http.Request) string {
	path := req.URL.Path
	switch {
	case strings.HasSuffix(path, "/$batch"):
		return "Batch"
	case strings.HasPrefix(req.URL.Host, "graph."):
		return "Graph"
	case strings.HasSuffix(path, "/Microsoft.ResourceGraph/resources"):
		return "Query"
	case req.Method == http.MethodPost:
		return "Post"
	}
	return "Get"
}

// staticToken is a credential for tests over a replaced transport.
type staticToken struct{}

// GetToken implements azcore.TokenCredential.
func (staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// testSession is a session over a transport whose tenant has these
// subscriptions below its root group. It never waits.
func testSession(t *testing.T, transport http.RoundTripper, subscriptions ...string) *Session {
	t.Helper()
	s, err := open(Options{Transport: transport, Attempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	s.Tenant = testTenant
	s.arm, s.graph = s.pipelineFor(staticToken{}, s.env.ARMAudience), s.pipelineFor(staticToken{}, s.env.GraphAudience)
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	s.env.custom = true
	s.tree = &tree{
		tenant: model.Document{"tenantId": testTenant, "displayName": "Example"},
		subs:   map[string]*subscription{}, groups: map[string]*group{testTenant: {name: testTenant}},
	}
	for _, id := range subscriptions {
		s.tree.subs[id] = &subscription{id: id, name: "shop", parent: testTenant, listed: true, seen: true, doc: model.Document{
			"id": "/subscriptions/" + id, "name": "shop", "type": SubscriptionType, "properties": map[string]any{"state": "Enabled"},
		}}
	}
	return s
}

// collected is what a collection yielded, in an order of its own.
type collected struct {
	Assets []model.Asset `json:"assets"`
	Gaps   []model.Gap   `json:"gaps"`
}

func (out *collected) add(t *testing.T, a model.Asset, err error) {
	t.Helper()
	var gap *model.Gap
	switch {
	case errors.As(err, &gap):
		g := *gap
		g.RequestID = ""
		out.Gaps = append(out.Gaps, g)
	case err != nil:
		t.Fatal(err)
	default:
		for i := range a.Gaps {
			a.Gaps[i].RequestID = ""
		}
		slices.SortStableFunc(a.Gaps, func(a, b model.Gap) int { return cmp.Compare(a.Path, b.Path) })
		out.Assets = append(out.Assets, a)
	}
}

func (out *collected) sort() {
	slices.SortFunc(out.Assets, func(a, b model.Asset) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	slices.SortStableFunc(out.Gaps, func(a, b model.Gap) int {
		return cmp.Or(cmp.Compare(a.Key(), b.Key()), cmp.Compare(a.Detail, b.Detail))
	})
}

// units collects units of a session.
func (out *collected) units(t *testing.T, units []*Unit) {
	t.Helper()
	for _, u := range units {
		for a, err := range u.Collect(t.Context(), model.Scope{}) {
			out.add(t, a, err)
		}
	}
	out.sort()
}

// collectAll reads the types of one collector, with the frame where it is the
// one that declares it.
func collectAll(t *testing.T, s *Session, c Collector) []byte {
	t.Helper()
	s.opts.Types = func(typ string) bool {
		return slices.ContainsFunc(c.Types, func(o Type) bool { return o.Name == typ })
	}
	out := collected{}
	units := s.Units()
	if c.Name != "scope" {
		units = slices.DeleteFunc(units, func(u *Unit) bool { return u.name == SubscriptionType })
	} else {
		for a, err := range s.Frame() {
			out.add(t, a, err)
		}
	}
	out.units(t, units)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
