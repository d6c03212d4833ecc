package gcp

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
)

// TestCollectorsThrottled replays every collector while the service refuses each
// request once: what comes out is the same.
func TestCollectorsThrottled(t *testing.T) {
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", c.Name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(data)
			var want string
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				s, _ := replayed(t, archive, func(typ string) bool {
					return slices.ContainsFunc(c.Types, func(t Type) bool { return t.Name == typ })
				})
				s.conn.plain.Transport = collect.Throttle(s.conn.plain.Transport)
				if diff := gocmp.Diff(want, string(collectAll(t, s))); diff != "" {
					t.Errorf("assets and gaps (-want +got):\n%s", diff)
				}
				throttled := 0
				for _, call := range s.Calls() {
					throttled += call.Throttled
				}
				if throttled == 0 {
					t.Error("nothing was throttled")
				}
			})
		})
	}
}
