package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

func testEmpty(t *testing.T, store scan.Store) {
	ctx := context.Background()
	equal(t, "assets", 0, len(collect(t, store.Assets(ctx, model.AssetQuery{}))))
	equal(t, "findings", 0, len(collect(t, store.Findings(ctx, model.FindingQuery{}))))
	equal(t, "gaps", 0, len(value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{}))))
	equal(t, "coverage", 0, len(value[[]model.Coverage](t)(store.Coverage(ctx, model.AssetQuery{}))))
	equal(t, "scans", 0, len(value[[]model.Scan](t)(store.Scans(ctx))))
	equal(t, "history", 0, len(value[[]model.Version](t)(store.History(ctx, "x"))))
	if _, err := store.Asset(ctx, "x"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Asset: got %v, want ErrNotFound", err)
	}
	if _, err := store.Finding(ctx, "x"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Finding: got %v, want ErrNotFound", err)
	}
	if _, err := store.Changes(ctx, "x"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("Changes: got %v, want ErrNotFound", err)
	}
}

func testAssetRoundTrip(t *testing.T, store scan.Store) {
	want := richAsset()
	bare := model.Asset{
		ID: "bare", Type: roleType, Scope: model.Scope{Provider: model.AWS, Account: "111111111111"},
		Config: model.Document{}, Version: "etag-7",
	}
	saved{scan: newScan("s1", "111111111111"), assets: []model.Asset{want, bare}}.finish(t, store)
	got := collect(t, store.Assets(context.Background(), model.AssetQuery{}))
	equal(t, "assets", []model.Asset{bare, want}, got)
	for _, a := range []model.Asset{want, bare} {
		equal(t, "Asset "+a.ID, a, value[model.Asset](t)(store.Asset(context.Background(), a.ID)))
	}
}

func testFindingRoundTrip(t *testing.T, store scan.Store) {
	want := richFinding()
	bare := model.Finding{
		Control: "z", Verdict: model.Pass, Severity: model.Info,
		Asset: model.AssetRef{ID: want.Asset.ID, Type: want.Asset.Type, Provider: model.AWS, Account: want.Asset.Account},
	}
	bare.Asset = want.Asset
	bare.ID = model.FindingID("z", want.Asset.ID)
	odd := bare
	odd.Control, odd.ID, odd.Verdict = "zz", "an id of its own", model.Manual

	static := want
	static.Title, static.Fix = "title", model.Fix{CLI: "aws"}
	static.KnownAs = map[string][]string{"prowler": {"p"}}
	static.Frameworks = []model.RequirementRef{{Framework: "cis", Requirement: "1"}}
	static.FirstSeen = static.FirstSeen.In(time.FixedZone("there", 3600))

	saved{scan: newScan("s1", "111111111111"), findings: []model.Finding{odd, bare, static}}.finish(t, store)
	got := collect(t, store.Findings(context.Background(), model.FindingQuery{}))
	equal(t, "findings", []model.Finding{want, bare, odd}, got)
	for _, f := range []model.Finding{want, bare, odd} {
		equal(t, "Finding "+f.ID, f, value[model.Finding](t)(store.Finding(context.Background(), f.ID)))
	}
}

func testNotesRoundTrip(t *testing.T, store scan.Store) {
	ctx := context.Background()
	scope := model.Scope{Provider: model.AWS, Partition: "aws", Account: "1", Region: "eu-west-1"}
	gap := model.Gap{
		Scope: scope, Type: bucketType, Reason: model.Denied, Operation: "s3:ListBuckets",
		Permission: "s3:ListAllMyBuckets", Code: "AccessDenied", DeniedBy: "scp", Detail: "no", RequestID: "r",
	}
	other := gap
	other.Asset, other.Path = "arn:x", "Policy"
	org := model.Gap{Scope: model.Scope{Provider: model.AWS}, Reason: model.Failed, Operation: "organizations:ListAccounts"}
	cover := model.Coverage{Scope: scope, Type: bucketType, State: model.UnitDenied, Assets: 2, Gaps: 1, Detail: "d"}
	f := richFinding()
	changes := []model.Change{
		{ID: "c2", Kind: model.FindingOpened, At: epoch, Scan: "s1", Asset: f.Asset, Finding: &f, Before: model.Pass, After: model.Fail},
		{ID: "c1", Kind: model.AssetAdded, At: epoch, Scan: "s1", Asset: f.Asset},
	}
	saved{
		scan: newScan("s1", "1"), gaps: []model.Gap{org, gap, other},
		coverage: []model.Coverage{cover}, changes: changes,
	}.finish(t, store)
	equal(t, "gaps", []model.Gap{org, other, gap}, value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{})))
	equal(t, "gaps of a region", []model.Gap{other, gap}, value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{Region: "eu-west-1"})))
	equal(t, "gaps of no region", 0, len(value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{Region: "x"}))))
	equal(t, "coverage", []model.Coverage{cover}, value[[]model.Coverage](t)(store.Coverage(ctx, model.AssetQuery{Account: "1", Types: []string{bucketType}})))
	got := value[[]model.Change](t)(store.Changes(ctx, "s1"))
	for i := range got {
		if got[i].Finding != nil { // whole floats of a change's evidence may come back as integers
			got[i].Finding.Evidence = f.Evidence
		}
	}
	equal(t, "changes", changes, got)
}

func testLastWins(t *testing.T, store scan.Store) {
	ctx := context.Background()
	first, last := newAsset("1", bucketType, "b", 1), newAsset("1", bucketType, "b", 2)
	last.Tags = map[string]string{"k": "v"}
	f1, f2 := newFinding(first, "c", model.Fail), newFinding(last, "c", model.Pass)
	other := newFinding(last, "b", model.Fail)
	gap := model.Gap{Scope: first.Scope, Type: bucketType, Operation: "op", Reason: model.Failed}
	denied := gap
	denied.Reason = model.Denied

	must(t, store.Begin(ctx, newScan("s1", "1")))
	must(t, store.SaveAssets(ctx, "s1", []model.Asset{first, last}))
	must(t, store.SaveAssets(ctx, "s1", []model.Asset{first}))
	must(t, store.SaveAssets(ctx, "s1", []model.Asset{last}))
	must(t, store.SaveFindings(ctx, "s1", []model.Finding{f1, other, f2, f1}))
	must(t, store.SaveFindings(ctx, "s1", []model.Finding{f2}))
	must(t, store.SaveGaps(ctx, "s1", []model.Gap{gap, denied}))
	must(t, store.SaveChanges(ctx, "s1", []model.Change{{ID: "a"}, {ID: "b"}, {ID: "a", Kind: model.AssetAdded}}))
	must(t, store.Finish(ctx, newScan("s1", "1")))

	equal(t, "assets", []model.Asset{last}, collect(t, store.Assets(ctx, model.AssetQuery{})))
	equal(t, "findings", []model.Finding{other, f2}, collect(t, store.Findings(ctx, model.FindingQuery{})))
	equal(t, "failing", []model.Finding{other},
		collect(t, store.Findings(ctx, model.FindingQuery{Verdicts: []model.Verdict{model.Fail}})))
	equal(t, "gaps", []model.Gap{denied}, value[[]model.Gap](t)(store.Gaps(ctx, model.AssetQuery{})))
	equal(t, "changes", []model.Change{{ID: "a", Kind: model.AssetAdded}, {ID: "b"}}, value[[]model.Change](t)(store.Changes(ctx, "s1")))
}
