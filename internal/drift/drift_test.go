package drift_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/drift"
	"github.com/stance-sec/stance/internal/model"
)

var t0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return t0.AddDate(0, 0, n) }

// TestMerge tells lives as a row of verdicts, one a day, and checks where each
// day leaves the finding.
func TestMerge(t *testing.T) {
	const (
		pass, fail, unknown = model.Pass, model.Fail, model.Unknown
		na, manual          = model.NotApplicable, model.Manual
	)
	type want struct {
		state    model.State
		kind     model.ChangeKind
		reopened int
		changed  int // day
		resolved int // day, -1 for none
	}
	for _, test := range []struct {
		name     string
		verdicts []model.Verdict
		want     []want
	}{
		{"always passes", []model.Verdict{pass, pass}, []want{{model.Passing, "", 0, 0, -1}, {model.Passing, "", 0, 0, -1}}},
		{"fails first", []model.Verdict{fail, fail}, []want{{model.Open, model.FindingOpened, 0, 0, -1}, {model.Open, "", 0, 0, -1}}},
		{"passes, then fails", []model.Verdict{pass, fail}, []want{{model.Passing, "", 0, 0, -1}, {model.Open, model.FindingOpened, 0, 1, -1}}},
		{"fails, passes, fails, passes", []model.Verdict{fail, pass, pass, fail, pass}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1},
			{model.Resolved, model.FindingResolved, 0, 1, 1},
			{model.Resolved, "", 0, 1, 1},
			{model.Open, model.FindingReopened, 1, 3, -1},
			{model.Resolved, model.FindingResolved, 1, 4, 4},
		}},
		{"a gap after a fail", []model.Verdict{fail, unknown, unknown, fail}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1},
			{model.Open, model.FindingChanged, 0, 1, -1},
			{model.Open, "", 0, 1, -1},
			{model.Open, model.FindingChanged, 0, 3, -1},
		}},
		{"a gap, then a pass", []model.Verdict{fail, unknown, pass}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1}, {model.Open, model.FindingChanged, 0, 1, -1}, {model.Resolved, model.FindingResolved, 0, 2, 2},
		}},
		{"a gap after a pass", []model.Verdict{pass, unknown, pass}, []want{
			{model.Passing, "", 0, 0, -1}, {model.Open, model.FindingOpened, 0, 1, -1}, {model.Resolved, model.FindingResolved, 0, 2, 2},
		}},
		{"a gap while resolved", []model.Verdict{fail, pass, unknown, pass}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1},
			{model.Resolved, model.FindingResolved, 0, 1, 1},
			{model.Open, model.FindingChanged, 0, 2, 1},
			{model.Resolved, model.FindingChanged, 0, 3, 1},
		}},
		{"a gap hides that it fails again", []model.Verdict{fail, pass, unknown, fail}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1},
			{model.Resolved, model.FindingResolved, 0, 1, 1},
			{model.Open, model.FindingChanged, 0, 2, 1},
			{model.Open, model.FindingReopened, 1, 3, -1},
		}},
		{"no longer applies", []model.Verdict{fail, na, fail}, []want{
			{model.Open, model.FindingOpened, 0, 0, -1}, {model.Resolved, model.FindingResolved, 0, 1, 1}, {model.Open, model.FindingReopened, 1, 2, -1},
		}},
		{"manual settles nothing", []model.Verdict{manual, fail, manual}, []want{
			{"", "", 0, 0, -1}, {model.Open, model.FindingOpened, 0, 1, -1}, {model.Open, model.FindingChanged, 0, 2, -1},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var prev *model.Finding
			for i, v := range test.verdicts {
				now := model.Finding{ID: "f-1", Control: "c", Verdict: v, Scan: fmt.Sprint("s", i)}
				f, change := drift.Merge(prev, now, day(i))
				got := want{state: f.State, reopened: f.Reopened, resolved: -1}
				got.changed = int(f.ChangedAt.Sub(t0).Hours() / 24)
				if !f.ResolvedAt.IsZero() {
					got.resolved = int(f.ResolvedAt.Sub(t0).Hours() / 24)
				}
				if change != nil {
					got.kind = change.Kind
					if change.ID != drift.ChangeID("f-1", now.Scan, change.Kind) || change.After != v || change.Scan != now.Scan || !change.At.Equal(day(i)) {
						t.Errorf("day %d: change %+v does not belong to the finding", i, change)
					}
				}
				if diff := cmp.Diff(test.want[i], got, cmp.AllowUnexported(want{})); diff != "" {
					t.Errorf("day %d, %s (-want +got):\n%s", i, v, diff)
				}
				if !f.FirstSeen.Equal(t0) || !f.LastSeen.Equal(day(i)) {
					t.Errorf("day %d: seen from %s to %s", i, f.FirstSeen, f.LastSeen)
				}
				prev = &f
			}
		})
	}
}

