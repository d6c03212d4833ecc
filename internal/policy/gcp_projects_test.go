package policy_test

import (
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// TestByProjectID holds that a number stands for a project where the scan knows the
// project, in memory or out of it, and stays what it is elsewhere.
func TestByProjectID(t *testing.T) {
	const projectType = "cloudresourcemanager.googleapis.com/Project"
	object := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{"name": {Kind: model.String}, "projectNumber": {Kind: model.Int}}}
	engine, err := policy.New(map[string]*model.Schema{projectType: object})
	if err != nil {
		t.Fatal(err)
	}
	scope := func(account string) model.Scope {
		return model.Scope{Provider: model.GCP, Partition: "gcp", Account: account, OrgPath: "organizations/1/projects/" + account}
	}
	project := func(account string, number any) *model.Asset {
		return &model.Asset{ID: "//" + account, Type: projectType, Scope: scope(account), Config: model.Document{"projectNumber": number}}
	}
	inMemory := func(all *policy.Inventories) {
		all.Of(scope("central")).Add(project("central", int64(4711)))
		all.Of(scope("central")).MarkRead()
	}
	fetched := func(all *policy.Inventories) {
		all.FetchWith(func(account string) *policy.Inventory {
			if account != "4711" && account != "central" {
				return nil
			}
			return all.Apart(scope("central"))
		})
	}
	for _, c := range []struct {
		name, text, want string
		fill             func(*policy.Inventories)
	}{
		{"in memory", "logging.googleapis.com/projects/4711/locations/eu/buckets/all", "logging.googleapis.com/projects/central/locations/eu/buckets/all", inMemory},
		{"fetched", "logging.googleapis.com/projects/4711", "logging.googleapis.com/projects/central", fetched},
		{"at the beginning", "projects/4711/topics/t", "projects/central/topics/t", inMemory},
		{"of its own", "projects/42", "projects/shop", func(*policy.Inventories) {}},
		{"nobody knows it", "projects/4712/topics/t", "projects/4712/topics/t", inMemory},
		{"not in whole", "projects/4711/topics/t", "projects/4711/topics/t", func(all *policy.Inventories) {
			all.Of(scope("central")).Add(project("central", int64(4711)))
		}},
		{"by its id already", "projects/shop4711/topics/t", "projects/shop4711/topics/t", inMemory},
		{"a number of something else", "storage.googleapis.com/4711", "storage.googleapis.com/4711", inMemory},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := policy.NewInventories()
			subject := project("shop", int64(42))
			all.Of(scope("shop")).Add(subject)
			all.Of(scope("shop")).MarkRead()
			c.fill(all)
			program, err := engine.Compile(model.Control{ID: "gcp-x", Type: projectType, Params: map[string]any{"text": c.text, "want": c.want}, Holds: "asset.by_project_id(params.text) == params.want"})
			if err != nil {
				t.Fatal(err)
			}
			if got := policy.NewEvaluator(all.View(scope("shop")), time.Now()).Evaluate(program, subject); got.Verdict != model.Pass {
				t.Errorf("%s is not %s: %+v", c.text, c.want, got)
			}
			if uses := program.Uses.Inventory; len(uses) != 1 || uses[0] != projectType {
				t.Errorf("the control uses %v, want the projects", uses)
			}
		})
	}
}
