package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
	"github.com/stance-sec/stance/internal/scan"
)

// Statement is what a person attests of a manual requirement.
type Statement struct {
	Framework   string
	Requirement string
	Provider    string // empty for all
	Account     string // empty for all
	By          string
	Note        string
	// Expires is a date, "2027-05-01", from which the statement counts no
	// more, or a time from now in days, weeks or months: "90d", "12w", "6m".
	// Empty means a year, which is the most.
	Expires string
	Fails   bool
}

// Attest adds a statement to the record. A requirement that its controls alone
// decide cannot be attested.
func (a *App) Attest(ctx context.Context, store scan.Store, in Statement) (model.Attestation, error) {
	f, err := a.Catalog.Framework(in.Framework)
	if err != nil {
		return model.Attestation{}, fmt.Errorf("%w; stance frameworks list shows those that are", err)
	}
	if err := attestable(f, in.Requirement); err != nil {
		return model.Attestation{}, err
	}
	scope, err := a.attestationScope(ctx, store, f, in)
	if err != nil {
		return model.Attestation{}, err
	}
	at := a.Now().UTC().Truncate(time.Second)
	expires, err := expiry(in.Expires, at)
	if err != nil {
		return model.Attestation{}, err
	}
	e := model.Attestation{
		Framework: f.ID, Requirement: in.Requirement, Scope: scope, Status: model.Holds,
		By: strings.TrimSpace(in.By), At: at, Note: strings.TrimSpace(in.Note), Expires: expires,
	}
	if in.Fails {
		e.Status = model.DoesNotHold
	}
	e = e.Seal()
	return e, store.SaveAttestation(ctx, e)
}

func attestable(f model.Framework, id string) error {
	i := slices.IndexFunc(f.Requirements, func(r model.Requirement) bool { return r.ID == id })
	if i < 0 {
		return fmt.Errorf("requirement %s of %s: %w; stance frameworks show %s lists them", id, f.ID, model.ErrNotFound, f.ID)
	}
	r := &f.Requirements[i]
	if !r.Attestable() {
		return fmt.Errorf("%w attestation: requirement %s of %s is not manual, its controls decide: %s. What they find wrong is mended, not attested",
			model.ErrInvalid, id, f.ID, strings.Join(r.Controls, ", "))
	}
	return nil
}

// attestationScope returns the scope of a statement. An account that no stored
// scan knows is more likely misspelt than new.
func (a *App) attestationScope(ctx context.Context, store scan.Store, f model.Framework, in Statement) (model.Scope, error) {
	scope := model.Scope{Provider: in.Provider, Account: in.Account}
	if scope.Provider != "" && f.Provider != "" && scope.Provider != f.Provider {
		return scope, fmt.Errorf("%w attestation: %s is about %s, not %s", model.ErrInvalid, f.ID, f.Provider, scope.Provider)
	}
	if scope.Account == "" {
		return scope, nil
	}
	if scope.Provider == "" {
		scope.Provider = f.Provider
	}
	accounts, err := scannedAccounts(ctx, store, scope.Provider)
	if err != nil {
		return scope, err
	}
	var known []string
	for _, s := range accounts {
		if s.Account == scope.Account {
			return s, nil
		}
		known = append(known, s.Account)
	}
	if len(known) > 0 {
		return scope, fmt.Errorf("%w account %q: no scan of it is stored, only of %s", model.ErrInvalid, in.Account, strings.Join(known, ", "))
	}
	return scope, nil
}

// scannedAccounts returns the accounts of the stored scans, sorted.
func scannedAccounts(ctx context.Context, store scan.Store, provider string) ([]model.Scope, error) {
	scans, err := store.Scans(ctx)
	if err != nil {
		return nil, err
	}
	var out []model.Scope
	for _, s := range scans {
		if provider != "" && s.Provider != provider {
			continue
		}
		for _, account := range s.Accounts {
			if scope := (model.Scope{Provider: s.Provider, Account: account}); !slices.Contains(out, scope) {
				out = append(out, scope)
			}
		}
	}
	slices.SortFunc(out, func(a, b model.Scope) int { return strings.Compare(a.String(), b.String()) })
	return out, nil
}

