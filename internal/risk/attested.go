package risk

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// Record is what people attested, as it stands at a time for some accounts.
// The zero value attests nothing.
type Record struct {
	// Entries is the whole record in the order of the store.
	Entries []model.Attestation
	// Accounts are those that a requirement must be attested for, by provider
	// and account. Without any, only what was attested for all accounts counts.
	Accounts []model.Scope
	Now      time.Time
}

// Stand is where the person's part of a requirement stands.
type Stand struct {
	// Verdict is fail if it was attested for one account not to hold, pass if
	// it was attested for all accounts to hold, else manual.
	Verdict model.Verdict
	// Counting are the entries that count, Expired the last ones of accounts
	// for which none counts any more; each entry once.
	Counting []model.Attestation
	Expired  []model.Attestation
	// Missing are the accounts for which nothing counts, when only that others
	// lack it keeps the requirement from passing.
	Missing []string
}

// Of returns where the person's part of a requirement stands.
func (r *Record) Of(ref model.RequirementRef) Stand {
	accounts := r.Accounts
	if len(accounts) == 0 {
		accounts = []model.Scope{{}}
	}
	var s Stand
	keep := func(to *[]model.Attestation, e model.Attestation) {
		if !slices.ContainsFunc(*to, func(k model.Attestation) bool { return k.ID == e.ID }) {
			*to = append(*to, e)
		}
	}
	var missing []string
	fails := false
	for _, account := range accounts {
		got, ok := model.Counting(r.Entries, ref, account, r.Now)
		switch {
		case ok && !got.Expired:
			keep(&s.Counting, got.Entry)
			fails = fails || got.Entry.Status == model.DoesNotHold
			continue
		case ok:
			keep(&s.Expired, got.Entry)
		}
		missing = append(missing, account.Account)
	}
	switch {
	case fails:
		s.Verdict = model.Fail
	case len(missing) == 0:
		s.Verdict = model.Pass
	default:
		s.Verdict = model.Manual
	}
	if len(s.Counting) > 0 && !fails {
		s.Missing = missing
	}
	return s
}

// join returns the status of a requirement that has a part for a person, from
// what its controls say of the other part. Each part can fail the whole; none
// can pass it alone.
func (s *Stand) join(controls model.Verdict) model.Verdict {
	switch {
	case controls == model.Fail || s.Verdict == model.Fail:
		return model.Fail
	case controls == model.Unknown:
		return model.Unknown
	case controls == model.Pass:
		return model.Pass // in part, until it is attested
	}
	return s.Verdict
}

// Said says in words what people attested of a requirement; empty for nothing.
func (s *RequirementStatus) Said() string {
	var parts []string
	for i := range s.Attestations {
		parts = append(parts, Said(&s.Attestations[i], false))
	}
	for i := range s.Expired {
		parts = append(parts, Said(&s.Expired[i], true))
	}
	if len(s.Unattested) > 0 {
		names, more := s.Unattested, ""
		if n := len(names) - 3; n > 0 {
			names, more = names[:3], fmt.Sprintf(" and %d more accounts", n)
		}
		parts = append(parts, "not attested for "+strings.Join(names, ", ")+more)
	}
	return strings.Join(parts, "; ")
}

// Said says in words what one entry attests, by whom and until when.
func Said(a *model.Attestation, expired bool) string {
	where := ""
	if a.Scope.Account != "" {
		where = " for " + a.Scope.Account
	} else if a.Scope.Provider != "" {
		where = " for " + a.Scope.Provider
	}
	day := a.Expires.UTC().Format(time.DateOnly)
	if expired {
		return "attestation expired on " + day + where + ", by " + a.By
	}
	what := "attested"
	if a.Status == model.DoesNotHold {
		what = "attested not to hold"
	}
	return what + where + " by " + a.By + " until " + day
}

// Standing sums up a framework: how many of its requirements stand where.
// Attested requirements count as passed or failed.
type Standing struct {
	Requirements  int `json:"requirements"`
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
	Manual        int `json:"manual"`
	// Attested are those of the passed and failed ones to which a person's
	// statement adds.
	Attested int `json:"attested"`
	// Score is passed / (passed + failed) in percent, rounded down; nil of
	// none. Floor is the same with the unknown ones failed.
	Score *float64 `json:"score"`
	Floor *float64 `json:"floor"`
}

// Sum returns the standing of the requirements.
func Sum(statuses []RequirementStatus) Standing {
	s := Standing{Requirements: len(statuses)}
	for i := range statuses {
		r := &statuses[i]
		switch r.Status {
		case model.Pass:
			s.Passed++
		case model.Fail:
			s.Failed++
		case model.Unknown:
			s.Unknown++
		case model.NotApplicable:
			s.NotApplicable++
		case model.Manual:
			s.Manual++
		}
		if len(r.Attestations) > 0 && (r.Status == model.Pass || r.Status == model.Fail) {
			s.Attested++
		}
	}
	s.Score = share(s.Passed, s.Passed+s.Failed, math.Floor)
	s.Floor = share(s.Passed, s.Passed+s.Failed+s.Unknown, math.Floor)
	return s
}
