package model

import (
	"time"
)

// Asset is one configured thing in a cloud, with the vendor's own document.
type Asset struct {
	// ID is the vendor's identifier: an ARN, an ARM id in lower case, a Cloud
	// Asset full resource name, or "terraform:<address>" for code.
	ID string `json:"id"`
	// Type is the vendor's inventory name, such as "AWS::S3::Bucket".
	Type  string            `json:"type"`
	Class Class             `json:"class,omitempty"`
	Name  string            `json:"name,omitempty"`
	Scope Scope             `json:"scope"`
	Tags  map[string]string `json:"tags,omitempty"`

	CreatedAt  time.Time `json:"created_at,omitzero"`
	ObservedAt time.Time `json:"observed_at,omitzero"`
	// Version is the hash of the canonical document (see Document.Hash).
	Version string `json:"version,omitempty"`

	// Config is the vendor's document, unchanged in shape. Values are nil,
	// bool, int64, float64, string, []any and map[string]any; times are RFC
	// 3339 strings in UTC.
	Config    Document   `json:"config"`
	Facts     Facts      `json:"facts,omitempty"`
	Relations []Relation `json:"relations,omitempty"`
	Gaps      []Gap      `json:"gaps,omitempty"`
	Origin    Origin     `json:"origin,omitzero"`
	// ManagedBy is "aws", "azure" or "gcp" for objects that the vendor owns.
	ManagedBy string `json:"managed_by,omitempty"`
	// Stale says that the asset is carried over from an earlier scan because
	// its listing failed this time. Its controls are unknown.
	Stale bool `json:"stale,omitempty"`
}

// Class is the normalised kind of an asset, the same for all clouds.
type Class string

// Facts are what normalize derives from the document, in vocabulary shared by
// all clouds: "exposure", "encryption", "logging" and so on.
type Facts map[string]any

// OriginKind says what kind of source an asset came from.
type OriginKind string

// The kinds of source.
const (
	OriginLive     OriginKind = "live"
	OriginSnapshot OriginKind = "snapshot"
	OriginExport   OriginKind = "export"
	OriginCode     OriginKind = "code"
)

// Origin says which source yielded the asset; File and Line are set for code.
type Origin struct {
	Kind OriginKind `json:"kind,omitempty"`
	File string     `json:"file,omitempty"`
	Line int        `json:"line,omitempty"`
}

// Relation is a typed edge from the asset that carries it to another asset.
type Relation struct {
	Kind RelationKind `json:"kind"`
	// To is an asset id, or a name that the inventory's aliases resolve.
	To string `json:"to"`
	// Type is the target's asset type where the source knows it.
	Type string `json:"type,omitempty"`
}

// RelationKind names an edge.
type RelationKind string

// The edges that normalize emits.
const (
	Contains     RelationKind = "contains"
	AttachedTo   RelationKind = "attached_to"
	MemberOf     RelationKind = "member_of"
	RunsAs       RelationKind = "runs_as"
	EncryptsWith RelationKind = "encrypts_with"
	LogsTo       RelationKind = "logs_to"
	RoutesTo     RelationKind = "routes_to"
	Protects     RelationKind = "protects"
	Trusts       RelationKind = "trusts"
	HasPolicy    RelationKind = "has_policy"
	HasBoundary  RelationKind = "has_boundary"
	Notifies     RelationKind = "notifies"
	Uses         RelationKind = "uses"
)
