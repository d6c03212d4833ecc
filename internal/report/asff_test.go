package report

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stance-sec/stance/internal/model"
)

func asffFindings(t *testing.T, in Input) []object {
	t.Helper()
	got, err := render(writeASFF, in)
	if err != nil {
		t.Fatal(err)
	}
	var out []object
	if err := json.Unmarshal([]byte(got), &out); err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		validASFF(t, o)
	}
	return out
}

var asffInstant = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func validASFF(t *testing.T, o object) {
	t.Helper()
	needs(t, o, map[string]string{
		"SchemaVersion": "string", "Id": "string", "ProductArn": "string", "GeneratorId": "string", "AwsAccountId": "string",
		"CreatedAt": "string", "UpdatedAt": "string", "Title": "string", "Description": "string", "Resources.0.Type": "string", "Resources.0.Id": "string",
		"Severity.Label": "string", "Types": "array", "Compliance.Status": "string", "ProductFields": "object", "RecordState": "string",
	})
	for path, most := range map[string]int{"Title": 256, "Description": 1024, "Id": 512, "Resources.0.Id": 512, "Remediation.Recommendation.Text": 512} {
		if s, ok := o.at(path).(string); ok && utf8.RuneCountInString(s) > most {
			t.Errorf("%s has %d characters, at most %d", path, utf8.RuneCountInString(s), most)
		}
	}
	for _, path := range []string{"CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"} {
		if s, ok := o.at(path).(string); ok && !asffInstant.MatchString(s) {
			t.Errorf("%s is %q", path, s)
		}
	}
	for k, v := range o.at("ProductFields").(map[string]any) {
		if _, ok := v.(string); !ok {
			t.Errorf("ProductFields %s is %T", k, v)
		}
	}
	if l, ok := o.at("Compliance.RelatedRequirements").([]any); ok && len(l) > 32 {
		t.Errorf("%d related requirements", len(l))
	}
	if raw, _ := json.Marshal(o); len(raw) > asffBytes {
		t.Errorf("finding of %d bytes", len(raw))
	}
}

func TestASFF(t *testing.T) {
	byAsset := map[string]object{}
	for _, o := range asffFindings(t, estate()) {
		byAsset[o.at("Resources.0.Id").(string)+" "+strings.TrimPrefix(o.at("GeneratorId").(string), "stance/")] = o
	}
	for key, want := range map[string]map[string]string{
		"arn:aws:s3:::logs " + tlsControl.ID:                           {"Compliance.Status": "FAILED", "Severity.Label": "HIGH", "RecordState": "ACTIVE", "Resources.0.Type": "AwsS3Bucket"},
		"arn:aws:s3:::data " + tlsControl.ID:                           {"Compliance.Status": "PASSED", "Severity.Label": "INFORMATIONAL"},
		"arn:aws:s3:::vault " + tlsControl.ID:                          {"Compliance.Status": "NOT_AVAILABLE", "Compliance.StatusReasons.0.ReasonCode": "AccessDenied"},
		"arn:aws:s3:::zz-removed " + publicControl.ID:                  {"RecordState": "ARCHIVED"},
		"arn:aws:iam::111122223333:root aws-account-contacts-reviewed": {"Compliance.Status": "WARNING", "Resources.0.Type": "Other", "Region": "us-east-1"},
	} {
		o, ok := byAsset[key]
		if !ok {
			t.Errorf("no finding %q", key)
			continue
		}
		for path, value := range want {
			if got := o.at(path); got != value {
				t.Errorf("%s: %s is %v, want %s", key, path, got, value)
			}
		}
	}
	if len(byAsset) != len(estateFindings())-1 {
		t.Errorf("got %d findings: all but the not applicable one are exported", len(byAsset))
	}
}

func TestASFFLimits(t *testing.T) {
	f := model.Finding{
		ID: "f-1", Control: "c", Verdict: model.Fail, Severity: model.High, Message: strings.Repeat("é", 400),
		Asset: model.AssetRef{ID: strings.Repeat("a", 600), Type: "AWS::EC2::VPC", Provider: model.AWS, Partition: "aws-us-gov", Account: "111122223333"},
		Fix:   model.Fix{Steps: []string{strings.Repeat("step ", 500)}},
	}
	for range 50 {
		f.Frameworks = append(f.Frameworks, model.RequirementRef{Framework: "fw", Requirement: "1"})
		f.Evidence = append(f.Evidence, model.Evidence{Path: "p", Value: strings.Repeat("v", 20_000)})
	}
	azure := f
	azure.Asset.Provider = model.Azure
	in := Input{Findings: each([]model.Finding{f, azure}), Controls: map[string]model.Control{"c": {ID: "c", Why: strings.Repeat("why ", 900)}}, Now: day2}
	got := asffFindings(t, in)
	if len(got) != 1 {
		t.Fatalf("got %d findings, want the one of AWS", len(got))
	}
	if arn := got[0].at("ProductArn"); arn != "arn:aws-us-gov:securityhub:us-gov-west-1:111122223333:product/111122223333/default" {
		t.Errorf("ProductArn %v", arn)
	}
	if got[0].at("Region") == "" || got[0].at("Id") != "c/f-1" {
		t.Errorf("Id %v", got[0].at("Id"))
	}
}

func TestASFFUnknownWithoutCall(t *testing.T) {
	f := model.Finding{Verdict: model.Unknown, Gaps: []model.Gap{{Reason: model.Unresolved}}}
	if got := asffStatus(&f); got != "WARNING" {
		t.Errorf("got %s", got)
	}
}
