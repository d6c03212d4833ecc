package aws

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func allowing(actions any, resource any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}}
}

// TestBroad is about rights on every resource: one that a variable narrows to the
// caller's own is none, and one on the resources of another service is.
func TestBroad(t *testing.T) {
	for _, tt := range []struct {
		name, action string
		doc          map[string]any
		want         Truth
	}{
		{"one's own user", "iam:CreateAccessKey", allowing("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"), False},
		{"one's own user in a path", "iam:CreateAccessKey", allowing("iam:*", []any{"arn:aws:iam::*:user/people/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"}), False},
		{"every user", "iam:CreateAccessKey", allowing("iam:CreateAccessKey", "arn:aws:iam::*:user/*"), True},
		{"every user, and one's own", "iam:CreateAccessKey", allowing("iam:CreateAccessKey", []any{"arn:aws:iam::*:user/${aws:username}", "*"}), True},
		{"a star that is meant", "iam:CreateAccessKey", allowing("iam:CreateAccessKey", "arn:aws:iam::*:user/${*}"), False},
		{"objects below one's own name", "s3:GetObject", allowing("s3:GetObject", "arn:aws:s3:::home/${aws:username}/*"), False},
		{"roles of an account", "sts:AssumeRole", allowing("sts:AssumeRole", "arn:aws:iam::111122223333:role/*"), True},
		{"one role", "sts:AssumeRole", allowing("sts:AssumeRole", "arn:aws:iam::111122223333:role/x"), False},
		{"machines, by way of Systems Manager", "ssm:StartSession", allowing("ssm:*", "arn:aws:ec2:*:*:instance/*"), True},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Parse(tt.doc, KindIdentity)
			if got := (Rights{Identity: []Policy{p}}).AllowsBroadly(tt.action); got.Value != tt.want {
				t.Errorf("allows %s broadly: %s, want %s", tt.action, got.Value, tt.want)
			}
		})
	}
}

// TestEscalationPart holds that the part of a policy answers as the whole does,
// also beside other policies.
func TestEscalationPart(t *testing.T) {
	deny := map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
		map[string]any{"Effect": "Deny", "Action": []any{"s3:Put*", "lambda:*"}, "Resource": "*"},
		map[string]any{"Effect": "Allow", "Action": []any{"s3:GetObject", "ec2:Describe*"}, "Resource": "arn:aws:s3:::b/*"},
	}}
	pass := Parse(allowing("iam:PassRole", "*"), KindIdentity)
	for _, doc := range []map[string]any{
		deny, allowing("*", "*"), allowing([]any{"iam:Create*", "s3:Get*"}, "*"), allowing("lambda:?*", "arn:aws:lambda:*:*:function:*"),
		allowing([]any{"s3:Get*", "sqs:*"}, "*"), allowing("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"),
	} {
		whole := Parse(doc, KindIdentity)
		part := EscalationPart(whole)
		for _, with := range [][]Policy{nil, {pass}} {
			want := BroadEscalations(append([]Policy{whole}, with...), nil, 100)
			got := BroadEscalations(append([]Policy{part}, with...), nil, 100)
			if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
				t.Errorf("%v beside %d (-whole +part):\n%s", doc, len(with), diff)
			}
		}
	}
	if n := len(EscalationPart(Parse(allowing([]any{"s3:Get*", "sqs:*"}, "*"), KindIdentity)).statements); n != 0 {
		t.Errorf("%d statements of a policy that leads nowhere are left", n)
	}
}

func ids(es []Escalation) []string {
	var out []string
	for _, e := range es {
		out = append(out, e.ID)
	}
	return out
}

// TestTimeOfRequest is about grants that hold for a while.
func TestTimeOfRequest(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name      string
		condition map[string]any
		want      Truth
	}{
		{"over", map[string]any{"DateLessThan": map[string]any{"aws:CurrentTime": "2026-06-01T11:59:59Z"}}, False},
		{"still on", map[string]any{"DateLessThan": map[string]any{"aws:CurrentTime": "2026-06-01T12:00:01Z"}}, True},
		{"begun, in another spelling", map[string]any{"DateGreaterThanEquals": map[string]any{"AWS:currenttime": "2026-06-01"}}, True},
		{"over by seconds since 1970", map[string]any{"NumericLessThan": map[string]any{"aws:EpochTime": 1500000000}}, False},
		{"a date by seconds since 1970", map[string]any{"DateGreaterThan": map[string]any{"aws:EpochTime": "1500000000"}}, True},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Parse(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
				"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": tt.condition,
			}}}, KindResource)
			q := PublicQuery{Resources: []string{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}, Account: "111122223333", Now: now}
			if got := Public(p, q); got.Value != tt.want {
				t.Errorf("public: %s, want %s", got.Value, tt.want)
			}
		})
	}
}
