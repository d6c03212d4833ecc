package risk

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
)

func TestScore(t *testing.T) {
	bucket := model.AssetRef{Class: "bucket", Tags: map[string]string{"Environment": "Production", "team": "a"}}
	for _, tt := range []struct {
		name    string
		finding model.Finding
		control *model.Control
		context Context
		want    model.Risk
	}{
		{"passing has none", model.Finding{Verdict: model.Pass, Severity: model.Critical}, nil, Context{Exposed: true}, model.Risk{}},
		{"manual has none", model.Finding{Verdict: model.Manual, Severity: model.High}, nil, Context{}, model.Risk{}},
		{"severity alone", model.Finding{Verdict: model.Fail, Severity: model.Medium}, nil, Context{}, model.Risk{Score: 30, Reasons: []string{"medium severity"}}},
		{"severity of the control", model.Finding{Verdict: model.Fail}, &model.Control{Severity: model.Info}, Context{}, model.Risk{Score: 5, Reasons: []string{"info severity"}}},
		{
			"everything is capped",
			model.Finding{Verdict: model.Fail, Severity: model.Critical, Asset: bucket},
			&model.Control{Categories: []string{"escalation"}},
			Context{Exposed: true, ExposedBy: "bucket policy", Related: 9},
			model.Risk{Score: 100, Reasons: []string{
				"critical severity", "exposed to the internet by bucket policy", "gives strong privileges", "holds data",
				"production (Environment=Production)", "9 more failing findings on the same asset",
			}},
		},
		{
			"unknown is lower",
			model.Finding{Verdict: model.Unknown, Severity: model.High, Asset: model.AssetRef{Class: "key"}},
			nil,
			Context{Related: 1},
			model.Risk{Score: 24, Reasons: []string{
				"high severity", "guards encrypted data", "1 more failing finding on the same asset", "undecided: it could not be read, so it may fail",
			}},
		},
		{
			"context says what the asset does not",
			model.Finding{Verdict: model.Fail, Severity: model.Low, Asset: model.AssetRef{Class: "disk"}},
			nil,
			Context{HoldsData: true, Production: true, Privileged: true},
			model.Risk{Score: 38, Reasons: []string{"low severity", "gives strong privileges", "holds data", "production"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Score(&tt.finding, tt.control, tt.context)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProductionTagIsDeterministic(t *testing.T) {
	tags := map[string]string{"stage": "live", "env": "prod", "tier": "production"}
	for range 20 {
		if got := productionTag(tags); got != "env=prod" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := model.Finding{
			Verdict: model.Fail, Severity: rapid.SampledFrom(model.Severities).Draw(t, "severity"),
			Asset: model.AssetRef{Class: rapid.SampledFrom([]model.Class{"bucket", "secret", "user", ""}).Draw(t, "class")},
		}
		less := Context{Related: rapid.IntRange(0, 5).Draw(t, "related"), HoldsData: rapid.Bool().Draw(t, "data"), Production: rapid.Bool().Draw(t, "production")}
		more := less
		more.Exposed, more.Privileged, more.Related = true, rapid.Bool().Draw(t, "privileged"), less.Related+1
		low, high := Score(&f, nil, less).Score, Score(&f, nil, more).Score
		if low > high {
			t.Errorf("a fact lowered the risk: %d to %d", low, high)
		}
		unknown := f
		unknown.Verdict = model.Unknown
		if u := Score(&unknown, nil, more).Score; u >= high || u < 0 || high > 100 {
			t.Errorf("failing %d, unknown %d", high, u)
		}
	})
}

func value(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(*v)
}

func TestPosture(t *testing.T) {
	type add struct {
		v model.Verdict
		s model.Severity
		n int
	}
	for _, tt := range []struct {
		name                              string
		adds                              []add
		score, floor, unweighted, unknown string
	}{
		{"nothing", nil, "none", "none", "none", "none"},
		{"not applicable and manual do not count", []add{{model.NotApplicable, model.High, 3}, {model.Manual, model.High, 2}}, "none", "none", "none", "none"},
		{"weights", []add{{model.Pass, model.Critical, 1}, {model.Fail, model.Low, 10}}, "50", "50", "9", "0"},
		{"info weighs nothing", []add{{model.Fail, model.Info, 3}}, "none", "none", "0", "0"},
		{"unknown stands beside", []add{{model.Pass, model.Medium, 3}, {model.Fail, model.Medium, 1}, {model.Unknown, model.Medium, 1}}, "75", "60", "75", "20"},
		{"all unknown has no score", []add{{model.Unknown, model.High, 2}}, "none", "0", "none", "100"},
		{"one failure is never rounded to all", []add{{model.Pass, model.Low, 99999}, {model.Fail, model.Low, 1}}, "99.9", "99.9", "99.9", "0"},
		{"one unknown is never rounded to none", []add{{model.Pass, model.Low, 99999}, {model.Unknown, model.Low, 1}}, "100", "99.9", "100", "0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p Posture
			for _, a := range tt.adds {
				for range a.n {
					p.Add(a.v, a.s)
				}
			}
			s := p.Summary()
			got := []string{value(s.Score), value(s.Floor), value(s.Unweighted), value(s.UnknownShare)}
			if diff := cmp.Diff([]string{tt.score, tt.floor, tt.unweighted, tt.unknown}, got); diff != "" {
				t.Errorf("score, floor, unweighted, unknown share (-want +got):\n%s", diff)
			}
		})
	}
}

var verdicts = []model.Verdict{model.Pass, model.Fail, model.Unknown, model.NotApplicable, model.Manual}

func TestPostureNeverRisesByNotReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		var read, notRead, first, second Posture
		for i := range n {
			v, s := rapid.SampledFrom(verdicts).Draw(t, "verdict"), rapid.SampledFrom(model.Severities).Draw(t, "severity")
			read.Add(v, s)
			if (v == model.Pass || v == model.Fail) && rapid.Bool().Draw(t, "lost") {
				v = model.Unknown
			}
			notRead.Add(v, s)
			if i%2 == 0 {
				first.Add(v, s)
			} else {
				second.Add(v, s)
			}
		}
		before, after := read.Summary(), notRead.Summary()
		if before.Floor != nil && *after.Floor > *before.Floor {
			t.Errorf("floor rose from %v to %v", *before.Floor, *after.Floor)
		}
		if before.UnknownShare != nil && *after.UnknownShare < *before.UnknownShare {
			t.Errorf("unknown share fell from %v to %v", *before.UnknownShare, *after.UnknownShare)
		}
		if after.Score != nil && *after.Floor > *after.Score {
			t.Errorf("floor %v above score %v", *after.Floor, *after.Score)
		}
		first.Merge(second)
		if first != notRead {
			t.Error("merged parts are not the whole")
		}
	})
}

