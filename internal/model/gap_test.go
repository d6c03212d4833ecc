package model

import (
	"strings"
	"testing"
)

func TestGapError(t *testing.T) {
	scope := Scope{Provider: AWS, Account: "111122223333", Region: "eu-west-1"}
	for _, c := range []struct {
		name string
		gap  Gap
		want string
	}{
		{"denied", Gap{Scope: scope, Operation: "s3:GetBucketPolicy", Permission: "s3:GetBucketPolicy", Reason: Denied, Code: "AccessDenied"}, "s3:GetBucketPolicy denied (AccessDenied) in " + scope.String() + "; grant s3:GetBucketPolicy"},
		{"code and detail", Gap{Operation: "ec2:DescribeVpcs", Reason: Failed, Code: "InternalError", Detail: "no usable answer"}, "ec2:DescribeVpcs failed (InternalError: no usable answer)"},
		{"detail alone", Gap{Operation: "ec2:DescribeVpcs", Reason: Failed, Detail: "timed out"}, "ec2:DescribeVpcs failed (timed out)"},
		{"detail that is the code", Gap{Operation: "x", Reason: Failed, Code: "SubscriptionNotFound", Detail: "subscriptionNotFound."}, "x failed (SubscriptionNotFound)"},
		{"detail that tells the code", Gap{Operation: "x", Reason: Failed, Code: "503", Detail: "HTTP status 503 without a code"}, "x failed (HTTP status 503 without a code)"},
		{"several lines", Gap{Operation: "x", Reason: Failed, Detail: "first\n  second\tthird.\n"}, "x failed (first second third)"},
		{"nothing but the type", Gap{Type: "AWS::EC2::VPC", Reason: Unresolved}, "AWS::EC2::VPC unresolved"},
		{"a long detail", Gap{Operation: "x", Reason: Failed, Detail: strings.Repeat("é", 500)}, "x failed (" + strings.Repeat("é", 199) + "…)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.gap.Error(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
