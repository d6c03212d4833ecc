package aws

import (
	"testing"
	"time"
)

const benchDocument = `{"Version":"2012-10-17","Statement":[
{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::111122223333:role/R1"]},"Action":["s3:GetObject","s3:GetObjectVersion","s3:List*"],"Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/*"]},
{"Sid":"Org","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::inv/shared/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}},
{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
{"Sid":"Net","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::inv","arn:aws:s3:::inv/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]},"StringNotEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}}}]}`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse(benchDocument, KindResource)
	}
}

func BenchmarkDecide(b *testing.B) {
	p := Policies{Identity: []Policy{drawn(KindIdentity, "+ s3:* on *", "- s3:Delete* on *")}, Resource: []Policy{Parse(benchDocument, KindResource)}}
	r := Request{
		Principal: cast["R1/s"], Action: "s3:GetObject", Resource: "arn:aws:s3:::inv/a", ResourceAccount: accountA,
		Context: Context{"aws:SourceIp": Is("203.0.113.7"), "aws:SecureTransport": Is("true")},
	}
	if d := Decide(r, p); !d.Allowed() {
		b.Fatalf("%+v", d)
	}
	b.ReportAllocs()
	for b.Loop() {
		Decide(r, p)
	}
}

func BenchmarkPublic(b *testing.B) {
	p := Parse(benchDocument, KindResource)
	q := PublicQuery{Resources: []string{"arn:aws:s3:::inv", "arn:aws:s3:::inv/*"}, Account: accountA, OrgID: "o-1"}
	if a := Public(p, q); a.Level != ExternalLevel {
		b.Fatalf("%+v", a)
	}
	b.ReportAllocs()
	for b.Loop() {
		Public(p, q)
	}
}

func BenchmarkDeniesPlainHTTP(b *testing.B) {
	p := Parse(benchDocument, KindResource)
	if a := DeniesPlainHTTP(p, []string{"arn:aws:s3:::inv", "arn:aws:s3:::inv/*"}, "s3", time.Time{}); a.Value != True {
		b.Fatalf("%+v", a)
	}
	b.ReportAllocs()
	for b.Loop() {
		DeniesPlainHTTP(p, []string{"arn:aws:s3:::inv", "arn:aws:s3:::inv/*"}, "s3", time.Time{})
	}
}

func BenchmarkEscalations(b *testing.B) {
	ps := []Policy{drawn(KindIdentity, "+ ec2:*,iam:PassRole,s3:Get* on *")}
	b.ReportAllocs()
	for b.Loop() {
		Escalations(ps, nil)
	}
}
