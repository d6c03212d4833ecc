package model

import "time"

// AssetQuery selects assets, gaps or coverage; empty members do not limit.
type AssetQuery struct {
	Provider string
	Account  string
	Region   string
	Types    []string
	// Bare leaves Config out, which is most of what there is to read of an asset.
	Bare bool
}

// FindingQuery selects findings; empty members do not limit.
type FindingQuery struct {
	AssetQuery
	Asset    string
	Controls []string
	Verdicts []Verdict
	// Severities keeps findings of these severities.
	Severities []Severity
	// Limit ends the iteration after so many findings when it is not zero.
	Limit int
}

// FindingOn is a stored finding with its asset, nil where none was asked for or
// there is none.
type FindingOn struct {
	Finding
	On *Asset
}

// Version is one stored state of an asset.
type Version struct {
	Hash   string    `json:"hash"`
	Scan   string    `json:"scan"`
	At     time.Time `json:"at"`
	Config Document  `json:"config"`
}
