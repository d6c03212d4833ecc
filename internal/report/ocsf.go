package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "ocsf", Extension: "ocsf.ndjson", ContentType: "application/x-ndjson",
		Summary: "one OCSF 1.8 compliance finding a line, for data lakes and SIEMs",
		Write:   writeOCSF,
	})
}

// The classes of OCSF that a finding can be written as.
const (
	ocsfCompliance = 2003
	ocsfDetection  = 2004
	ocsfVersion    = "1.8.0"
)

func writeOCSF(w io.Writer, in Input) error {
	class := cmp.Or(in.OCSFClass, ocsfCompliance)
	if class != ocsfCompliance && class != ocsfDetection {
		return fmt.Errorf("%w OCSF class %d: use %d (compliance finding) or %d (detection finding)",
			model.ErrInvalid, in.OCSFClass, ocsfCompliance, ocsfDetection)
	}
	b := buffered(w)
	enc := ocsfEncoder{lineEncoder: lineEncoder{w: b}, class: class}
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.Verdict == model.NotApplicable && !in.Verbose {
			continue
		}
		enc.event(ocsf(&in, &f, class), &f)
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		if err := b.WriteByte('\n'); err != nil {
			return err
		}
	}
	return b.Flush()
}

type ocsfEncoder struct {
	lineEncoder
	class int
	lists shared[map[ocsfEnum][]byte] // of compliance objects by verdict, as members
}

// event writes an event on one line.
func (e *ocsfEncoder) event(ev ocsfEvent, f *model.Finding) {
	e.b = e.b[:0]
	e.open(&ev.head)
	if e.class == ocsfCompliance {
		e.member("compliance")
		e.compliance(f)
	}
	e.more(&ev.body)
	e.member("unmapped")
	e.raw("{")
	if e.class == ocsfDetection {
		e.member("compliance")
		e.compliance(f)
	}
	e.member("stance")
	e.other(&ev.unmapped)
	e.raw("}}")
	e.flush()
}

func (e *ocsfEncoder) compliance(f *model.Finding) {
	verdict := ocsfVerdicts[f.Verdict]
	e.raw("{")
	e.text("control", f.Control)
	if len(f.Frameworks) > 0 {
		e.raw(",")
		e.b = append(e.b, e.listsOf(f.Frameworks, verdict)...)
	}
	e.member("status_id")
	e.int(verdict.id)
	e.text("status", verdict.name)
	e.optional("status_detail", f.Message)
	e.raw("}")
}

func (e *ocsfEncoder) listsOf(list []model.RequirementRef, verdict ocsfEnum) []byte {
	byVerdict := e.lists.of(list, func([]model.RequirementRef) map[ocsfEnum][]byte { return map[ocsfEnum][]byte{} })
	members, ok := byVerdict[verdict]
	if !ok {
		members = encodeOCSFLists(list, verdict)
		byVerdict[verdict] = members
	}
	return members
}

// encodeOCSFLists returns the lists of a compliance object. A check keeps
// requirement and framework together, which the two flat lists beside it do
// not.
func encodeOCSFLists(list []model.RequirementRef, verdict ocsfEnum) []byte {
	var standards, requirements []string
	for _, r := range list {
		if !slices.Contains(standards, r.Framework) {
			standards = append(standards, r.Framework)
		}
		if !slices.Contains(requirements, r.Requirement) {
			requirements = append(requirements, r.Requirement)
		}
	}
	e := lineEncoder{b: make([]byte, 0, 128*len(list))}
	e.member("standards")
	appendList(&e, standards, (*lineEncoder).string)
	e.member("requirements")
	appendList(&e, requirements, (*lineEncoder).string)
	e.member("checks")
	appendList(&e, list, func(e *lineEncoder, r model.RequirementRef) {
		e.raw("{")
		e.text("uid", r.Requirement)
		e.member("standards")
		e.raw("[")
		e.string(r.Framework)
		e.raw("]")
		e.member("status_id")
		e.int(verdict.id)
		e.text("status", verdict.name)
		e.raw("}")
	})
	return e.b
}