func TestMergeKeepsWaivers(t *testing.T) {
	prev := model.Finding{ID: "f", Verdict: model.Fail, State: model.Waived, FirstSeen: t0, ChangedAt: t0}
	for _, v := range []model.Verdict{model.Fail, model.Unknown, model.Pass} {
		f, change := drift.Merge(&prev, model.Finding{ID: "f", Verdict: v}, day(1))
		if f.State != model.Waived {
			t.Errorf("%s: state %s, want waived", v, f.State)
		}
		if (change != nil) != (v != model.Fail) {
			t.Errorf("%s: change %+v", v, change)
		}
	}
	f, change := drift.Merge(nil, model.Finding{ID: "f", Verdict: model.Fail, State: model.Waived}, t0)
	if f.State != model.Waived || change != nil {
		t.Errorf("waived from the start: state %s, change %+v", f.State, change)
	}
}

func TestGone(t *testing.T) {
	open := model.Finding{ID: "f", Verdict: model.Fail, State: model.Open, FirstSeen: t0}
	f, change := drift.Gone(open, "s2", day(1))
	if f.State != model.Gone || !f.ResolvedAt.Equal(day(1)) || change == nil || change.Kind != model.FindingGone || change.Before != model.Fail {
		t.Errorf("open: %+v, %+v", f, change)
	}
	back, change := drift.Merge(&f, model.Finding{ID: "f", Verdict: model.Fail}, day(2))
	if back.State != model.Open || back.Reopened != 1 || change == nil || change.Kind != model.FindingReopened {
		t.Errorf("the asset is back: %+v, %+v", back, change)
	}
	if f, change := drift.Gone(model.Finding{State: model.Passing}, "s2", day(1)); f.State != model.Gone || change != nil {
		t.Errorf("passing: %+v, %+v", f, change)
	}
}

// A gap never resolves a finding, wherever it comes in its life.
func TestGapNeverResolves(t *testing.T) {
	verdicts := rapid.SampledFrom([]model.Verdict{model.Pass, model.Fail, model.Unknown, model.NotApplicable, model.Manual})
	rapid.Check(t, func(t *rapid.T) {
		var prev *model.Finding
		for i, v := range rapid.SliceOfN(verdicts, 1, 12).Draw(t, "verdicts") {
			f, change := drift.Merge(prev, model.Finding{ID: "f", Verdict: v, Scan: fmt.Sprint(i)}, day(i))
			if v == model.Unknown {
				if f.State != model.Open {
					t.Fatalf("day %d: unknown left the finding %s", i, f.State)
				}
				if change != nil && change.Kind == model.FindingResolved {
					t.Fatalf("day %d: unknown resolved the finding", i)
				}
				// Taking the gap out of the story changes nothing that counts.
				if prev != nil && f.Reopened != prev.Reopened {
					t.Fatalf("day %d: unknown counted as reopened", i)
				}
			}
			if v == model.Fail && f.State != model.Open {
				t.Fatalf("day %d: fail left the finding %s", i, f.State)
			}
			if prev != nil && prev.State == model.Open && f.State == model.Resolved && v != model.Pass && v != model.NotApplicable {
				t.Fatalf("day %d: %s resolved the finding", i, v)
			}
			if f.FirstSeen.After(f.ChangedAt) || f.ChangedAt.After(f.LastSeen) || f.Reopened > i {
				t.Fatalf("day %d: times or count out of order: %+v", i, f)
			}
			prev = &f
		}
	})
}

