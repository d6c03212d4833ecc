package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

func testInvisible(t *testing.T, store scan.Store) {
	ctx := context.Background()
	a, b := newAsset("1", bucketType, "a", 1), newAsset("1", bucketType, "b", 1)
	second := saved{
		scan: newScan("s2", "1"), assets: []model.Asset{b}, findings: []model.Finding{newFinding(b, "c", model.Fail)},
		gaps:     []model.Gap{{Scope: b.Scope, Type: bucketType}},
		coverage: []model.Coverage{{Scope: b.Scope, Type: bucketType}},
		changes:  []model.Change{{ID: "x"}},
	}
	saved{scan: newScan("s1", "1"), assets: []model.Asset{a}}.finish(t, store)
	second.save(t, store)

	equal(t, "assets", []string{a.ID}, ids(t, store))
	equal(t, "findings", 0, len(collect(t, store.Findings(ctx, model.FindingQuery{}))))
	equal(t, "gaps", 0, len(value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{}))))
	equal(t, "coverage", 0, len(value[[]model.Coverage](t)(store.Coverage(ctx, model.AssetQuery{}))))
	equal(t, "scans", 1, len(value[[]model.Scan](t)(store.Scans(ctx))))
	equal(t, "history", 0, len(value[[]model.Version](t)(store.History(ctx, b.ID))))
	if _, err := store.Asset(ctx, b.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Asset: got %v, want ErrNotFound", err)
	}
	if _, err := store.Finding(ctx, second.findings[0].ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Finding: got %v, want ErrNotFound", err)
	}
	if _, err := store.Changes(ctx, "s2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Changes: got %v, want ErrNotFound", err)
	}

	must(t, store.Finish(ctx, second.scan))
	equal(t, "assets after", []string{b.ID}, ids(t, store))
	equal(t, "findings after", second.findings, collect(t, store.Findings(ctx, model.FindingQuery{})))
	if _, err := store.Asset(ctx, a.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Asset that is gone: got %v, want ErrNotFound", err)
	}
}

func testFinishReplaces(t *testing.T, store scan.Store) {
	ctx := context.Background()
	var all []model.Asset
	var findings []model.Finding
	for _, account := range []string{"1", "2"} {
		for _, typ := range []string{roleType, bucketType} {
			a := newAsset(account, typ, "old", 1)
			all = append(all, a)
			findings = append(findings, newFinding(a, "c", model.Fail))
		}
	}
	saved{scan: newScan("s1", "1", "2"), assets: all, findings: findings}.finish(t, store)

	narrow := newScan("s2", "1")
	narrow.Types = []string{bucketType}
	b := newAsset("1", bucketType, "new", 1)
	saved{scan: narrow, assets: []model.Asset{b}}.finish(t, store)
	equal(t, "after a scan of one type", []string{all[0].ID, b.ID, all[2].ID, all[3].ID}, ids(t, store))
	left := collect(t, store.Findings(ctx, model.FindingQuery{}))
	equal(t, "findings", []model.Finding{findings[0], findings[2], findings[3]}, left)

	saved{scan: newScan("s3", "2")}.finish(t, store)
	equal(t, "after an empty scan of one account", []string{all[0].ID, b.ID}, ids(t, store))

	other := newScan("s4", "1")
	other.Provider = model.GCP
	saved{scan: other}.finish(t, store)
	equal(t, "after a scan of another provider", []string{all[0].ID, b.ID}, ids(t, store))

	saved{scan: newScan("s5", "1"), assets: []model.Asset{b}}.finish(t, store)
	equal(t, "after a scan of all types", []string{b.ID}, ids(t, store))
}

func testNoAccounts(t *testing.T, store scan.Store) {
	a, b := newAsset("1", bucketType, "a", 1), newAsset("2", bucketType, "b", 1)
	org := newAsset("", "AWS::Organizations::Organization", "o", 1)
	saved{scan: newScan("s1"), assets: []model.Asset{a, b, org}}.finish(t, store)
	equal(t, "all", []string{org.ID, a.ID, b.ID}, ids(t, store))
	scans := value[[]model.Scan](t)(store.Scans(context.Background()))
	equal(t, "accounts of the scan", []string{"1", "2"}, scans[0].Accounts)
	c := newAsset("2", roleType, "c", 1)
	saved{scan: newScan("s2"), assets: []model.Asset{c}}.finish(t, store)
	equal(t, "account 2 is replaced", []string{org.ID, a.ID, c.ID}, ids(t, store))
}

