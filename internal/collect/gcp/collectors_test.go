package gcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

var update = flag.Bool("update", false, "rewrite the expected assets and gaps")

// TestCollectors replays the recorded answers of every collector and compares
// the assets and gaps. Each collector has a testdata/<name>.txtar whose files are
// answers, named by the operation with a capital letter at its beginning and
// words that the request must have:
//
//	-- Cloudasset:assets.list RESOURCE --
//	-- Cloudasset:assets.list IAM_POLICY --
//	-- Sqladmin:users.list instances/main --
//
// All types of the collector share one listing for each content; a content that
// has no recording has nothing. The tree is
// organizations/1 > folders/2 > projects shop-prod (number 3) and, right below
// the organization, shop-test (number 4). "want" holds what must come out; -update
// writes it.
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
			s, replay := replayed(t, archive, func(typ string) bool {
				return slices.ContainsFunc(c.Types, func(t Type) bool { return t.Name == typ })
			})
			got := collectAll(t, s)
			for _, p := range replay.Problems() {
				t.Error(p)
			}
			var want []byte
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = f.Data
				}
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

// operationName names a request as recordings do.
func operationName(req *http.Request) string {
	r, ok := req.Context().Value(requestKey{}).(*request)
	if !ok {
		return "Token"
	}
	return strings.ToUpper(r.api[:1]) + r.operation()[1:]
}

// answers is a transport for tests: the replay, with an empty answer to listings
// of the inventory whose content has no recording.
type answers struct {
	*collect.Replay
	contents []string
}

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	content := req.URL.Query().Get("contentType")
	if content != "" && !slices.Contains(a.contents, content) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
	}
	return a.Replay.RoundTrip(req)
}

func token() oauth2.TokenSource {
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "example", TokenType: "Bearer"})
}

// testSession is a session over a transport, whose pauses take no time.
func testSession(t *testing.T, opts Options) *Session {
	t.Helper()
	opts.TokenSource = token()
	if opts.Needed == nil {
		opts.Needed = engineMembers
	}
	if opts.Attempts == 0 {
		opts.Attempts = 3
	}
	opts.Now = func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	s, err := open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	s.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return s
}

// plant puts the tree of the tests into a session.
func plant(s *Session) {
	root := s.tree.add(&node{name: "organizations/1", state: "ACTIVE", inside: true, doc: model.Document{"name": "organizations/1", "displayName": "shop.example", "state": "ACTIVE"}})
	s.tree.add(&node{name: "folders/2", parent: "organizations/1", state: "ACTIVE", inside: true, doc: model.Document{"name": "folders/2", "parent": "organizations/1", "displayName": "prod", "state": "ACTIVE"}})
	s.tree.add(&node{name: "projects/3", id: "shop-prod", parent: "folders/2", state: "ACTIVE", inside: true, doc: model.Document{"name": "projects/3", "projectId": "shop-prod", "parent": "folders/2", "state": "ACTIVE"}})
	s.tree.add(&node{name: "projects/4", id: "shop-test", parent: "organizations/1", state: "ACTIVE", inside: true, doc: model.Document{"name": "projects/4", "projectId": "shop-test", "parent": "organizations/1", "state": "ACTIVE"}})
	s.tree.roots = []*node{root}
}

// replayed is a session over recorded answers, with the tree of the tests.
func replayed(t *testing.T, archive *txtar.Archive, types func(string) bool) (*Session, *collect.Replay) {
	t.Helper()
	replay := collect.NewReplay(archive, operationName)
	a := answers{Replay: replay}
	for _, f := range archive.Files {
		for _, content := range []string{contentResource, contentPolicy, contentAccess} {
			if strings.HasPrefix(f.Name, "Cloudasset") && strings.Contains(f.Name, content) {
				a.contents = append(a.contents, content)
			}
		}
	}
	s := testSession(t, Options{Transport: a, Types: types, Needed: func(string, string) bool { return true }, SpoolDir: t.TempDir()})
	s.batching = batching{large: 1000, small: 1000, bytes: 1 << 20} // one listing for all types
	plant(s)
	return s, replay
}

// collectAll returns what a session yields as sorted JSON: the frame only where
// its types are wanted.
func collectAll(t *testing.T, s *Session) []byte {
	t.Helper()
	var out struct {
		Assets []model.Asset `json:"assets"`
		Gaps   []model.Gap   `json:"gaps"`
	}
	take := func(a model.Asset, err error) {
		var gap *model.Gap
		switch {
		case errors.As(err, &gap):
			gap.RequestID = ""
			out.Gaps = append(out.Gaps, *gap)
		case err != nil:
			t.Fatal(err)
		default:
			for i := range a.Gaps {
				a.Gaps[i].RequestID = ""
			}
			out.Assets = append(out.Assets, a)
		}
	}
	if s.opts.Types == nil || slices.ContainsFunc(s.FrameTypes(), s.opts.Types) {
		for a, err := range s.Frame(t.Context()) {
			take(a, err)
		}
	}
	for _, u := range s.Units() {
		for a, err := range u.Collect(t.Context(), model.Scope{}) {
			take(a, err)
		}
	}
	slices.SortStableFunc(out.Assets, func(a, b model.Asset) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	slices.SortStableFunc(out.Gaps, func(a, b model.Gap) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Key(), b.Key())) })
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
