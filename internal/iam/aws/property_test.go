package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	someActions   = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"}
	somePatterns  = []string{"*", "s3:*", "s3:Get*", "s3:PutObject", "S3:*object", "sqs:*", "*:Get*", "s3:?etObject"}
	someARNs      = []string{"arn:aws:s3:::inv/a", "arn:aws:s3:::inv/data/b", "arn:aws:s3:::inv"}
	someResources = []string{"*", "arn:aws:s3:::inv/*", "arn:aws:s3:::inv", "arn:aws:s3:::inv*", "arn:aws:s3:::inv/data/*", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::inv/${aws:PrincipalTag/area,'a'}"}
	someWho       = []string{"*", "ana", "bo", "A", "B", "R1", "R1/s", "svc:logging.s3.amazonaws.com"}
	someCallers   = []string{"ana", "bo", "R1/s", "root", "anon", "svc:logging.s3.amazonaws.com", "F"}
)

// someKeys maps condition keys to the operators and values that are drawn.
var someKeys = map[string]struct{ ops, values []string }{
	"aws:SourceIp":               {[]string{"IpAddress", "NotIpAddress", "IpAddressIfExists"}, []string{"203.0.113.0/24", "198.51.100.7", "0.0.0.0/0", "2001:db8::/32"}},
	"aws:SourceVpce":             {[]string{"StringEquals", "StringNotEquals", "StringLike", "Null"}, []string{"vpce-1", "vpce-2", "vpce-*", "true"}},
	"aws:UserAgent":              {[]string{"StringEquals", "StringNotLike", "StringEqualsIgnoreCase", "StringEqualsIfExists"}, []string{"app/1", "app/*", "APP/1"}},
	"aws:SecureTransport":        {[]string{"Bool", "BoolIfExists", "Null"}, []string{"true", "false"}},
	"aws:TagKeys":                {[]string{"ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAnyValue:StringNotEquals", "ForAllValues:StringNotLike", "StringEquals", "Null"}, []string{"cost", "owner", "c*", "true"}},
	"s3:max-keys":                {[]string{"NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"}, []string{"10", "20", "5.5"}},
	"aws:PrincipalOrgID":         {[]string{"StringEquals", "StringNotEquals", "StringEqualsIfExists"}, []string{"o-1", "o-2", "${aws:username}"}},
	"aws:MultiFactorAuthPresent": {[]string{"Bool", "BoolIfExists"}, []string{"true", "false"}},
}

var someKeyNames = []string{"aws:MultiFactorAuthPresent", "aws:PrincipalOrgID", "aws:SecureTransport", "aws:SourceIp", "aws:SourceVpce", "aws:TagKeys", "aws:UserAgent", "s3:max-keys"}

// someValues are what requests have for those keys; the last key is derived.
var someValues = map[string][]string{
	"aws:SourceIp": {"203.0.113.9", "198.51.100.7", "8.8.8.8"}, "aws:SourceVpce": {"vpce-1", "vpce-2"}, "aws:UserAgent": {"app/1", "curl"},
	"aws:SecureTransport": {"true", "false"}, "aws:TagKeys": {"cost", "owner", "cost,owner"}, "s3:max-keys": {"5", "10", "15.5", "25"},
	"aws:MultiFactorAuthPresent": {"true", "false"},
}

func pick(t *rapid.T, from []string, label string) string {
	return rapid.SampledFrom(from).Draw(t, label)
}

func few(t *rapid.T, from []string, label string) []any {
	var out []any
	for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, 3, rapid.ID).Draw(t, label) {
		out = append(out, s)
	}
	return out
}

func drawStatement(t *rapid.T, kind Kind, effect string) map[string]any {
	s := map[string]any{"Effect": effect}
	not := func(name string, one int) string {
		if rapid.IntRange(0, one).Draw(t, "not") == 0 {
			return "Not" + name
		}
		return name
	}
	s[not("Action", 4)] = few(t, somePatterns, "actions")
	if kind != KindTrust {
		s[not("Resource", 5)] = few(t, someResources, "resources")
	}
	if kind.hasPrincipal() {
		m := map[string]any{}
		for _, w := range few(t, someWho, "who") {
			typ, v := drawnEntry(w.(string))
			l, _ := m[typ].([]any)
			m[typ] = append(l, v)
		}
		s[not("Principal", 9)] = m
	}
	block := map[string]any{}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		key := pick(t, someKeyNames, "key")
		op := pick(t, someKeys[key].ops, "operator")
		block[op] = map[string]any{key: few(t, someKeys[key].values, "values")}
	}
	if len(block) > 0 {
		s["Condition"] = block
	}
	return s
}

