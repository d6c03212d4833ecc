package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Attestation is one entry of the record of what people answer for: that a
// manual requirement holds or does not, or that an earlier entry is taken
// back. Entries are only ever added.
type Attestation struct {
	// ID is the hash of the other members: the same statement has the same id
	// in every store, and an entry cannot be changed under its id.
	ID          string `json:"id"`
	Framework   string `json:"framework"`
	Requirement string `json:"requirement"`
	// Scope limits the statement to a provider and an account; an empty member
	// means all of them. Its other members are not used.
	Scope  Scope             `json:"scope"`
	Status AttestationStatus `json:"status"`
	By     string            `json:"by"`
	At     time.Time         `json:"at"`
	Note   string            `json:"note"`
	// Expires is when the statement ends to count; zero on a revocation.
	Expires time.Time `json:"expires,omitzero"`
	// Revokes is the id of the entry that a revocation takes back.
	Revokes string `json:"revokes,omitempty"`
}

// AttestationStatus is what an entry says of the requirement.
type AttestationStatus string

// The statements of an attestation.
const (
	Holds       AttestationStatus = "holds"
	DoesNotHold AttestationStatus = "does_not_hold"
	Revoked     AttestationStatus = "revoked" // takes another entry back
)

// Verdict returns the verdict that the statement gives a requirement.
func (s AttestationStatus) Verdict() Verdict {
	switch s {
	case Holds:
		return Pass
	case DoesNotHold:
		return Fail
	}
	return Manual
}

// Attestable says whether people can attest the requirement: it has a part
// that no control decides, and says what to look at.
func (r *Requirement) Attestable() bool { return r.Manual != "" }

// Seal returns the entry with times in UTC and whole seconds, and its id.
func (a Attestation) Seal() Attestation {
	a.At, a.Expires = a.At.UTC().Truncate(time.Second), a.Expires.UTC().Truncate(time.Second)
	a.ID = a.hash()
	return a
}

func (a Attestation) hash() string {
	a.ID = ""
	b, err := json.Marshal(a)
	if err != nil { // only a year beyond 9999, which Validate refuses
		return ""
	}
	sum := sha256.Sum256(b)
	return "a-" + hex.EncodeToString(sum[:8])
}

// Validate says what an entry lacks; its errors wrap ErrInvalid. A statement
// expires within a year: what was looked at longer ago nobody answers for.
func (a *Attestation) Validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w attestation: %s", ErrInvalid, fmt.Sprintf(format, args...))
	}
	switch {
	case a.Framework == "" || a.Requirement == "":
		return bad("it names no requirement")
	case strings.TrimSpace(a.By) == "":
		return bad("it does not say who answers for it")
	case strings.TrimSpace(a.Note) == "":
		return bad("it does not say what was looked at")
	case a.At.IsZero():
		return bad("it has no date")
	case a.Status == Revoked:
		if a.Revokes == "" {
			return bad("it names no entry to revoke")
		}
	case a.Status != Holds && a.Status != DoesNotHold:
		return bad("status %q is none of %s and %s", a.Status, Holds, DoesNotHold)
	case a.Revokes != "":
		return bad("only a revocation names another entry")
	case !a.Expires.After(a.At):
		return bad("it expires on %s, which is over", a.Expires.Format(time.DateOnly))
	case a.Expires.After(a.At.AddDate(1, 0, 1)):
		return bad("it expires on %s: at most a year is possible", a.Expires.Format(time.DateOnly))
	}
	if a.ID != a.hash() {
		return bad("its id %q is not the hash of what it says", a.ID)
	}
	return nil
}

// Applies says whether the entry's scope covers an account.
func (a *Attestation) Applies(account Scope) bool {
	return (a.Scope.Provider == "" || a.Scope.Provider == account.Provider) &&
		(a.Scope.Account == "" || a.Scope.Account == account.Account)
}

// Attested is what counts of the attestations of a requirement.
type Attested struct {
	// Entry is the statement that counts, or the last one that did.
	Entry Attestation
	// Expired says that it counts no more: its time is over.
	Expired bool
}

// Counting returns the entry that counts at a time for an account: the newest
// that is neither revoked nor expired. Nothing older than a statement that the
// requirement does not hold counts again: that its time ran out mends nothing.
// Without one it returns the newest expired entry; false when there is neither.
// The entries are in order of their time, as stores return them.
func Counting(entries []Attestation, of RequirementRef, account Scope, now time.Time) (Attested, bool) {
	revoked := map[string]bool{}
	for i := range entries {
		if e := &entries[i]; e.Status == Revoked && !e.At.After(now) {
			revoked[e.Revokes] = true
		}
	}
	var last Attested
	found := false
	for _, e := range slices.Backward(entries) {
		if e.Framework != of.Framework || e.Requirement != of.Requirement || e.Status == Revoked ||
			revoked[e.ID] || e.At.After(now) || !e.Applies(account) {
			continue
		}
		if now.Before(e.Expires) {
			return Attested{Entry: e}, true
		}
		if !found {
			last, found = Attested{Entry: e, Expired: true}, true
		}
		if e.Status == DoesNotHold {
			break
		}
	}
	return last, found
}
