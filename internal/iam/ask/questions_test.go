package ask

import (
	"encoding/json"
	"strings"
	"testing"
)

const bucketArn = "arn:aws:s3:::inv"

var bucketTarget = Target{ID: bucketArn, Account: "111122223333", Org: "o-1"}

// doc makes a policy of statements in short JSON.
func doc(t testing.TB, kind Kind, statements ...string) Policy {
	t.Helper()
	var v any
	text := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	p := Parse(v, kind)
	if len(p.Diagnostics) > 0 {
		t.Fatal(p.Diagnostics)
	}
	return p
}

func TestPublic(t *testing.T) {
	const read = `"Action":"s3:GetObject","Resource":"arn:aws:s3:::inv/*"`
	tests := []struct {
		name       string
		statements []string
		want       Level
	}{
		{"anybody reads", []string{`{"Effect":"Allow","Principal":"*",` + read + `}`}, Everybody},
		{"star in a list", []string{`{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]},` + read + `}`}, Everybody},
		{"NotPrincipal in an Allow", []string{`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:user/x"},` + read + `}`}, Everybody},
		{"own organization", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`}, Private},
		{"organization wildcard", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}}`}, AnyAuthenticated},
		{"two halves of the space", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}}`}, Everybody},
		{"one network", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"IpAddress":{"aws:SourceIp":"8.8.8.0/24"}}}`}, Private},
		{"private network", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`}, Private},
		{"everything but one network", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"NotIpAddress":{"aws:SourceIp":"8.8.8.0/24"}}}`}, Everybody},
		{"own endpoint", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}`}, Private},
		{"endpoint if it exists", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}}`}, Everybody},
		{"any VPC", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringLike":{"aws:SourceVpc":"vpc-*"}}}`}, Everybody},
		{"user agent", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"StringEquals":{"aws:UserAgent":"app/1"}}}`}, Everybody},
		{"TLS only", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"Bool":{"aws:SecureTransport":true}}}`}, Everybody},
		{"closed by a Deny", []string{`{"Effect":"Allow","Principal":"*",` + read + `}`, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}`}, Private},
		{"half closed by a Deny", []string{`{"Effect":"Allow","Principal":"*",` + read + `}`, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}}`}, Everybody},
		{"only what is no use", []string{`{"Effect":"Allow","Principal":"*","Action":"s3:ListAllMyBuckets","Resource":"*"}`}, Private},
		{"another bucket", []string{`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}`}, Private},
		{"a prefix", []string{`{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::inv/site/*"}`}, Everybody},
		{"a named account", []string{`{"Effect":"Allow","Principal":{"AWS":"444455556666"},` + read + `}`}, External},
		{"own account", []string{`{"Effect":"Allow","Principal":{"AWS":"111122223333"},` + read + `}`}, Private},
		{"a service unbound", []string{`{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::inv/*"}`}, ServiceWide},
		{"a service bound", []string{`{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::inv/*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}`}, Private},
		{"all actions but one", []string{`{"Effect":"Allow","Principal":"*","NotAction":"s3:DeleteBucket","Resource":"arn:aws:s3:::inv/*"}`}, Everybody},
		{"ForAllValues on nothing", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r/ou/"}}}`}, Everybody},
		{"principal ARN pattern of everyone", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}}`}, AnyAuthenticated},
		{"principal ARN of own account", []string{`{"Effect":"Allow","Principal":"*",` + read + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ci-*"}}}`}, Private},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Public(doc(t, Resource, tt.statements...), bucketTarget)
			if !got.Known || got.Level != tt.want {
				t.Errorf("open to %v (known %v), want %v: %v", got.Level, got.Known, tt.want, got.Because)
			}
		})
	}
}

