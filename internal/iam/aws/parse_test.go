package aws

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	const good = `"Effect":"Allow","Action":"s3:GetObject","Resource":"*"`
	for _, tt := range []struct {
		name, doc  string
		kind       Kind
		statements int
		problem    string // part of the first diagnostic
	}{
		{"list", `{"Version":"2012-10-17","Statement":[{` + good + `}]}`, KindIdentity, 1, ""},
		{"one object", `{"Statement":{` + good + `}}`, KindIdentity, 1, ""},
		{"no JSON", `{"Statement"`, KindIdentity, 0, "not JSON"},
		{"no object", `[]`, KindIdentity, 0, "not an object"},
		{"no Statement", `{"Version":"2012-10-17"}`, KindIdentity, 0, "no Statement"},
		{"unknown Version", `{"Version":"2020-01-01","Statement":{` + good + `}}`, KindIdentity, 0, "Version"},
		{"one bad of two", `{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"},{` + good + `}]}`, KindIdentity, 1, "Effect"},
		{"no Effect", `{"Statement":{"Action":"*","Resource":"*"}}`, KindIdentity, 0, "Effect"},
		{"both actions", `{"Statement":{` + good + `,"NotAction":"s3:*"}}`, KindIdentity, 0, "both Action"},
		{"both resources", `{"Statement":{` + good + `,"NotResource":"*"}}`, KindIdentity, 0, "both Resource"},
		{"both principals", `{"Statement":{` + good + `,"Principal":"*","NotPrincipal":"*"}}`, KindResource, 0, "both Principal"},
		{"no action", `{"Statement":{"Effect":"Allow","Resource":"*"}}`, KindIdentity, 0, "no Action"},
		{"no resource", `{"Statement":{"Effect":"Allow","Action":"s3:*"}}`, KindIdentity, 0, "no Resource"},
		{"no resource in a trust policy", `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}`, KindTrust, 1, ""},
		{"principal in an identity policy", `{"Statement":{` + good + `,"Principal":"*"}}`, KindIdentity, 0, "Principal"},
		{"no principal in a resource policy", `{"Statement":{` + good + `}}`, KindResource, 0, "no Principal"},
		{"principal as text", `{"Statement":{` + good + `,"Principal":"root"}}`, KindResource, 0, "neither"},
		{"principal as bare ARN", `{"Statement":{` + good + `,"Principal":"arn:aws:iam::111122223333:root"}}`, KindResource, 1, ""},
		{"misspelt element", `{"Statement":{` + good + `,"Conditions":{}}}`, KindIdentity, 0, "unknown element"},
		{"unknown operator", `{"Statement":{` + good + `,"Condition":{"StringIs":{"aws:username":"x"}}}}`, KindIdentity, 1, "unknown condition operator"},
		{"action without a service", `{"Statement":{"Effect":"Allow","Action":["GetObject","s3:Get*"],"Resource":"*"}}`, KindIdentity, 1, "matches nothing"},
		{"numbers and booleans", `{"Statement":{` + good + `,"Condition":{"Bool":{"aws:SecureTransport":true},"NumericEquals":{"s3:max-keys":[5,5.5]}}}}`, KindIdentity, 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Parse(tt.doc, tt.kind)
			if len(p.Statements()) != tt.statements {
				t.Errorf("%d statements, want %d: %v", len(p.Statements()), tt.statements, p.Diagnostics)
			}
			first := ""
			if len(p.Diagnostics) > 0 {
				first = p.Diagnostics[0].String()
			}
			if (tt.problem == "") != (first == "") || !strings.Contains(first, tt.problem) {
				t.Errorf("diagnostic %q, want one about %q", first, tt.problem)
			}
			var decoded any
			if json.Unmarshal([]byte(tt.doc), &decoded) == nil {
				q := Parse(decoded, tt.kind)
				if diff := cmp.Diff(fmt.Sprint(p.Diagnostics), fmt.Sprint(q.Diagnostics)); diff != "" {
					t.Errorf("the decoded document differs\n%s", diff)
				}
			}
		})
	}
}

