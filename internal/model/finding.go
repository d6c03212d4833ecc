package model

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Finding is one control's verdict on one asset, over time.
type Finding struct {
	// ID is the hash of control id and asset id and never changes.
	ID       string   `json:"id"`
	Control  string   `json:"control"`
	Title    string   `json:"title"`
	Verdict  Verdict  `json:"verdict"`
	Severity Severity `json:"severity"`
	// Message says in one line why the verdict is what it is.
	Message string              `json:"message"`
	KnownAs map[string][]string `json:"known_as,omitempty"`

	Asset      AssetRef         `json:"asset"`
	Evidence   []Evidence       `json:"evidence"`
	Gaps       []Gap            `json:"gaps,omitempty"`
	Frameworks []RequirementRef `json:"frameworks,omitempty"`
	Fix        Fix              `json:"fix"`
	Risk       Risk             `json:"risk"`

	State      State     `json:"state,omitempty"`
	FirstSeen  time.Time `json:"first_seen,omitzero"`
	LastSeen   time.Time `json:"last_seen,omitzero"`
	ChangedAt  time.Time `json:"changed_at,omitzero"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	Reopened   int       `json:"reopened,omitempty"`

	ControlVersion string `json:"control_version,omitempty"`
	Scan           string `json:"scan,omitempty"`
}

// State is where a finding stands in its life.
type State string

// The states of a finding.
const (
	Open     State = "open"     // fails or is unknown
	Resolved State = "resolved" // failed before, passes now
	Gone     State = "gone"     // the asset was deleted
	Waived   State = "waived"
	Passing  State = "passing" // never failed
)

// AssetRef is what a finding says about its asset.
type AssetRef struct {
	ID        string            `json:"id"`
	Type      string            `json:"type"`
	Class     Class             `json:"class,omitempty"`
	Name      string            `json:"name,omitempty"`
	Provider  string            `json:"provider"`
	Partition string            `json:"partition,omitempty"`
	Account   string            `json:"account,omitempty"`
	Region    string            `json:"region,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
}

// Ref returns what a finding says about the asset.
func (a *Asset) Ref() AssetRef {
	return AssetRef{
		ID: a.ID, Type: a.Type, Class: a.Class, Name: a.Name, Tags: a.Tags,
		Provider: a.Scope.Provider, Partition: a.Scope.Partition, Account: a.Scope.Account, Region: a.Scope.Region,
	}
}

// Evidence is one value that decided a verdict.
type Evidence struct {
	// Asset is set when the value is another asset's.
	Asset string `json:"asset,omitempty"`
	// Path is the dotted path in the document, with list positions in
	// brackets, or the name of the question that was asked.
	Path  string `json:"path"`
	Value any    `json:"value"`
	// Note explains the value: the statement that granted, the rule that
	// matched, the error of an evaluation.
	Note string `json:"note,omitempty"`
}

// Risk is a finding's place in the order of work: a score from 0 to 100 and
// the reasons that made it.
type Risk struct {
	Score   int      `json:"score"`
	Reasons []string `json:"reasons,omitempty"`
}

// FindingID returns the id of the finding of a control on an asset.
func FindingID(control, asset string) string {
	h := sha256.New()
	h.Write([]byte(control))
	h.Write([]byte{0})
	h.Write([]byte(asset))
	return "f-" + hex.EncodeToString(h.Sum(nil)[:10])
}
