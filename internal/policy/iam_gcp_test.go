package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
)

func gcpEngine(t testing.TB) *Engine {
	t.Helper()
	schemas := map[string]*model.Schema{}
	for _, typ := range []string{gcpOrganizationType, gcpFolderType, gcpProjectType, gcpRoleType, "pubsub.googleapis.com/Topic"} {
		schemas[typ] = shape(map[string]*model.Schema{allowPolicy: kind(model.Any), "name": kind(model.String)})
	}
	schemas[gcpBucketType] = shape(map[string]*model.Schema{
		allowPolicy: kind(model.Any), "iamConfiguration": shape(map[string]*model.Schema{"publicAccessPrevention": kind(model.String)}),
	})
	e, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// estate is an organization with a folder, a project and what stands in it.
type estate struct {
	all                              *Inventories
	organization, folder, project    *model.Asset
	topic, bucket                    *model.Asset
	withoutOrganization, withoutPath bool
}

func newEstate() *estate {
	place := func(typ, id, account, path string) *model.Asset {
		return &model.Asset{
			ID: "//x/" + id, Name: id, Type: typ, Config: model.Document{},
			Scope: model.Scope{Provider: model.GCP, Account: account, OrgPath: path},
		}
	}
	const up = "organizations/1/folders/2"
	return &estate{
		organization: place(gcpOrganizationType, "organizations/1", "organizations/1", "organizations/1"),
		folder:       place(gcpFolderType, "folders/2", "folders/2", up),
		project:      place(gcpProjectType, "projects/shop", "shop", up+"/projects/shop"),
		topic:        place("pubsub.googleapis.com/Topic", "topics/t", "shop", up+"/projects/shop"),
		bucket:       place(gcpBucketType, "buckets/b", "shop", up+"/projects/shop"),
	}
}

func (e *estate) evaluate(t testing.TB, eng *Engine, a *model.Asset, holds string, more ...*model.Asset) Result {
	t.Helper()
	if e.all == nil {
		e.all = NewInventories()
	}
	for _, x := range append([]*model.Asset{e.folder, e.project, e.topic, e.bucket}, more...) {
		if e.withoutPath {
			x.Scope.OrgPath = ""
		}
		e.all.Of(x.Scope).Add(x)
	}
	if !e.withoutOrganization {
		e.all.Of(e.organization.Scope).Add(e.organization)
	}
	p, err := eng.Compile(model.Control{ID: "test", Type: a.Type, Holds: holds, Title: "t", Message: "m"})
	if err != nil {
		t.Fatal(err)
	}
	return NewEvaluator(e.all.View(a.Scope), now).Evaluate(p, a)
}

func binds(pairs ...string) map[string]any {
	var out []any
	for i := 0; i < len(pairs); i += 2 {
		role, condition, _ := strings.Cut(pairs[i], " if ")
		b := map[string]any{"role": role, "members": []any{pairs[i+1]}}
		if condition != "" {
			b["condition"] = map[string]any{"expression": condition}
		}
		out = append(out, b)
	}
	return map[string]any{"bindings": out}
}

func gapOn(a *model.Asset, path string) {
	a.Gaps = append(a.Gaps, model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: model.Denied, Operation: "getIamPolicy", Permission: "x.getIamPolicy"})
}

