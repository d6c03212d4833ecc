package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "asff", Extension: "asff.json", ContentType: "application/json",
		Summary: "AWS Security Hub findings, as batch-import-findings takes them; AWS only",
		Write:   writeASFF,
	})
}

// Limits of the format, in characters unless said otherwise.
const (
	asffTitle        = 256
	asffDescription  = 1024
	asffID           = 512
	asffRequirements = 32 // entries
	asffReasons      = 20 // entries
	asffReason       = 1024
	asffText         = 512 // of a recommendation
	asffField        = 2048
	asffBytes        = 240 << 10 // of one finding
)

// writeASFF writes one array; who imports it sends at most 100 elements a
// call, with credentials of the account and in the region of each ProductArn.
// Findings of other clouds have no home account in Security Hub and are left
// out, as are not applicable ones, which it would archive.
func writeASFF(w io.Writer, in Input) error {
	b := buffered(w)
	enc := &lineEncoder{w: b}
	var related shared[[]string]
	fmt.Fprint(b, "[")
	separator := "\n"
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.Asset.Provider != model.AWS || f.Verdict == model.NotApplicable || f.Asset.Account == "" {
			continue
		}
		finding := asff(&in, &f)
		finding.Compliance.RelatedRequirements = related.of(f.Frameworks, asffRelated)
		fmt.Fprint(b, separator)
		enc.b = enc.b[:0]
		if enc.other(finding); len(enc.b) > asffBytes/6 && asffTooLarge(&finding) {
			finding.Compliance.StatusReasons = nil
			enc.b = enc.b[:0]
			enc.other(finding)
		}
		enc.flush()
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		separator = ",\n"
	}
	fmt.Fprint(b, "\n]\n")
	return b.Flush()
}

// asffRelated returns as many requirements as the format takes.
func asffRelated(list []model.RequirementRef) []string {
	return requirements(list[:min(len(list), asffRequirements)])
}

// asffTooLarge measures a finding at its longest: who sends it on may escape
// HTML, which makes six bytes of one.
func asffTooLarge(f *asffFinding) bool {
	raw, err := json.Marshal(f)
	return err == nil && len(raw) > asffBytes
}

type asffFinding struct {
	SchemaVersion         string             `json:"SchemaVersion"`
	ID                    string             `json:"Id"`
	ProductArn            string             `json:"ProductArn"`
	ProductName           string             `json:"ProductName"`
	CompanyName           string             `json:"CompanyName"`
	GeneratorID           string             `json:"GeneratorId"`
	AwsAccountID          string             `json:"AwsAccountId"`
	Region                string             `json:"Region"`
	CreatedAt             string             `json:"CreatedAt"`
	UpdatedAt             string             `json:"UpdatedAt"`
	FirstObservedAt       string             `json:"FirstObservedAt,omitempty"`
	LastObservedAt        string             `json:"LastObservedAt,omitempty"`
	Types                 []string           `json:"Types"`
	FindingProviderFields asffProviderFields `json:"FindingProviderFields"`
	Severity              asffSeverity       `json:"Severity"`
	Title                 string             `json:"Title"`
	Description           string             `json:"Description"`
	Resources             []asffResource     `json:"Resources"`
	Compliance            asffCompliance     `json:"Compliance"`
	Remediation           *asffRemediation   `json:"Remediation,omitempty"`
	ProductFields         map[string]string  `json:"ProductFields"`
	RecordState           string             `json:"RecordState"`
}

type asffProviderFields struct {
	Severity asffSeverity `json:"Severity"`
	Types    []string     `json:"Types"`
}

type asffSeverity struct {
	Label string `json:"Label"`
}

type asffResource struct {
	Type      string            `json:"Type"`
	ID        string            `json:"Id"`
	Partition string            `json:"Partition,omitempty"`
	Region    string            `json:"Region,omitempty"`
	Tags      map[string]string `json:"Tags,omitempty"`
}

type asffCompliance struct {
	Status              string             `json:"Status"`
	RelatedRequirements []string           `json:"RelatedRequirements,omitempty"`
	StatusReasons       []asffStatusReason `json:"StatusReasons,omitempty"`
}

type asffStatusReason struct {
	ReasonCode  string `json:"ReasonCode"`
	Description string `json:"Description,omitempty"`
}

type asffRemediation struct {
	Recommendation asffRecommendation `json:"Recommendation"`
}

type asffRecommendation struct {
	Text string `json:"Text"`
	URL  string `json:"Url,omitempty"`
}

var asffTypes = []string{"Software and Configuration Checks"}