func TestRollup(t *testing.T) {
	req := func(id, manual string, controls ...string) model.Requirement {
		return model.Requirement{ID: id, Manual: manual, Controls: controls}
	}
	per := map[string]Tally{
		"pass": {Pass: 3}, "fail": {Pass: 1, Fail: 2}, "unknown": {Pass: 5, Unknown: 1}, "none": {NotApplicable: 4}, "person": {Manual: 1},
		"unlisted": {Pass: 2, Unlisted: true},
	}
	for _, tt := range []struct {
		name string
		req  model.Requirement
		want model.Verdict
		part bool
	}{
		{"passes", req("1", "", "pass", "none"), model.Pass, false},
		{"one failing control fails it", req("1", "", "pass", "unknown", "fail"), model.Fail, false},
		{"an unknown control is not passed", req("1", "", "pass", "unknown"), model.Unknown, false},
		{"a failed listing is not passed", req("1", "", "unlisted"), model.Unknown, false},
		{"nothing applies", req("1", "", "none"), model.NotApplicable, false},
		{"controls that met no asset", req("1", "", "absent"), model.NotApplicable, false},
		{"manual finding", req("1", "", "person", "none"), model.Manual, false},
		{"nothing mapped", req("1", ""), model.Manual, false},
		{"nothing mapped with reason", req("1", "look"), model.Manual, false},
		{"data proves a part", req("1", "look", "pass"), model.Pass, true},
		{"no data and a person", req("1", "look", "none"), model.Manual, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Rollup(model.Framework{Requirements: []model.Requirement{tt.req}}, per, Record{})
			if len(got) != 1 || got[0].Status != tt.want || got[0].Partial != tt.part {
				t.Errorf("got %+v, want status %s, partial %v", got, tt.want, tt.part)
			}
		})
	}
}

func TestMarkUnlisted(t *testing.T) {
	controls := map[string]model.Control{
		"b": {ID: "b", Type: "AWS::S3::Bucket"}, "v": {ID: "v", Type: "AWS::EC2::Volume"}, "k": {ID: "k", Class: "key"},
		"c": {ID: "c", Class: "queue", Types: []string{"AWS::SQS::Queue", "pubsub.googleapis.com/Subscription"}},
		"d": {ID: "d", Class: "topic", Types: []string{"AWS::SNS::Topic"}},
	}
	gaps := []model.Gap{
		{Type: "AWS::S3::Bucket", Reason: model.Denied},
		{Type: "AWS::EC2::Volume", Asset: "vol-1", Path: "Tags", Reason: model.Denied},
		{Type: "AWS::KMS::Key", Reason: model.Throttled},
		{Type: "pubsub.googleapis.com/Subscription", Reason: model.Denied},
	}
	per := map[string]Tally{"b": {Pass: 1}, "v": {Pass: 1}}
	MarkUnlisted(per, controls, gaps, func(c model.Class) []string {
		if c == "key" {
			return []string{"AWS::KMS::Key"}
		}
		return nil
	})
	want := map[string]Tally{"b": {Pass: 1, Unlisted: true}, "v": {Pass: 1}, "k": {Unlisted: true}, "c": {Unlisted: true}}
	if diff := cmp.Diff(want, per); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	MarkUnlisted(per, controls, gaps, nil)
}
