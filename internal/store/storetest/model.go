package storetest

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// testModel draws scans that begin, save, finish and abort in any order and
// compares what readers see with the reference after each step.
func testModel(t *testing.T, open func(t *testing.T) scan.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		store := open(t)
		defer func() {
			if err := store.Close(); err != nil {
				rt.Errorf("close: %v", err)
			}
		}()
		m := &machine{store: store, ref: newReference(), open: map[string]*saved{}}
		rt.Repeat(map[string]func(*rapid.T){
			"begin":  m.begin,
			"save":   m.save,
			"finish": m.finish,
			"abort":  m.abort,
			"":       m.check,
		})
	})
}

type machine struct {
	store scan.Store
	ref   *reference
	open  map[string]*saved // running scans by account
	n     int
}

var (
	someAccounts = rapid.SampledFrom([]string{"1", "2"})
	someTypes    = rapid.SampledFrom([]string{bucketType, roleType})
	someVerdicts = rapid.SampledFrom([]model.Verdict{model.Pass, model.Fail, model.Unknown, model.NotApplicable, model.Manual})
	someNames    = rapid.SampledFrom([]string{"a", "b", "c"})
	someControls = rapid.SampledFrom([]string{"c2", "c1", "c3"})
)

func (m *machine) begin(t *rapid.T) {
	account := someAccounts.Draw(t, "account")
	if m.open[account] != nil {
		t.Skip("a scan of the account is running")
	}
	m.n++
	s := &saved{scan: newScan(fmt.Sprintf("s%d", m.n), account)}
	if rapid.Bool().Draw(t, "narrow") {
		s.scan.Types = []string{someTypes.Draw(t, "type")}
	}
	must(t, m.store.Begin(context.Background(), s.scan))
	m.open[account] = s
}

func (m *machine) running(t *rapid.T) (string, *saved) {
	account := someAccounts.Draw(t, "account")
	if m.open[account] == nil {
		t.Skip("no scan of the account is running")
	}
	return account, m.open[account]
}

func (m *machine) save(t *rapid.T) {
	account, s := m.running(t)
	typ := someTypes.Draw(t, "type")
	if len(s.scan.Types) > 0 {
		typ = s.scan.Types[0]
	}
	a := newAsset(account, typ, someNames.Draw(t, "name"), rapid.IntRange(1, 2).Draw(t, "revision"))
	if rapid.Bool().Draw(t, "with tags") {
		a.Tags = map[string]string{"k": "v"}
	}
	if rapid.Bool().Draw(t, "save the asset") {
		must(t, m.store.SaveAssets(context.Background(), s.scan.ID, []model.Asset{a}))
		s.assets = append(s.assets, a)
	}
	for range rapid.IntRange(0, 3).Draw(t, "findings") {
		f := newFinding(a, someControls.Draw(t, "control"), someVerdicts.Draw(t, "verdict"))
		must(t, m.store.SaveFindings(context.Background(), s.scan.ID, []model.Finding{f}))
		s.findings = append(s.findings, f)
	}
}

func (m *machine) finish(t *rapid.T) {
	account, s := m.running(t)
	must(t, m.store.Finish(context.Background(), s.scan))
	m.ref.finish(*s)
	delete(m.open, account)
}

func (m *machine) abort(t *rapid.T) {
	account, s := m.running(t)
	must(t, m.store.Abort(context.Background(), s.scan.ID))
	delete(m.open, account)
}

func (m *machine) check(t *rapid.T) {
	ctx := context.Background()
	equal(t, "assets", m.ref.Assets(model.AssetQuery{}), collect(t, m.store.Assets(ctx, model.AssetQuery{})))
	q := model.FindingQuery{}
	if rapid.Bool().Draw(t, "select") {
		q.Account, q.Controls = someAccounts.Draw(t, "account"), []string{someControls.Draw(t, "control")}
		q.Verdicts = []model.Verdict{someVerdicts.Draw(t, "verdict"), model.Fail}
	}
	findings := collect(t, m.store.Findings(ctx, q))
	equal(t, "findings", m.ref.Findings(q), findings)
	for _, f := range findings {
		got, err := m.store.Finding(ctx, f.ID)
		must(t, err)
		equal(t, "finding", f, got)
	}
	for id, want := range m.ref.history {
		versions, err := m.store.History(ctx, id)
		must(t, err)
		var got []string
		for _, v := range versions {
			got = append(got, v.Scan+" "+v.Hash)
		}
		equal(t, "history of "+id, want, got)
	}
}
