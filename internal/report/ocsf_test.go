package report

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

func ocsfEvents(t *testing.T, in Input) map[string]object {
	t.Helper()
	got, err := render(writeOCSF, in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]object{}
	for _, e := range decodeLines(t, got) {
		out[e.at("finding_info.uid").(string)] = e
	}
	return out
}

func TestOCSFRequiredMembers(t *testing.T) {
	for _, class := range []int{0, ocsfCompliance, ocsfDetection} {
		for _, in := range []Input{estate(), withoutOptional()} {
			in.OCSFClass, in.Verbose = class, true
			for id, e := range ocsfEvents(t, in) {
				needs(t, e, map[string]string{
					"activity_id": "number", "category_uid": "number", "class_uid": "number", "type_uid": "number", "time": "number",
					"severity_id": "number", "status_id": "number", "metadata.version": "string", "metadata.product.name": "string",
					"finding_info.uid": "string", "finding_info.title": "string", "resources": "array", "cloud.provider": "string",
				})
				if e.at("type_uid") != e.at("class_uid").(float64)*100+e.at("activity_id").(float64) {
					t.Errorf("%s: type_uid %v", id, e.at("type_uid"))
				}
				// Milliseconds of this century have thirteen digits.
				for _, path := range []string{"time", "finding_info.created_time", "finding_info.first_seen_time", "finding_info.last_seen_time", "finding_info.modified_time"} {
					if v, ok := e.at(path).(float64); ok && (v < 1e12 || v > 1e13) {
						t.Errorf("%s: %s is %v, not milliseconds", id, path, v)
					}
				}
				if e.at("remediation") != nil {
					needs(t, e, map[string]string{"remediation.desc": "string"})
				}
				path := "compliance"
				if class == ocsfDetection {
					path = "unmapped.compliance"
				}
				needs(t, e, map[string]string{path + ".control": "string", path + ".status_id": "number", path + ".status": "string"})
			}
		}
	}
}

func TestOCSFMapping(t *testing.T) {
	type mapped struct{ Activity, Status, Severity, Compliance float64 }
	base := model.Finding{ID: "f-1", Control: "c", Severity: model.High, FirstSeen: day1, LastSeen: day2}
	for _, tt := range []struct {
		name   string
		change func(f *model.Finding)
		want   mapped
	}{
		{"first fail", func(f *model.Finding) { f.Verdict, f.State, f.FirstSeen = model.Fail, model.Open, day2 }, mapped{1, 1, 4, 3}},
		{"no history", func(f *model.Finding) { f.Verdict, f.FirstSeen = model.Fail, firstTime() }, mapped{1, 1, 4, 3}},
		{"still fails", func(f *model.Finding) { f.Verdict, f.State = model.Fail, model.Open }, mapped{2, 1, 4, 3}},
		{"turned pass", func(f *model.Finding) { f.Verdict, f.State = model.Pass, model.Resolved }, mapped{3, 4, 1, 1}},
		{"never failed", func(f *model.Finding) { f.Verdict, f.State = model.Pass, model.Passing }, mapped{2, 4, 1, 1}},
		{"gone", func(f *model.Finding) { f.Verdict, f.State = model.Fail, model.Gone }, mapped{3, 6, 4, 3}},
		{"waived", func(f *model.Finding) { f.Verdict, f.State = model.Fail, model.Waived }, mapped{2, 3, 4, 3}},
		{"unknown", func(f *model.Finding) { f.Verdict, f.State = model.Unknown, model.Open }, mapped{2, 1, 4, 0}},
		{"manual", func(f *model.Finding) { f.Verdict = model.Manual }, mapped{2, 1, 4, 99}},
		{"not applicable", func(f *model.Finding) { f.Verdict = model.NotApplicable }, mapped{2, 4, 1, 99}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := base
			tt.change(&f)
			e := ocsfEvents(t, Input{Findings: each([]model.Finding{f}), Now: day2, Verbose: true})["f-1"]
			got := mapped{e.at("activity_id").(float64), e.at("status_id").(float64), e.at("severity_id").(float64), e.at("compliance.status_id").(float64)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, want := e.at("unmapped.stance.verdict"), string(f.Verdict); got != want {
				t.Errorf("verdict %v, want %s", got, want)
			}
		})
	}
}

func TestOCSFOptions(t *testing.T) {
	in := estate()
	in.OCSFClass = 2001
	if _, err := render(writeOCSF, in); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	for _, verbose := range []bool{false, true} {
		in := estate()
		in.Verbose = verbose
		found := false
		for _, e := range ocsfEvents(t, in) {
			found = found || e.at("compliance.status") == "NotApplicable"
		}
		if found != verbose {
			t.Errorf("verbose %v: not applicable exported: %v", verbose, found)
		}
	}
}
