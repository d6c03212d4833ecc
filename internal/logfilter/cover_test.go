package logfilter

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/truth"
)

// firewalls are the entries that changes of firewall rules write.
const firewalls = `logName="projects/shop/logs/cloudaudit.googleapis.com%2Factivity"
severity>=NOTICE protoPayload.@type="type.googleapis.com/google.cloud.audit.AuditLog"
resource.type="gce_firewall_rule" protoPayload.serviceName="compute.googleapis.com"
protoPayload.methodName=("v1.compute.firewalls.insert" OR "beta.compute.firewalls.insert" OR "v1.compute.firewalls.delete")`

// owners are those that changes of a project's owners write.
const owners = `logName="projects/shop/logs/cloudaudit.googleapis.com%2Factivity" severity>=NOTICE
protoPayload.serviceName="cloudresourcemanager.googleapis.com" protoPayload.methodName="SetIamPolicy"
protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner"
protoPayload.serviceData.policyDelta.bindingDeltas.action=("ADD" OR "REMOVE")`

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		name, filter, want string
		answer             truth.Truth
		missing            []string
	}{
		{name: "nothing is asked", want: firewalls, answer: truth.True},
		{name: "a comment only", filter: "-- all entries", want: firewalls, answer: truth.True},
		{
			name:   "by parts of the method",
			filter: `resource.type="gce_firewall_rule" AND (protoPayload.methodName:"compute.firewalls.insert" OR protoPayload.methodName:"compute.firewalls.delete")`,
			want:   firewalls, answer: truth.True,
		},
		{
			name:   "in another order, spelling and layout",
			filter: "( proto_payload.method_name : ( compute.firewalls.delete OR compute.firewalls.insert ) )\n  RESOURCE.TYPE = 'GCE_FIREWALL_RULE'",
			want:   firewalls, answer: truth.True,
		},
		{name: "the type alone", filter: `resource.type=gce_firewall_rule`, want: firewalls, answer: truth.True},
		{name: "the service alone", filter: `protoPayload.serviceName="compute.googleapis.com"`, want: firewalls, answer: truth.True},
		{name: "the log by its id", filter: `log_id("cloudaudit.googleapis.com/activity")`, want: firewalls, answer: truth.True},
		{name: "a part of the log's name", filter: `logName:"activity"`, want: firewalls, answer: truth.True},
		{name: "another log", filter: `log_id("cloudaudit.googleapis.com/data_access")`, want: firewalls, answer: truth.False},
		{name: "a text anywhere", filter: `"compute.firewalls"`, want: firewalls, answer: truth.True},
		{name: "a text in the payload", filter: `protoPayload:"compute.firewalls"`, want: firewalls, answer: truth.True},
		{name: "a text in another object", filter: `jsonPayload:"compute.firewalls"`, want: firewalls, answer: truth.False},
		{name: "a member that is there", filter: `protoPayload.methodName:*`, want: firewalls, answer: truth.True},
		{name: "a member that may be missing", filter: `protoPayload.response:*`, want: firewalls, answer: truth.False},
		{name: "an expression for the methods", filter: `protoPayload.methodName=~"compute\.firewalls\.(insert|delete)$"`, want: firewalls, answer: truth.True},
		{
			name: "an expression for one version", filter: `protoPayload.methodName=~"^v1\.compute\.firewalls\."`, want: firewalls,
			answer: truth.False, missing: []string{"beta.compute.firewalls.insert"},
		},
		{
			name: "one method is missing", filter: `resource.type="gce_firewall_rule" protoPayload.methodName:"compute.firewalls.insert"`, want: firewalls,
			answer: truth.False, missing: []string{"v1.compute.firewalls.delete"},
		},
		{name: "AND where OR is meant", filter: `protoPayload.methodName:"insert" AND protoPayload.methodName:"delete"`, want: firewalls, answer: truth.False},
		{
			// OR binds more tightly: type AND (insert OR delete).
			name: "OR binds more tightly than AND", filter: `resource.type="gce_firewall_rule" AND protoPayload.methodName:"insert" OR protoPayload.methodName:"delete"`,
			want: firewalls, answer: truth.True,
		},
		{name: "somebody is left out", filter: `resource.type="gce_firewall_rule" NOT protoPayload.authenticationInfo.principalEmail="ci@shop.example"`, want: firewalls, answer: truth.False},
		{name: "left out by a minus", filter: `resource.type="gce_firewall_rule" -protoPayload.authenticationInfo.principalEmail:"ci@"`, want: firewalls, answer: truth.False},
		{name: "left out by unequal", filter: `resource.type="gce_firewall_rule" protoPayload.authenticationInfo.principalEmail!="ci@shop.example"`, want: firewalls, answer: truth.False},
		{name: "what is left out never happens", filter: `NOT resource.type="gce_network" protoPayload.serviceName!="dns.googleapis.com"`, want: firewalls, answer: truth.True},
		{name: "severe enough", filter: `severity>=INFO resource.type="gce_firewall_rule"`, want: firewalls, answer: truth.True},
		{name: "errors only", filter: `severity>=ERROR resource.type="gce_firewall_rule"`, want: firewalls, answer: truth.False},
		{name: "all but what is below", filter: `severity!=DEBUG severity!=INFO severity!=DEFAULT`, want: firewalls, answer: truth.True},
		{name: "a sample", filter: `resource.type="gce_firewall_rule" sample(insertId, 0.5)`, want: firewalls, answer: truth.Unknown},
		{name: "all or a sample", filter: `resource.type="gce_firewall_rule" OR sample(insertId, 0.5)`, want: firewalls, answer: truth.True},
		{name: "another type", filter: `resource.type="gce_route"`, want: firewalls, answer: truth.False},
		{name: "the negation of another type", filter: `-resource.type="gce_route"`, want: firewalls, answer: truth.True},
		{name: "the project by its label", filter: `resource.labels.project_id="shop"`, want: firewalls, answer: truth.False},
		{
			name: "owners as the console proposes it",
			filter: `(protoPayload.serviceName="cloudresourcemanager.googleapis.com")
AND (ProjectOwnership OR projectOwnerInvitee)
OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="REMOVE" AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")
OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="ADD" AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")`,
			want: owners, answer: truth.True,
		},
		{name: "the role in any member", filter: `protoPayload.serviceData:"roles/owner"`, want: owners, answer: truth.True},
		{name: "additions only", filter: `protoPayload.serviceData.policyDelta.bindingDeltas.action="ADD"`, want: owners, answer: truth.False, missing: []string{"SetIamPolicy"}},
		{name: "a requirement by part, met by part", filter: `protoPayload.methodName:"firewalls"`, want: `protoPayload.methodName:"compute.firewalls.insert"`, answer: truth.True},
		{name: "a requirement by part, met by a longer one", filter: `protoPayload.methodName:"v1.compute.firewalls.insert"`, want: `protoPayload.methodName:"compute.firewalls.insert"`, answer: truth.False},
		{name: "an expression about what stands around", filter: `protoPayload.methodName=~"^(v1|beta)\.compute"`, want: `protoPayload.methodName:"compute.firewalls.insert"`, answer: truth.Unknown},
		{name: "an expression inside of a part", filter: `protoPayload.methodName=~"firewalls\.(insert|patch)"`, want: `protoPayload.methodName:"compute.firewalls.insert"`, answer: truth.True},
		{name: "a member that repeats may hold both", filter: `NOT (jsonPayload.a="x" jsonPayload.a="y")`, want: ``, answer: truth.Unknown},
		{name: "one that does not cannot", filter: `NOT (resource.type="x" resource.type="y")`, want: ``, answer: truth.True},
		{name: "one of several types", filter: `metric.type = "user/a" AND resource.type = one_of("global", "gce_instance")`, want: `metric.type="user/a" resource.type="global"`, answer: truth.True},
		{name: "none of the types", filter: `metric.type="user/a" AND resource.type=one_of("gae_app", "gce_instance")`, want: `metric.type="user/a" resource.type="global"`, answer: truth.False},
		{name: "a beginning", filter: `metric.type = starts_with("user/")`, want: `metric.type="user/a"`, answer: truth.True},
		{name: "a part and an end", filter: `metric.type = has_substring("ser") metric.type=ends_with("/a") metric.type=monitoring.regex.full_match("user/[a-c]")`, want: `metric.type="user/a"`, answer: truth.True},
		{name: "not one of", filter: `metric.type != one_of("user/a", "user/b")`, want: `metric.type="user/a"`, answer: truth.False},
		{name: "numbers are compared", filter: `protoPayload.status.code>=0`, want: `protoPayload.status.code=7`, answer: truth.True},
		{name: "too small a number", filter: `protoPayload.status.code>9`, want: `protoPayload.status.code=7`, answer: truth.False},
	} {
		t.Run(c.name, func(t *testing.T) {
			filter, err := Parse(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Parse(c.want)
			if err != nil {
				t.Fatal(err)
			}
			answer, missing := Covers(filter, want)
			if answer != c.answer {
				t.Errorf("%s covers: %s, want %s (missing %v)", filter, answer, c.answer, missing)
			}
			if c.missing != nil {
				if d := cmp.Diff(c.missing, missing); d != "" {
					t.Errorf("missing (-want +got):\n%s", d)
				}
			}
			if (answer == truth.True) != (len(missing) == 0) {
				t.Errorf("answer %s with missing %v", answer, missing)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		`resource.type=`, `(resource.type="a"`, `resource.type="a")`, `a = "b`, `AND a`, `a OR`, `NOT`, `a =~ "("`, `a ! b`, `log_id("x"`, `= "x"`, `a=(b OR )`, `a=cast("x")`, `a=one_of("x"`, `a<one_of("x")`,
		strings.Repeat("(", 1000) + "a" + strings.Repeat(")", 1000),
	} {
		if f, err := Parse(text); err == nil {
			t.Errorf("%.40q was read as %s", text, f)
		}
	}
}

func TestManyAlternativesAreUndecided(t *testing.T) {
	parts := make([]string, 20)
	for i := range parts {
		parts[i] = `(a="x" AND b="y")`
	}
	filter, err := Parse(strings.Join(parts, " OR "))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Parse(`a="x"`)
	if err != nil {
		t.Fatal(err)
	}
	if answer, _ := Covers(filter, want); answer != truth.Unknown {
		t.Errorf("covers: %s, want unknown", answer)
	}
}

// entry is what an entry holds, for a search through all small ones.
type entry map[string][]string

func (e entry) match(x expr) bool {
	switch x := x.(type) {
	case nil:
		return true
	case and:
		return !slices.ContainsFunc(x, func(p expr) bool { return !e.match(p) })
	case or:
		return slices.ContainsFunc(x, e.match)
	case not:
		return !e.match(x.of)
	case *atom:
		for field, values := range e {
			if x.field == "" || x.field == field {
				if slices.ContainsFunc(values, func(v string) bool { return x.holds(v) == truth.True }) {
					return true
				}
			}
		}
	}
	return false
}

// TestAnswersHoldForAllSmallEntries draws filters and tries them on every small
// entry: what covers has no entry that escapes, what does not has one.
func TestAnswersHoldForAllSmallEntries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := []string{"", "ab", "b", "cab", "z"} // "" is missing
	var entries []entry
	for _, a := range values {
		for _, b := range values {
			for _, c := range []string{"NOTICE", "ERROR", "INFO"} {
				e := entry{"severity": {c}}
				if a != "" {
					e["labels.a"] = []string{a}
				}
				if b != "" {
					e["labels.b"] = []string{b}
				}
				entries = append(entries, e)
			}
		}
	}
	var draw func(depth int) expr
	draw = func(depth int) expr {
		if depth == 0 || r.IntN(3) == 0 {
			fields := []string{"labels.a", "labels.b"}
			switch r.IntN(5) {
			case 0:
				return &atom{field: "severity", op: []op{equal, greaterEqual}[r.IntN(2)], value: []string{"NOTICE", "ERROR"}[r.IntN(2)], text: "severity"}
			case 1:
				return &atom{field: fields[r.IntN(2)], op: exists, text: "exists"}
			case 2:
				return &atom{field: fields[r.IntN(2)], op: has, value: values[1+r.IntN(4)], text: "has"}
			default:
				return &atom{field: fields[r.IntN(2)], op: equal, value: values[1+r.IntN(4)], text: "equal"}
			}
		}
		x, y := draw(depth-1), draw(depth-1)
		switch r.IntN(3) {
		case 0:
			return and{x, y}
		case 1:
			return or{x, y}
		}
		return not{x}
	}
	count := map[truth.Truth]int{}
	for range 4000 {
		filter, want := Filter{draw(3)}, Filter{draw(2)}
		answer, _ := Covers(filter, want)
		count[answer]++
		escapes := slices.ContainsFunc(entries, func(e entry) bool { return e.match(want.root) && !e.match(filter.root) })
		if answer == truth.True && escapes {
			t.Fatalf("%v covers %v, but an entry escapes", filter, want)
		}
		if answer == truth.False && !escapes && !needsOthers(filter.root) && !needsOthers(want.root) {
			t.Fatalf("%v does not cover %v, but no entry escapes", filter, want)
		}
	}
	if count[truth.True] < 100 || count[truth.False] < 100 {
		t.Errorf("answers %v: too few of a kind to say anything", count)
	}
}

// needsOthers reports whether an entry that escapes may hold a value that the
// small ones lack: several texts at once.
func needsOthers(e expr) bool {
	switch x := e.(type) {
	case and:
		return slices.ContainsFunc(x, needsOthers)
	case or:
		return slices.ContainsFunc(x, needsOthers)
	case not:
		return needsOthers(x.of)
	case *atom:
		return x.op == has || x.field == "severity"
	}
	return false
}

// TestOrderDoesNotMatter holds that parts may change places.
func TestOrderDoesNotMatter(t *testing.T) {
	want, err := Parse(firewalls)
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{`resource.type="gce_firewall_rule"`, `severity>=INFO`, `(protoPayload.methodName:"insert" OR protoPayload.methodName:"delete")`, `logName:activity`}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		filter, err := Parse(strings.Join(parts, []string{" ", " AND ", "\n"}[r.IntN(3)]))
		if err != nil {
			t.Fatal(err)
		}
		if answer, missing := Covers(filter, want); answer != truth.True {
			t.Fatalf("%s: %s, missing %v", filter, answer, missing)
		}
	}
}

// FuzzParse holds that no text makes the parser or the question fail, and that
// every filter covers itself or is undecided.
func FuzzParse(f *testing.F) {
	for _, s := range []string{firewalls, owners, `a=(b OR NOT "c")`, `-a.b."c d":* log_id("x/y")`, `x>=-5 "text" -- end`, `a=~"^b$"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		filter, err := Parse(s)
		if err != nil {
			return
		}
		if answer, _ := Covers(filter, filter); answer == truth.False {
			t.Errorf("%s does not cover itself", filter)
		}
	})
}

// BenchmarkCovers measures what a control pays for one filter of a metric.
func BenchmarkCovers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		filter, err := Parse(`resource.type="gce_firewall_rule" AND (protoPayload.methodName:"compute.firewalls.insert" OR protoPayload.methodName:"compute.firewalls.delete")`)
		if err != nil {
			b.Fatal(err)
		}
		want, err := Parse(firewalls)
		if err != nil {
			b.Fatal(err)
		}
		if answer, _ := Covers(filter, want); answer != truth.True {
			b.Fatal(answer)
		}
	}
}