// expiry reads when a statement ends that is made at a time.
func expiry(s string, at time.Time) (time.Time, error) {
	if s == "" {
		return at.AddDate(1, 0, 0), nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	if n, err := strconv.Atoi(s[:len(s)-1]); err == nil && n > 0 && n < 10000 {
		switch s[len(s)-1] {
		case 'd':
			return at.AddDate(0, 0, n), nil
		case 'w':
			return at.AddDate(0, 0, 7*n), nil
		case 'm':
			return at.AddDate(0, n, 0), nil
		}
	}
	return at, fmt.Errorf("%w expiry %q: use a date such as %s, or 90d, 12w or 6m", model.ErrInvalid, s, at.AddDate(0, 6, 0).Format(time.DateOnly))
}

// Revoke takes a statement back: from now on the record stands as if it had
// not been made, but shows that it was.
func (a *App) Revoke(ctx context.Context, store scan.Store, id, by, note string) (model.Attestation, error) {
	record, err := store.Attestations(ctx)
	if err != nil {
		return model.Attestation{}, err
	}
	i := slices.IndexFunc(record, func(e model.Attestation) bool { return e.ID == id })
	if i < 0 {
		return model.Attestation{}, fmt.Errorf("attestation %s: %w; stance frameworks attestations lists them", id, model.ErrNotFound)
	}
	old := record[i]
	if old.Status == model.Revoked {
		return model.Attestation{}, fmt.Errorf("%w revocation: %s is a revocation itself; attest the requirement anew", model.ErrInvalid, id)
	}
	if j := slices.IndexFunc(record, func(e model.Attestation) bool { return e.Revokes == id }); j >= 0 {
		return model.Attestation{}, fmt.Errorf("%w revocation: %s was revoked on %s by %s", model.ErrInvalid, id, record[j].At.Format(time.DateOnly), record[j].By)
	}
	e := model.Attestation{
		Framework: old.Framework, Requirement: old.Requirement, Scope: old.Scope, Status: model.Revoked, Revokes: id,
		By: strings.TrimSpace(by), Note: strings.TrimSpace(note), At: a.Now().UTC(),
	}.Seal()
	return e, store.SaveAttestation(ctx, e)
}

// RecordLine is one entry of the record with what became of it.
type RecordLine struct {
	model.Attestation
	// State is "counts", "expired", "revoked", "superseded" (by newer entries
	// of its scope), "void" (the requirement is not manual any more) or
	// "revocation".
	State string `json:"state"`
	// Title is the requirement's.
	Title string `json:"title"`
}

// Record returns the record of one framework or, without one, of all, newest
// first.
func (a *App) Record(ctx context.Context, store scan.Store, framework string) ([]RecordLine, error) {
	if framework != "" {
		if _, err := a.Catalog.Framework(framework); err != nil {
			return nil, fmt.Errorf("%w; stance frameworks list shows those that are", err)
		}
	}
	record, err := store.Attestations(ctx)
	if err != nil {
		return nil, err
	}
	var out []RecordLine
	for i, e := range slices.Backward(record) {
		if framework != "" && e.Framework != framework {
			continue
		}
		line := RecordLine{Attestation: e, State: "void"}
		if f, err := a.Catalog.Framework(e.Framework); err == nil {
			if j := slices.IndexFunc(f.Requirements, func(r model.Requirement) bool { return r.ID == e.Requirement }); j >= 0 {
				line.Title = f.Requirements[j].Title
				if f.Requirements[j].Attestable() {
					line.State = stateOf(record, i, a.Now())
				}
			}
		}
		out = append(out, line)
	}
	return out, nil
}

// stateOf says what became of an entry of the record.
func stateOf(record []model.Attestation, i int, now time.Time) string {
	e := &record[i]
	if e.Status == model.Revoked {
		return "revocation"
	}
	revoked := func(id string) bool {
		return slices.ContainsFunc(record, func(r model.Attestation) bool { return r.Revokes == id })
	}
	switch {
	case revoked(e.ID):
		return "revoked"
	case !now.Before(e.Expires):
		return "expired"
	}
	for j := i + 1; j < len(record); j++ {
		n := &record[j]
		if n.Status != model.Revoked && n.Framework == e.Framework && n.Requirement == e.Requirement && n.Applies(e.Scope) &&
			(now.Before(n.Expires) || n.Status == model.DoesNotHold) && !revoked(n.ID) {
			return "superseded"
		}
	}
	return "counts"
}

// RequirementStates returns where each requirement of a framework stands over
// all that is stored. Before the first scan it returns only those that people
// alone decide and have attested.
func (a *App) RequirementStates(ctx context.Context, store scan.Store, f model.Framework) ([]risk.RequirementStatus, error) {
	accounts, err := scannedAccounts(ctx, store, f.Provider)
	if err != nil {
		return nil, err
	}
	q := model.AssetQuery{Provider: f.Provider}
	tallies := map[string]risk.Tally{}
	for finding, err := range store.Findings(ctx, model.FindingQuery{AssetQuery: q}) {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		if finding.State != model.Gone {
			t := tallies[finding.Control]
			t.Add(finding.Verdict)
			tallies[finding.Control] = t
		}
	}
	gaps, err := store.Gaps(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	controls := make(map[string]model.Control, len(a.Catalog.Controls))
	for i := range a.Catalog.Controls {
		controls[a.Catalog.Controls[i].ID] = a.Catalog.Controls[i]
	}
	risk.MarkUnlisted(tallies, controls, gaps, nil)
	record, err := store.Attestations(ctx)
	if err != nil {
		return nil, err
	}
	out := risk.Rollup(f, tallies, risk.Record{Entries: record, Accounts: accounts, Now: a.Now()})
	if len(accounts) == 0 {
		out = slices.DeleteFunc(out, func(s risk.RequirementStatus) bool { return s.Mapped || s.Said() == "" })
	}
	return out, nil
}