func drawList(t *rapid.T, kind Kind, most int) []any {
	var list []any
	for range rapid.IntRange(0, most).Draw(t, "statements") {
		list = append(list, drawStatement(t, kind, pick(t, []string{"Allow", "Allow", "Deny"}, "effect")))
	}
	return list
}

func compile(kind Kind, list []any) Policy {
	return Parse(map[string]any{"Version": "2012-10-17", "Statement": list}, kind)
}

func drawRequest(t *rapid.T) Request {
	r := Request{
		Principal: drawnPrincipal(pick(t, someCallers, "caller")), Action: pick(t, someActions, "action"),
		Resource: pick(t, someARNs, "resource"), ResourceAccount: accountA, ResourceOrgID: "o-1", Context: Context{},
	}
	for _, k := range slices.Sorted(mapsKeys(someValues)) {
		if k == "aws:SecureTransport" || rapid.Bool().Draw(t, "has "+k) { // every request has it
			r.Context[k] = Is(strings.Split(pick(t, someValues[k], k), ",")...)
		}
	}
	if _, ok := r.Context["aws:SourceVpce"]; ok {
		delete(r.Context, "aws:SourceIp")
	}
	return r
}

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type world struct {
	identity, resource, boundary, session, scp []any
}

func drawWorld(t *rapid.T) world {
	w := world{identity: drawList(t, KindIdentity, 4), resource: drawList(t, KindResource, 4)}
	if rapid.IntRange(0, 3).Draw(t, "boundary") == 0 {
		w.boundary = append(drawList(t, KindBoundary, 2), drawStatement(t, KindBoundary, "Allow"))
	}
	if rapid.IntRange(0, 3).Draw(t, "session") == 0 {
		w.session = append(drawList(t, KindSession, 2), drawStatement(t, KindSession, "Allow"))
	}
	if rapid.IntRange(0, 3).Draw(t, "scp") == 0 {
		w.scp = append(drawList(t, KindSCP, 2), drawStatement(t, KindSCP, "Allow"))
	}
	return w
}

func (w world) policies() Policies {
	p := Policies{Identity: []Policy{compile(KindIdentity, w.identity)}, Resource: []Policy{compile(KindResource, w.resource)}}
	if w.boundary != nil {
		b := compile(KindBoundary, w.boundary)
		p.Boundary = &b
	}
	if w.session != nil {
		p.Session = []Policy{compile(KindSession, w.session)}
	}
	if w.scp != nil {
		p.SCP = [][]Policy{{compile(KindSCP, w.scp)}}
	}
	return p
}

func (w world) decide(r Request) Outcome { return Decide(r, w.policies()).Outcome }

func TestAddingStatements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, r := drawWorld(t), drawRequest(t)
		before := w.decide(r)
		more := w
		kind, list := KindIdentity, &more.identity
		if rapid.Bool().Draw(t, "resource side") {
			kind, list = KindResource, &more.resource
		}
		effect := pick(t, []string{"Allow", "Deny"}, "added effect")
		*list = append(slices.Clip(*list), drawStatement(t, kind, effect))
		after := more.decide(r)
		if effect == "Deny" && before != Allow && after == Allow {
			t.Fatalf("a Deny opened: %v to %v", before, after)
		}
		if effect == "Allow" && before == Allow && after != Allow {
			t.Fatalf("an Allow closed: %v to %v", before, after)
		}
	})
}

func TestOrderIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, r := drawWorld(t), drawRequest(t)
		other := w
		other.identity = rapid.Permutation(w.identity).Draw(t, "identity order")
		other.resource = rapid.Permutation(w.resource).Draw(t, "resource order")
		if a, b := w.decide(r), other.decide(r); a != b {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

func TestSplittingIsNeutral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, r := drawWorld(t), drawRequest(t)
		split := w
		split.identity = nil
		for _, s := range w.identity {
			m := s.(map[string]any)
			list, ok := m["Action"].([]any)
			if !ok {
				split.identity = append(split.identity, s)
				continue
			}
			for _, a := range list {
				c := map[string]any{}
				for k, v := range m {
					c[k] = v
				}
				c["Action"] = a
				split.identity = append(split.identity, c)
			}
		}
		if a, b := w.decide(r), split.decide(r); a != b {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

func TestNotActionIsComplement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		r.Principal = cast["ana"]
		actions := few(t, somePatterns, "actions")
		resources := few(t, someResources, "resources")
		allow := func(action, resource string) bool {
			s := map[string]any{"Effect": "Allow", action: actions, resource: resources}
			return Decide(r, Policies{Identity: []Policy{compile(KindIdentity, []any{s})}}).Allowed()
		}
		all := map[string]any{"Effect": "Allow", "Action": "*", "Resource": resources}
		covered := Decide(r, Policies{Identity: []Policy{compile(KindIdentity, []any{all})}}).Allowed()
		if covered != (allow("Action", "Resource") != allow("NotAction", "Resource")) {
			t.Fatalf("NotAction is not the complement of Action for %v", actions)
		}
	})
}

func TestRemovingCeilings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, r := drawWorld(t), drawRequest(t)
		if r.Principal.Kind == FederatedUser {
			return // without a session policy it has no rights of its own
		}
		if w.decide(r) != Allow {
			return
		}
		for _, remove := range []func(*world){
			func(w *world) { w.boundary = nil }, func(w *world) { w.session = nil }, func(w *world) { w.scp = nil },
		} {
			less := w
			remove(&less)
			if got := less.decide(r); got != Allow {
				t.Fatalf("removing a ceiling gives %v", got)
			}
		}
	})
}

// Deciding with unknown keys and then putting the values into the residual is
// the same as deciding with the values.
func TestResidualAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, r := drawWorld(t), drawRequest(t)
		full := w.decide(r)
		open := r
		open.Context = Context{}
		known := Context{}
		for k := range someValues {
			v, ok := r.Context[k]
			if !ok {
				v = Value{State: Absent}
			}
			known[k] = v
			open.Context[k] = v
			if rapid.Bool().Draw(t, "hide "+k) {
				open.Context[k] = Value{State: Unfetched}
			}
		}
		d := Decide(open, w.policies())
		got := d.Outcome
		if got == AllowIf {
			switch f := d.Residual.Under(known); {
			case f.True():
				got = Allow
			case f.False():
				got = Deny
			default:
				t.Fatalf("%s is left of %s", f, d.Residual)
			}
		}
		if got != full {
			t.Fatalf("got %v by way of %s, want %v", got, d.Residual, full)
		}
	})
}

// What a single anonymous or foreign request can do, Public reports.
func TestPublicCoversRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := append(drawList(t, KindResource, 3), drawStatement(t, KindResource, "Allow"))
		p := compile(KindResource, list)
		r := drawRequest(t)
		r.Principal = Principal{Kind: Anonymous}
		if rapid.Bool().Draw(t, "foreign") {
			r.Principal = Principal{Kind: User, ARN: "arn:aws:iam::999900001111:user/eve", OrgID: "o-9"}
		}
		// Object actions work on objects, ListBucket on the bucket.
		if r.Resource = "arn:aws:s3:::inv/a"; r.Action == "s3:ListBucket" {
			r.Resource = "arn:aws:s3:::inv"
		}
		delete(r.Context, "aws:SourceVpce")
		r.Context["aws:SourceIp"] = Is("8.8.8.8")
		all := compile(KindIdentity, []any{map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}})
		if !Decide(r, Policies{Identity: []Policy{all}, Resource: []Policy{p}}).Allowed() {
			return
		}
		a := Public(p, PublicQuery{Resources: []string{"arn:aws:s3:::inv", "arn:aws:s3:::inv/*"}, Account: accountA, OrgID: "o-1"})
		if a.Value != True && len(a.Networks) == 0 {
			t.Fatalf("%s by %s is allowed, but the answer is %v", r.Action, r.Principal.Kind, a)
		}
	})
}

