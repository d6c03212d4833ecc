package report

import (
	"bufio"
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
	b := bufio.NewWriter(w)
	enc := newLineEncoder(b)
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.Verdict == model.NotApplicable && !in.Verbose {
			continue
		}
		enc.value(ocsf(&in, &f, class))
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		if err := b.WriteByte('\n'); err != nil {
			return err
		}
	}
	return b.Flush()
}

func ocsf(in *Input, f *model.Finding, class int) ocsfEvent {
	activity, status := ocsfLifeCycle(f)
	severity := ocsfSeverities[f.Severity]
	if f.Verdict == model.Pass || f.Verdict == model.NotApplicable {
		severity = ocsfSeverities[model.Info]
	}
	e := ocsfEvent{
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
		Resources:   []ocsfResource{ocsfResourceOf(&f.Asset)},
		Cloud:       ocsfCloudOf(in, &f.Asset),
		Remediation: ocsfRemediationOf(in, f),
		Unmapped: ocsfUnmapped{Stance: ocsfStance{
			Verdict: f.Verdict, RiskScore: f.Risk.Score, RiskFactors: f.Risk.Reasons, KnownAs: f.KnownAs, State: f.State,
		}},
	}
	if e.Cloud != nil {
		e.Metadata.Profiles = []string{"cloud"}
	}
	for _, v := range f.Evidence {
		e.Evidences = append(e.Evidences, ocsfEvidence{Data: v})
	}
	for i := range f.Gaps {
		g := &f.Gaps[i]
		e.Evidences = append(e.Evidences, ocsfEvidence{Data: map[string]any{"gap": g}})
		if g.Operation != "" && !slices.Contains(e.FindingInfo.DataSources, g.Operation) {
			e.FindingInfo.DataSources = append(e.FindingInfo.DataSources, g.Operation)
		}
	}
	compliance := ocsfComplianceOf(f)
	if class == ocsfDetection {
		e.ClassName, e.Unmapped.Compliance = "Detection Finding", compliance
		e.StatusCode, e.StatusDetail = strings.ToUpper(string(f.Verdict)), f.Message
		if c, ok := in.Controls[f.Control]; ok {
			e.RiskDetails, e.FindingInfo.Desc = c.Why, c.Why
		}
	} else {
		e.Compliance = compliance
	}
	return e
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

func ocsfComplianceOf(f *model.Finding) *ocsfComplianceObject {
	verdict := ocsfVerdicts[f.Verdict]
	c := &ocsfComplianceObject{Control: f.Control, StatusID: verdict.id, Status: verdict.name, StatusDetail: f.Message}
	for _, r := range f.Frameworks {
		if !slices.Contains(c.Standards, r.Framework) {
			c.Standards = append(c.Standards, r.Framework)
		}
		if !slices.Contains(c.Requirements, r.Requirement) {
			c.Requirements = append(c.Requirements, r.Requirement)
		}
		c.Checks = append(c.Checks, ocsfCheck{UID: r.Requirement, Standards: []string{r.Framework}, StatusID: verdict.id, Status: verdict.name})
	}
	return c
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
