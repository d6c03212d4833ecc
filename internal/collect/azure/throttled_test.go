package azure

import (
	"os"
	"path/filepath"
	"strings"
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
			subscriptions := []string{testSubscription}
			var want string
			for _, f := range archive.Files {
				switch f.Name {
				case "subscriptions":
					subscriptions = strings.Fields(string(f.Data))
				case "want":
					want = string(f.Data)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				s := testSession(t, collect.Throttle(collect.NewReplay(archive, operationName)), subscriptions...)
				if diff := gocmp.Diff(want, string(collectAll(t, s, c))); diff != "" {
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
