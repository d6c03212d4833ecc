package report

import (
	"encoding/json"

	"github.com/stance-sec/stance/internal/model"
)

// finding writes a finding on one line: the model's own JSON with members that
// are always there, and arrays that are never null.
func (e *lineEncoder) finding(f *model.Finding) {
	e.b = e.b[:0]
	e.appendFinding(f)
	e.flush()
}

func (e *lineEncoder) appendFinding(f *model.Finding) {
	e.raw("{")
	e.text("id", f.ID)
	e.text("control", f.Control)
	e.text("title", f.Title)
	e.text("verdict", string(f.Verdict))
	e.text("severity", string(f.Severity))
	e.text("message", f.Message)
	e.member("fix")
	e.fix(&f.Fix)
	e.optional("state", string(f.State))
	e.time("first_seen", f.FirstSeen)
	e.time("last_seen", f.LastSeen)
	e.time("changed_at", f.ChangedAt)
	e.time("resolved_at", f.ResolvedAt)
	if f.Reopened != 0 {
		e.member("reopened")
		e.int(f.Reopened)
	}
	e.optional("control_version", f.ControlVersion)
	e.optional("scan", f.Scan)
	e.member("known_as")
	appendObject(e, f.KnownAs, (*lineEncoder).ids)
	e.member("asset")
	e.asset(&f.Asset)
	e.member("evidence")
	appendList(e, f.Evidence, (*lineEncoder).evidence)
	e.member("gaps")
	appendList(e, f.Gaps, func(e *lineEncoder, g model.Gap) { e.other(g) })
	e.member("frameworks")
	e.b = append(e.b, e.frameworks.of(f.Frameworks, encodeRequirements)...)
	e.member("risk")
	e.risk(&f.Risk)
	e.raw("}")
}

func (e *lineEncoder) fix(x *model.Fix) {
	e.raw("{")
	e.optional("action", x.Action)
	if len(x.Steps) > 0 {
		e.member("steps")
		appendList(e, x.Steps, (*lineEncoder).string)
	}
	e.optional("cli", x.CLI)
	e.optional("terraform", x.Terraform)
	e.optional("cloudformation", x.CloudFormation)
	e.raw("}")
}

// ids appends a list of texts, null for none.
func (e *lineEncoder) ids(list []string) {
	if list == nil {
		e.raw("null")
	} else {
		appendList(e, list, (*lineEncoder).string)
	}
}

func (e *lineEncoder) asset(a *model.AssetRef) {
	e.raw("{")
	e.text("id", a.ID)
	e.text("type", a.Type)
	e.text("provider", a.Provider)
	e.optional("partition", a.Partition)
	e.text("class", string(a.Class))
	e.text("name", a.Name)
	e.text("account", a.Account)
	e.text("region", a.Region)
	e.member("tags")
	appendObject(e, a.Tags, (*lineEncoder).string)
	e.raw("}")
}

func (e *lineEncoder) evidence(v model.Evidence) {
	e.raw("{")
	e.optional("asset", v.Asset)
	e.text("path", v.Path)
	e.member("value")
	e.document(v.Value, 0)
	e.optional("note", v.Note)
	e.raw("}")
}

func encodeRequirements(list []model.RequirementRef) []byte {
	e := lineEncoder{b: make([]byte, 0, 64*len(list))}
	appendList(&e, list, func(e *lineEncoder, r model.RequirementRef) {
		e.raw("{")
		e.text("framework", r.Framework)
		e.text("requirement", r.Requirement)
		e.raw("}")
	})
	return e.b
}

func (e *lineEncoder) risk(r *model.Risk) {
	e.raw("{")
	e.member("score")
	e.int(r.Score)
	e.member("reasons")
	appendList(e, r.Reasons, (*lineEncoder).string)
	e.raw("}")
}

// FindingJSON is a finding as the JSON format writes it: every member is there,
// and no array is null.
func FindingJSON(f model.Finding) json.Marshaler { return findingJSON(f) }

type findingJSON model.Finding

// MarshalJSON returns one line.
func (f findingJSON) MarshalJSON() ([]byte, error) {
	var e lineEncoder
	e.appendFinding((*model.Finding)(&f))
	return e.b, e.err
}
