package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// fixture is two accounts of two types with findings of each kind.
func fixture(t *testing.T, store scan.Store) *reference {
	t.Helper()
	ref := newReference()
	s := saved{scan: newScan("s1", "1", "2")}
	for _, account := range []string{"2", "1"} {
		for _, typ := range []string{bucketType, roleType} {
			for i, region := range []string{"us-east-1", "eu-west-1", ""} {
				a := newAsset(account, typ, fmt.Sprintf("n%d", 9-i), 1)
				a.Scope.Region = region
				s.assets = append(s.assets, a)
				for j, v := range []model.Verdict{model.Pass, model.Fail, model.Unknown, model.NotApplicable, model.Manual} {
					f := newFinding(a, fmt.Sprintf("control-%d", 9-j), v)
					f.Severity = model.Severities[j]
					s.findings = append(s.findings, f)
				}
			}
		}
	}
	s.finish(t, store)
	ref.finish(s)
	return ref
}

func testQueries(t *testing.T, store scan.Store) {
	ref := fixture(t, store)
	id := newAsset("1", bucketType, "n9", 1).ID
	for name, q := range map[string]model.FindingQuery{
		"all":            {},
		"provider":       {AssetQuery: model.AssetQuery{Provider: model.AWS}},
		"other provider": {AssetQuery: model.AssetQuery{Provider: model.GCP}},
		"account":        {AssetQuery: model.AssetQuery{Account: "2"}},
		"region":         {AssetQuery: model.AssetQuery{Region: "eu-west-1"}},
		"unknown region": {AssetQuery: model.AssetQuery{Region: "mars-1"}},
		"type":           {AssetQuery: model.AssetQuery{Types: []string{roleType}}},
		"types":          {AssetQuery: model.AssetQuery{Types: []string{roleType, bucketType, "x"}}},
		"asset":          {Asset: id},
		"control":        {Controls: []string{"control-7"}},
		"controls":       {Controls: []string{"control-7", "control-9", "none"}},
		"no control":     {Controls: []string{"none"}},
		"verdicts":       {Verdicts: []model.Verdict{model.Fail, model.Unknown}},
		"no verdict":     {Verdicts: []model.Verdict{"perhaps"}},
		"severities":     {Severities: []model.Severity{model.Critical, model.Info}},
		"no severity":    {Severities: []model.Severity{"awful"}},
		"limit":          {Limit: 7},
		"limit above":    {Limit: 1000},
		"bare":           {AssetQuery: model.AssetQuery{Bare: true}},
		"everything": {
			AssetQuery: model.AssetQuery{Provider: model.AWS, Account: "1", Region: "us-east-1", Types: []string{bucketType}},
			Asset:      id, Controls: []string{"control-8", "control-9"},
			Verdicts: []model.Verdict{model.Fail, model.Pass}, Severities: []model.Severity{model.High}, Limit: 1,
		},
	} {
		ctx := context.Background()
		equal(t, name+": findings", ref.Findings(q), collect(t, store.Findings(ctx, q)))
		for f, err := range store.FindingsOn(ctx, q, func(f *model.Finding) bool { return f.Verdict == model.Fail }) {
			must(t, err)
			var want *model.Asset
			if a, err := store.Asset(ctx, f.Finding.Asset.ID); err == nil && f.Verdict == model.Fail {
				want = &a
			}
			equal(t, name+": the asset of "+f.ID, want, f.On)
		}
		equal(t, name+": assets", ref.Assets(q.AssetQuery), collect(t, store.Assets(ctx, q.AssetQuery)))
	}
}

func testBreak(t *testing.T, store scan.Store) {
	fixture(t, store)
	ctx := context.Background()
	for range 50 { // a leak of connections would show
		for a, err := range store.Assets(ctx, model.AssetQuery{}) {
			must(t, err)
			for f, err := range store.Findings(ctx, model.FindingQuery{Asset: a.ID}) {
				must(t, err)
				equal(t, "finding", f, value[model.Finding](t)(store.Finding(ctx, f.ID)))
				break
			}
			break
		}
	}
	// Writing inside of an iteration must not wait for the iteration.
	for range store.Findings(ctx, model.FindingQuery{}) {
		saved{scan: newScan("s2", "1")}.finish(t, store)
		break
	}
}

func testSnapshot(t *testing.T, store scan.Store) {
	ref := fixture(t, store)
	ctx := context.Background()
	var assets []model.Asset
	for a, err := range store.Assets(ctx, model.AssetQuery{}) {
		must(t, err)
		if len(assets) == 0 {
			saved{scan: newScan("s2", "1", "2")}.finish(t, store)
		}
		assets = append(assets, a)
	}
	equal(t, "assets", ref.Assets(model.AssetQuery{}), assets)
	equal(t, "afterwards", 0, len(ids(t, store)))

	again := saved{scan: newScan("s3", "1", "2"), findings: ref.Findings(model.FindingQuery{})}
	again.finish(t, store)
	var findings []model.Finding
	for f, err := range store.Findings(ctx, model.FindingQuery{}) {
		must(t, err)
		if len(findings) == 0 {
			saved{scan: newScan("s4", "1", "2")}.finish(t, store)
		}
		findings = append(findings, f)
	}
	equal(t, "findings", again.findings, findings)
}

