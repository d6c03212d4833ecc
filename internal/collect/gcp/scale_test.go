package gcp

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/standin/google"
)

// TestFlatMemory holds that what a scan keeps in memory does not grow with the
// number of assets: five times as many are read in the same room.
func TestFlatMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads sixty thousand assets")
	}
	const slack = 8 << 20 // pages under way, and what the collector has not freed
	small, few := peak(t, 50, 200)
	large, many := peak(t, 50, 1000)
	t.Logf("%d assets: %d KiB; %d assets: %d KiB", few, small>>10, many, large>>10)
	if many < 4*few {
		t.Errorf("%d and %d assets", few, many)
	}
	if large > small+slack {
		t.Errorf("%d bytes in use for %d assets, %d for %d", large, many, small, few)
	}
}

// peak reads a generated organization and returns the most memory in use.
func peak(t *testing.T, projects, each int) (bytes uint64, assets int) {
	t.Helper()
	server, err := google.New(google.Synthetic(projects, each), google.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close() //nolint:errcheck // of a test
	opts := through(t, server, server.ServiceAccountKey)
	opts.Types, opts.Timeout, opts.SpoolDir = nil, time.Minute, t.TempDir()
	opts.Needed = func(_, member string) bool { return member == "iamPolicy" }
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	joined := 0
	sample := func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		bytes = max(bytes, m.HeapAlloc)
	}
	for _, u := range s.Units() {
		for a, err := range u.Collect(t.Context(), model.Scope{}) {
			var gap *model.Gap
			if err != nil && !errors.As(err, &gap) {
				t.Fatal(err)
			}
			if a.ID == "" {
				continue
			}
			if a.Config["iamPolicy"] != nil {
				joined++
			}
			if assets++; assets%2000 == 0 {
				sample()
			}
		}
	}
	sample()
	if joined == 0 {
		t.Error("no policy was joined")
	}
	return bytes, assets
}
