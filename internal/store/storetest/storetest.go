// Package storetest is the suite that every engine of the seam scan.Store
// passes. It knows the seam only; what is special to an engine (leases that
// expire, crashes, files) is tested in the engine's package.
package storetest

import (
	"context"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// Run runs the suite. Each call of open gives a new, empty store; the suite
// closes it.
func Run(t *testing.T, open func(t *testing.T) scan.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, scan.Store)
	}{
		{"an empty store", testEmpty},
		{"an asset comes back as it was saved", testAssetRoundTrip},
		{"a finding comes back as it was saved", testFindingRoundTrip},
		{"gaps, coverage and changes come back as they were saved", testNotesRoundTrip},
		{"of what is saved twice the last counts", testLastWins},
		{"a running scan is invisible", testInvisible},
		{"finish replaces the scan's accounts and types only", testFinishReplaces},
		{"a scan without accounts covers those that it saved", testNoAccounts},
		{"what a scan does not cover is refused", testRefused},
		{"abort drops what was saved", testAbort},
		{"two scans of one account", testBusy},
		{"calls for a scan that is not running", testNotRunning},
		{"history", testHistory},
		{"scans are listed newest first", testScans},
		{"queries select and order", testQueries},
		{"an iteration ends when its reader has enough", testBreak},
		{"an iteration sees one moment", testSnapshot},
		{"contexts end calls", testContext},
		{"attestations are added and stay", testAttestations},
		{"attestations that are not valid are refused", testAttestationsRefused},
		{"many batches", testMany},
		{"many goroutines", testConcurrent},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := open(t)
			defer func() {
				if err := store.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			test.run(t, store)
		})
	}
	t.Run("it behaves as the reference", func(t *testing.T) { testModel(t, open) })
}

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// collect returns all elements of a sequence; an error ends the test.
func collect[T any](t tb, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for e, err := range seq {
		if err != nil {
			t.Fatalf("iterate: %v", err)
		}
		out = append(out, e)
	}
	return out
}

func equal(t tb, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](t tb) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// saved is what one scan saves.
type saved struct {
	scan     model.Scan
	assets   []model.Asset
	findings []model.Finding
	gaps     []model.Gap
	coverage []model.Coverage
	changes  []model.Change
}

// save saves everything but does not finish.
func (s saved) save(t tb, store scan.Store) {
	t.Helper()
	ctx := context.Background()
	must(t, store.Begin(ctx, s.scan))
	must(t, store.SaveAssets(ctx, s.scan.ID, s.assets))
	must(t, store.SaveFindings(ctx, s.scan.ID, s.findings))
	must(t, store.SaveGaps(ctx, s.scan.ID, s.gaps))
	must(t, store.SaveCoverage(ctx, s.scan.ID, s.coverage))
	must(t, store.SaveChanges(ctx, s.scan.ID, s.changes))
}

// finish saves everything and finishes.
func (s saved) finish(t tb, store scan.Store) {
	t.Helper()
	s.save(t, store)
	must(t, store.Finish(context.Background(), s.scan))
}

func ids(t tb, store scan.Store) []string {
	t.Helper()
	var out []string
	for _, a := range collect(t, store.Assets(context.Background(), model.AssetQuery{})) {
		out = append(out, a.ID)
	}
	return out
}
