package model

import (
	"errors"
	"testing"
	"time"
)

func TestCounting(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	entry := func(by, account string, status AttestationStatus, at, expires int) Attestation {
		return Attestation{Framework: "f", Requirement: "1", Scope: Scope{Account: account}, By: by, Note: "n", Status: status, At: day(at), Expires: day(expires)}.Seal()
	}
	revoke := func(a Attestation, at int) Attestation {
		return Attestation{Framework: "f", Requirement: "1", Status: Revoked, Revokes: a.ID, By: "r", Note: "n", At: day(at)}.Seal()
	}
	year := entry("year", "", Holds, 0, 365)
	month := entry("month", "", Holds, 10, 40)
	fails := entry("fails", "", DoesNotHold, 10, 40)
	one := entry("one", "1", Holds, 5, 365)
	elsewhere := Attestation{Framework: "f", Requirement: "2", By: "x", Note: "n", Status: Holds, At: day(0), Expires: day(300)}.Seal()
	azure := Attestation{Framework: "f", Requirement: "1", Scope: Scope{Provider: Azure}, By: "x", Note: "n", Status: Holds, At: day(0), Expires: day(300)}.Seal()
	for _, tt := range []struct {
		name    string
		entries []Attestation
		account string
		now     int
		by      string // "" for none
		expired bool
	}{
		{"nothing", nil, "1", 1, "", false},
		{"it counts", []Attestation{year}, "1", 1, "year", false},
		{"not before it was made", []Attestation{month}, "1", 9, "", false},
		{"on the day it expires it is over", []Attestation{month}, "1", 40, "month", true},
		{"another requirement", []Attestation{elsewhere}, "1", 1, "", false},
		{"another provider", []Attestation{azure}, "1", 1, "", false},
		{"the newest counts", []Attestation{year, month}, "1", 20, "month", false},
		{"the newest valid one counts", []Attestation{year, month}, "1", 50, "year", false},
		{"a refutal counts", []Attestation{year, fails}, "1", 20, "fails", false},
		{"what was refuted does not come back by time", []Attestation{year, fails}, "1", 50, "fails", true},
		{"what was refuted comes back when that is revoked", []Attestation{year, fails, revoke(fails, 12)}, "1", 50, "year", false},
		{"a revocation counts from its day", []Attestation{year, revoke(year, 12)}, "1", 11, "year", false},
		{"revoked", []Attestation{year, revoke(year, 12)}, "1", 12, "", false},
		{"of its account", []Attestation{one}, "1", 20, "one", false},
		{"of another account", []Attestation{one}, "2", 20, "", false},
		{"all accounts, and one", []Attestation{year, one}, "2", 20, "year", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Counting(tt.entries, RequirementRef{Framework: "f", Requirement: "1"}, Scope{Provider: AWS, Account: tt.account}, day(tt.now))
			if ok != (tt.by != "") || got.Entry.By != tt.by || got.Expired != tt.expired {
				t.Errorf("got %+v %v, want %q, expired %v", got, ok, tt.by, tt.expired)
			}
		})
	}
}

func TestAttestationValidate(t *testing.T) {
	at := time.Date(2026, 2, 28, 23, 30, 0, 5, time.FixedZone("", 3600))
	good := Attestation{Framework: "f", Requirement: "1", Status: Holds, By: "b", Note: "n", At: at, Expires: at.AddDate(1, 0, 0)}
	for _, tt := range []struct {
		name   string
		change func(*Attestation)
		ok     bool
	}{
		{"good", func(*Attestation) {}, true},
		{"no requirement", func(a *Attestation) { a.Requirement = "" }, false},
		{"nobody", func(a *Attestation) { a.By = "" }, false},
		{"no note", func(a *Attestation) { a.Note = "\t" }, false},
		{"no status", func(a *Attestation) { a.Status = "" }, false},
		{"no end", func(a *Attestation) { a.Expires = time.Time{} }, false},
		{"over before it began", func(a *Attestation) { a.Expires = at }, false},
		{"two years", func(a *Attestation) { a.Expires = at.AddDate(2, 0, 0) }, false},
		{"a statement that revokes", func(a *Attestation) { a.Revokes = "a-1" }, false},
		{"a revocation of nothing", func(a *Attestation) { a.Status = Revoked }, false},
		{"a revocation", func(a *Attestation) { a.Status, a.Revokes, a.Expires = Revoked, "a-1", time.Time{} }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := good
			tt.change(&a)
			a = a.Seal()
			if err := a.Validate(); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrInvalid) {
				t.Errorf("got %v, want valid %v", err, tt.ok)
			}
		})
	}
	changed := good.Seal()
	changed.Note = "another"
	if err := changed.Validate(); !errors.Is(err, ErrInvalid) {
		t.Errorf("changed under its id: got %v", err)
	}
}