func TestGCPFunctions(t *testing.T) {
	const (
		agent   = "serviceAccount:1@cloudservices.gserviceaccount.com"
		account = "serviceAccount:s@shop.iam.gserviceaccount.com"
		tagged  = `roles/viewer if resource.matchTag("1/env", "dev")`
		expired = `roles/viewer if request.time < timestamp("2026-01-01T00:00:00Z")`
	)
	audit := map[string]any{"auditConfigs": []any{map[string]any{"service": "allServices", "auditLogConfigs": []any{
		map[string]any{"logType": "DATA_READ"}, map[string]any{"logType": "ADMIN_READ"},
	}}}}
	own := func(p map[string]any) func(*estate) {
		return func(e *estate) {
			e.topic.Config[allowPolicy], e.bucket.Config[allowPolicy], e.project.Config[allowPolicy] = p, p, p
		}
	}
	unread := func(path string) func(*estate) {
		return func(e *estate) { gapOn(e.topic, path); gapOn(e.bucket, path); gapOn(e.project, path) }
	}
	customRole := func(permissions ...any) *model.Asset {
		return &model.Asset{
			ID: "//iam.googleapis.com/projects/shop/roles/r", Type: gcpRoleType, Scope: model.Scope{Provider: model.GCP, Account: "shop"},
			Config: model.Document{"name": "projects/shop/roles/r", "includedPermissions": permissions},
		}
	}
	tests := []struct {
		name, holds string
		on          string // topic unless said otherwise
		set         []func(*estate)
		more        []*model.Asset
		want        model.Verdict
		because     string
	}{
		{name: "public", holds: `!asset.iam_public()`, set: []func(*estate){own(binds("roles/viewer", "allUsers"))}, want: model.Fail, because: "bindings[0] gives roles/viewer to allUsers"},
		{name: "private", holds: `!asset.iam_public()`, set: []func(*estate){own(binds("roles/viewer", "user:a@b.c"))}, want: model.Pass},
		{name: "no policy", holds: `!asset.iam_public()`, want: model.Pass},
		{name: "policy not read", holds: `!asset.iam_public()`, set: []func(*estate){unread(allowPolicy)}, want: model.Unknown, because: "getIamPolicy"},
		{name: "bindings not read", holds: `!asset.iam_public()`, set: []func(*estate){unread(allowPolicy + ".bindings")}, want: model.Unknown, because: "getIamPolicy"},
		{name: "document not read", holds: `!asset.iam_public()`, set: []func(*estate){unread("")}, want: model.Unknown},
		{name: "carried over", holds: `!asset.iam_public()`, set: []func(*estate){func(e *estate) { e.topic.Stale = true }}, want: model.Unknown},
		{name: "another member not read", holds: `!asset.iam_public()`, set: []func(*estate){unread("name")}, want: model.Pass},
		{name: "public, perhaps", holds: `!asset.iam_public()`, set: []func(*estate){own(binds(tagged, "allUsers"))}, want: model.Unknown, because: "matchTag"},
		{name: "public no longer", holds: `!asset.iam_public()`, set: []func(*estate){own(binds(expired, "allUsers"))}, want: model.Pass},
		{name: "bucket public", holds: `!asset.iam_public()`, on: "bucket", set: []func(*estate){own(binds("roles/viewer", "allUsers"))}, want: model.Fail},
		{name: "bucket prevented", holds: `!asset.iam_public()`, on: "bucket", set: []func(*estate){own(binds("roles/viewer", "allUsers")), func(e *estate) {
			e.bucket.Config["iamConfiguration"] = map[string]any{"publicAccessPrevention": "enforced"}
		}}, want: model.Pass, because: "publicAccessPrevention"},
		{name: "bucket prevented, policy not read", holds: `!asset.iam_public()`, on: "bucket", set: []func(*estate){unread(allowPolicy), func(e *estate) {
			e.bucket.Config["iamConfiguration"] = map[string]any{"publicAccessPrevention": "enforced"}
		}}, want: model.Pass},
		{name: "bucket prevention not read", holds: `!asset.iam_public()`, on: "bucket", set: []func(*estate){own(binds("roles/viewer", "allUsers")), func(e *estate) { gapOn(e.bucket, "iamConfiguration") }}, want: model.Unknown},
		{name: "bucket prevention not read, private", holds: `!asset.iam_public()`, on: "bucket", set: []func(*estate){func(e *estate) { gapOn(e.bucket, "iamConfiguration.publicAccessPrevention") }}, want: model.Pass},

		{name: "grants", holds: `!asset.iam_grants("roles/iam.serviceAccountUser", ["user"])`, set: []func(*estate){own(binds("roles/iam.serviceAccountUser", "user:a@b.c"))}, want: model.Fail},
		{name: "grants to another kind", holds: `!asset.iam_grants(["roles/iam.serviceAccountUser", "roles/x"], ["user"])`, set: []func(*estate){own(binds("roles/iam.serviceAccountUser", "group:a@b.c"))}, want: model.Pass},
		{name: "grants to any kind", holds: `!asset.iam_grants("roles/iam.serviceAccountUser", [])`, set: []func(*estate){own(binds("roles/iam.serviceAccountUser", "group:a@b.c"))}, want: model.Fail},
		{name: "a kind that is none", holds: `!asset.iam_grants("roles/x", ["users"])`, want: model.Unknown, because: "no kind of member"},
		{name: "a role that is none", holds: `!asset.iam_grants("owner", ["user"])`, want: model.Unknown, because: "is no role"},

		{name: "admin", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("roles/editor", account))}, want: model.Fail},
		{name: "an agent", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("roles/editor", agent))}, want: model.Pass},
		{name: "custom role not read", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("projects/shop/roles/r", account))}, want: model.Unknown, because: "projects/shop/roles/r is not in the inventory"},
		{name: "custom role of a person not read", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("projects/shop/roles/r", "user:a@b.c"))}, want: model.Pass},
		{name: "custom role that is harmless", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("projects/shop/roles/r", account))}, more: []*model.Asset{customRole("storage.objects.get")}, want: model.Pass},
		{name: "custom role that administers", holds: `!asset.iam_admin_service_accounts()`, set: []func(*estate){own(binds("projects/shop/roles/r", account))}, more: []*model.Asset{customRole("iam.serviceAccountKeys.create")}, want: model.Fail, because: "iam.serviceAccountKeys.create"},

		{name: "basic", holds: `!asset.iam_basic_roles()`, set: []func(*estate){own(binds("roles/viewer", "user:a@b.c"))}, want: model.Fail},
		{name: "not basic", holds: `!asset.iam_basic_roles()`, set: []func(*estate){own(binds("roles/editor", agent))}, want: model.Pass},

		{name: "external", holds: `!asset.iam_external(["b.c"])`, set: []func(*estate){own(binds("roles/x", "user:a@d.e"))}, want: model.Fail},
		{name: "not external", holds: `!asset.iam_external(["b.c"])`, set: []func(*estate){own(binds("roles/x", "user:a@b.c"))}, want: model.Pass},
		{name: "no domains are known", holds: `!asset.iam_external([])`, set: []func(*estate){own(binds("roles/x", "user:a@d.e"))}, want: model.Pass},

		{name: "audits", holds: `asset.iam_audits(["DATA_READ", "ADMIN_READ"])`, set: []func(*estate){own(audit)}, want: model.Pass},
		{name: "audits inherited", holds: `asset.iam_audits(["DATA_READ"])`, on: "project", set: []func(*estate){func(e *estate) { e.organization.Config[allowPolicy] = audit }}, want: model.Pass, because: "organizations/1"},
		{name: "audits inherited from the project", holds: `asset.iam_audits(["DATA_READ"])`, set: []func(*estate){func(e *estate) { e.project.Config[allowPolicy] = audit }}, want: model.Pass},
		{name: "audits of none", holds: `asset.iam_audits(["DATA_READ"])`, want: model.Fail},
		{name: "audits of another type", holds: `asset.iam_audits(["DATA_WRITE"])`, set: []func(*estate){own(audit)}, want: model.Fail},
		{name: "audits, folder not read", holds: `asset.iam_audits(["DATA_READ"])`, set: []func(*estate){func(e *estate) { gapOn(e.folder, allowPolicy) }}, want: model.Unknown},
		{name: "audits, folder may exempt", holds: `asset.iam_audits(["DATA_READ"])`, set: []func(*estate){own(audit), func(e *estate) { gapOn(e.folder, allowPolicy) }}, want: model.Unknown},
		{name: "audits, organization not in the inventory", holds: `asset.iam_audits(["DATA_READ"])`, on: "project", set: []func(*estate){own(audit), func(e *estate) { e.withoutOrganization = true }}, want: model.Unknown, because: "organizations/1 is not in the inventory"},
		{name: "audits, place not known", holds: `asset.iam_audits(["DATA_READ"])`, on: "project", set: []func(*estate){own(audit), func(e *estate) { e.withoutPath = true }}, want: model.Unknown, because: "what holds shop is not known"},
		{name: "audits of the organization", holds: `asset.iam_audits(["DATA_READ"])`, on: "organization", set: []func(*estate){func(e *estate) { e.organization.Config[allowPolicy] = audit }}, want: model.Pass},
		{name: "a log type that is none", holds: `asset.iam_audits(["READ"])`, set: []func(*estate){own(audit)}, want: model.Unknown, because: "no type of log"},

		{name: "default account", holds: `default_service_account("12-compute@developer.gserviceaccount.com") && !default_service_account("s@shop.iam.gserviceaccount.com")`, want: model.Pass},

		{name: "same member", holds: `!asset.iam_same_member("roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser")`, on: "project", set: []func(*estate){
			own(binds("roles/iam.serviceAccountAdmin", "user:a@b.c")), func(e *estate) {
				e.organization.Config[allowPolicy] = binds("roles/iam.serviceAccountUser", "user:a@b.c")
			},
		}, want: model.Fail},
		{name: "other members", holds: `!asset.iam_same_member("roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountUser")`, on: "project", set: []func(*estate){own(binds("roles/iam.serviceAccountAdmin", "user:a@b.c", "roles/iam.serviceAccountUser", "user:d@b.c"))}, want: model.Pass},
		{name: "an owner counts as both", holds: `!asset.iam_same_member("roles/cloudkms.admin", "roles/cloudkms.cryptoKeyDecrypter")`, set: []func(*estate){own(binds("roles/owner", "user:a@b.c"))}, want: model.Fail},
		{name: "an owner is in no list", holds: `!asset.iam_same_member(["roles/cloudkms.admin"], ["roles/cloudkms.cryptoKeyDecrypter"])`, set: []func(*estate){own(binds("roles/owner", "user:a@b.c"))}, want: model.Pass},
		{name: "other members, folder not read", holds: `!asset.iam_same_member("roles/x", "roles/y")`, set: []func(*estate){func(e *estate) { gapOn(e.folder, allowPolicy) }}, want: model.Unknown},
		{name: "same member, folder not read", holds: `!asset.iam_same_member("roles/x", "roles/y")`, set: []func(*estate){own(binds("roles/x", "user:a@b.c", "roles/y", "user:a@b.c")), func(e *estate) { gapOn(e.folder, allowPolicy) }}, want: model.Fail},
	}
	eng := gcpEngine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEstate()
			for _, set := range tt.set {
				set(e)
			}
			a := map[string]*model.Asset{"": e.topic, "bucket": e.bucket, "project": e.project, "organization": e.organization}[tt.on]
			got := e.evaluate(t, eng, a, tt.holds, tt.more...)
			if got.Verdict != tt.want {
				t.Errorf("%s = %s, want %s (%s, %v)", tt.holds, got.Verdict, tt.want, got.Message, got.Evidence)
			}
			if got.Verdict == model.Unknown && len(got.Gaps) == 0 && !strings.Contains(got.Message, ":") {
				t.Errorf("unknown without a reason: %q", got.Message)
			}
			if len(got.Evidence) == 0 && len(got.Gaps) == 0 && !strings.Contains(tt.holds, "default_") {
				t.Error("a verdict without evidence")
			}
			text := got.Message
			for _, ev := range got.Evidence {
				text += "\n" + ev.Note
			}
			if !strings.Contains(text, tt.because) {
				t.Errorf("nothing says %q: %s", tt.because, text)
			}
		})
	}
}

