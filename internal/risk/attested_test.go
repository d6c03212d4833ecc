package risk

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

var day0 = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

func attest(by, account string, status model.AttestationStatus, days int) model.Attestation {
	return model.Attestation{
		Framework: "f", Requirement: "1", Scope: model.Scope{Account: account}, Status: status,
		By: by, Note: "n", At: day0, Expires: day0.AddDate(0, 0, days),
	}.Seal()
}

func TestRollupAttested(t *testing.T) {
	per := map[string]Tally{"pass": {Pass: 3}, "fail": {Fail: 2}, "unknown": {Pass: 5, Unknown: 1}, "none": {NotApplicable: 4}}
	one, two := model.Scope{Provider: model.AWS, Account: "1"}, model.Scope{Provider: model.AWS, Account: "2"}
	all, fails := attest("Ann", "", model.Holds, 90), attest("Bob", "1", model.DoesNotHold, 90)
	first := attest("Cy", "1", model.Holds, 90)
	for _, tt := range []struct {
		name     string
		manual   string
		controls []string
		entries  []model.Attestation
		accounts []model.Scope
		after    int // days
		want     model.Verdict
		part     bool
		said     string
	}{
		{"attested", "look", nil, []model.Attestation{all}, []model.Scope{one, two}, 1, model.Pass, false, "attested by Ann until 2026-04-01"},
		{"attested before any scan", "look", nil, []model.Attestation{all}, nil, 1, model.Pass, false, "attested by Ann until 2026-04-01"},
		{"of an account before any scan", "look", nil, []model.Attestation{first}, nil, 1, model.Manual, false, ""},
		{"not to hold", "look", nil, []model.Attestation{fails}, []model.Scope{one}, 1, model.Fail, false, "attested not to hold for 1 by Bob until 2026-04-01"},
		{"expired", "look", nil, []model.Attestation{all}, []model.Scope{one, two}, 90, model.Manual, false, "attestation expired on 2026-04-01, by Ann"},
		{"one account of two", "look", nil, []model.Attestation{first}, []model.Scope{one, two}, 1, model.Manual, false, "attested for 1 by Cy until 2026-04-01; not attested for 2"},
		{"its account only", "look", nil, []model.Attestation{first}, []model.Scope{one}, 1, model.Pass, false, "attested for 1 by Cy until 2026-04-01"},
		{"another account only", "look", nil, []model.Attestation{first}, []model.Scope{two}, 1, model.Manual, false, ""},
		{"fails in one account of two", "look", nil, []model.Attestation{all, fails}, []model.Scope{one, two}, 1, model.Fail, false, "attested not to hold for 1 by Bob until 2026-04-01; attested by Ann until 2026-04-01"},
		{"controls pass their part", "look", []string{"pass"}, []model.Attestation{all}, []model.Scope{one}, 1, model.Pass, false, "attested by Ann until 2026-04-01"},
		{"controls pass and it is expired", "look", []string{"pass"}, []model.Attestation{all}, []model.Scope{one}, 91, model.Pass, true, "attestation expired on 2026-04-01, by Ann"},
		{"controls pass and a person says no", "look", []string{"pass"}, []model.Attestation{fails}, []model.Scope{one}, 1, model.Fail, false, "attested not to hold for 1 by Bob until 2026-04-01"},
		{"an attestation does not outweigh a control", "look", []string{"fail"}, []model.Attestation{all}, []model.Scope{one}, 1, model.Fail, false, "attested by Ann until 2026-04-01"},
		{"nor what could not be read", "look", []string{"unknown"}, []model.Attestation{all}, []model.Scope{one}, 1, model.Unknown, false, "attested by Ann until 2026-04-01"},
		{"controls met no asset", "look", []string{"none"}, []model.Attestation{all}, []model.Scope{one}, 1, model.Pass, false, "attested by Ann until 2026-04-01"},
		{"controls decide all of it", "", []string{"none"}, []model.Attestation{all}, []model.Scope{one}, 1, model.NotApplicable, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fw := model.Framework{ID: "f", Requirements: []model.Requirement{{ID: "1", Manual: tt.manual, Controls: tt.controls}}}
			got := Rollup(fw, per, Record{Entries: tt.entries, Accounts: tt.accounts, Now: day0.AddDate(0, 0, tt.after)})[0]
			if got.Status != tt.want || got.Partial != tt.part || got.Said() != tt.said {
				t.Errorf("got %s, partial %v, %q; want %s, %v, %q", got.Status, got.Partial, got.Said(), tt.want, tt.part, tt.said)
			}
		})
	}
}

func TestSum(t *testing.T) {
	all := attest("Ann", "", model.Holds, 90)
	fw := model.Framework{ID: "f", Requirements: []model.Requirement{
		{ID: "1", Manual: "look"}, {ID: "2", Manual: "look"}, {ID: "3", Controls: []string{"fail"}}, {ID: "4", Controls: []string{"unknown"}}, {ID: "5", Controls: []string{"none"}},
	}}
	per := map[string]Tally{"fail": {Fail: 2}, "unknown": {Unknown: 1}}
	score, floor := 50.0, 33.3
	want := Standing{Requirements: 5, Passed: 1, Failed: 1, Unknown: 1, NotApplicable: 1, Manual: 1, Attested: 1, Score: &score, Floor: &floor}
	got := Sum(Rollup(fw, per, Record{Entries: []model.Attestation{all}, Now: day0}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
