package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// TestAccountAssets holds that assets of an account that was not read are unknown,
// never absent.
func TestAccountAssets(t *testing.T) {
	const metric, projectType = "logging.googleapis.com/LogMetric", "cloudresourcemanager.googleapis.com/Project"
	object := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{"name": {Kind: model.String}}}
	engine, err := policy.New(map[string]*model.Schema{metric: object, projectType: object})
	if err != nil {
		t.Fatal(err)
	}
	compile := func(holds string) *policy.Program {
		p, err := engine.Compile(model.Control{ID: "gcp-x", Type: projectType, Holds: holds})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	exists := compile(`account_assets(config.name, "logging.googleapis.com/LogMetric").exists(m, m.config.name == "rules")`)
	named := compile(`account_assets(config.name, "logging.googleapis.com/LogMetric").named("rules").account == config.name`)
	if got := exists.Uses.Elsewhere; len(got) != 1 || got[0] != metric || len(exists.Uses.Inventory) != 1 {
		t.Fatalf("the control uses %+v, want %s of other accounts", exists.Uses, metric)
	}

	scope := func(account string) model.Scope {
		return model.Scope{Provider: model.GCP, Partition: "gcp", Account: account, OrgPath: "organizations/1/projects/" + account}
	}
	organization := model.Scope{Provider: model.GCP, Partition: "gcp", Account: "organizations/1", OrgPath: "organizations/1"}
	add := func(inv *policy.Inventory, account string) {
		inv.Add(&model.Asset{ID: "//" + account + "/metrics/rules", Name: "rules", Type: metric, Scope: scope(account), Config: model.Document{"name": "rules"}})
	}
	denied := &model.Gap{Scope: scope("central"), Type: metric, Reason: model.Denied, Operation: "list"}
	for _, c := range []struct {
		name    string
		account string
		fill    func(*policy.Inventories)
		want    model.Verdict
		because string
	}{
		{"its own", "shop", func(all *policy.Inventories) { add(all.Of(scope("shop")), "shop") }, model.Pass, ""},
		{"its own, which has none", "shop", func(*policy.Inventories) {}, model.Fail, ""},
		{"another one", "central", func(all *policy.Inventories) {
			add(all.Of(scope("central")), "central")
			all.Of(scope("central")).MarkRead()
		}, model.Pass, ""},
		{"another one that has none", "central", func(all *policy.Inventories) { all.Of(scope("central")).MarkRead() }, model.Fail, ""},
		{"one that is not in the scan", "central", func(*policy.Inventories) {}, model.Unknown, "central is not in the scope of the scan"},
		{"one of which some asset came along", "central", func(all *policy.Inventories) {
			all.Of(scope("central")).Add(&model.Asset{ID: "//x", Type: projectType, Scope: scope("central")})
		}, model.Unknown, "central is not in the scope of the scan"},
		{"one whose listing failed", "central", func(all *policy.Inventories) {
			all.Of(scope("central")).MarkRead()
			all.Of(scope("central")).AddGap(denied)
		}, model.Unknown, "list"},
		{"one whose listing failed after the one that matters", "central", func(all *policy.Inventories) {
			add(all.Of(scope("central")), "central")
			all.Of(scope("central")).MarkRead()
			all.Of(scope("central")).AddGap(denied)
		}, model.Pass, ""},
		{"one below a listing of the organization that failed", "central", func(all *policy.Inventories) {
			all.Of(scope("central")).MarkRead()
			all.Of(organization).AddGap(&model.Gap{Scope: organization, Type: metric, Reason: model.Denied, Operation: "list", Below: true})
		}, model.Unknown, "list"},
		{"one that is fetched", "central", func(all *policy.Inventories) {
			all.FetchWith(func(account string) *policy.Inventory {
				inv := all.Apart(scope(account))
				add(inv, account)
				return inv
			})
		}, model.Pass, ""},
		{"one that cannot be fetched", "central", func(all *policy.Inventories) {
			all.FetchWith(func(string) *policy.Inventory { return nil })
		}, model.Unknown, "central is not in the scope of the scan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, program := range []*policy.Program{exists, named} {
				all := policy.NewInventories()
				subject := &model.Asset{ID: "//project", Type: projectType, Scope: scope("shop"), Config: model.Document{"name": c.account}}
				all.Of(scope("shop")).Add(subject)
				c.fill(all)
				got := policy.NewEvaluator(all.View(scope("shop")), time.Now()).Evaluate(program, subject)
				want := c.want
				if program == named && want == model.Fail {
					want = model.Unknown // what is not there has no account
				}
				if got.Verdict != want {
					t.Errorf("%s: verdict %s, want %s: %+v", program.Control.Holds, got.Verdict, want, got)
				}
				if c.because != "" && !strings.Contains(got.Message, c.because) {
					t.Errorf("%s: %q does not say %q", program.Control.Holds, got.Message, c.because)
				}
			}
		})
	}
}