func TestGCPUses(t *testing.T) {
	e := gcpEngine(t)
	p, err := e.Compile(model.Control{ID: "test", Type: gcpBucketType, Holds: `!asset.iam_public()`})
	if err != nil {
		t.Fatal(err)
	}
	want := Uses{Members: map[string][]string{gcpBucketType: {"iamConfiguration", allowPolicy}}}
	if diff := cmp.Diff(want, p.Uses); diff != "" {
		t.Errorf("uses of a bucket (-want +got):\n%s", diff)
	}
	p, err = e.Compile(model.Control{ID: "test", Type: "pubsub.googleapis.com/Topic", Holds: `asset.iam_audits(["DATA_READ"])`})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(p.Uses.Inventory, gcpFolderType) || !slices.Contains(p.Uses.Members["pubsub.googleapis.com/Topic"], allowPolicy) || !slices.Contains(p.Uses.Members[gcpOrganizationType], allowPolicy) {
		t.Errorf("uses of a topic: %+v", p.Uses)
	}
}

func TestGCPRefuses(t *testing.T) {
	schemas := map[string]*model.Schema{"x.googleapis.com/Thing": shape(map[string]*model.Schema{"name": kind(model.String)})}
	e, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Compile(model.Control{ID: "test", Type: "x.googleapis.com/Thing", Holds: `!asset.iam_public()`})
	if err == nil || !strings.Contains(err.Error(), "iam_public(): undefined field 'iamPolicy'") {
		t.Errorf("a type without policies: %v", err)
	}
}

