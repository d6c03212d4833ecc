package aws

import "testing"

func TestConditions(t *testing.T) {
	for _, tt := range []struct {
		op     string
		policy []string
		values []string // nil is absent
		multi  bool
		want   bool
	}{
		{"StringEquals", []string{"a", "b"}, []string{"b"}, false, true},
		{"StringEquals", []string{"a"}, []string{"A"}, false, false},
		{"StringEquals", []string{"a*"}, []string{"ab"}, false, false},
		{"StringEquals", []string{"a"}, nil, false, false},
		{"StringEqualsIfExists", []string{"a"}, nil, false, true},
		{"StringEquals", []string{}, []string{"a"}, false, false},
		{"StringNotEquals", []string{"a", "b"}, []string{"c"}, false, true},
		{"StringNotEquals", []string{"a", "b"}, []string{"b"}, false, false},
		{"StringNotEquals", []string{"a"}, nil, false, true},
		{"StringEqualsIgnoreCase", []string{"Ab"}, []string{"aB"}, false, true},
		{"StringNotEqualsIgnoreCase", []string{"Ab"}, []string{"aB"}, false, false},
		{"StringLike", []string{"a*c?"}, []string{"abbcd"}, false, true},
		{"StringNotLike", []string{"a*"}, []string{"ab"}, false, false},
		{"NumericLessThan", []string{"10"}, []string{"9.5"}, false, true},
		{"NumericLessThanEquals", []string{"10"}, []string{"10.0"}, false, true},
		{"NumericGreaterThan", []string{"10"}, []string{"10"}, false, false},
		{"NumericGreaterThanEquals", []string{"10"}, []string{"ten"}, false, false},
		{"NumericNotEquals", []string{"10"}, nil, false, true},
		{"DateLessThan", []string{"2026-01-01T00:00:00Z"}, []string{"2025-12-31"}, false, true},
		{"DateGreaterThan", []string{"2026-01-01T00:00:00Z"}, []string{"1767225601"}, false, true},
		{"DateEquals", []string{"2026-01-01T01:00:00+01:00"}, []string{"2026-01-01T00:00:00Z"}, false, true},
		{"DateNotEquals", []string{"2026"}, []string{"2026-01-01"}, false, false},
		{"Bool", []string{"TRUE"}, []string{"true"}, false, true},
		{"Bool", []string{"false"}, nil, false, false},
		{"BoolIfExists", []string{"false"}, nil, false, true},
		{"BinaryEquals", []string{"QQ=="}, []string{"QQ=="}, false, true},
		{"BinaryEquals", []string{"QQ=="}, []string{"Qg=="}, false, false},
		{"IpAddress", []string{"203.0.113.0/24"}, []string{"203.0.113.7"}, false, true},
		{"IpAddress", []string{"203.0.113.7"}, []string{"203.0.113.8"}, false, false},
		{"IpAddress", []string{"0.0.0.0/0"}, []string{"2001:db8::1"}, false, false},
		{"IpAddress", []string{"2001:db8::/32"}, []string{"2001:db8::1"}, false, true},
		{"NotIpAddress", []string{"203.0.113.0/24"}, nil, false, true},
		{"ArnLike", []string{"arn:aws:iam::*:role/ci-*"}, []string{"arn:aws:iam::1:role/ci-a/b"}, false, true},
		{"ArnEquals", []string{"arn:aws:sns:*:1:t*"}, []string{"arn:aws:sns:eu:1:topic"}, false, true},
		{"ArnLike", []string{"arn:aws:iam::*:role"}, []string{"no ARN"}, false, false},
		{"ArnLike", []string{"arn:aws:*:1:x"}, []string{"arn:aws:sns:eu:1:x"}, false, false},
		{"ArnNotLike", []string{"arn:aws:sns:*:*:*"}, []string{"no ARN"}, false, true},
		{"Null", []string{"true"}, nil, false, true},
		{"Null", []string{"false"}, nil, false, false},
		{"Null", []string{"false"}, []string{"x"}, false, true},
		{"Null", []string{"true"}, []string{}, true, true},
		{"NullIfExists", []string{"true"}, nil, false, false},
		{"ForAllValues:StringEquals", []string{"a", "b"}, []string{"a", "b"}, true, true},
		{"ForAllValues:StringEquals", []string{"a"}, []string{"a", "b"}, true, false},
		{"ForAllValues:StringEquals", []string{"a"}, nil, true, true},
		{"ForAllValues:StringNotEquals", []string{"a"}, []string{"b", "a"}, true, false},
		{"ForAllValues:StringNotEquals", []string{"a"}, nil, true, true},
		{"ForAnyValue:StringEquals", []string{"a"}, []string{"b", "a"}, true, true},
		{"ForAnyValue:StringEquals", []string{"a"}, nil, true, false},
		{"ForAnyValue:StringEqualsIfExists", []string{"a"}, nil, true, false},
		{"ForAnyValue:StringNotEquals", []string{"a"}, []string{"a", "b"}, true, true},
		{"ForAnyValue:StringNotEquals", []string{"a"}, nil, true, false},
		{"StringEquals", []string{"a"}, []string{"a"}, true, false},
		{"StringNotEquals", []string{"b"}, []string{"a"}, true, false},
		{"ForAnyValue:Bool", []string{"false"}, []string{"false"}, false, true},
		{"ForEachValue:StringEquals", []string{"a"}, []string{"a"}, true, false},
		{"NoOperator", []string{"a"}, []string{"a"}, false, false},
	} {
		c, _ := newCondition(tt.op, "aws:X", tt.policy, "2012-10-17")
		if got := c.holds(tt.values != nil, tt.values, tt.multi); got != tt.want {
			t.Errorf("%s %v of %v: got %v", tt.op, tt.policy, tt.values, got)
		}
	}
}

func TestVariables(t *testing.T) {
	for _, tt := range []struct{ pattern, resource, want string }{
		{"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ana/x", "allow"},
		{"arn:aws:s3:::b/${aws:USERNAME}/*", "arn:aws:s3:::b/ana/x", "allow"},
		{"arn:aws:s3:::b/${aws:nothing}/*", "arn:aws:s3:::b//x", "no-grant"},
		{"arn:aws:s3:::b/${aws:nothing,'d'}/*", "arn:aws:s3:::b/d/x", "allow"},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", "allow"},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", "no-grant"},
		{"arn:aws:s3:::b/${$}x", "arn:aws:s3:::b/$x", "allow"},
		{"arn:aws:s3:${aws:username}::b/x", "arn:aws:s3:ana::b/x", "no-grant"},
		{"arn:aws:s3:::b/${aws:TagKeys}", "arn:aws:s3:::b/cost", "no-grant"},
	} {
		p := Parse(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": tt.pattern}}, KindIdentity)
		d := Decide(Request{
			Principal: cast["ana"], Action: "s3:GetObject", Resource: tt.resource, ResourceAccount: accountA,
			Context: Context{"aws:TagKeys": Is("cost")},
		}, Policies{Identity: []Policy{p}})
		if got := outcome(d); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.pattern, got, tt.want)
		}
	}
}
