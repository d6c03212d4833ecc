package model

import "time"

// Scan is one run over one scope.
type Scan struct {
	ID         string     `json:"id"`
	Provider   string     `json:"provider"`
	Accounts   []string   `json:"accounts"`
	Regions    []string   `json:"regions,omitempty"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt time.Time  `json:"finished_at,omitzero"`
	Status     ScanStatus `json:"status"`
	Version    string     `json:"version,omitempty"` // of Stance
	Counts     Counts     `json:"counts"`
	// Types are the asset types this scan was asked to read, so that a
	// narrower scan never makes the rest look gone.
	Types []string `json:"types,omitempty"`
}

// ScanStatus is the state of a scan.
type ScanStatus string

// The states of a scan. Only complete ones are visible to readers.
const (
	ScanRunning  ScanStatus = "running"
	ScanComplete ScanStatus = "complete"
	ScanAborted  ScanStatus = "aborted"
)

// Counts are the totals of a scan.
type Counts struct {
	Assets        int `json:"assets"`
	Gaps          int `json:"gaps"`
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
	Manual        int `json:"manual"`
}

// Plus returns the sums of both.
func (c Counts) Plus(o Counts) Counts {
	return Counts{
		Assets: c.Assets + o.Assets, Gaps: c.Gaps + o.Gaps, Pass: c.Pass + o.Pass, Fail: c.Fail + o.Fail,
		Unknown: c.Unknown + o.Unknown, NotApplicable: c.NotApplicable + o.NotApplicable, Manual: c.Manual + o.Manual,
	}
}

// Add counts one verdict.
func (c *Counts) Add(v Verdict) {
	switch v {
	case Pass:
		c.Pass++
	case Fail:
		c.Fail++
	case Unknown:
		c.Unknown++
	case NotApplicable:
		c.NotApplicable++
	case Manual:
		c.Manual++
	}
}

// UnitState is the end state of one unit of reading.
type UnitState string

// The states of a unit, after the collection specification.
const (
	UnitOK          UnitState = "ok"
	UnitEmpty       UnitState = "ok_empty"
	UnitNotEnabled  UnitState = "not_enabled"
	UnitDenied      UnitState = "denied"
	UnitThrottled   UnitState = "throttled"
	UnitUnsupported UnitState = "unsupported"
	UnitFailed      UnitState = "failed"
	UnitSkipped     UnitState = "skipped"
)

// Coverage is one line of the ledger: what was read where, and how it ended.
type Coverage struct {
	Scope  Scope     `json:"scope"`
	Type   string    `json:"type"`
	State  UnitState `json:"state"`
	Assets int       `json:"assets"`
	Gaps   int       `json:"gaps"`
	Detail string    `json:"detail,omitempty"`
}

// Kept is what a saved scan holds beside assets and gaps.
type Kept struct {
	Coverage     []Coverage
	Attestations []Attestation
}

// Change is something that happened to a finding or an asset between scans.
type Change struct {
	// ID is stable for the same change, so that a delivery can be repeated.
	ID      string     `json:"id"`
	Kind    ChangeKind `json:"kind"`
	At      time.Time  `json:"at"`
	Scan    string     `json:"scan"`
	Asset   AssetRef   `json:"asset"`
	Finding *Finding   `json:"finding,omitempty"`
	Before  Verdict    `json:"before,omitempty"`
	After   Verdict    `json:"after,omitempty"`
}

// ChangeKind says what changed.
type ChangeKind string

// The kinds of changes.
const (
	FindingOpened   ChangeKind = "finding_opened"
	FindingResolved ChangeKind = "finding_resolved"
	FindingReopened ChangeKind = "finding_reopened"
	FindingChanged  ChangeKind = "finding_changed"
	FindingGone     ChangeKind = "finding_gone"
	AssetAdded      ChangeKind = "asset_added"
	AssetChanged    ChangeKind = "asset_changed"
	AssetRemoved    ChangeKind = "asset_removed"
)

// Job is a piece of work that travels in a queue.
type Job struct {
	// ID is the key by which a queue drops duplicates.
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Body []byte `json:"body"`
}
