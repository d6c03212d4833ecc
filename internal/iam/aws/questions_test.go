package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// drawn is a policy of statements in the notation of testdata.
func drawn(kind Kind, statements ...string) Policy {
	var list []any
	for _, s := range statements {
		list = append(list, drawnStatement(strings.Fields(s), kind != KindTrust))
	}
	return Parse(map[string]any{"Version": "2012-10-17", "Statement": list}, kind)
}

func TestDeniesPlainHTTP(t *testing.T) {
	const both = "arn:aws:s3:::b,arn:aws:s3:::b/*"
	for _, tt := range []struct {
		name       string
		statements []string
		want       Truth
	}{
		{"star", []string{"- for * s3:* on " + both + " if Bool aws:SecureTransport false"}, True},
		{"every action", []string{"- for * * on * if Bool aws:SecureTransport false"}, True},
		{"list of one", []string{"- for * s3:* on " + both + " if StringEquals aws:SecureTransport false"}, True},
		{"if exists", []string{"- for * s3:* on " + both + " if BoolIfExists aws:SecureTransport false"}, True},
		{"not true", []string{"- for * s3:* on " + both + " if StringNotEquals aws:SecureTransport true"}, True},
		{"any value", []string{"- for * s3:* on " + both + " if ForAnyValue:Bool aws:SecureTransport false"}, True},
		{"two statements", []string{"- for * s3:* on arn:aws:s3:::b if Bool aws:SecureTransport false", "- for * s3:* on arn:aws:s3:::b/* if Bool aws:SecureTransport false"}, True},
		{"trailing star", []string{"- for * s3:* on arn:aws:s3:::b* if Bool aws:SecureTransport false"}, True},
		{"not resource", []string{"- for * s3:* not-on arn:aws:s3:::other/* if Bool aws:SecureTransport false"}, True},
		{"not action of another service", []string{"- for * all-but sqs:* on " + both + " if Bool aws:SecureTransport false"}, True},
		{"actions split", []string{"- for * all-but s3:Get* on " + both + " if Bool aws:SecureTransport false", "- for * s3:Get* on " + both + " if Bool aws:SecureTransport false"}, True},
		{"unconditional", []string{"- for * s3:* on " + both}, True},
		{"conditions that together cover", []string{
			"- for * s3:* on " + both + " if Bool aws:SecureTransport false and StringEquals aws:PrincipalOrgID o-1",
			"- for * s3:* on " + both + " if Bool aws:SecureTransport false and StringNotEquals aws:PrincipalOrgID o-1",
		}, True},

		{"nothing", nil, False},
		{"bucket only", []string{"- for * s3:* on arn:aws:s3:::b if Bool aws:SecureTransport false"}, False},
		{"objects only", []string{"- for * s3:* on arn:aws:s3:::b/* if Bool aws:SecureTransport false"}, False},
		{"one action", []string{"- for * s3:GetObject on " + both + " if Bool aws:SecureTransport false"}, False},
		{"one account", []string{"- for A s3:* on " + both + " if Bool aws:SecureTransport false"}, False},
		{"one more condition", []string{"- for * s3:* on " + both + " if Bool aws:SecureTransport false and StringEquals aws:PrincipalOrgID o-1"}, False},
		{"somebody spared", []string{"- for-all-but ana,A s3:* on " + both + " if Bool aws:SecureTransport false"}, False},
		{"the wrong way round", []string{"- for * s3:* on " + both + " if Bool aws:SecureTransport true"}, False},
		{"allow", []string{"+ for * s3:* on " + both + " if Bool aws:SecureTransport true"}, False},
		{"TLS version only", []string{"- for * s3:* on " + both + " if NumericLessThan s3:TlsVersion 1.2"}, False},
		{"present", []string{"- for * s3:* on " + both + " if Null aws:SecureTransport true"}, False},
		{"unknown operator", []string{"- for * s3:* on " + both + " if Boolean aws:SecureTransport false"}, False},
		{"other bucket", []string{"- for * s3:* on arn:aws:s3:::c,arn:aws:s3:::c/* if Bool aws:SecureTransport false"}, False},
		{"services spared", []string{"- for * s3:* on " + both + " if Bool aws:SecureTransport false and Bool aws:PrincipalIsAWSService false"}, False},
		{"actions split with a hole", []string{"- for * all-but s3:Get* on " + both + " if Bool aws:SecureTransport false", "- for * s3:GetO* on " + both + " if Bool aws:SecureTransport false"}, False},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := DeniesPlainHTTP(drawn(KindResource, tt.statements...), []string{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}, "s3", time.Time{})
			if a.Value != tt.want {
				t.Errorf("got %v, want %v: %v", a.Value, tt.want, a.Missing)
			}
			if a.Value == False && len(a.Missing) == 0 {
				t.Error("no request that escapes was named")
			}
		})
	}
}

