package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// TestAccountsAboveThatWereNotScanned holds that a scan of one project does not
// say what its organization lacks.
func TestAccountsAboveThatWereNotScanned(t *testing.T) {
	const sink, projectType = "logging.googleapis.com/LogSink", "cloudresourcemanager.googleapis.com/Project"
	object := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{"name": {Kind: model.String}}}
	engine, err := policy.New(map[string]*model.Schema{sink: object, projectType: object})
	if err != nil {
		t.Fatal(err)
	}
	program, err := engine.Compile(model.Control{
		ID: "gcp-x", Type: projectType, Holds: `assets_above("logging.googleapis.com/LogSink").exists(s, s.config.name == "all")`,
	})
	if err != nil {
		t.Fatal(err)
	}
	project := model.Scope{Provider: model.GCP, Partition: "gcp", Account: "shop", OrgPath: "organizations/1/folders/2/projects/shop"}
	folder := model.Scope{Provider: model.GCP, Partition: "gcp", Account: "folders/2", OrgPath: "organizations/1/folders/2"}
	organization := model.Scope{Provider: model.GCP, Partition: "gcp", Account: "organizations/1", OrgPath: "organizations/1"}
	frame := func(s model.Scope) *model.Asset {
		return &model.Asset{ID: "//" + s.Account, Type: "cloudresourcemanager.googleapis.com/Folder", Scope: s}
	}
	sinkOf := func(s model.Scope) *model.Asset {
		return &model.Asset{ID: "//" + s.Account + "/sinks/all", Type: sink, Scope: s, Config: model.Document{"name": "all"}}
	}
	for _, c := range []struct {
		name    string
		above   []*model.Asset
		want    model.Verdict
		because string
	}{
		{"all above was scanned", []*model.Asset{frame(folder), frame(organization)}, model.Fail, ""},
		{"the organization was not", []*model.Asset{frame(folder)}, model.Unknown, "organizations/1 is not in the scope"},
		{"nothing above was", nil, model.Unknown, "folders/2 is not in the scope"},
		{"what was scanned decides", []*model.Asset{frame(folder), sinkOf(folder)}, model.Pass, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := policy.NewInventories()
			subject := &model.Asset{ID: "//project", Type: projectType, Scope: project, Config: model.Document{"name": "shop"}}
			all.Of(project).Add(subject)
			for _, a := range c.above {
				all.Of(a.Scope).Add(a)
			}
			got := policy.NewEvaluator(all.View(project), time.Now()).Evaluate(program, subject)
			if got.Verdict != c.want {
				t.Errorf("verdict %s, want %s", got.Verdict, c.want)
			}
			said := false
			for _, g := range got.Gaps {
				said = said || strings.Contains(g.Detail, c.because)
			}
			if c.because != "" && !said {
				t.Errorf("the gaps do not say %q: %+v", c.because, got.Gaps)
			}
		})
	}
}