// TestGCPGapsNeverPass holds that a gap turns no verdict into pass, and none
// into fail.
func TestGCPGapsNeverPass(t *testing.T) {
	eng := gcpEngine(t)
	controls := []string{
		`!asset.iam_public()`, `!asset.iam_grants("roles/owner", [])`, `!asset.iam_admin_service_accounts()`, `!asset.iam_basic_roles()`,
		`!asset.iam_external(["b.c"])`, `asset.iam_audits(["DATA_READ"])`, `!asset.iam_same_member("roles/owner", "roles/viewer")`,
	}
	members := []string{"user:a@b.c", "allUsers", "user:d@e.f", "serviceAccount:s@p.iam.gserviceaccount.com", "odd"}
	roles := []string{"roles/owner", "roles/viewer", "projects/shop/roles/r", `roles/viewer if resource.type == "x"`}
	rapid.Check(t, func(rt *rapid.T) {
		policies := make([]map[string]any, 5)
		for i := range policies {
			var pairs []string
			for range rapid.IntRange(0, 2).Draw(rt, "bindings") {
				pairs = append(pairs, rapid.SampledFrom(roles).Draw(rt, "role"), rapid.SampledFrom(members).Draw(rt, "member"))
			}
			policies[i] = binds(pairs...)
			if rapid.Bool().Draw(rt, "audited") {
				l := map[string]any{"logType": "DATA_READ"}
				if rapid.IntRange(0, 3).Draw(rt, "exempt") == 0 {
					l["exemptedMembers"] = []any{"user:a@b.c"}
				}
				policies[i]["auditConfigs"] = []any{map[string]any{"service": "allServices", "auditLogConfigs": []any{l}}}
			}
		}
		build := func() (*estate, []*model.Asset) {
			e := newEstate()
			all := []*model.Asset{e.topic, e.bucket, e.project, e.folder, e.organization}
			for i, a := range all {
				a.Config[allowPolicy] = policies[i]
			}
			return e, all
		}
		on, holds := rapid.IntRange(0, 4).Draw(rt, "asset"), rapid.SampledFrom(controls).Draw(rt, "control")
		e, all := build()
		before := e.evaluate(t, eng, all[on], holds).Verdict
		e, all = build()
		gapOn(all[rapid.IntRange(0, 4).Draw(rt, "gap")], rapid.SampledFrom([]string{"", allowPolicy, allowPolicy + ".bindings"}).Draw(rt, "path"))
		e.withoutOrganization = rapid.Bool().Draw(rt, "no organization") && on != 4
		if after := e.evaluate(t, eng, all[on], holds).Verdict; after != before && after != model.Unknown {
			rt.Fatalf("%s: a gap turned %s into %s", holds, before, after)
		}
	})
}