// What DeniesAll calls denied, every request of the set is.
func TestDeniesAllHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []any
		for range rapid.IntRange(1, 3).Draw(t, "denies") {
			list = append(list, drawStatement(t, KindResource, "Deny"))
		}
		p := compile(KindResource, list)
		r := drawRequest(t)
		set := RequestSet{Actions: []string{"s3:*"}, Resources: []string{"arn:aws:s3:::inv", "arn:aws:s3:::inv/*"}}
		a := DeniesAll(p, set)
		if a.Value != True {
			return
		}
		if d := Decide(r, Policies{Resource: []Policy{p}}); !d.Explicit {
			t.Fatalf("not denied: %s on %s by %v: %+v", r.Action, r.Resource, r.Principal, d)
		}
	})
}

// The string solver finds a string exactly when one exists, compared with all
// short strings over a small alphabet.
func TestFindStringAgrees(t *testing.T) {
	letters := []string{"a", "b", ":", "*", "?"}
	var short []string
	var grow func(s string)
	grow = func(s string) {
		short = append(short, s)
		if len(s) < 5 {
			for _, l := range []string{"a", "b", ":"} {
				grow(s + l)
			}
		}
	}
	grow("")
	rapid.Check(t, func(t *rapid.T) {
		var cs []constraint
		for range rapid.IntRange(1, 3).Draw(t, "constraints") {
			c := constraint{want: rapid.Bool().Draw(t, "want")}
			for range rapid.IntRange(1, 2).Draw(t, "globs") {
				s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(letters), 0, 4).Draw(t, "pattern"), "")
				if rapid.Bool().Draw(t, "arn") {
					c.globs = append(c.globs, arnGlob("::::"+s))
				} else {
					c.globs = append(c.globs, newGlob(s))
				}
			}
			cs = append(cs, c)
		}
		s, ok, complete := findString(cs)
		if ok && !allHold(cs, s) {
			t.Fatalf("%q does not meet %v", s, cs)
		}
		if ok || !complete {
			return
		}
		for _, s := range short {
			if allHold(cs, s) {
				t.Fatalf("%q was missed", s)
			}
		}
	})
}

func TestAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) addresses {
			var s addresses
			for range rapid.IntRange(0, 4).Draw(t, label) {
				p, _ := parsePrefix(fmt.Sprintf("%d.%d.0.0/%d", rapid.IntRange(0, 255).Draw(t, "a"), rapid.IntRange(0, 255).Draw(t, "b"), rapid.IntRange(0, 32).Draw(t, "bits")))
				s = s.union(addressesOf(one(p)))
			}
			return s
		}
		a, b := draw("a"), draw("b")
		if got := a.complement().complement(); fmt.Sprint(got.prefixes()) != fmt.Sprint(a.prefixes()) {
			t.Fatalf("twice complemented %v is %v", a, got)
		}
		if !a.intersect(a.complement()).empty() {
			t.Fatal("a set meets its complement")
		}
		if got := addressesOf(a.prefixes()); fmt.Sprint(got) != fmt.Sprint(a) {
			t.Fatalf("%v written and read is %v", a, got)
		}
		if u := a.union(b); fmt.Sprint(u.intersect(a).prefixes()) != fmt.Sprint(a.prefixes()) {
			t.Fatal("a union lost addresses")
		}
	})
}

func one[T any](v T) []T { return []T{v} }

// A pattern against its own complement needs no search.
func TestListAgainstItself(t *testing.T) {
	var list []string
	for i := range 120 {
		list = append(list, fmt.Sprintf("s3:Get%dThing*More%d", i, i))
	}
	actions := strings.Join(list, ",")
	const rest = " on arn:aws:s3:::b,arn:aws:s3:::b/* if Bool aws:SecureTransport false"
	p := drawn(KindResource, "- for * "+actions+rest, "- for * all-but "+actions+rest)
	if a := DeniesPlainHTTP(p, []string{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}, "s3", time.Time{}); a.Value != True {
		t.Errorf("got %v: %v", a.Value, a.Missing)
	}
}
