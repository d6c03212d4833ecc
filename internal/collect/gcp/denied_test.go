package gcp

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestCollectorsDenied refuses every call of every collector: each of its types is
// a gap that names the permission, and nothing is left that was not read.
func TestCollectorsDenied(t *testing.T) {
	refuse := roundTrip(func(req *http.Request) (*http.Response, error) {
		const body = `{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "The caller does not have permission"}}`
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	})
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := testSession(t, Options{Transport: refuse, SpoolDir: t.TempDir(), Types: func(typ string) bool {
				return slices.ContainsFunc(c.Types, func(t Type) bool { return t.Name == typ })
			}})
			plant(s)
			var out struct {
				Assets []model.Asset `json:"assets"`
				Gaps   []model.Gap   `json:"gaps"`
			}
			if err := json.Unmarshal(collectAll(t, s), &out); err != nil {
				t.Fatal(err)
			}
			for _, typ := range c.Types {
				named := slices.ContainsFunc(out.Gaps, func(g model.Gap) bool {
					return g.Type == typ.Name && g.Reason == model.Denied && g.Permission != ""
				})
				if frame := slices.Contains(s.FrameTypes(), typ.Name); !named && !frame {
					t.Errorf("%s: no denied gap that names a permission", typ.Name)
				}
			}
			for _, a := range out.Assets {
				if !slices.Contains(s.FrameTypes(), a.Type) {
					t.Errorf("%s came out though nothing could be read", a.ID)
				}
			}
		})
	}
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
