package gcp

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = Context{Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}

func doc(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// bound is a policy with one binding.
func bound(role, member, condition string) Policy {
	b := map[string]any{"role": role, "members": []any{member}}
	if condition != "" {
		b["condition"] = map[string]any{"expression": condition, "title": "t"}
	}
	return Parse(map[string]any{"bindings": []any{b}})
}

func TestParseMember(t *testing.T) {
	tests := []struct {
		text string
		want Member
	}{
		{"allUsers", Member{Kind: AllUsers}},
		{"allAuthenticatedUsers", Member{Kind: AllAuthenticatedUsers}},
		{"user:Ana@Example.com", Member{Kind: User, Name: "ana@example.com"}},
		{"group:ops@example.com", Member{Kind: Group, Name: "ops@example.com"}},
		{"domain:example.com", Member{Kind: Domain, Name: "example.com"}},
		{"serviceAccount:s@p.iam.gserviceaccount.com", Member{Kind: ServiceAccount, Name: "s@p.iam.gserviceaccount.com"}},
		{"serviceAccount:123-compute@developer.gserviceaccount.com", Member{Kind: ServiceAccount, Name: "123-compute@developer.gserviceaccount.com"}},
		{"serviceAccount:123@cloudservices.gserviceaccount.com", Member{Kind: ServiceAgent, Name: "123@cloudservices.gserviceaccount.com"}},
		{"serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com", Member{Kind: ServiceAgent, Name: "service-1@gcp-sa-pubsub.iam.gserviceaccount.com"}},
		{"serviceAccount:p.svc.id.goog[pay/Api]", Member{Kind: Federated, Name: "p.svc.id.goog[pay/Api]"}},
		{"principal://iam.googleapis.com/projects/1/x/subject/S", Member{Kind: Federated, Name: "iam.googleapis.com/projects/1/x/subject/S"}},
		{"principalSet://iam.googleapis.com/projects/1/x/*", Member{Kind: FederatedSet, Name: "iam.googleapis.com/projects/1/x/*"}},
		{"projectOwner:p", Member{Kind: ProjectOwner, Name: "p"}},
		{"deleted:user:ana@example.com?uid=1", Member{Kind: User, Name: "ana@example.com", Deleted: true}},
		{"deleted:deleted:user:a@b", Member{Kind: Invalid}},
		{"robot:x", Member{Kind: Invalid}},
		{"user:", Member{Kind: Invalid}},
		{"ana@example.com", Member{Kind: Invalid}},
		{"", Member{Kind: Invalid}},
	}
	for _, tt := range tests {
		tt.want.Text = tt.text
		if diff := cmp.Diff(tt.want, ParseMember(tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestAccounts(t *testing.T) {
	tests := []struct {
		address          string
		agent, byDefault bool
	}{
		{"s@shop.iam.gserviceaccount.com", false, false},
		{"service-1@compute-system.iam.gserviceaccount.com", true, false},
		{"service-1@container-engine-robot.iam.gserviceaccount.com", true, false},
		{"s@my-compute-system.iam.gserviceaccount.com", false, false},
		{"s@compute-system.iam.gserviceaccount.com.example.com", false, false},
		{"123-compute@developer.gserviceaccount.com", false, true},
		{"x-compute@developer.gserviceaccount.com", false, false},
		{"shop@appspot.gserviceaccount.com", false, true},
		{"123@cloudbuild.gserviceaccount.com", false, false},
		{"no address", false, false},
	}
	for _, tt := range tests {
		if got := IsServiceAgent(tt.address); got != tt.agent {
			t.Errorf("%s is an agent: %v", tt.address, got)
		}
		if got := IsDefaultServiceAccount(tt.address); got != tt.byDefault {
			t.Errorf("%s is a default account: %v", tt.address, got)
		}
	}
}

func TestCondition(t *testing.T) {
	tests := []struct {
		text string
		want Truth
	}{
		{`request.time < timestamp("2026-01-01T00:00:00Z")`, False},
		{`request.time < timestamp("2027-01-01T00:00:00Z")`, True},
		{`request.time > timestamp("2027-01-01T00:00:00Z")`, False},
		{`timestamp("2026-03-01T00:00:00Z") <= request.time && request.time <= timestamp("2026-03-01T00:00:00Z")`, True},
		{`timestamp("2026-02-28T00:00:00Z") + duration("24h") == request.time`, True},
		{`request.time - duration("1h") < timestamp("2026-03-01T00:00:00Z")`, True},
		{`resource.name.startsWith("projects/_/buckets/b1")`, Unknown},
		{`resource.type == "storage.googleapis.com/Object" && request.time < timestamp("2026-01-01T00:00:00Z")`, False},
		{`resource.type == "storage.googleapis.com/Object" || request.time < timestamp("2027-01-01T00:00:00Z")`, True},
		{`!(resource.type == "x") || false`, Unknown},
		{`request.time.getHours("Europe/Berlin") >= 9`, Unknown},
		{`resource.matchTag("1/env", "dev")`, Unknown},
		{`api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/x"])`, Unknown},
		{`"x" in ["x", resource.name]`, True},
		{`"x" in ["y", "z"]`, False},
		{`"x" in ["y", resource.name]`, Unknown},
		{`resource.service == "a" ? false : false`, False},
		{`true`, True},
		{`false`, False},
		{`1 < 2 && "a" != "b"`, True},
		{`has(resource.name)`, Unknown},
		{`["a"].exists(x, x == "a")`, Unknown},
		{`request.time < timestamp("yesterday")`, Unknown},
		{`request.time < "2027"`, Unknown},
		{`request.time <`, Unknown},
		{``, Unknown},
		{strings.Repeat("(", 2000), Unknown},
		{strings.Repeat("!", 40000) + "true", Unknown},
		{strings.Repeat("!", 20000) + "true", True},
		{strings.Repeat("[", 20000), Unknown},
		{"true" + strings.Repeat(" && true", 2000), True},
	}
	for _, tt := range tests {
		if got := ParseCondition(tt.text, "").Holds(now); got != tt.want {
			t.Errorf("%.80s: %v, want %v", tt.text, got, tt.want)
		}
	}
	if got := ParseCondition(`request.time < timestamp("2026-01-01T00:00:00Z")`, "").Holds(Context{}); got != Unknown {
		t.Errorf("without a time: %v", got)
	}
	named := Context{Attributes: map[string]string{"resource.name": "projects/_/buckets/b1/objects/a"}}
	for text, want := range map[string]Truth{
		`resource.name.startsWith("projects/_/buckets/b1/")`: True, `resource.name.endsWith("/b")`: False,
		`resource.name.contains("/objects/")`: True, `resource.name == "x"`: False,
	} {
		if got := ParseCondition(text, "").Holds(named); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

const (
	past   = `request.time < timestamp("2026-01-01T00:00:00Z")`
	future = `request.time < timestamp("2027-01-01T00:00:00Z")`
	tagged = `resource.matchTag("1/env", "dev")`
)

func TestPublic(t *testing.T) {
	tests := []struct {
		name string
		p    Policy
		want Truth
	}{
		{"everybody", bound("roles/storage.objectViewer", "allUsers", ""), True},
		{"all with an account", bound("roles/storage.objectViewer", "allAuthenticatedUsers", ""), True},
		{"somebody", bound("roles/storage.objectViewer", "user:a@b.c", ""), False},
		{"no longer", bound("roles/storage.objectViewer", "allUsers", past), False},
		{"still", bound("roles/storage.objectViewer", "allUsers", future), True},
		{"perhaps", bound("roles/storage.objectViewer", "allUsers", tagged), Unknown},
		{"perhaps somebody", bound("roles/storage.objectViewer", "user:a@b.c", tagged), False},
		{"a condition that is none", bound("roles/storage.objectViewer", "allUsers", "a b"), Unknown},
		{"a condition that was not read", bound("roles/x_withcond_0123456789", "allUsers", ""), Unknown},
		{"a member that is not understood", bound("roles/x", "everyone", ""), Unknown},
		{"none", Parse(nil), False},
		{"empty", Parse(doc(t, `{}`)), False},
		{"null", Parse(doc(t, `{"bindings": null}`)), False},
		{"not read", Unread(""), Unknown},
		{"no policy", Parse("x"), Unknown},
		{"bindings that are none", Parse(doc(t, `{"bindings": "x"}`)), Unknown},
		{"a binding that is none", Parse(doc(t, `{"bindings": ["x"]}`)), Unknown},
		{"beside a binding that is none", Parse(doc(t, `{"bindings": ["x", {"role": "roles/x", "members": ["allUsers"]}]}`)), True},
		{"without role", Parse(doc(t, `{"bindings": [{"members": ["allUsers"]}]}`)), Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Public(tt.p, now)
			if got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
			if got.Value == Unknown != (len(got.Missing) > 0) || got.Value == True != (len(got.Because) > 0) {
				t.Errorf("%v because %q, missing %q", got.Value, got.Because, got.Missing)
			}
		})
	}
	want := []string{`bindings[0] gives roles/x to allUsers on condition "t" (` + future + `)`}
	if diff := cmp.Diff(want, Public(bound("roles/x", "allUsers", future), now).Because); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestHolds(t *testing.T) {
	const sa, agent = "serviceAccount:s@p.iam.gserviceaccount.com", "serviceAccount:1@cloudservices.gserviceaccount.com"
	roles := []string{"roles/iam.serviceAccountUser"}
	tests := []struct {
		name, role, member string
		kinds              []Kind
		want               Truth
	}{
		{"of the kind", roles[0], "user:a@b.c", []Kind{User, ServiceAccount}, True},
		{"of another kind", roles[0], "group:a@b.c", []Kind{User, ServiceAccount}, False},
		{"another role", "roles/viewer", "user:a@b.c", []Kind{User}, False},
		{"any kind", roles[0], "group:a@b.c", nil, True},
		{"agents hold theirs by design", roles[0], agent, nil, False},
		{"agents are no service accounts", roles[0], agent, []Kind{ServiceAccount}, False},
		{"agents when asked for", roles[0], agent, []Kind{ServiceAgent}, True},
		{"a service account", roles[0], sa, []Kind{ServiceAccount}, True},
		{"deleted", roles[0], "deleted:" + sa + "?uid=1", nil, False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Holds(bound(tt.role, tt.member, ""), roles, tt.kinds, now); got.Value != tt.want {
				t.Errorf("%v, want %v", got.Value, tt.want)
			}
		})
	}
	if BasicRoles(bound(Editor, agent, ""), now).Value != False || BasicRoles(bound(Viewer, "user:a@b.c", ""), now).Value != True {
		t.Error("basic roles")
	}
}

func TestAdministers(t *testing.T) {
	custom := func(stage string, permissions ...string) Role {
		list := []any{}
		for _, p := range permissions {
			list = append(list, p)
		}
		return ParseRole(map[string]any{"name": "projects/p/roles/r", "stage": stage, "includedPermissions": list})
	}
	tests := []struct {
		name, role string
		doc        Role
		want       Truth
	}{
		{"owner", Owner, Role{}, True},
		{"viewer", Viewer, Role{}, False},
		{"by name", "roles/cloudsql.admin", Role{}, True},
		{"by the end of its name", "roles/storage.objectAdmin", Role{}, True},
		{"by table", "roles/iam.serviceAccountTokenCreator", Role{}, True},
		{"admin in the middle of the name", "roles/iam.adminReader", Role{}, False},
		{"another", "roles/storage.objectViewer", Role{}, False},
		{"by its permissions", "roles/some.thing", custom("GA", "iam.serviceAccountKeys.create"), True},
		{"custom, not read", "projects/p/roles/r", Role{}, Unknown},
		{"custom, not read, called admin", "projects/p/roles/fooAdmin", Role{}, Unknown},
		{"custom, harmless", "projects/p/roles/r", custom("GA", "storage.objects.get"), False},
		{"custom, powerful", "projects/p/roles/r", custom("GA", "resourcemanager.projects.setIamPolicy"), True},
		{"custom, disabled", "projects/p/roles/r", custom("DISABLED", "resourcemanager.projects.setIamPolicy"), False},
		{"custom, not understood", "projects/p/roles/r", ParseRole(map[string]any{"includedPermissions": "x"}), Unknown},
		{"no role", "admin", Role{}, True},
		{"no name", "", Role{}, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Administers(tt.role, tt.doc); got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
		})
	}
	none := func(string) Role { return Role{} }
	for member, want := range map[string]Truth{
		"serviceAccount:s@p.iam.gserviceaccount.com": True, "serviceAccount:1-compute@developer.gserviceaccount.com": True,
		"serviceAccount:1@cloudservices.gserviceaccount.com": False, "user:a@b.c": False, "serviceAccount:p.svc.id.goog[a/b]": False,
	} {
		if got := AdminServiceAccounts(bound(Editor, member, ""), none, now); got.Value != want {
			t.Errorf("%s: %v, want %v", member, got.Value, want)
		}
	}
}

func TestExternal(t *testing.T) {
	tests := []struct {
		member  string
		domains []string
		want    Truth
	}{
		{"user:a@gmail.com", nil, True},
		{"user:a@gmail.com", []string{"gmail.com"}, True},
		{"group:g@googlegroups.com", nil, True},
		{"user:a@example.com", nil, False},
		{"user:a@EXAMPLE.com", []string{"Example.com"}, False},
		{"user:a@partner.example", []string{"example.com"}, True},
		{"user:a@sub.example.com", []string{"example.com"}, True},
		{"domain:partner.example", []string{"example.com"}, True},
		{"domain:example.com", []string{"example.com"}, False},
		{"group:cloud-logs@google.com", []string{"example.com"}, False},
		{"serviceAccount:s@p.iam.gserviceaccount.com", []string{"example.com"}, False},
		{"deleted:user:a@gmail.com?uid=1", nil, False},
		{"user:somebody", []string{"example.com"}, Unknown},
	}
	for _, tt := range tests {
		if got := External(bound("roles/viewer", tt.member, ""), tt.domains, now); got.Value != tt.want {
			t.Errorf("%s, own %v: %v, want %v", tt.member, tt.domains, got.Value, tt.want)
		}
	}
}

func TestSameMember(t *testing.T) {
	const a, b = "roles/cloudkms.admin", "roles/cloudkms.cryptoKeyEncrypterDecrypter"
	tests := []struct {
		name string
		path []Policy
		want Truth
	}{
		{"both", []Policy{bound(a, "user:x@b.c", ""), bound(b, "user:X@b.c", "")}, True},
		{"one each", []Policy{bound(a, "user:x@b.c", ""), bound(b, "user:y@b.c", "")}, False},
		{"an account and a group of the same name", []Policy{bound(a, "user:x@b.c", ""), bound(b, "group:x@b.c", "")}, False},
		{"one no longer", []Policy{bound(a, "user:x@b.c", ""), bound(b, "user:x@b.c", past)}, False},
		{"one perhaps", []Policy{bound(a, "user:x@b.c", ""), bound(b, "user:x@b.c", tagged)}, Unknown},
		{"one and not read", []Policy{bound(a, "user:x@b.c", ""), Unread("folder")}, Unknown},
		{"both and not read", []Policy{bound(a, "user:x@b.c", ""), bound(b, "user:x@b.c", ""), Unread("folder")}, True},
		{"an agent", []Policy{bound(a, "serviceAccount:1@cloudservices.gserviceaccount.com", ""), bound(b, "serviceAccount:1@cloudservices.gserviceaccount.com", "")}, False},
		{"owner is in no list", []Policy{bound(Owner, "user:x@b.c", "")}, False},
		{"nothing", nil, False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SameMember(tt.path, []string{a}, []string{b}, now); got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
		})
	}
	if got := SameMember([]Policy{bound(Owner, "user:x@b.c", "")}, []string{a, Owner}, []string{b, Owner}, now); got.Value != True {
		t.Errorf("an owner counts as both: %v", got.Value)
	}
	if !OwnerCountsAs(a) || !OwnerCountsAs("roles/iam.serviceAccountUser") || OwnerCountsAs("roles/viewer") {
		t.Error("what an owner counts as")
	}
}

func TestAudits(t *testing.T) {
	audit := func(service string, types ...string) Policy {
		var logs []any
		for _, s := range types {
			typ, exempt, ok := strings.Cut(s, "-")
			l := map[string]any{"logType": typ}
			if ok {
				l["exemptedMembers"] = []any{exempt}
			}
			logs = append(logs, l)
		}
		return Parse(map[string]any{"auditConfigs": []any{map[string]any{"service": service, "auditLogConfigs": logs}}})
	}
	tests := []struct {
		name string
		path []Policy
		want Truth
	}{
		{"all", []Policy{audit(allServices, LogTypes...)}, True},
		{"one is missing", []Policy{audit(allServices, "DATA_READ", "DATA_WRITE")}, False},
		{"the other above", []Policy{audit(allServices, "DATA_READ", "DATA_WRITE"), audit(allServices, "ADMIN_READ")}, True},
		{"of one service", []Policy{audit("storage.googleapis.com", LogTypes...)}, False},
		{"with an exemption", []Policy{audit(allServices, "DATA_READ", "DATA_WRITE-user:a@b.c", "ADMIN_READ")}, False},
		{"with an exemption of a service", []Policy{audit(allServices, LogTypes...), audit("storage.googleapis.com", "DATA_READ-user:a@b.c")}, False},
		{"with an exemption of nobody", []Policy{audit(allServices, "DATA_READ", "DATA_WRITE-deleted:user:a@b.c?uid=1", "ADMIN_READ")}, True},
		{"none", []Policy{Parse(nil)}, False},
		{"above not read", []Policy{audit(allServices, LogTypes...), Unread("folder")}, Unknown},
		{"none and above not read", []Policy{Parse(nil), Unread("folder")}, Unknown},
		{"an exemption and above not read", []Policy{audit(allServices, "DATA_READ-user:a@b.c"), Unread("folder")}, False},
		{"not understood", []Policy{audit(allServices, LogTypes...), Parse(map[string]any{"auditConfigs": []any{1}})}, Unknown},
		{"bindings that are not understood do not matter", []Policy{audit(allServices, LogTypes...), Parse(map[string]any{"bindings": 1})}, True},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Audits(tt.path, LogTypes)
			if got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
			if got.Value == Unknown != (len(got.Missing) > 0) || got.Value != Unknown && len(got.Because) == 0 {
				t.Errorf("%v because %q, missing %q", got.Value, got.Because, got.Missing)
			}
		})
	}
}