func TestAdministrator(t *testing.T) {
	s3Only := drawn(KindBoundary, "+ s3:* on *")
	for _, tt := range []struct {
		name        string
		statements  []string
		boundary    *Policy
		full, admin string
	}{
		{"star", []string{"+ * on *"}, nil, "true", "true"},
		{"both stars", []string{"+ *:* on *"}, nil, "true", "true"},
		{"one harmless service less", []string{"+ all-but support:* on *"}, nil, "true", "true"},
		{"all but IAM", []string{"+ all-but iam:*,organizations:* on *"}, nil, "false", "false"},
		{"union over statements", []string{"+ all-but iam:* on *", "+ iam:* on *"}, nil, "true", "true"},
		{"Deny of IAM", []string{"+ * on *", "- iam:* on *"}, nil, "false", "false"},
		{"Deny of something else", []string{"+ * on *", "- s3:DeleteBucket on *"}, nil, "true", "true"},
		{"Deny of everything", []string{"+ * on *", "- * on *"}, nil, "false", "false"},
		{"only with MFA", []string{"+ * on * if Bool aws:MultiFactorAuthPresent true"}, nil, "conditional", "conditional"},
		{"Deny without MFA", []string{"+ * on *", "- * on * if BoolIfExists aws:MultiFactorAuthPresent false"}, nil, "conditional", "conditional"},
		{"condition that binds nobody", []string{"+ * on * if StringLike aws:UserAgent *"}, nil, "true", "true"},
		{"tagged resources only", []string{"+ * on * if StringEquals aws:ResourceTag/team x"}, nil, "false", "false"},
		{"one account's ARNs", []string{"+ * on arn:aws:iam::111122223333:*"}, nil, "false", "false"},
		{"one bucket", []string{"+ * on arn:aws:s3:::b"}, nil, "false", "false"},
		{"service wildcard that matches nothing", []string{"+ *:Get* on *"}, nil, "false", "false"},
		{"boundary", []string{"+ * on *"}, &s3Only, "true", "false"},
		{"reading only", []string{"+ s3:Get*,ec2:Describe* on *"}, nil, "false", "false"},
		{"contradiction", []string{"+ * on * if StringEquals aws:PrincipalOrgID o-1 and StringNotEquals aws:PrincipalOrgID o-1"}, nil, "false", "false"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := drawn(KindIdentity, tt.statements...)
			if got := strength(FullAccess(p)); got != tt.full {
				t.Errorf("FullAccess: got %s, want %s", got, tt.full)
			}
			if got := strength(Administrator([]Policy{p}, tt.boundary)); got != tt.admin {
				t.Errorf("Administrator: got %s, want %s", got, tt.admin)
			}
		})
	}
}

func strength(a Answer) string {
	if a.Conditional {
		return "conditional"
	}
	return a.Value.String()
}