func testRefused(t *testing.T, store scan.Store) {
	ctx := context.Background()
	s := newScan("s1", "1")
	s.Types = []string{bucketType}
	must(t, store.Begin(ctx, s))
	other, role := newAsset("2", bucketType, "b", 1), newAsset("1", roleType, "r", 1)
	bad := newFinding(newAsset("1", bucketType, "b", 1), "c", "perhaps")
	noID := newAsset("1", bucketType, "b", 1)
	noID.ID = ""
	for name, err := range map[string]error{
		"another account":            store.SaveAssets(ctx, "s1", []model.Asset{other}),
		"another type":               store.SaveAssets(ctx, "s1", []model.Asset{role}),
		"finding on another type":    store.SaveFindings(ctx, "s1", []model.Finding{newFinding(role, "c", model.Fail)}),
		"finding without a verdict":  store.SaveFindings(ctx, "s1", []model.Finding{bad}),
		"asset without an id":        store.SaveAssets(ctx, "s1", []model.Asset{noID}),
		"a second scan with this id": store.Begin(ctx, model.Scan{ID: "s1", Provider: model.AWS, Accounts: []string{"3"}}),
		"a scan without an id":       store.Begin(ctx, model.Scan{Provider: model.AWS, Accounts: []string{"3"}}),
	} {
		if !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	must(t, store.Finish(ctx, s))
	equal(t, "nothing was saved", 0, len(ids(t, store)))
}

func testAbort(t *testing.T, store scan.Store) {
	ctx := context.Background()
	a, b := newAsset("1", bucketType, "a", 1), newAsset("1", bucketType, "b", 1)
	saved{scan: newScan("s1", "1"), assets: []model.Asset{a}}.finish(t, store)
	saved{scan: newScan("s2", "1"), assets: []model.Asset{b}}.save(t, store)
	must(t, store.Abort(ctx, "s2"))
	equal(t, "assets", []string{a.ID}, ids(t, store))
	if err := store.Abort(ctx, "s2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("second abort: got %v, want ErrNotFound", err)
	}
	saved{scan: newScan("s2", "1"), assets: []model.Asset{a, b}}.finish(t, store)
	equal(t, "the same id again", []string{a.ID, b.ID}, ids(t, store))
}

func testBusy(t *testing.T, store scan.Store) {
	ctx := context.Background()
	must(t, store.Begin(ctx, newScan("first", "1", "2")))
	for name, s := range map[string]model.Scan{
		"the same account": newScan("x", "2", "3"), "all accounts": newScan("x"),
	} {
		err := store.Begin(ctx, s)
		if !errors.Is(err, model.ErrBusy) {
			t.Fatalf("%s: got %v, want ErrBusy", name, err)
		}
		for _, want := range []string{"first", "2", epoch.Format(time.RFC3339)} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error %q does not name %q", name, err, want)
			}
		}
	}
	must(t, store.Begin(ctx, newScan("second", "3")))
	must(t, store.Heartbeat(ctx, "first"))
	must(t, store.Finish(ctx, newScan("first", "1", "2")))
	must(t, store.Begin(ctx, newScan("third", "1", "2")))
	must(t, store.Abort(ctx, "third"))
	must(t, store.Begin(ctx, newScan("fourth", "2")))
	if err := store.Finish(ctx, newScan("fourth", "2", "3")); !errors.Is(err, model.ErrBusy) {
		t.Errorf("finish with an account of a running scan: got %v, want ErrBusy", err)
	}
	must(t, store.Finish(ctx, newScan("fourth", "2")))
}

func testNotRunning(t *testing.T, store scan.Store) {
	ctx := context.Background()
	saved{scan: newScan("done", "1")}.finish(t, store)
	for _, id := range []string{"done", "never"} {
		for name, err := range map[string]error{
			"Heartbeat":    store.Heartbeat(ctx, id),
			"SaveAssets":   store.SaveAssets(ctx, id, nil),
			"SaveFindings": store.SaveFindings(ctx, id, nil),
			"SaveGaps":     store.SaveGaps(ctx, id, nil),
			"SaveCoverage": store.SaveCoverage(ctx, id, nil),
			"SaveChanges":  store.SaveChanges(ctx, id, nil),
			"Finish":       store.Finish(ctx, newScan(id, "1")),
			"Abort":        store.Abort(ctx, id),
		} {
			if !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s of %s: got %v, want ErrNotFound", name, id, err)
			}
		}
	}
}

func testHistory(t *testing.T, store scan.Store) {
	ctx := context.Background()
	for i, rev := range []int{1, 1, 2, 0, 2, 1} { // 0: the asset is gone
		s := saved{scan: newScan("s"+string(rune('1'+i)), "1")}
		a := newAsset("1", bucketType, "b", rev)
		a.ObservedAt = epoch.Add(time.Duration(i) * time.Hour)
		if rev > 0 {
			s.assets = []model.Asset{a}
		}
		s.finish(t, store)
	}
	var got []string
	for _, v := range value[[]model.Version](t)(store.History(ctx, newAsset("1", bucketType, "b", 1).ID)) {
		if v.Hash != v.Config.Hash() {
			t.Errorf("version %s of %s has the document of %s", v.Hash, v.Scan, v.Config.Hash())
		}
		rev, _ := v.Config["Revision"].(int64)
		got = append(got, v.Scan+" "+v.At.Format(time.RFC3339Nano)+" "+string(rune('0'+rev)))
	}
	var want []string
	for _, w := range []struct{ n, rev int }{{1, 1}, {3, 2}, {5, 2}, {6, 1}} {
		want = append(want, "s"+string(rune('0'+w.n))+" "+epoch.Add(time.Duration(w.n-1)*time.Hour).Format(time.RFC3339Nano)+" "+string(rune('0'+w.rev)))
	}
	slices.Reverse(want)
	equal(t, "history", want, got)
}

func testScans(t *testing.T, store scan.Store) {
	ctx := context.Background()
	var want []string
	for _, id := range []string{"b", "a", "c"} {
		s := newScan(id, "1")
		s.StartedAt = epoch.Add(time.Duration(len(want)) * time.Hour)
		s.FinishedAt = s.StartedAt.Add(time.Minute)
		s.Counts = model.Counts{Assets: 3, Fail: 1}
		s.Types, s.Regions = []string{bucketType}, []string{"eu-west-1"}
		saved{scan: s}.finish(t, store)
		want = append([]string{id}, want...)
		got := value[[]model.Scan](t)(store.Scans(ctx))
		s.Status = model.ScanComplete
		equal(t, "the newest", s, got[0])
	}
	must(t, store.Begin(ctx, newScan("running", "1")))
	var got []string
	for _, s := range value[[]model.Scan](t)(store.Scans(ctx)) {
		got = append(got, s.ID)
	}
	equal(t, "scans", want, got)
}