func TestPublicOfOtherServices(t *testing.T) {
	tests := []struct {
		name, id, statement string
		want                Level
	}{
		{"queue bound to a topic", "arn:aws:sqs:eu-west-1:111122223333:q", `{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}}}`, Private},
		{"topic bound to a protocol", "arn:aws:sns:eu-west-1:111122223333:t", `{"Effect":"Allow","Principal":"*","Action":"sns:Subscribe","Resource":"*","Condition":{"StringEquals":{"sns:Protocol":"https"}}}`, Everybody},
		{"topic of its owner", "arn:aws:sns:eu-west-1:111122223333:t", `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"arn:aws:sns:eu-west-1:111122223333:t","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}`, Private},
		{"key through a service", "arn:aws:kms:eu-west-1:111122223333:key/k", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`, Everybody},
		{"key of own callers", "arn:aws:kms:eu-west-1:111122223333:key/k", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333"}}}`, Private},
		{"function for a service", "arn:aws:lambda:eu-west-1:111122223333:function:f", `{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:f"}`, ServiceWide},
		{"function for everybody", "arn:aws:lambda:eu-west-1:111122223333:function:f", `{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:f"}`, Everybody},
		{"secret of an outside account", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`, External},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Public(doc(t, Resource, tt.statement), Target{ID: tt.id, Account: "111122223333"})
			if !got.Known || got.Level != tt.want {
				t.Errorf("open to %v (known %v), want %v: %v", got.Level, got.Known, tt.want, got.Because)
			}
		})
	}
}

func TestDeniesPlainHTTP(t *testing.T) {
	tests := []struct {
		name       string
		statements []string
		want       bool
	}{
		{"both ARNs", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, true},
		{"other spellings", []string{`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:*"],"Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/*"],"Condition":{"Bool":{"AWS:securetransport":[false]}}}`}, true},
		{"one pattern for both", []string{`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:s3:::inv*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}`}, true},
		{"only the bucket", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"only the objects", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"only reading", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"only one prefix", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/a/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"only one account", []string{`{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"with a further condition", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalTag/x":"y"}}}`}, false},
		{"all but a role", []string{`{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/r","arn:aws:iam::111122223333:root"]},"Action":"s3:*","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`}, false},
		{"TLS demanded by the Allow only", []string{`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`}, false},
		{"two statements", []string{
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
			`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		}, true},
		{"the wrong way round", []string{`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::inv*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := DeniesPlainHTTP(doc(t, Resource, tt.statements...), bucketTarget)
			if !got.Known || got.Denied() != tt.want {
				t.Errorf("denied %v (known %v), want %v: %v", got.Denied(), got.Known, tt.want, got.Because)
			}
		})
	}
}

func TestAdministrator(t *testing.T) {
	tests := []struct {
		name       string
		statements []string
		want       bool
	}{
		{"star", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`}, true},
		{"star colon star", []string{`{"Effect":"Allow","Action":["*:*"],"Resource":["*"]}`}, true},
		{"NotAction of something harmless", []string{`{"Effect":"Allow","NotAction":"polly:*","Resource":"*"}`}, true},
		{"NotAction of IAM", []string{`{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`}, false},
		{"with MFA", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`}, true},
		{"IAM denied", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"iam:*","Resource":"*"}`}, false},
		{"something else denied", []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}`}, true},
		{"one service", []string{`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}, false},
		{"tagged resources", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}`}, false},
		{"one resource", []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::inv"}`}, false},
		{"resource patterns of everything", []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:*:*:*"}`}, true},
		{"two parts", []string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, `{"Effect":"Allow","Action":"iam:*","Resource":"*"}`}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Administrator([]Policy{doc(t, Identity, tt.statements...)})
			if !got.Known || got.Value != tt.want {
				t.Errorf("administrator %v (known %v), want %v: %v", got.Value, got.Known, tt.want, got.Because)
			}
		})
	}
}

func TestSingleStatementObject(t *testing.T) {
	p := Parse(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}}, Identity)
	if !Administrator([]Policy{p}).Value {
		t.Error("a statement that is one object was not read")
	}
}

func TestWebIdentity(t *testing.T) {
	const gh = `"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity"`
	tests := []struct {
		name, condition string
		want            bool
	}{
		{"audience only", `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`, true},
		{"prefix of an organization's name", `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme*"}}`, true},
		{"an organization", `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}`, false},
		{"a repository", `{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:acme/app:ref:refs/heads/main"}}`, false},
		{"everything", `{"StringLike":{"token.actions.githubusercontent.com:sub":"*"}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := WebIdentityUnbound(doc(t, Trust, `{"Effect":"Allow",`+gh+`,"Condition":`+tt.condition+`}`), nil)
			if !got.Known || got.Value != tt.want {
				t.Errorf("unbound %v (known %v), want %v: %v", got.Value, got.Known, tt.want, got.Because)
			}
		})
	}
}

func TestIdentityQuestions(t *testing.T) {
	decrypt := []Policy{doc(t, Identity, `{"Effect":"Allow","Action":"kms:De*","Resource":"arn:aws:kms:*:*:key/*"}`)}
	if !Allows(decrypt, "kms:Decrypt").Value {
		t.Error("kms:De* on every key does not decrypt with every key")
	}
	if Allows([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/k"}`)}, "kms:Decrypt").Value {
		t.Error("one key is every key")
	}
	for _, resource := range []string{
		"arn:aws:kms:*:444455556666:key/*", "arn:aws:kms:eu-west-1:111122223333:key/*", "arn:aws-us-gov:kms:*:*:key/*", "*",
	} {
		if !Allows([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"`+resource+`"}`)}, "kms:Decrypt").Value {
			t.Errorf("%s does not reach every key of some account", resource)
		}
	}
	if !Escalates([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"arn:aws-us-gov:iam::444455556666:policy/*"}`)}).Value {
		t.Error("policies of another account and partition are not looked at")
	}
	if got := WildcardServices([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::one"}`)}); len(got) != 1 || got[0] != "s3" {
		t.Errorf("wildcard services on one bucket: %v, want s3", got)
	}
	pass := []Policy{doc(t, Identity, `{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"}`)}
	if y := Escalates(pass); !y.Value || !strings.Contains(strings.Join(y.Because, " "), "ec2:RunInstances") {
		t.Errorf("passing a role to an instance does not escalate: %v", y)
	}
	if y := Escalates([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"}`, `{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}`)}); y.Value {
		t.Errorf("a Deny does not count: %v", y.Because)
	}
	if got := WildcardServices([]Policy{doc(t, Identity, `{"Effect":"Allow","Action":["kms:*","s3:Get*"],"Resource":"*"}`)}); len(got) != 1 || got[0] != "kms" {
		t.Errorf("wildcard services %v, want kms", got)
	}
}

func BenchmarkPublic(b *testing.B) {
	p := doc(b, Resource, `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::inv/*","Condition":{"IpAddress":{"aws:SourceIp":"8.8.8.0/24"}}}`,
		`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
	b.ReportAllocs()
	for b.Loop() {
		Public(p, bucketTarget)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"Null":{"a":"true"}}}}`)
	f.Fuzz(func(_ *testing.T, s string) {
		p := Parse(s, Resource)
		Public(p, bucketTarget)
		DeniesPlainHTTP(p, bucketTarget)
	})
}