func TestAllowsAction(t *testing.T) {
	for _, tt := range []struct {
		name, statement, action, resource string
		all, some                         Truth
	}{
		{"all keys", "+ kms:Decrypt on *", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", True, True},
		{"all keys of the account", "+ kms:* on arn:aws:kms:*:111122223333:key/*", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", True, True},
		{"own account when asked for all", "+ kms:* on arn:aws:kms:*:111122223333:*", "kms:Decrypt", "*", True, True},
		{"one region", "+ kms:* on arn:aws:kms:eu-west-1:111122223333:key/*", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", False, True},
		{"one key", "+ kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/k", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", False, True},
		{"another account", "+ kms:Decrypt on arn:aws:kms:*:444455556666:key/*", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", False, False},
		{"all but one", "+ iam:PassRole not-on arn:aws:iam::111122223333:role/x", "iam:PassRole", "*", True, True},
		{"role assumption", "+ sts:* on *", "sts:AssumeRole", "*", True, True},
		{"without a resource type", "+ s3:ListAllMyBuckets on *", "s3:ListAllMyBuckets", "*", True, True},
		{"another action", "+ s3:Get* on *", "s3:PutObject", "*", False, False},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ps := []Policy{drawn(KindIdentity, tt.statement)}
			if got := (Rights{Identity: ps}).AllowsAction(tt.action, tt.resource).Value; got != tt.all {
				t.Errorf("AllowsAction: got %v, want %v", got, tt.all)
			}
			if got := (Rights{Identity: ps}).AllowsSome(tt.action, tt.resource).Value; got != tt.some {
				t.Errorf("AllowsSome: got %v, want %v", got, tt.some)
			}
		})
	}
	if got := (Rights{Identity: []Policy{drawn(KindIdentity, "+ kms:*,cloudtrail:Get* on *")}}).GrantsAll("kms").Value; got != True {
		t.Errorf("GrantsAll kms: got %v", got)
	}
	if got := (Rights{Identity: []Policy{drawn(KindIdentity, "+ kms:*,cloudtrail:Get* on *")}}).GrantsAll("cloudtrail").Value; got != False {
		t.Errorf("GrantsAll cloudtrail: got %v", got)
	}
}

func TestAssumableBy(t *testing.T) {
	q := PublicQuery{Account: accountA, OrgID: "o-1", ZoneAccounts: []string{"777788889999"}}
	gh := "token.actions.githubusercontent.com"
	for _, tt := range []struct {
		name      string
		statement string
		want      []string
	}{
		{"everyone", "+ for * sts:AssumeRole", []string{"anyone * E5 open", "organization o-1 E2"}},
		{"everyone with an external id", "+ for * sts:AssumeRole if StringEquals sts:ExternalId x", []string{"anyone * E5 open external-id", "organization o-1 E2 external-id"}},
		{"own organization", "+ for * sts:AssumeRole if StringEquals aws:PrincipalOrgID o-1", []string{"organization o-1 E2"}},
		{"own account", "+ for A sts:AssumeRole", []string{"account 111122223333 E0"}},
		{"account of the zone", "+ for 777788889999 sts:AssumeRole", []string{"account 777788889999 E1"}},
		{"outside account", "+ for B sts:AssumeRole", []string{"account 444455556666 E3"}},
		{"outside account with external id", "+ for B sts:AssumeRole if StringEquals sts:ExternalId x", []string{"account 444455556666 E3 external-id"}},
		{"external id only if sent", "+ for B sts:AssumeRole if StringEqualsIfExists sts:ExternalId x", []string{"account 444455556666 E3"}},
		{"outside user", "+ for bo sts:AssumeRole", []string{"principal arn:aws:iam::444455556666:user/bo E3"}},
		{"instance role", "+ for svc:ec2.amazonaws.com sts:AssumeRole", []string{"service ec2.amazonaws.com E0"}},
		{"deputy", "+ for svc:cloudtrail.amazonaws.com sts:AssumeRole", []string{"service cloudtrail.amazonaws.com E4 open deputy"}},
		{"bound deputy", "+ for svc:cloudtrail.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount 111122223333", []string{"service cloudtrail.amazonaws.com E0"}},
		{"deputy bound by ARN", "+ for svc:cloudtrail.amazonaws.com sts:AssumeRole if ArnLike aws:SourceArn arn:aws:cloudtrail:*:111122223333:trail/*", []string{"service cloudtrail.amazonaws.com E0"}},
		{"github audience only", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringEquals " + gh + ":aud sts.amazonaws.com", []string{"oidc " + github + " E5 open"}},
		{"github prefix", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringLike " + gh + ":sub repo:acme*", []string{"oidc " + github + " E5 open"}},
		{"github star", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringLike " + gh + ":sub repo:*", []string{"oidc " + github + " E5 open"}},
		{"github owner", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringLike " + gh + ":sub repo:acme/*", []string{"oidc " + github + " E0"}},
		{"github repository", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringEquals " + gh + ":sub repo:acme/app:ref:refs/heads/main", []string{"oidc " + github + " E0"}},
		{"github owner id", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringEquals " + gh + ":repository_owner_id 42", []string{"oidc " + github + " E0"}},
		{"github sub if exists", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringLikeIfExists " + gh + ":sub repo:acme/*", []string{"oidc " + github + " E0"}},
		{"github negated", "+ for fed:github sts:AssumeRoleWithWebIdentity if StringNotLike " + gh + ":sub repo:evil/*", []string{"oidc " + github + " E5 open"}},
		{"terraform without sub", "+ for fed:arn:aws:iam::111122223333:oidc-provider/app.terraform.io sts:AssumeRoleWithWebIdentity", []string{"oidc arn:aws:iam::111122223333:oidc-provider/app.terraform.io E5 open"}},
		{"terraform workspace", "+ for fed:arn:aws:iam::111122223333:oidc-provider/app.terraform.io sts:AssumeRoleWithWebIdentity if StringLike app.terraform.io:sub organization:acme:project:*", []string{"oidc arn:aws:iam::111122223333:oidc-provider/app.terraform.io E0"}},
		{"cluster", "+ for fed:arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X sts:AssumeRoleWithWebIdentity", []string{"oidc arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X E0"}},
		{"saml", "+ for fed:arn:aws:iam::111122223333:saml-provider/corp sts:AssumeRoleWithSAML", []string{"saml arn:aws:iam::111122223333:saml-provider/corp E0"}},
		{"deleted user", "+ for AIDAEXAMPLE sts:AssumeRole", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			answer := AssumableBy(drawn(KindTrust, tt.statement), q)
			for _, a := range answer.Assumers {
				s := string(a.Kind) + " " + a.Who + " " + a.Level.String()[:2]
				if a.Open {
					s += " open"
				}
				if a.Deputy {
					s += " deputy"
				}
				if a.NeedsExternalID {
					s += " external-id"
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	third := AssumableBy(drawn(KindTrust, "+ for B,777788889999 sts:AssumeRole"), q).ThirdPartiesWithoutExternalID()
	if len(third) != 1 || third[0].Who != accountB {
		t.Errorf("third parties: %+v", third)
	}
	deputies := AssumableBy(drawn(KindTrust, "+ for svc:config.amazonaws.com,svc:lambda.amazonaws.com sts:AssumeRole"), q).Deputies()
	if len(deputies) != 1 || deputies[0].Who != "config.amazonaws.com" {
		t.Errorf("deputies: %+v", deputies)
	}
}

func TestEscalations(t *testing.T) {
	boundary := drawn(KindBoundary, "+ s3:*,ec2:* on *")
	for _, tt := range []struct {
		name       string
		statements []string
		boundary   *Policy
		want       string // ids that have to be there
		not        string // ids that must not
	}{
		{"new version", []string{"+ iam:CreatePolicyVersion on *"}, nil, "A001", "A003 A030"},
		{"instance with a role", []string{"+ ec2:RunInstances,iam:PassRole on *"}, nil, "A101", "A123"},
		{"without PassRole", []string{"+ ec2:RunInstances on *"}, nil, "", "A101"},
		{"passed to another service", []string{"+ ec2:RunInstances on *", "+ iam:PassRole on * if StringEquals iam:PassedToService lambda.amazonaws.com"}, nil, "", "A101"},
		{"passed to this service", []string{"+ lambda:* on *", "+ iam:PassRole on * if StringEquals iam:PassedToService lambda.amazonaws.com"}, nil, "A123 A128", "A101"},
		{"no role to pass", []string{"+ ec2:RunInstances on *", "+ iam:PassRole on arn:aws:iam::111122223333:user/x"}, nil, "", "A101"},
		{"denied", []string{"+ iam:* on *", "- iam:CreatePolicyVersion,iam:Put*,iam:Attach* on *"}, nil, "A017 A027", "A001 A003 A005"},
		{"boundary", []string{"+ iam:*,ec2:* on *"}, &boundary, "A110", "A001 A101"},
		{"harmless", []string{"+ s3:Get*,ec2:Describe*,iam:List* on *"}, nil, "", "A001 A101 A110"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ids []string
			for _, e := range Escalations([]Policy{drawn(KindIdentity, tt.statements...)}, tt.boundary) {
				ids = append(ids, e.ID)
				if len(e.Because) == 0 || len(e.Actions) == 0 {
					t.Errorf("%s without a reason", e.ID)
				}
			}
			for _, id := range strings.Fields(tt.want) {
				if !slices.Contains(ids, id) {
					t.Errorf("%s is missing in %v", id, ids)
				}
			}
			for _, id := range strings.Fields(tt.not) {
				if slices.Contains(ids, id) {
					t.Errorf("%s should not be in %v", id, ids)
				}
			}
		})
	}
}

// Every row of the table needs each of its actions: with all of them it is
// found, and with any one missing it is not.
func TestEscalationRows(t *testing.T) {
	for _, row := range escalationRows {
		var all []string
		for _, s := range row.steps {
			all = append(all, grantOf(s[0]))
		}
		found := func(statements []string) bool {
			return slices.ContainsFunc(Escalations([]Policy{drawn(KindIdentity, statements...)}, nil), func(e Escalation) bool { return e.ID == row.id })
		}
		if !found(all) {
			t.Errorf("%s not found with %v", row.id, all)
		}
		for i := range all {
			if less := slices.Delete(slices.Clone(all), i, i+1); len(less) > 0 && found(less) {
				t.Errorf("%s found with %v only", row.id, less)
			}
		}
	}
}

func grantOf(step string) string {
	if s, ok := strings.CutPrefix(step, "pass:"); ok {
		return "+ iam:PassRole on * if StringEquals iam:PassedToService " + s + ".amazonaws.com"
	}
	return "+ " + strings.TrimPrefix(step, "self:") + " on *"
}

func TestS3PolicyStatus(t *testing.T) {
	for _, tt := range []struct {
		statement string
		want      Truth
	}{
		{"+ for * s3:GetObject on arn:aws:s3:::b/*", True},
		{"+ for * s3:GetObject on arn:aws:s3:::b/* if IpAddress aws:SourceIp 203.0.113.0/24", False},
		{"+ for * s3:GetObject on arn:aws:s3:::b/* if IpAddress aws:SourceIp 3.0.0.0/7", True},
		{"+ for * s3:GetObject on arn:aws:s3:::b/* if StringEquals aws:SourceVpc vpc-91237329", False},
		{"+ for * s3:GetObject on arn:aws:s3:::b/* if StringLike aws:SourceVpc vpc-*", True},
		{"+ for * s3:GetObject on arn:aws:s3:::b/* if StringEquals aws:PrincipalOrgID o-1", False},
		{"+ for B s3:GetObject on arn:aws:s3:::b/*", False},
		{"+ for * s3:GetBucketLocation on arn:aws:s3:::b", True},
	} {
		if got := S3PolicyStatusPublic(drawn(KindResource, tt.statement)).Value; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.statement, got, tt.want)
		}
	}
}
