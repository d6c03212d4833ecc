package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// hostileQueries are whose point of view a policy is looked at from: own account
// 111122223333 in organization o-1, which 777788889999 belongs to as well.
var hostileQueries = map[string][]string{
	"bucket":   {"arn:aws:s3:::b", "arn:aws:s3:::b/*"},
	"queue":    {"arn:aws:sqs:eu-west-1:111122223333:q"},
	"topic":    {"arn:aws:sns:eu-west-1:111122223333:t"},
	"key":      {"arn:aws:kms:eu-west-1:111122223333:key/k"},
	"function": {"arn:aws:lambda:eu-west-1:111122223333:function:f", "arn:aws:lambda:eu-west-1:111122223333:function:f:*"},
	"secret":   {"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"},
	"trust":    nil,
}

const canonicalOwn, canonicalOther = "0a1b2c3d", "9f8e7d6c"

// hostileAnswer is the level with the capabilities that have it, and the accounts
// outside that are let in; of a trust policy those who may assume the role.
func hostileAnswer(of string, document string) string {
	q := PublicQuery{
		Resources: hostileQueries[of], Account: "111122223333", OrgID: "o-1", ZoneAccounts: []string{"777788889999"},
		CanonicalIDs: []string{canonicalOwn}, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
	}
	if of == "trust" {
		p := Parse(document, KindTrust)
		var parts []string
		for _, a := range AssumableBy(p, q).Assumers {
			s := a.Level.String()[:2] + " " + a.Who
			if a.Open {
				s += " open"
			}
			if a.NeedsExternalID {
				s += " external-id"
			}
			parts = append(parts, s)
		}
		return strings.Join(append(parts, faults(p)...), ", ")
	}
	p := Parse(document, KindResource)
	a := Public(p, q)
	text := a.Level.String()[:2]
	if a.Value == Unknown {
		text = "unknown"
	}
	var gives []string
	for _, c := range slices.Sorted(maps.Keys(a.Capabilities)) {
		if a.Capabilities[c] == a.Level && a.Level > Private {
			gives = append(gives, string(c))
		}
	}
	if len(gives) > 2 {
		gives = append(gives[:2], "…")
	}
	text = strings.TrimSpace(text + " " + strings.Join(gives, " "))
	if len(a.Networks) > 0 {
		text += fmt.Sprint(" from ", a.Networks)
	}
	if out, known := OutsideAccounts(p, q); known != True || len(out) > 0 && out[0] != "*" {
		text += fmt.Sprint(" to ", out)
		if known != True {
			text += " and others?"
		}
	}
	return strings.Join(append([]string{text}, faults(p)...), ", ")
}

func faults(p Policy) []string {
	if len(p.Diagnostics) == 0 {
		return nil
	}
	return []string{"with faults"}
}

// allowAll is a policy of one statement, of which the elements are given, about
// every resource; allowAllBut denies something beside it.
func allowAll(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",` + elements + `}]}`
}

func allowAllBut(elements, deny string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",` + elements + `},{"Effect":"Deny","Action":"*","Resource":"*",` + deny + `}]}`
}

const anyoneReads = `"Principal":"*","Action":"s3:GetObject"`