func asff(in *Input, f *model.Finding) asffFinding {
	partition := cmp.Or(f.Asset.Partition, "aws")
	region := f.Asset.Region
	if region == "" || strings.Contains(region, "global") {
		region = asffHome(partition)
	}
	severity := asffSeverity{Label: asffLabels[f.Severity]}
	if f.Verdict == model.Pass || severity.Label == "" {
		severity.Label = asffLabels[model.Info]
	}
	control := in.Controls[f.Control]
	out := asffFinding{
		SchemaVersion: "2018-10-08", ID: asffFindingID(f),
		ProductArn:  fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", partition, region, f.Asset.Account, f.Asset.Account),
		ProductName: "Stance", CompanyName: "Stance", GeneratorID: "stance/" + f.Control,
		AwsAccountID: f.Asset.Account, Region: region,
		CreatedAt: asffTime(firstTime(f.FirstSeen, in.seen(f))), UpdatedAt: asffTime(in.seen(f)),
		Types: asffTypes, FindingProviderFields: asffProviderFields{Severity: severity, Types: asffTypes}, Severity: severity,
		Title:       cut(cmp.Or(oneLine(f.Message), f.Title, f.Control), asffTitle),
		Description: cut(cmp.Or(strings.TrimSpace(control.Why), f.Title, f.Control), asffDescription),
		Resources: []asffResource{{
			Type: asffType(f.Asset.Type), ID: cut(f.Asset.ID, asffID), Partition: partition, Region: region, Tags: asffTags(f.Asset.Tags),
		}},
		Compliance: asffCompliance{Status: asffStatus(f), StatusReasons: asffReasonsOf(f)},
		ProductFields: map[string]string{
			"stance/verdict": string(f.Verdict), "stance/risk_score": strconv.Itoa(f.Risk.Score), "stance/finding": f.ID,
		},
		RecordState: "ACTIVE",
	}
	if !f.FirstSeen.IsZero() {
		out.FirstObservedAt = asffTime(f.FirstSeen)
	}
	if !f.LastSeen.IsZero() {
		out.LastObservedAt = asffTime(f.LastSeen)
	}
	for key, value := range map[string]string{"stance/control_version": f.ControlVersion, "stance/scan": in.scanID(f), "stance/fix_action": f.Fix.Action} {
		if value != "" {
			out.ProductFields[key] = cut(value, asffField)
		}
	}
	if text := fixText(&f.Fix); text != "" && f.Verdict != model.Pass {
		out.Remediation = &asffRemediation{Recommendation: asffRecommendation{Text: cut(text, asffText)}}
		if len(control.References) > 0 {
			out.Remediation.Recommendation.URL = control.References[0]
		}
	}
	if f.State == model.Gone {
		out.RecordState = "ARCHIVED"
	}
	return out
}

// asffFindingID names asset, control and finding; assets whose id leaves no
// room for that are named by the finding alone, whose hash covers the asset.
func asffFindingID(f *model.Finding) string {
	id := f.Asset.ID + "/" + f.Control + "/" + f.ID
	if len(id) > asffID {
		id = f.Control + "/" + f.ID
	}
	return id
}

// asffStatus maps the verdict; an unknown one is NOT_AVAILABLE when an API
// call failed and WARNING when something else keeps it open.
func asffStatus(f *model.Finding) string {
	switch f.Verdict {
	case model.Pass:
		return "PASSED"
	case model.Fail:
		return "FAILED"
	case model.Unknown:
		for _, g := range f.Gaps {
			switch g.Reason {
			case model.Denied, model.Throttled, model.Failed:
				return "NOT_AVAILABLE"
			}
		}
	}
	return "WARNING"
}

func asffReasonsOf(f *model.Finding) []asffStatusReason {
	var out []asffStatusReason
	for i := range f.Gaps {
		g := &f.Gaps[i]
		code := cmp.Or(g.Code, "STANCE_"+strings.ToUpper(string(g.Reason)))
		out = append(out, asffStatusReason{ReasonCode: code, Description: cut(g.Error(), asffReason)})
	}
	for _, e := range f.Evidence[:min(len(f.Evidence), asffReasons)] {
		out = append(out, asffStatusReason{ReasonCode: "STANCE_EVIDENCE", Description: cut(evidenceLine(e), asffReason)})
	}
	return out[:min(len(out), asffReasons)]
}

// asffTags returns at most 50 tags, the most the format takes, cut to its
// limits of 128 and 256 characters.
func asffTags(tags map[string]string) map[string]string {
	if len(tags) == 0 || len(tags) > 50 {
		return nil
	}
	out := make(map[string]string, len(tags))
	for _, k := range sortedKeys(tags) { // keys may be the same once they are cut
		out[cut(k, 128)] = cut(tags[k], 256)
	}
	return out
}

func asffTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// asffHome returns the region in which findings on global assets are kept.
func asffHome(partition string) string {
	switch partition {
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-cn":
		return "cn-north-1"
	}
	return "us-east-1"
}

var asffLabels = map[model.Severity]string{
	model.Critical: "CRITICAL", model.High: "HIGH", model.Medium: "MEDIUM", model.Low: "LOW", model.Info: "INFORMATIONAL",
}