func ocsf(in *Input, f *model.Finding, class int) ocsfEvent {
	activity, status := ocsfLifeCycle(f)
	severity := ocsfSeverities[f.Severity]
	if f.Verdict == model.Pass || f.Verdict == model.NotApplicable {
		severity = ocsfSeverities[model.Info]
	}
	head := ocsfHead{
		ActivityID: activity, ActivityName: ocsfActivities[activity],
		CategoryUID: 2, CategoryName: "Findings",
		ClassUID: class, ClassName: "Compliance Finding", TypeUID: class*100 + activity,
		Time: in.seen(f).UnixMilli(), SeverityID: severity.id, Severity: severity.name,
		StatusID: status, Status: ocsfStatuses[status], Message: cmp.Or(f.Message, f.Title),
		Metadata: ocsfMetadata{
			Version: ocsfVersion, UID: strings.Trim(in.scanID(f)+"/"+f.ID, "/"), EventCode: f.Control,
			Product: ocsfProduct{VendorName: "Stance", Name: "Stance", Version: in.Version},
		},
		FindingInfo: ocsfFindingInfo{
			UID: f.ID, Title: cmp.Or(f.Title, f.Control), Types: []string{"configuration"},
			CreatedTime: millis(f.FirstSeen), FirstSeenTime: millis(f.FirstSeen),
			LastSeenTime: millis(f.LastSeen), ModifiedTime: millis(f.ChangedAt),
		},
	}
	body := ocsfBody{
		Resources: []ocsfResource{ocsfResourceOf(&f.Asset)}, Cloud: ocsfCloudOf(in, &f.Asset), Remediation: ocsfRemediationOf(in, f),
	}
	if body.Cloud != nil {
		head.Metadata.Profiles = []string{"cloud"}
	}
	for _, v := range f.Evidence {
		body.Evidences = append(body.Evidences, ocsfEvidence{Data: v})
	}
	for i := range f.Gaps {
		g := &f.Gaps[i]
		body.Evidences = append(body.Evidences, ocsfEvidence{Data: map[string]any{"gap": g}})
		if g.Operation != "" && !slices.Contains(head.FindingInfo.DataSources, g.Operation) {
			head.FindingInfo.DataSources = append(head.FindingInfo.DataSources, g.Operation)
		}
	}
	if class == ocsfDetection {
		head.ClassName = "Detection Finding"
		head.StatusCode, head.StatusDetail = strings.ToUpper(string(f.Verdict)), f.Message
		if c, ok := in.Controls[f.Control]; ok {
			body.RiskDetails, head.FindingInfo.Desc = c.Why, c.Why
		}
	}
	return ocsfEvent{head, body, ocsfStance{
		Verdict: f.Verdict, RiskScore: f.Risk.Score, RiskFactors: f.Risk.Reasons, KnownAs: f.KnownAs, State: f.State,
	}}
}

// ocsfLifeCycle returns activity_id and status_id. A finding seen for the
// first time is created; one that passes after it failed, or whose asset is
// gone, is closed; all others are updated.
func ocsfLifeCycle(f *model.Finding) (activity, status int) {
	activity, status = 2, 1
	if f.FirstSeen.IsZero() || !f.LastSeen.After(f.FirstSeen) {
		activity = 1
	}
	switch f.State {
	case model.Resolved:
		return 3, 4
	case model.Gone:
		return 3, 6
	case model.Waived:
		return activity, 3
	}
	if f.Verdict == model.Pass || f.Verdict == model.NotApplicable {
		// It never failed: there is nothing to work on.
		return activity, 4
	}
	return activity, status
}

func ocsfResourceOf(a *model.AssetRef) ocsfResource {
	r := ocsfResource{UID: a.ID, Name: a.Name, Type: a.Type, Region: a.Region, CloudPartition: a.Partition}
	for _, k := range slices.Sorted(maps.Keys(a.Tags)) {
		r.Labels = append(r.Labels, k+":"+a.Tags[k])
	}
	return r
}

func ocsfCloudOf(in *Input, a *model.AssetRef) *ocsfCloud {
	if a.Provider == "" {
		return nil
	}
	c := &ocsfCloud{Provider: providerName(a.Provider), Region: a.Region}
	if a.Account != "" {
		c.Account = &ocsfAccount{UID: a.Account, Name: in.AccountNames[a.Account]}
	}
	return c
}

// providerName returns the provider's name as people write it.
func providerName(provider string) string {
	switch provider {
	case model.AWS:
		return "AWS"
	case model.Azure:
		return "Azure"
	case model.GCP:
		return "GCP"
	}
	return provider
}

// ocsfRemediationOf returns nil when there is nothing to say, because desc is
// required.
func ocsfRemediationOf(in *Input, f *model.Finding) *ocsfRemediation {
	desc := fixText(&f.Fix)
	if desc == "" || f.Verdict == model.Pass || f.Verdict == model.NotApplicable {
		return nil
	}
	r := &ocsfRemediation{Desc: desc, References: slices.Clone(in.Controls[f.Control].References)}
	if f.Fix.Action != "" {
		r.References = append(r.References, "action:"+f.Fix.Action)
	}
	return r
}

// fixText returns the fix in words: its steps, else its command.
func fixText(x *model.Fix) string {
	if len(x.Steps) > 0 {
		return strings.Join(x.Steps, " ")
	}
	return strings.TrimSpace(x.CLI)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