func TestHostile(t *testing.T) {
	read := func(condition string) string { return allowAll(anyoneReads + `,"Condition":` + condition) }
	but := func(deny string) string { return allowAllBut(anyoneReads, deny) }
	for _, tt := range []struct{ name, of, doc, want string }{
		// Statements
		{"NotAction and NotResource", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"s3:DeleteBucket","NotResource":"arn:aws:s3:::b/private/*"}}`, "E6 administer delete …"},
		{"NotResource of the bucket and all in it", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}`, "E0"},
		{"NotResource of the objects", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::b/*"}}`, "E6 administer delete …"},
		{"NotAction of the whole service", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","NotAction":["s3:*"],"Resource":"*"}}`, "E0"},
		{"one statement twice with one Sid", "bucket", `{"Statement":[{"Sid":"A","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"},{"Sid":"A","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`, "E6 read"},
		{"effect in small letters", "bucket", `{"Statement":{"Effect":"allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}`, "E0, with faults"},
		{"resource of one character", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::?/*"}}`, "E6 read"},
		{"resource of another partition", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws-cn:s3:::b/*"}}`, "E0"},
		{"resource by a pattern of the partition", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:*:s3:::b/*"}}`, "E6 read"},
		{"both Action and NotAction", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","NotAction":"s3:PutObject","Resource":"*"}}`, "E0, with faults"},
		{"service by a pattern", "bucket", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s*:GetObject","Resource":"*"}}`, "E0, with faults"},
		{"no condition in the condition", "bucket", read(`{}`), "E6 read"},

		// Principals
		{"star in a list", "bucket", allowAll(`"Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]},"Action":"s3:GetObject"`), "E6 read"},
		{"every service", "bucket", allowAll(`"Principal":{"Service":"*"},"Action":"s3:GetObject"`), "E4 read"},
		{"nobody", "bucket", allowAll(`"Principal":{"AWS":[]},"Action":"s3:GetObject"`), "E0"},
		{"Allow with NotPrincipal", "bucket", allowAll(`"NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:GetObject"`), "E6 read"},
		{"Deny with NotPrincipal of the account", "bucket", but(`"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}`), "E0"},
		{"Deny with NotPrincipal of an account outside", "bucket", but(`"NotPrincipal":{"AWS":["444455556666","arn:aws:iam::444455556666:user/bo"]}`), "E3 read to [444455556666]"},
		{"Deny with NotPrincipal of everybody", "bucket", but(`"NotPrincipal":{"AWS":"*"}`), "E6 read"},
		{"Deny with NotPrincipal of a service", "bucket", but(`"NotPrincipal":{"Service":"cloudfront.amazonaws.com"}`), "E4 read"},
		{"roles by a pattern", "bucket", allowAll(`"Principal":{"AWS":"arn:aws:iam::444455556666:role/*"},"Action":"s3:GetObject"`), "E0"},
		{"accounts by a pattern", "bucket", allowAll(`"Principal":{"AWS":"arn:aws:iam::*:root"},"Action":"s3:GetObject"`), "E0"},
		{"session of a role", "bucket", allowAll(`"Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/R/S"},"Action":"s3:GetObject"`), "E3 read to [444455556666]"},
		{"federated user", "bucket", allowAll(`"Principal":{"AWS":"arn:aws:sts::444455556666:federated-user/f"},"Action":"s3:GetObject"`), "E3 read to [444455556666]"},
		{"root of another account", "bucket", allowAll(`"Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:GetObject"`), "E3 read to [444455556666]"},
		{"root of an account of the zone", "bucket", allowAll(`"Principal":{"AWS":"777788889999"},"Action":"s3:GetObject"`), "E1 read"},
		{"user that was deleted", "bucket", allowAll(`"Principal":{"AWS":"AIDAEXAMPLEEXAMPLE1"},"Action":"s3:GetObject"`), "E0"},
		{"canonical user outside", "bucket", allowAll(`"Principal":{"CanonicalUser":"` + canonicalOther + `"},"Action":"s3:GetObject"`), "E3 read to [" + canonicalOther + "]"},
		{"canonical user of the owner", "bucket", allowAll(`"Principal":{"CanonicalUser":"` + canonicalOwn + `"},"Action":"s3:GetObject"`), "E0"},
		{"two canonical users", "bucket", allowAll(`"Principal":{"CanonicalUser":["` + canonicalOwn + `","` + canonicalOther + `"]},"Action":"s3:*"`), "E3 administer delete … to [" + canonicalOther + "]"},
		{"federated identities of a bucket", "bucket", allowAll(`"Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"s3:GetObject"`), "E0"},
		{"type of principal that does not exist", "bucket", allowAll(`"Principal":{"aws":"*"},"Action":"s3:GetObject"`), "E0, with faults"},

		// Organizations and accounts
		{"own organization by paths, any of them", "bucket", read(`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`), "E2 read"},
		{"all paths, which are absent outside of organizations", "bucket", read(`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`), "E6 read"},
		{"all paths, which must be there", "bucket", read(`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"},"Null":{"aws:PrincipalOrgPaths":"false"}}`), "E2 read"},
		{"paths without a set operator", "bucket", read(`{"StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`), "E0"},
		{"paths of any organization", "bucket", read(`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/r-ab12/*"}}`), "E5 read"},
		{"organization, if there is one", "bucket", read(`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`), "E6 read"},
		{"some organization", "bucket", read(`{"Null":{"aws:PrincipalOrgID":"false"}}`), "E5 read"},
		{"no organization", "bucket", read(`{"Null":{"aws:PrincipalOrgID":true}}`), "E6 read"},
		{"any of several organizations, a pattern among them", "bucket", read(`{"StringLike":{"aws:PrincipalOrgID":["o-1","o-*"]}}`), "E5 read"},
		{"organization of the resource", "bucket", read(`{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}`), "E2 read"},
		{"organization of the resource, in 2008", "bucket", `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}}`, "E0"},
		{"organization of the resource, with a default", "bucket", read(`{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID, 'o-2'}"}}`), "E2 read"},
		{"a tag equal to another, or to a default", "bucket", read(`{"StringEquals":{"aws:PrincipalTag/a":"${aws:PrincipalTag/b, 'x'}"}}`), "E5 read"},
		{"another organization", "bucket", read(`{"StringEquals":{"aws:PrincipalOrgID":"o-2"}}`), "E3 read to [o-2]"},
		{"own account, all values of a key of one", "bucket", read(`{"ForAllValues:StringEquals":{"aws:PrincipalAccount":"111122223333"}}`), "E5 read"},
		{"own account, key in another case", "bucket", read(`{"StringEquals":{"AWS:principalACCOUNT":"111122223333"}}`), "E0"},
		{"own account as a number", "bucket", read(`{"StringEquals":{"aws:PrincipalAccount":111122223333}}`), "E0"},
		{"own account by a numeric operator", "bucket", read(`{"NumericEquals":{"aws:PrincipalAccount":"111122223333"}}`), "E0"},
		{"operator in small letters", "bucket", read(`{"stringequals":{"aws:PrincipalAccount":"111122223333"}}`), "E0, with faults"},
		{"not another account", "bucket", read(`{"StringNotEquals":{"aws:PrincipalAccount":"444455556666"}}`), "E6 read"},
		{"an empty list of accounts", "bucket", read(`{"StringEquals":{"aws:PrincipalAccount":[]}}`), "E0"},

		// ARNs
		{"roles of a name in any account", "bucket", read(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci-*"}}`), "E5 read"},
		{"accounts that begin alike", "bucket", read(`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::1111222233*:role/x"}}`), "E5 read"},
		{"own principals", "bucket", read(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}}`), "E0"},
		{"own principals as text with a star that is meant", "bucket", read(`{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`), "E0"},
		{"own principals as text", "bucket", read(`{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`), "E0"},
		{"text that ends in the own account", "bucket", read(`{"StringLike":{"aws:PrincipalArn":"*111122223333*"}}`), "E5 read"},
		{"an ARN that is none", "bucket", read(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*"}}`), "E0"},
		{"any ARN", "bucket", read(`{"ArnLike":{"aws:PrincipalArn":"*"}}`), "E5 read"},
		{"sessions of one role by id", "bucket", read(`{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE1:*"}}`), "E0"},
		{"sessions of any role by id", "bucket", read(`{"StringLike":{"aws:userid":"AROA*"}}`), "E5 read"},

		// Endpoints and addresses
		{"not from one endpoint", "bucket", read(`{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`), "E6 read"},
		{"denied but from one endpoint", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`), "E2 read"},
		{"denied but from one endpoint, if there is one", "bucket", but(`"Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}`), "E2 read"},
		{"denied but from one endpoint or the account", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:PrincipalAccount":"111122223333"}}`), "E2 read"},
		{"some endpoint", "bucket", read(`{"Null":{"aws:SourceVpce":"false"}}`), "E6 read"},
		{"endpoints by a pattern", "bucket", read(`{"StringLike":{"aws:SourceVpce":"vpce-*"}}`), "E6 read"},
		{"all of IPv4", "bucket", read(`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`), "E6 read"},
		{"halves of IPv4 in two statements", "bucket", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}},{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"128.0.0.0/1"}}}]}`, "E6 read"},
		{"IPv4 written as IPv6", "bucket", read(`{"IpAddress":{"aws:SourceIp":"::ffff:0.0.0.0/96"}}`), "E6 read"},
		{"all of IPv6", "bucket", read(`{"IpAddress":{"aws:SourceIp":"::/0"}}`), "E6 read"},
		{"an address", "bucket", read(`{"IpAddress":{"aws:SourceIp":"203.0.113.7"}}`), "E3 read from [203.0.113.7/32]"},
		{"a prefix that is none", "bucket", read(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}}`), "E0"},
		{"addresses as text with a star", "bucket", read(`{"StringLike":{"aws:SourceIp":"203.0.113.*"}}`), "E3 read from [203.0.113.0/24]"},
		{"an address as text", "bucket", read(`{"StringEquals":{"aws:SourceIp":["203.0.113.7","198.51.100.0/24"]}}`), "E3 read from [198.51.100.0/24 203.0.113.7/32]"},
		{"addresses as text by a mark", "bucket", read(`{"StringLike":{"aws:SourceIp":"203.0.11?.*"}}`), "E6 read"},
		{"any address as text", "bucket", read(`{"StringLike":{"aws:SourceIp":"*"}}`), "E6 read"},
		{"some address", "bucket", read(`{"Null":{"aws:SourceIp":"false"}}`), "E6 read"},
		{"denied outside of private addresses", "bucket", but(`"Principal":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}}`), "E0"},
		{"denied outside of an office, but by services", "bucket", but(`"Principal":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"Bool":{"aws:ViaAWSService":"false"}}`), "E5 read from [203.0.113.0/24]"},
		{"two halves denied", "bucket", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"0.0.0.0/1"}}}]}`, "E0"},

		{"others denied, but services, by a key that anonymous requests lack", "bucket", but(`"Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:PrincipalIsAWSService":"false"}}`), "E6 read"},
		{"others denied, but services", "bucket", but(`"Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`), "E5 read"},
		{"others denied, but one service", "bucket", but(`"Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1","aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}`), "E4 read"},
		{"others denied, but one service for the account", "bucket", but(`"Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1","aws:SourceAccount":"111122223333"}}`), "E2 read"},
		{"one service by a condition", "bucket", read(`{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}`), "E4 read"},
		{"services by a pattern of a condition", "bucket", read(`{"ForAnyValue:StringLike":{"aws:PrincipalServiceNamesList":"*.amazonaws.com"}}`), "E4 read"},

		// Denies
		{"with and without TLS denied", "bucket", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`, "E0"},
		{"the own account denied", "bucket", but(`"Principal":{"AWS":"111122223333"}`), "E6 read"},
		{"no organization denied", "bucket", but(`"Principal":"*","Condition":{"StringNotLike":{"aws:PrincipalOrgID":"o-*"}}`), "E5 read"},
		{"other organizations denied, all paths", "bucket", but(`"Principal":"*","Condition":{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`), "E2 read"},
		{"other organizations denied, any path, which is absent without", "bucket", but(`"Principal":"*","Condition":{"ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`), "E6 read"},
		{"others denied if they have an organization", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"},"Null":{"aws:PrincipalOrgID":"false"}}`), "E6 read"},
		{"other accounts denied", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}`), "E0"},
		{"a Deny that is over", "bucket", but(`"Principal":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}`), "E6 read"},
		{"a Deny that ends", "bucket", but(`"Principal":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}`), "E6 read"},
		{"a Deny since a date", "bucket", but(`"Principal":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}`), "E0"},
		{"a Deny by a variable that nobody has", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"s3:prefix":"${aws:username}"}}`), "E6 read"},
		{"a Deny whose default decides", "bucket", but(`"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"${aws:PrincipalTag/org, 'o-1'}"}}`), "E5 read"},

		// Times, numbers, bytes
		{"over", "bucket", read(`{"DateLessThan":{"aws:CurrentTime":"2026-05-31T23:59:59Z"}}`), "E0"},
		{"to begin", "bucket", read(`{"DateGreaterThan":{"aws:CurrentTime":"2027-01-01"}}`), "E6 read"},
		{"a date that is none", "bucket", read(`{"DateGreaterThan":{"aws:CurrentTime":"tomorrow"}}`), "E0"},
		{"seconds since 1970 that are over", "bucket", read(`{"NumericLessThan":{"aws:EpochTime":1700000000}}`), "E0"},
		{"pages of ten", "bucket", allowAll(`"Principal":"*","Action":"s3:ListBucket","Condition":{"NumericLessThanEquals":{"s3:max-keys":"10"}}`), "E6 list"},
		{"a number that is none", "bucket", allowAll(`"Principal":"*","Action":"s3:ListBucket","Condition":{"NumericLessThanEquals":{"s3:max-keys":"ten"}}`), "E0"},
		{"bytes", "bucket", read(`{"BinaryEquals":{"aws:UserAgent":"QmluYXJ5"}}`), "E6 read"},

		// Variables in resources
		{"one's own prefix", "bucket", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"}}`, "E5 read"},
		{"one's own prefix, in 2008", "bucket", `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"}}`, "E6 read"},
		{"one's own prefix, with a default", "bucket", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username, 'guest'}/*"}}`, "E6 read"},
		{"a dollar and a star that are meant", "bucket", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${$}${*}"}}`, "E6 read"},

		// Access points and encryption
		{"access points of the account", "bucket", allowAll(`"Principal":"*","Action":"s3:*","Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}`), "E2 administer delete …"},
		{"access points of any account", "bucket", allowAll(`"Principal":"*","Action":"s3:GetObject","Condition":{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:*:accesspoint/*"}}`), "E6 read"},
		{"access points of the account by ARN", "bucket", allowAll(`"Principal":"*","Action":"s3:GetObject","Condition":{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:111122223333:accesspoint/*"}}`), "E2 read"},
		{"own callers of a key", "key", allowAll(`"Principal":"*","Action":"kms:*","Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}`), "E0"},
		{"callers of a key by a pattern", "key", allowAll(`"Principal":{"AWS":"*"},"Action":"kms:Decrypt","Condition":{"StringLike":{"kms:CallerAccount":"1111*"}}`), "E5 decrypt"},
		{"callers of a key outside", "key", allowAll(`"Principal":{"AWS":"*"},"Action":"kms:Decrypt","Condition":{"StringEquals":{"kms:CallerAccount":"444455556666"}}`), "E3 decrypt to [444455556666]"},
		{"a key by way of S3", "key", allowAll(`"Principal":{"AWS":"*"},"Action":"kms:Decrypt","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`), "E5 decrypt"},
		{"a key by way of S3 for the account", "key", allowAll(`"Principal":{"AWS":"*"},"Action":"kms:Decrypt","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"111122223333"}}`), "E0"},

		// Functions, topics, queues
		{"a URL without sign-in", "function", allowAll(`"Principal":"*","Action":"lambda:InvokeFunctionUrl","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}`), "E6 invoke"},
		{"a URL with sign-in", "function", allowAll(`"Principal":"*","Action":"lambda:InvokeFunctionUrl","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}`), "E5 invoke"},
		{"a bare account", "function", allowAll(`"Principal":"777700001111","Action":"lambda:InvokeFunction"`), "E3 invoke to [777700001111]"},
		{"the own account, bare", "function", allowAll(`"Principal":"111122223333","Action":"lambda:InvokeFunction"`), "E0"},
		{"a bare service", "function", allowAll(`"Principal":"events.amazonaws.com","Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"}}`), "E0"},
		{"no principal at all", "function", allowAll(`"Principal":"somebody","Action":"lambda:InvokeFunction"`), "E0, with faults"},
		{"an organization by its id", "function", allowAll(`"Principal":"*","Action":"lambda:InvokeFunction","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), "E2 invoke"},
		{"subscriptions at a domain", "topic", allowAll(`"Principal":"*","Action":"sns:Subscribe","Condition":{"StringLike":{"sns:Endpoint":"*@example.com"}}`), "E6 receive"},
		{"publishing by the owner, as AWS writes it", "topic", allowAll(`"Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"],"Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}`), "E0"},
		{"a topic of another account", "queue", allowAll(`"Principal":"*","Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:444455556666:t"}}`), "E3 send to [444455556666]"},
		{"a topic of another account, by its service", "queue", allowAll(`"Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:444455556666:*"}}`), "E3 send to [444455556666]"},
		{"buckets of another account", "queue", allowAll(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}`), "E3 send to [444455556666]"},
		{"buckets of another organization", "queue", allowAll(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:SourceOrgID":"o-2"}}`), "E3 send to [o-2]"},
		{"buckets of the account", "queue", allowAll(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`), "E0"},
		{"buckets of an account of the zone", "queue", allowAll(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:SourceAccount":"777788889999"}}`), "E1 send"},
		{"a service for whomever", "queue", allowAll(`"Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage"`), "E4 send"},
		{"a service, source if there is one", "queue", allowAll(`"Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}`), "E4 send"},
		{"a service, source by a pattern", "queue", allowAll(`"Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:alarms"}}`), "E4 send"},
		{"a service, where it must not be one", "queue", allowAll(`"Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"}}`), "E0"},
		{"anybody by way of services", "queue", allowAll(`"Principal":"*","Action":"sqs:SendMessage","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}`), "E5 send"},
		{"anybody by way of a service of the organization", "queue", allowAll(`"Principal":"*","Action":"sqs:SendMessage","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"},"StringEquals":{"aws:SourceOrgID":"o-1"}}`), "E0"},
		{"a bucket by its name", "queue", allowAll(`"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:photos"}}`), "E0"},
		{"a secret for another account", "secret", allowAll(`"Principal":{"AWS":"arn:aws:iam::444455556666:role/R"},"Action":"secretsmanager:GetSecretValue","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), "E0"},

		// Who is left
		{"denied but for ids of a role and the account", "bucket", but(`"Principal":"*","Condition":{"StringNotLike":{"aws:userid":["AROAEXAMPLEEXAMPLE1:*","111122223333"]}}`), "E0"},
		{"denied with NotPrincipal of a session, its role and the account", "bucket", but(`"NotPrincipal":{"AWS":["arn:aws:sts::111122223333:assumed-role/R/S","arn:aws:iam::111122223333:role/R","111122223333"]}`), "E0"},
		{"from an office and by a network at once", "bucket", read(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}`), "E0"},
		{"without a signature only", "bucket", read(`{"Null":{"aws:PrincipalArn":"true"}}`), "E6 read"},
		{"anonymous callers by their type", "bucket", read(`{"StringEquals":{"aws:PrincipalType":"Anonymous"}}`), "E6 read"},
		{"anonymous callers by their account", "bucket", read(`{"StringEquals":{"aws:PrincipalAccount":"anonymous"}}`), "E6 read"},
		{"with MFA", "bucket", read(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), "E5 read"},
		{"MFA not absent, if it is there", "bucket", read(`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`), "E6 read"},
		{"private addresses of some network", "bucket", read(`{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}`), "E6 read"},
		{"a region", "bucket", read(`{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`), "E6 read"},
		{"Denys for each of two accounts", "bucket", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["444455556666","999900001111"]},"Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}]}`, "E3 read to [999900001111]"},
		{"an account, all its roles but one denied", "bucket", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/R"}}}]}`, "E3 read to [444455556666]"},
		{"a source of one account and an ARN of another", "queue", allowAll(`"Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:444455556666:*"}}`), "E0"},
		{"a grant for services of AWS", "key", allowAll(`"Principal":{"AWS":"*"},"Action":"kms:CreateGrant","Condition":{"Bool":{"kms:GrantIsForAWSResource":true}}`), "E5 decrypt"},
		{"old spelling of actions", "queue", allowAll(`"Principal":"*","Action":"SQS:sendmessage"`), "E6 send"},
		{"a principal as a number", "queue", allowAll(`"Principal":{"AWS":444455556666},"Action":"sqs:*"`), "E3 administer delete … to [444455556666]"},
		{"everybody by an escape", "queue", allowAll(`"Principal":"\u002a","Action":"sqs:SendMessage"`), "E6 send"},
		{"an account that is denied by organization", "secret", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"secretsmanager:GetSecretValue","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`, "E0"},

		// Trust
		{"a session name", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringLike":{"sts:RoleSessionName":"${aws:username}"}}}}`, "E5 * open, E2 o-1"},
		{"everybody but those outside", "trust", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"},{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`, "E2 o-1"},
		{"an id of a role that is gone", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE1"},"Action":"sts:AssumeRole"}}`, ""},
		{"until a day that is over", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}}}`, ""},
		{"principals by a condition", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/R"}}}}`, "E0 111122223333"},
		{"external id for whomever", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}}`, "E5 * open external-id, E2 o-1 external-id"},
		{"an account outside in the own organization", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}}`, ""},
		{"tags only", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:TagSession"}}`, ""},
		{"everything but tags", "trust", `{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"NotAction":"sts:TagSession"}}`, "E3 444455556666"},
		{"GitHub, every repository of a branch", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*:ref:refs/heads/main"}}}}`, "E5 arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com open"},
		{"GitHub, an owner of whom one letter is free", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acm?/x:*"}}}}`, "E5 arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com open"},
		{"GitHub, a star that is meant", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}}}`, "E0 arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
		{"identity pools of whomever", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}}`, "E5 cognito-identity.amazonaws.com open"},
		{"an identity pool, guests", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:0a1b"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"unauthenticated"}}}}`, "E6 cognito-identity.amazonaws.com open"},
		{"an identity pool, those who signed in", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:0a1b"},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}}}`, "E0 cognito-identity.amazonaws.com"},
		{"an identity pool, guests or not", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu-west-1:0a1b"}}}}`, "E6 cognito-identity.amazonaws.com open"},
		{"Google without an audience", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`, "E5 accounts.google.com open"},
		{"Google with an audience", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"1.apps.googleusercontent.com"}}}}`, "E0 accounts.google.com"},
		{"SAML of another account", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::444455556666:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML"}}`, "E3 arn:aws:iam::444455556666:saml-provider/x"},
		{"a service for a source outside", "trust", `{"Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"444455556666"}}}}`, "E3 cloudtrail.amazonaws.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := hostileAnswer(tt.of, tt.doc); got != tt.want {
				t.Errorf("got  %s\nwant %s\n%s", got, tt.want, tt.doc)
			}
		})
	}
}

// TestHostileIdentities is about what identity policies give that nobody looks
// for: whether they make an administrator, and what leads to more.
func TestHostileIdentities(t *testing.T) {
	allow := func(elements string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + elements + `}}`
	}
	everythingIf := func(condition string) string {
		return allow(`"Action":"*","Resource":"*","Condition":` + condition)
	}
	everythingBut := func(deny string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",` + deny + `}]}`
	}
	user := Rights{Self: []string{"arn:aws:iam::111122223333:user/ana", "arn:aws:iam::111122223333:group/dev", "arn:aws:iam::111122223333:policy/mine"}, Context: Context{
		"aws:username": Is("ana"), "aws:PrincipalArn": Is("arn:aws:iam::111122223333:user/ana"), "aws:PrincipalAccount": Is("111122223333"),
	}}
	role := Rights{Self: []string{"arn:aws:iam::111122223333:role/ci"}, Context: Context{"aws:username": {State: Absent}, "aws:PrincipalArn": Is("arn:aws:iam::111122223333:role/ci")}}
	for _, tt := range []struct {
		name, doc string
		of        Rights
		admin     string
		leads     string // ids of escalations, "" for none, "many" where it is an administrator's
	}{
		{"star in another case and spelling", allow(`"Action":["*:*"],"Resource":["*"]`), Rights{}, "true", "many"},
		{"everything but what there is not", allow(`"NotAction":"nothing:Here","NotResource":"arn:aws:s3:::b"`), Rights{}, "true", "many"},
		{"everything, some NotResource of IAM", allow(`"Action":"*","NotResource":"arn:aws:iam::*:*"`), Rights{}, "false", "many"},
		{"IAM by its letters", allow(`"Action":"i*:*","Resource":"*"`), Rights{}, "false", ""},
		{"IAM by a pattern of names", allow(`"Action":"iam:?*","Resource":"*"`), Rights{}, "false", "many"},
		{"a Deny that leaves two services", everythingBut(`"NotAction":["s3:*","sqs:*"],"Resource":"*"`), Rights{}, "false", ""},
		{"a Deny of all but one bucket", everythingBut(`"Action":"*","NotResource":"arn:aws:s3:::b/*"`), Rights{}, "false", ""},
		{"a Deny that is over", everythingBut(`"Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01"}}`), Rights{}, "true", "many"},
		{"two Denys that only together cover", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, Rights{}, "false", "many"},
		{"a Deny whose set of keys is empty", everythingBut(`"Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:CalledVia":["athena.amazonaws.com"]}}`), Rights{}, "conditional", "many"},
		{"a Deny without a Resource", everythingBut(`"Action":"*"`), Rights{}, "true", "many"},
		{"for callers of another account", everythingIf(`{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}`), user, "false", ""},
		{"for another user", everythingIf(`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/bo"}}`), user, "false", ""},
		{"for this user", everythingIf(`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/an?"}}`), user, "true", "many"},
		{"until a day that is over", everythingIf(`{"DateLessThanEquals":{"aws:CurrentTime":"2026-05-31T00:00:00Z"}}`), Rights{}, "false", ""},
		{"until a day that is over, if there is a time", everythingIf(`{"DateLessThanIfExists":{"aws:CurrentTime":"2026-05-31T00:00:00Z"}}`), Rights{}, "false", ""},
		{"without a time, which there always is", everythingIf(`{"Null":{"aws:CurrentTime":"true"}}`), Rights{}, "false", ""},
		{"from a day to come", everythingIf(`{"DateGreaterThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}`), Rights{}, "conditional", "many"},
		{"with a number that is no date", everythingIf(`{"DateGreaterThan":{"aws:CurrentTime":"soon"}}`), Rights{}, "false", ""},
		{"a variable of the account before its place", allow(`"Action":"*","Resource":"arn:aws:*:*:${aws:PrincipalAccount}:*"`), Rights{}, "false", ""},

		{"everything on one's own user", allow(`"Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"`), Rights{}, "false", "A003 A005"},
		{"the same, of a user", allow(`"Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"`), user, "false", "A003 A005"},
		{"the same, of a role, which has no such name", allow(`"Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"`), role, "false", ""},
		{"the same in 2008", `{"Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}}`, user, "false", ""},
		{"password and keys of one's own", allow(`"Action":["iam:ChangePassword","iam:*AccessKey*","iam:*LoginProfile"],"Resource":"arn:aws:iam::*:user/${aws:username}"`), user, "false", ""},
		{"policies of one's own role", allow(`"Action":["iam:PutRolePolicy","iam:AttachRolePolicy"],"Resource":"arn:aws:iam::111122223333:role/ci"`), role, "false", "A004 A006"},
		{"policies of another role", allow(`"Action":["iam:PutRolePolicy","iam:AttachRolePolicy"],"Resource":"arn:aws:iam::111122223333:role/cd"`), role, "false", ""},
		{"policies of one's own group", allow(`"Action":"iam:PutGroupPolicy","Resource":"arn:aws:iam::*:group/dev"`), user, "false", "A008"},
		{"versions of one's own policy", allow(`"Action":"iam:CreatePolicyVersion","Resource":"arn:aws:iam::*:policy/mine"`), user, "false", "A001"},
		{"versions of another policy", allow(`"Action":"iam:CreatePolicyVersion","Resource":"arn:aws:iam::*:policy/theirs"`), user, "false", ""},
		{"one's own user, within a Deny", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"},{"Effect":"Deny","Action":["iam:Put*","iam:Attach*"],"Resource":"*"}]}`, user, "false", ""},

		{"roles under a boundary", allow(`"Action":["iam:CreateRole","iam:PutRolePolicy","iam:AttachRolePolicy"],"Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/fence"}}`), Rights{}, "false", ""},
		{"roles under some boundary", allow(`"Action":["iam:CreateRole","iam:PutRolePolicy","iam:AttachRolePolicy"],"Resource":"*","Condition":{"Null":{"iam:PermissionsBoundary":"false"}}`), Rights{}, "false", "A004 A006 A036"},
		{"roles without a boundary denied", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/fence"}}}]}`, Rights{}, "false", ""},
		{"a policy that reads is attached", allow(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":["arn:aws:iam::aws:policy/ReadOnlyAccess","arn:aws:iam::aws:policy/SecurityAudit"]}}`), Rights{}, "false", ""},
		{"a policy of AWS by a pattern is attached", allow(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}`), Rights{}, "false", "A006"},
		{"a role for one service, and another service", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}},{"Effect":"Allow","Action":["lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"*"}]}`, Rights{}, "false", ""},
		{"a role for every service but this", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringNotEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}},{"Effect":"Allow","Action":["lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"*"}]}`, Rights{}, "false", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.of
			r.Identity, r.Now = []Policy{Parse(tt.doc, KindIdentity)}, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
			if got := strength(r.Administrator()); got != tt.admin {
				t.Errorf("administrator: %s, want %s", got, tt.admin)
			}
			found := ids(r.BroadEscalations(100))
			got := strings.Join(found, " ")
			if len(found) > 5 {
				got = "many"
			}
			if got != tt.leads {
				t.Errorf("leads to %s, want %s", got, tt.leads)
			}
		})
	}
}