func TestParseCites(t *testing.T) {
	p := Parse(`{"Statement":[{"Effect":"x"},{"Sid":"ReadOnly","Effect":"Allow","Action":"*","Resource":"*"}]}`, KindIdentity)
	if got := p.Statements()[0].String(); got != "statement 2 (ReadOnly)" {
		t.Errorf("got %q", got)
	}
}

// TestShortARN is the table of section 3.2: what becomes of a resource with
// fewer than six parts.
func TestShortARN(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:Q"
	for _, tt := range []struct {
		kind    Kind
		pattern string
		want    bool
	}{
		{KindIdentity, "arn:aws:sqs", true},
		{KindBoundary, "arn:aws:sqs:eu-west-1", true},
		{KindSession, "arn:aws:s3", false},
		{KindResource, "arn:aws:sqs", false},
		{KindResource, "arn:aws:sqs:*", true},
		{KindEndpoint, "arn:aws:sqs:eu-*", true},
		{KindSCP, "arn:aws:sqs", false},
		{KindSCP, "arn:aws:sqs:eu-*", true},
		{KindRCP, "arn:aws:sqs:*", false},
		{KindRCP, "*", true},
	} {
		g, ok := resourceGlob(tt.pattern, tt.kind)
		if got := ok && g.match(queue); got != tt.want {
			t.Errorf("%s in %s: got %v, want %v", tt.pattern, tt.kind, got, tt.want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		glob glob
		s    string
		want bool
	}{
		{newGlob("a*c"), "abbc", true},
		{newGlob("a*c"), "abbd", false},
		{newGlob("*a*b*"), "xxaxbx", true},
		{newGlob("a?c"), "abc", true},
		{newGlob("a?c"), "ac", false},
		{newGlob("?"), "é", true},
		{newGlob("*"), "", true},
		{newGlob("ab"), "ab", true},
		{newGlob("a**"), "a", true},
		{arnGlob("arn:aws:lambda:*:*:function:pay*"), "arn:aws:lambda:eu:1:function:pay:PROD", true},
		{arnGlob("arn:aws:lambda:*:*:function:p*y"), "arn:aws:lambda:eu:1:function:p:y", false},
		{arnGlob("arn:aws:lambda:*:*:function:*:PROD"), "arn:aws:lambda:eu:1:function:pay:PROD", true},
		{arnGlob("arn:*:function:x"), "arn:aws:lambda:eu:1:function:x", false},
		{arnGlob("arn:aws:s3:::b/*"), "arn:aws:s3:::b/a/b", true},
		{arnGlob("arn:aws:s3:::b/*"), "arn:aws:s3:::b", false},
	} {
		if got := tt.glob.match(tt.s); got != tt.want {
			t.Errorf("%q of shape %d: got %v", tt.s, tt.glob.shape, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:root"]},"NotAction":["s3:*"],"NotResource":"arn:aws:s3:::${aws:username}/*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*"]},"IpAddress":{"aws:SourceIp":"::/0"},"DateLessThan":{"aws:CurrentTime":"2020-01-01"},"NumericEquals":{"s3:max-keys":1e3}}}}`,
		`{"Statement":[null,1,{"Effect":"Allow","Action":[],"Resource":[]}]}`,
	} {
		for _, k := range []string{"identity", "resource", "trust", "scp"} {
			f.Add(s, k)
		}
	}
	f.Fuzz(func(t *testing.T, doc, kind string) {
		p := Parse(doc, Kind(kind))
		before := fmt.Sprint(p.Diagnostics)
		for _, s := range p.Statements() {
			_ = s.String()
		}
		r := Request{Principal: cast["ana"], Action: "s3:GetObject", Resource: "arn:aws:s3:::inv/a", ResourceAccount: accountA}
		switch p.Kind {
		case KindResource, KindTrust:
			a, b := Decide(r, Policies{Resource: []Policy{p}}), Decide(r, Policies{Resource: []Policy{p}})
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Error("two decisions differ")
			}
			_ = S3Public(S3Access{Policy: p, PublicQuery: PublicQuery{Resources: []string{"arn:aws:s3:::inv"}, Account: accountA}})
		default:
			_ = Decide(r, Policies{Identity: []Policy{p}})
			_ = Administrator([]Policy{p}, nil)
		}
		if before != fmt.Sprint(p.Diagnostics) {
			t.Error("deciding changed the policy")
		}
	})
}