func seq(list []model.Asset, end error) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		for _, a := range list {
			if !yield(a, nil) {
				return
			}
		}
		if end != nil {
			yield(model.Asset{}, end)
		}
	}
}

func asset(id, version string) model.Asset {
	return model.Asset{ID: id, Type: "T", Version: version, Scope: model.Scope{Provider: model.AWS, Account: "1"}}
}

func TestAssets(t *testing.T) {
	boom := errors.New("boom")
	for _, test := range []struct {
		name      string
		prev, now []model.Asset
		end       error
		want      []string
		err       error
	}{
		{name: "nothing"},
		{name: "all new", now: []model.Asset{asset("a", "1"), asset("b", "1")}, want: []string{"asset_added a", "asset_added b"}},
		{name: "all gone", prev: []model.Asset{asset("a", "1"), asset("b", "1")}, want: []string{"asset_removed a", "asset_removed b"}},
		{
			name: "a bit of each",
			prev: []model.Asset{asset("a", "1"), asset("b", "1"), asset("d", "1")},
			now:  []model.Asset{asset("b", "2"), asset("c", "1"), asset("d", "1")},
			want: []string{"asset_removed a", "asset_changed b", "asset_added c"},
		},
		{name: "an error", prev: []model.Asset{asset("a", "1")}, end: boom, err: boom},
		{name: "out of order", now: []model.Asset{asset("b", "1"), asset("a", "1")}, want: []string{"asset_added b"}, err: model.ErrInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			var err error
			for c, e := range drift.Assets(seq(test.prev, nil), seq(test.now, test.end), "s", t0) {
				if e != nil {
					err = e
					continue
				}
				got = append(got, string(c.Kind)+" "+c.Asset.ID)
				if c.ID != drift.ChangeID(c.Asset.ID, "s", c.Kind) {
					t.Errorf("id %s of %s", c.ID, c.Kind)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
		})
	}
	for range drift.Assets(seq([]model.Asset{asset("a", "1"), asset("b", "1")}, nil), seq(nil, nil), "s", t0) {
		break // ends both sequences
	}
}

// Applying the changes to the earlier assets gives the present ones.
func TestAssetsProperty(t *testing.T) {
	lists := rapid.MapOf(rapid.StringMatching(`[a-f]{1,2}`), rapid.SampledFrom([]string{"1", "2"}))
	sorted := func(m map[string]string) (out []model.Asset) {
		for id, v := range m {
			out = append(out, asset(id, v))
		}
		slices.SortFunc(out, func(a, b model.Asset) int { return strings.Compare(a.ID, b.ID) })
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		prev, now := lists.Draw(t, "prev"), lists.Draw(t, "now")
		got := map[string]string{}
		for id, v := range prev {
			got[id] = v
		}
		for c, err := range drift.Assets(seq(sorted(prev), nil), seq(sorted(now), nil), "s", t0) {
			if err != nil {
				t.Fatal(err)
			}
			if c.Kind == model.AssetRemoved {
				delete(got, c.Asset.ID)
				continue
			}
			if got[c.Asset.ID] == now[c.Asset.ID] {
				t.Fatalf("%s of %s, which did not change", c.Kind, c.Asset.ID)
			}
			got[c.Asset.ID] = now[c.Asset.ID]
		}
		if diff := cmp.Diff(now, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
