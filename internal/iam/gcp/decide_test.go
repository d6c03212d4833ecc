package gcp

import (
	"encoding/json"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func rolesOf(t testing.TB) func(string) Role {
	t.Helper()
	docs := map[string]string{
		"roles/storage.objectViewer": `["storage.objects.get", "storage.objects.list"]`,
		"roles/storage.objectAdmin":  `["storage.objects.get", "storage.objects.create"]`,
		Owner:                        `["storage.buckets.delete", "iam.serviceAccountKeys.create", "iam.serviceAccountKeys.list", "resourcemanager.projects.delete"]`,
	}
	all := map[string]Role{}
	for name, permissions := range docs {
		all[name] = ParseRole(doc(t, `{"name": "`+name+`", "includedPermissions": `+permissions+`}`))
	}
	all["projects/p/roles/off"] = ParseRole(doc(t, `{"stage": "DISABLED", "includedPermissions": ["storage.objects.get"]}`))
	return func(name string) Role { return all[name] }
}

func deny(t testing.TB, rule string) DenyPolicy {
	t.Helper()
	return ParseDeny(doc(t, `{"name": "policies/d", "rules": [{"denyRule": `+rule+`}]}`))
}

func TestDecide(t *testing.T) {
	const viewer, get = "roles/storage.objectViewer", "storage.objects.get"
	ask := func(member, permission string, groups ...string) Request {
		return Request{Caller: ParseMember(member), Groups: groups, GroupsRead: true, Permission: permission, Context: now}
	}
	unread := ask("user:ana@x.y", get)
	unread.GroupsRead = false
	const ana = "user:ana@x.y"
	tests := []struct {
		name   string
		q      Request
		path   []Policy
		denied []DenyPolicy
		want   Truth
	}{
		{"granted", ask(ana, get), []Policy{bound(viewer, ana, "")}, nil, True},
		{"inherited", ask(ana, get), []Policy{{}, bound(viewer, ana, "")}, nil, True},
		{"by group", ask(ana, get, "ops@x.y"), []Policy{bound(viewer, "group:OPS@x.y", "")}, nil, True},
		{"not in the group", ask(ana, get), []Policy{bound(viewer, "group:ops@x.y", "")}, nil, False},
		{"groups not read", unread, []Policy{bound(viewer, "group:ops@x.y", "")}, nil, Unknown},
		{"groups not read, but bound", unread, []Policy{bound(viewer, "group:ops@x.y", ""), bound(viewer, ana, "")}, nil, True},
		{"by domain", ask(ana, get), []Policy{bound(viewer, "domain:x.y", "")}, nil, True},
		{"role lacks it", ask(ana, "storage.buckets.delete"), []Policy{bound("roles/storage.objectAdmin", ana, "")}, nil, False},
		{"role not read", ask(ana, get), []Policy{bound("roles/other", ana, "")}, nil, Unknown},
		{"role disabled", ask(ana, get), []Policy{bound("projects/p/roles/off", ana, "")}, nil, False},
		{"expired", ask(ana, get), []Policy{bound(viewer, ana, past)}, nil, False},
		{"perhaps", ask(ana, get), []Policy{bound(viewer, ana, tagged)}, nil, Unknown},
		{"perhaps, and surely", ask(ana, get), []Policy{bound(viewer, ana, tagged), bound(viewer, ana, "")}, nil, True},
		{"anonymous", ask("allUsers", get), []Policy{bound(viewer, "allUsers", "")}, nil, True},
		{"anonymous is not signed in", ask("allUsers", get), []Policy{bound(viewer, "allAuthenticatedUsers", "")}, nil, False},
		{"signed in", ask("user:a@gmail.com", get), []Policy{bound(viewer, "allAuthenticatedUsers", "")}, nil, True},
		{"federated is not signed in", ask("principal://iam.googleapis.com/p/subject/s", get), []Policy{bound(viewer, "allAuthenticatedUsers", "")}, nil, False},
		{"federated, of a pool", ask("principal://iam.googleapis.com/p/subject/s", get), []Policy{bound(viewer, "principalSet://iam.googleapis.com/p/*", "")}, nil, Unknown},
		{"the account of a deleted one", ask("serviceAccount:s@p.iam.gserviceaccount.com", get), []Policy{bound(viewer, "deleted:serviceAccount:s@p.iam.gserviceaccount.com?uid=1", "")}, nil, False},
		{"a policy not read", ask(ana, get), []Policy{bound("roles/storage.objectAdmin", "user:bo@x.y", ""), Unread("folder")}, nil, Unknown},
		{"denied", ask(ana, "storage.buckets.delete"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["storage.googleapis.com/buckets.delete"]}`)}, False},
		{"excepted", ask(ana, "storage.buckets.delete", "admins@x.y"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principalSet://goog/public:all"], "exceptionPrincipals": ["principalSet://goog/group/admins@x.y"], "deniedPermissions": ["storage.googleapis.com/buckets.delete"]}`)}, True},
		{"denied by all verbs", ask(ana, "iam.serviceAccountKeys.create"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principal://goog/subject/ana@x.y"], "deniedPermissions": ["iam.googleapis.com/serviceAccountKeys.*"], "exceptionPermissions": ["iam.googleapis.com/serviceAccountKeys.list"]}`)}, False},
		{"an excepted permission", ask(ana, "iam.serviceAccountKeys.list"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principal://goog/subject/ana@x.y"], "deniedPermissions": ["iam.googleapis.com/serviceAccountKeys.*"], "exceptionPermissions": ["iam.googleapis.com/serviceAccountKeys.list"]}`)}, True},
		{"a service of another name", ask(ana, "resourcemanager.projects.delete"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["cloudresourcemanager.googleapis.com/projects.delete"]}`)}, False},
		{"short form denies nothing", ask(ana, "storage.buckets.delete"), []Policy{bound(Owner, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["storage.buckets.delete"]}`)}, True},
		{"another is denied", ask(ana, get), []Policy{bound(viewer, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principal://goog/subject/bo@x.y"], "deniedPermissions": ["storage.googleapis.com/objects.get"]}`)}, True},
		{"denied where tagged", ask(ana, get), []Policy{bound(viewer, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principal://goog/subject/ana@x.y"], "deniedPermissions": ["storage.googleapis.com/*"], "denialCondition": {"expression": "resource.matchTag('1/env', 'dev')"}}`)}, Unknown},
		{"a whole customer is denied", ask(ana, get), []Policy{bound(viewer, ana, "")}, []DenyPolicy{deny(t, `{"deniedPrincipals": ["principalSet://goog/cloudIdentityCustomerId/C1"], "deniedPermissions": ["storage.googleapis.com/*.get"]}`)}, Unknown},
		{"a deny that is not understood", ask(ana, get), []Policy{bound(viewer, ana, "")}, []DenyPolicy{ParseDeny(map[string]any{"rules": []any{1}})}, Unknown},
		{"nothing", ask(ana, get), nil, nil, False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Decide(tt.q, tt.path, tt.denied, rolesOf(t))
			if got.Value != tt.want {
				t.Errorf("%v, want %v (%q, %q)", got.Value, tt.want, got.Because, got.Missing)
			}
			if got.Value == Unknown != (len(got.Missing) > 0) || got.Value != Unknown && len(got.Because) == 0 {
				t.Errorf("%v because %q, missing %q", got.Value, got.Because, got.Missing)
			}
		})
	}
	got := Decide(ask(ana, get), []Policy{bound(viewer, ana, "").Named("folders/2")}, nil, rolesOf(t))
	if diff := cmp.Diff([]string{"folders/2 bindings[0] gives " + viewer + " to " + ana}, got.Because); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

var (
	someMembers    = []string{"user:ana@x.y", "user:bo@x.y", "group:ops@x.y", "domain:x.y", "allUsers", "allAuthenticatedUsers", "serviceAccount:s@p.iam.gserviceaccount.com", "serviceAccount:1@cloudservices.gserviceaccount.com", "deleted:user:ana@x.y?uid=1", "odd", "principalSet://iam.googleapis.com/p/*", "user:c@gmail.com"}
	someRoles      = []string{Owner, "roles/storage.objectViewer", "roles/storage.objectAdmin", "projects/p/roles/off", "projects/p/roles/gone", "roles/x_withcond_0"}
	someConditions = []string{"", "", "", past, future, tagged, "a b"}
)

func drawBinding(t *rapid.T) any {
	var members []any
	for _, m := range rapid.SliceOfN(rapid.SampledFrom(someMembers), 0, 3).Draw(t, "members") {
		members = append(members, m)
	}
	b := map[string]any{"role": rapid.SampledFrom(someRoles).Draw(t, "role"), "members": members}
	if c := rapid.SampledFrom(someConditions).Draw(t, "condition"); c != "" {
		b["condition"] = map[string]any{"expression": c}
	}
	return b
}

func drawBindings(t *rapid.T) []any {
	var out []any
	for range rapid.IntRange(0, 4).Draw(t, "bindings") {
		out = append(out, drawBinding(t))
	}
	return out
}

func policyOf(bindings []any) Policy { return Parse(map[string]any{"bindings": bindings}) }

func drawDeny(t *rapid.T) DenyPolicy {
	texts := func(label string, from ...string) []any {
		var out []any
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(from), 0, 2).Draw(t, label) {
			out = append(out, s)
		}
		return out
	}
	who := []string{"principalSet://goog/public:all", "principal://goog/subject/ana@x.y", "principalSet://goog/group/ops@x.y", "principalSet://goog/cloudIdentityCustomerId/C1"}
	what := []string{"storage.googleapis.com/*", "storage.googleapis.com/objects.get", "storage.googleapis.com/*.delete"}
	rule := map[string]any{
		"deniedPrincipals": texts("denied", who...), "exceptionPrincipals": texts("excepted", who...),
		"deniedPermissions": texts("permissions", what...), "exceptionPermissions": texts("excepted permissions", what...),
	}
	if c := rapid.SampledFrom(someConditions).Draw(t, "condition"); c != "" {
		rule["denialCondition"] = map[string]any{"expression": c}
	}
	return ParseDeny(map[string]any{"name": "d", "rules": []any{map[string]any{"denyRule": rule}}})
}

func drawRequest(t *rapid.T) Request {
	return Request{
		Caller: ParseMember(rapid.SampledFrom([]string{"user:ana@x.y", "allUsers", "serviceAccount:s@p.iam.gserviceaccount.com"}).Draw(t, "caller")),
		Groups: rapid.SliceOfN(rapid.Just("ops@x.y"), 0, 1).Draw(t, "groups"), GroupsRead: rapid.Bool().Draw(t, "groups read"),
		Permission: rapid.SampledFrom([]string{"storage.objects.get", "storage.buckets.delete"}).Draw(t, "permission"), Context: now,
	}
}

func rank(v Truth) int { return map[Truth]int{False: 0, Unknown: 1, True: 2}[v] }

// answers are the answers to all questions that a policy alone decides; True is
// the answer that fails a control.
func answers(path []Policy, roles func(string) Role) []Truth {
	p := path[0]
	return []Truth{
		Public(p, now).Value, BasicRoles(p, now).Value, AdminServiceAccounts(p, roles, now).Value, External(p, []string{"x.y"}, now).Value,
		Holds(p, []string{Owner}, []Kind{User, ServiceAccount}, now).Value,
		SameMember(path, []string{Owner}, []string{"roles/storage.objectAdmin"}, now).Value,
	}
}

func TestProperties(t *testing.T) {
	roles := rolesOf(t)
	t.Run("a deny never adds a right", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			q, path, denied := drawRequest(t), []Policy{policyOf(drawBindings(t))}, []DenyPolicy{drawDeny(t)}
			before := Decide(q, path, denied, roles).Value
			if after := Decide(q, path, append(denied, drawDeny(t)), roles).Value; rank(after) > rank(before) {
				t.Fatalf("a deny turned %v into %v", before, after)
			}
		})
	})
	t.Run("a binding never takes one", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			q, bindings, denied := drawRequest(t), drawBindings(t), []DenyPolicy{drawDeny(t)}
			before, asked := Decide(q, []Policy{policyOf(bindings)}, denied, roles).Value, answers([]Policy{policyOf(bindings)}, roles)
			bindings = append(bindings, drawBinding(t))
			if after := Decide(q, []Policy{policyOf(bindings)}, denied, roles).Value; rank(after) < rank(before) {
				t.Fatalf("a binding turned %v into %v", before, after)
			}
			for i, after := range answers([]Policy{policyOf(bindings)}, roles) {
				if rank(after) < rank(asked[i]) {
					t.Fatalf("a binding turned answer %d from %v into %v", i, asked[i], after)
				}
			}
		})
	})
	t.Run("order does not matter", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			q, bindings, denied := drawRequest(t), drawBindings(t), []DenyPolicy{drawDeny(t), drawDeny(t)}
			before, asked := Decide(q, []Policy{policyOf(bindings)}, denied, roles).Value, answers([]Policy{policyOf(bindings)}, roles)
			r := rand.New(rand.NewSource(int64(rapid.Int().Draw(t, "seed"))))
			r.Shuffle(len(bindings), func(i, j int) { bindings[i], bindings[j] = bindings[j], bindings[i] })
			denied[0], denied[1] = denied[1], denied[0]
			if after := Decide(q, []Policy{policyOf(bindings)}, denied, roles).Value; after != before {
				t.Fatalf("%v in another order is %v", before, after)
			}
			if diff := cmp.Diff(asked, answers([]Policy{policyOf(bindings)}, roles)); diff != "" {
				t.Fatalf("answers in another order (-before +after):\n%s", diff)
			}
		})
	})
	t.Run("where a binding stands does not matter", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			q, bindings := drawRequest(t), drawBindings(t)
			cut := rapid.IntRange(0, len(bindings)).Draw(t, "cut")
			one := Decide(q, []Policy{policyOf(bindings)}, nil, roles).Value
			two := Decide(q, []Policy{policyOf(bindings[:cut]), policyOf(bindings[cut:])}, nil, roles).Value
			if one != two {
				t.Fatalf("one policy: %v, two: %v", one, two)
			}
		})
	})
	t.Run("a gap decides nothing", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			path := []Policy{policyOf(drawBindings(t)), policyOf(drawBindings(t))}
			before, q := answers(path, roles), drawRequest(t)
			decided := Decide(q, path, nil, roles).Value
			gap := rapid.IntRange(0, 1).Draw(t, "gap")
			path[gap] = Unread("x")
			for i, after := range answers(path, func(string) Role { return Role{} }) {
				if after == False && before[i] != False || after == True && before[i] != True {
					t.Fatalf("a gap turned answer %d from %v into %v", i, before[i], after)
				}
			}
			if after := Decide(q, path, nil, roles).Value; after != decided && after != Unknown {
				t.Fatalf("a gap turned %v into %v", decided, after)
			}
		})
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"bindings": [{"role": "roles/x", "members": ["allUsers"], "condition": {"expression": "request.time < timestamp(\"2027-01-01T00:00:00Z\")"}}], "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["user:a@b.c"]}]}]}`,
		`{"rules": [{"denyRule": {"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["a.googleapis.com/*"]}}]}`,
		`{"name": "roles/x", "includedPermissions": ["a.b.c"], "stage": "GA"}`, `[]`, `null`, `{"bindings": [1], "auditConfigs": [{}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			t.Skip()
		}
		p, d, r := Parse(v), ParseDeny(v), ParseRole(v)
		roles := func(string) Role { return r }
		for i, a := range answers([]Policy{p}, roles) {
			if len(p.Problems) > 0 && a == False {
				t.Errorf("answer %d is sure of a policy with problems %q", i, p.Problems)
			}
		}
		Audits([]Policy{p}, LogTypes)
		Decide(Request{Caller: ParseMember("user:a@b.c"), Permission: "a.b.c", Context: now}, []Policy{p}, []DenyPolicy{d}, roles)
	})
}

func FuzzCondition(f *testing.F) {
	for _, s := range []string{past, future, tagged, `a in [b, "c"] ? !d : e || f`, `"x".startsWith("y")`, `request.time + duration("1h") > timestamp("x")`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := ParseCondition(s, "")
		v := c.Holds(now)
		if c.Problem != "" && v != Unknown {
			t.Errorf("%q is sure, and %s", s, c.Problem)
		}
		if c.Problem == "" && len(s) < 1000 {
			if n := ParseCondition("!(\n"+s+"\n)", ""); n.Problem == "" && n.Holds(now) != v.Not() {
				t.Errorf("%q is %v, its opposite %v", s, v, n.Holds(now))
			}
		}
	})
}