func testContext(t *testing.T, store scan.Store) {
	fixture(t, store)
	ended, end := context.WithCancel(context.Background())
	end()
	a := newAsset("3", bucketType, "b", 1)
	must(t, store.Begin(context.Background(), newScan("s2", "3")))
	for name, err := range map[string]error{
		"Begin":        store.Begin(ended, newScan("s3", "4")),
		"Heartbeat":    store.Heartbeat(ended, "s2"),
		"SaveAssets":   store.SaveAssets(ended, "s2", []model.Asset{a}),
		"SaveFindings": store.SaveFindings(ended, "s2", []model.Finding{newFinding(a, "c", model.Fail)}),
		"Finish":       store.Finish(ended, newScan("s2", "3")),
		"Abort":        store.Abort(ended, "s2"),
		"Assets":       firstError(store.Assets(ended, model.AssetQuery{})),
		"Findings":     firstError(store.Findings(ended, model.FindingQuery{})),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
	// A Finish that was cancelled can be repeated.
	must(t, store.SaveAssets(context.Background(), "s2", []model.Asset{a}))
	must(t, store.Finish(context.Background(), newScan("s2", "3")))
	equal(t, "saved", a, value[model.Asset](t)(store.Asset(context.Background(), a.ID)))

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	n := 0
	for _, err := range store.Findings(ctx, model.FindingQuery{}) {
		cancel()
		n++
		if last = err; err != nil {
			break
		}
	}
	if n < 60 && !errors.Is(last, context.Canceled) {
		t.Errorf("cancelled iteration: ended after %d with %v, want all or context.Canceled", n, last)
	}
}

func firstError[T any](seq func(func(T, error) bool)) error {
	for _, err := range seq {
		return err
	}
	return nil
}

// testMany saves more than any engine gathers at once, with the findings of
// one asset spread over calls.
func testMany(t *testing.T, store scan.Store) {
	ctx := context.Background()
	const assets, controls, batch = 12_000, 5, 1000
	for round := 1; round <= 2; round++ {
		s := newScan(fmt.Sprintf("s%d", round), "1")
		must(t, store.Begin(ctx, s))
		for from := 0; from < assets; from += batch {
			var list []model.Asset
			for i := from; i < from+batch; i++ {
				list = append(list, newAsset("1", bucketType, fmt.Sprintf("n%06d", (i*7919)%assets), round))
			}
			must(t, store.SaveAssets(ctx, s.ID, list))
			for c := range controls {
				var findings []model.Finding
				for _, a := range list {
					findings = append(findings, newFinding(a, fmt.Sprintf("control-%d", c), model.Fail))
				}
				must(t, store.SaveFindings(ctx, s.ID, findings))
			}
		}
		must(t, store.Finish(ctx, s))

		n, last := 0, ""
		for a, err := range store.Assets(ctx, model.AssetQuery{}) {
			must(t, err)
			if a.ID <= last || a.Config["Revision"] != int64(round) {
				t.Fatalf("asset %s after %s, revision %v, want in order and %d", a.ID, last, a.Config["Revision"], round)
			}
			n, last = n+1, a.ID
		}
		equal(t, "assets", assets, n)
		n, last = 0, ""
		for f, err := range store.Findings(ctx, model.FindingQuery{}) {
			must(t, err)
			if key := f.Asset.ID + " " + f.Control; key <= last {
				t.Fatalf("finding %s after %s", key, last)
			} else {
				last = key
			}
			n++
		}
		equal(t, "findings", assets*controls, n)
		one := newFinding(newAsset("1", bucketType, "n000777", round), "control-3", model.Fail)
		equal(t, "one finding", one, value[model.Finding](t)(store.Finding(ctx, one.ID)))
	}
}

func testConcurrent(t *testing.T, store scan.Store) {
	ctx := context.Background()
	ref := newReference()
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			account := fmt.Sprint(i)
			s := saved{scan: newScan("s"+account, account)}
			if err := store.Begin(ctx, s.scan); err != nil {
				t.Error(err)
				return
			}
			var inner sync.WaitGroup
			for j := range 4 {
				a := newAsset(account, bucketType, fmt.Sprintf("n%d", j), 1)
				f := newFinding(a, "c", model.Fail)
				s.assets, s.findings = append(s.assets, a), append(s.findings, f)
				inner.Go(func() {
					if err := errors.Join(store.SaveAssets(ctx, s.scan.ID, []model.Asset{a}),
						store.SaveFindings(ctx, s.scan.ID, []model.Finding{f})); err != nil {
						t.Error(err)
					}
					for _, err := range store.Findings(ctx, model.FindingQuery{}) {
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			inner.Wait()
			if err := store.Finish(ctx, s.scan); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ref.finish(s)
		})
	}
	group.Wait()
	equal(t, "assets", ref.Assets(model.AssetQuery{}), collect(t, store.Assets(ctx, model.AssetQuery{})))
	equal(t, "findings", ref.Findings(model.FindingQuery{}), collect(t, store.Findings(ctx, model.FindingQuery{})))
}
