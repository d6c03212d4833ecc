package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func TestIAMHoldersAtMost(t *testing.T) {
	const (
		two     = `asset.iam_holders_at_most("roles/owner", 2)`
		dated   = `roles/owner if request.time < timestamp("2020-01-01T00:00:00Z")`
		tagged  = `roles/owner if resource.matchTag("1/env", "dev")`
		a, b, c = "user:a@shop.example", "user:b@shop.example", "group:c@shop.example"
	)
	own := func(pairs ...string) func(*estate) {
		return func(e *estate) { e.project.Config[allowPolicy] = binds(pairs...) }
	}
	above := func(pairs ...string) func(*estate) {
		return func(e *estate) { e.organization.Config[allowPolicy] = binds(pairs...) }
	}
	tests := []struct {
		name  string
		holds string
		set   []func(*estate)
		want  model.Verdict
	}{
		{"nobody", two, nil, model.Pass},
		{"two", two, []func(*estate){own("roles/owner", a, "roles/owner", b)}, model.Pass},
		{"three, of which one is a group", two, []func(*estate){own("roles/owner", a, "roles/owner", b, "roles/owner", c)}, model.Fail},
		{"the third by the organization", two, []func(*estate){own("roles/owner", a, "roles/owner", b), above("roles/owner", c)}, model.Fail},
		{"one twice", two, []func(*estate){own("roles/owner", a, "roles/owner", b), above("roles/owner", "user:A@shop.example")}, model.Pass},
		{"other roles", two, []func(*estate){own("roles/owner", a, "roles/editor", b, "roles/viewer", c)}, model.Pass},
		{"agents and deleted members", two, []func(*estate){own("roles/owner", a, "roles/owner", b, "roles/owner", "deleted:user:x@shop.example?uid=1", "roles/owner", "serviceAccount:1@cloudservices.gserviceaccount.com")}, model.Pass},
		{"everybody", two, []func(*estate){own("roles/owner", "allUsers")}, model.Fail},
		{"a condition that is over", two, []func(*estate){own("roles/owner", a, "roles/owner", b, dated, c)}, model.Pass},
		{"a condition that cannot be told", two, []func(*estate){own("roles/owner", a, "roles/owner", b, tagged, c)}, model.Unknown},
		{"a member of unknown form", two, []func(*estate){own("roles/owner", a, "roles/owner", "robot")}, model.Unknown},
		{"the folder was not read", two, []func(*estate){own("roles/owner", a), func(e *estate) { gapOn(e.folder, allowPolicy) }}, model.Unknown},
		{"the folder was not read, three are known", two, []func(*estate){own("roles/owner", a, "roles/owner", b, "roles/owner", c), func(e *estate) { gapOn(e.folder, allowPolicy) }}, model.Fail},
		{"the organization is not there", two, []func(*estate){own("roles/owner", a), func(e *estate) { e.withoutOrganization = true }}, model.Unknown},
		{"the place is not known", two, []func(*estate){own("roles/owner", a), func(e *estate) { e.withoutPath = true }}, model.Unknown},
		{"no role", `asset.iam_holders_at_most("owner", 2)`, nil, model.Unknown},
	}
	eng := gcpEngine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newEstate()
			for _, set := range tt.set {
				set(e)
			}
			if got := e.evaluate(t, eng, e.project, tt.holds); got.Verdict != tt.want {
				t.Errorf("%s, want %s: %s %v", got.Verdict, tt.want, got.Message, got.Evidence)
			}
		})
	}
}
