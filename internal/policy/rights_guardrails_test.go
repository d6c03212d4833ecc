package policy

import (
	"cmp"
	"maps"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func guardrailSchemas() map[string]*model.Schema {
	s := principalSchemas()
	list := func(fields map[string]*model.Schema) *model.Schema {
		return &model.Schema{Kind: model.List, Elem: shape(fields)}
	}
	text := kind(model.String)
	s[organizationType] = shape(map[string]*model.Schema{
		"Id": text, "Enabled": kind(model.Bool), "FeatureSet": text, "MasterAccountId": text,
		"Roots": list(map[string]*model.Schema{"Id": text, "PolicyTypes": list(map[string]*model.Schema{"Type": text, "Status": text})}),
	})
	s[memberType] = shape(map[string]*model.Schema{"Id": text, "Paths": {Kind: model.List, Elem: text}, "Parents": list(map[string]*model.Schema{"Id": text})})
	s[unitType] = shape(map[string]*model.Schema{"Id": text, "ParentId": text})
	s[orgPolicyType] = shape(map[string]*model.Schema{
		"Id": text, "Type": text, "Content": kind(model.Any), "Targets": list(map[string]*model.Schema{"TargetId": text, "Type": text}),
	})
	s[roleType].Fields["Path"] = text
	return s
}

// organization is what a scan of account 111122223333 read of the organization
// that it is a member of.
type organization struct {
	org      model.Document
	member   model.Document
	units    []model.Document
	policies []*model.Asset
}

const unit = "ou-ab12-prod0001"

func newOrganization(policies ...*model.Asset) organization {
	return organization{
		org: model.Document{"Id": "o-own1234567", "Enabled": true, "FeatureSet": "ALL", "MasterAccountId": "999988887777"},
		member: model.Document{
			"Id": "111122223333", "Paths": []any{"o-own1234567/r-ab12/" + unit + "/111122223333/"},
		},
		policies: append([]*model.Asset{fullAccess("r-ab12", unit, "111122223333")}, policies...),
	}
}

func (o organization) fill(inv *Inventory, scope model.Scope) {
	add := func(typ, id string, doc model.Document) {
		inv.Add(&model.Asset{ID: id, Name: id, Type: typ, Scope: scope, Config: doc})
	}
	add(organizationType, "o-own1234567", o.org)
	if o.member != nil {
		add(memberType, "arn:aws:organizations::999988887777:account/o-own1234567/111122223333", o.member)
	}
	for _, u := range o.units {
		add(unitType, u["Id"].(string), u)
	}
	for _, p := range o.policies {
		p.Scope = scope
		inv.Add(p)
	}
}

// scp is a service control policy of statements at targets.
func scp(name string, targets []string, statements ...map[string]any) *model.Asset {
	var at, list []any
	for _, t := range targets {
		at = append(at, map[string]any{"TargetId": t})
	}
	for _, s := range statements {
		list = append(list, s)
	}
	return &model.Asset{ID: name, Name: name, Type: orgPolicyType, Config: model.Document{
		"Id": name, "Type": controlPolicy, "Targets": at, "Content": map[string]any{"Version": "2012-10-17", "Statement": list},
	}}
}

func fullAccess(targets ...string) *model.Asset {
	return scp("FullAWSAccess", targets, map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"})
}

// denying denies actions under further elements: a name and its value each.
func denying(actions any, more ...any) map[string]any {
	s := map[string]any{"Effect": "Deny", "Action": actions, "Resource": "*"}
	for i := 0; i < len(more); i += 2 {
		s[more[i].(string)] = more[i+1]
	}
	return s
}

func unreadMember(a *model.Asset, path string) *model.Asset {
	delete(a.Config, path)
	a.Gaps = append(a.Gaps, model.Gap{Type: a.Type, Asset: a.ID, Path: path, Reason: model.Denied, Operation: "organizations:x", Permission: "organizations:x"})
	return a
}

// TestServiceControlPolicies asks whether principals that may do everything by
// their own policies are administrators under those of the organization.
func TestServiceControlPolicies(t *testing.T) {
	e, err := New(guardrailSchemas())
	if err != nil {
		t.Fatal(err)
	}
	everything := model.Document{"RolePolicyList": inlineList("*"), "Path": "/"}
	role := func(name string) *model.Asset { return iamAsset(roleType, "role/"+name, maps.Clone(everything)) }
	admin := func(name string) map[string]any {
		return map[string]any{"ArnNotLike": map[string]any{"aws:PrincipalArn": name}}
	}
	atUnit := []string{unit}
	for _, tt := range []struct {
		name string
		org  organization
		of   *model.Asset
		ask  string // asset.is_administrator() without it
		want model.Verdict
		note string // in the evidence
		deny []string
		// reason is why listings failed, if they were not denied.
		reason model.GapReason
	}{
		{name: "nothing but full access", org: newOrganization(), want: model.Pass},
		{name: "IAM is denied at the unit", org: newOrganization(scp("no-iam", atUnit, denying("iam:*"))), want: model.Fail, note: unit + ": FullAWSAccess, no-iam"},
		{name: "IAM is denied at the root", org: newOrganization(scp("no-iam", []string{"r-ab12"}, denying("iam:*"))), want: model.Fail, note: "r-ab12: "},
		{name: "IAM is denied at another unit", org: newOrganization(scp("no-iam", []string{"ou-ab12-test0001"}, denying("iam:*"))), want: model.Pass},
		{name: "something harmless is denied", org: newOrganization(scp("stay", atUnit, denying([]any{"organizations:LeaveOrganization", "cloudtrail:StopLogging"}))), want: model.Pass},
		{name: "other regions are denied", org: newOrganization(scp("europe", atUnit, map[string]any{
			"Effect": "Deny", "NotAction": []any{"iam:*", "sts:*"}, "Resource": "*", "Condition": map[string]any{"StringNotEquals": map[string]any{"aws:RequestedRegion": "eu-west-1"}},
		})), want: model.Pass},
		{name: "without MFA it is denied", org: newOrganization(scp("mfa", atUnit, denying("*", "Condition", map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}}))), want: model.Pass},
		{name: "a list that allows two services", org: func() organization {
			o := newOrganization(scp("two", atUnit, map[string]any{"Effect": "Allow", "Action": []any{"ec2:*", "s3:*"}, "Resource": "*"}))
			o.policies[0] = fullAccess("r-ab12", "111122223333")
			return o
		}(), want: model.Fail, note: unit + ": two"},
		{name: "the same list beside full access", org: newOrganization(scp("two", atUnit, map[string]any{"Effect": "Allow", "Action": []any{"ec2:*", "s3:*"}, "Resource": "*"})), want: model.Pass},
		{name: "two levels that only together deny", org: newOrganization(
			scp("a", []string{"r-ab12"}, denying("iam:*", "Condition", map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": "us-east-1"}})),
			scp("b", atUnit, denying("iam:*", "Condition", map[string]any{"StringNotEquals": map[string]any{"aws:RequestedRegion": "us-east-1"}})),
		), want: model.Fail, note: "several levels together"},
		{name: "all but one role", org: newOrganization(scp("one", atUnit, denying("*", "Condition", admin("arn:aws:iam::*:role/break-glass")))), want: model.Fail, note: "one"},
		{name: "all but this role", org: newOrganization(scp("one", atUnit, denying("*", "Condition", admin("arn:aws:iam::*:role/job")))), want: model.Pass},
		{name: "all of the organization, by a variable", org: newOrganization(scp("perimeter", atUnit, denying("*", "Condition", map[string]any{
			"StringNotEquals": map[string]any{"aws:ResourceOrgID": "${aws:PrincipalOrgID}"},
		}))), want: model.Pass},
		{name: "all outside of the unit, by its exact path", org: newOrganization(scp("unit", atUnit, denying("*", "Condition", map[string]any{
			"ForAnyValue:StringNotEquals": map[string]any{"aws:PrincipalOrgPaths": "o-own1234567/r-ab12/" + unit + "/"},
		}))), want: model.Pass},
		{name: "all of the unit, by its exact path", org: newOrganization(scp("unit", atUnit, denying("*", "Condition", map[string]any{
			"ForAnyValue:StringEquals": map[string]any{"aws:PrincipalOrgPaths": "o-own1234567/r-ab12/" + unit + "/"},
		}))), want: model.Fail, note: "unit"},
		{name: "everything, until a day that is over", org: newOrganization(scp("freeze", atUnit, denying("*", "Condition", map[string]any{"DateLessThan": map[string]any{"aws:CurrentTime": "2020-01-01"}}))), want: model.Pass},
		{name: "protected roles only", org: newOrganization(scp("roles", atUnit, map[string]any{"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:role/protected-*"})), want: model.Pass},
		{name: "a tag policy", org: func() organization {
			p := scp("tags", atUnit, denying("iam:*"))
			p.Config["Type"] = "TAG_POLICY"
			return newOrganization(p)
		}(), want: model.Pass},

		{name: "a role that a service keeps", of: iamAsset(roleType, "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", model.Document{
			"RolePolicyList": inlineList("*"), "Path": "/aws-service-role/x.amazonaws.com/",
		}), org: newOrganization(scp("no-iam", atUnit, denying("iam:*"))), want: model.Pass},
		{name: "the management account", org: func() organization {
			o := newOrganization(scp("no-iam", []string{"r-ab12"}, denying("iam:*")))
			o.org["MasterAccountId"] = "111122223333"
			return o
		}(), want: model.Pass},
		{name: "no organization", org: func() organization {
			o := newOrganization(scp("no-iam", []string{"r-ab12"}, denying("iam:*")))
			o.org["Enabled"] = false
			return o
		}(), want: model.Pass},
		{name: "shared bills only", org: func() organization {
			o := newOrganization(scp("no-iam", []string{"r-ab12"}, denying("iam:*")))
			o.org["FeatureSet"] = "CONSOLIDATED_BILLING"
			return o
		}(), want: model.Pass},
		{name: "the type is switched off", org: func() organization {
			o := newOrganization(scp("no-iam", []string{"r-ab12"}, denying("iam:*")))
			o.org["Roots"] = []any{map[string]any{"Id": "r-ab12", "PolicyTypes": []any{map[string]any{"Type": "TAG_POLICY", "Status": "ENABLED"}}}}
			return o
		}(), want: model.Pass},
		{name: "the type is switched on, the answer has no paths", org: func() organization {
			o := newOrganization(scp("no-iam", []string{"ou-ab12-top00001"}, denying("iam:*")))
			o.org["Roots"] = []any{map[string]any{"Id": "r-ab12", "PolicyTypes": []any{map[string]any{"Type": controlPolicy, "Status": "ENABLED"}}}}
			o.member = model.Document{"Id": "111122223333", "Parents": []any{map[string]any{"Id": unit}}}
			o.units = []model.Document{{"Id": unit, "ParentId": "ou-ab12-top00001"}, {"Id": "ou-ab12-top00001", "ParentId": "r-ab12"}}
			o.policies[0] = fullAccess("r-ab12", unit, "ou-ab12-top00001", "111122223333")
			return o
		}(), want: model.Fail, note: "ou-ab12-top00001: "},

		{name: "policies were not listed", org: func() organization {
			o := newOrganization()
			o.policies = nil
			return o
		}(), deny: []string{orgPolicyType}, want: model.Pass, note: "not read"},
		{name: "listing policies failed", org: func() organization {
			o := newOrganization()
			o.policies = nil
			return o
		}(), deny: []string{orgPolicyType}, reason: model.Throttled, want: model.Unknown},
		{
			name: "listing policies failed, for one that has little", of: iamAsset(roleType, "role/job", model.Document{"RolePolicyList": inlineList("s3:*"), "Path": "/"}),
			org: newOrganization(), deny: []string{orgPolicyType}, reason: model.Failed, want: model.Fail,
		},
		{name: "a member sees nothing", org: func() organization {
			o := newOrganization()
			o.policies, o.member = nil, nil
			return o
		}(), deny: []string{orgPolicyType, memberType, unitType}, want: model.Pass, note: "not read"},
		{name: "the organization was not read", deny: []string{organizationType}, want: model.Pass, note: "not read"},
		{name: "where a policy is attached was not read", org: newOrganization(unreadMember(scp("some", atUnit, denying("s3:*")), "Targets")), want: model.Pass, note: "not read"},
		{name: "where one is attached was not read, another one denies", org: newOrganization(unreadMember(scp("some", atUnit, denying("s3:*")), "Targets"), scp("no-iam", atUnit, denying("iam:*"))), want: model.Fail, note: "no-iam"},
		{name: "a document was not read", org: newOrganization(unreadMember(scp("some", atUnit, denying("iam:*")), "Content")), want: model.Pass, note: "not read"},
		{name: "a statement has an element that nobody knows", org: newOrganization(scp("odd", atUnit, denying("iam:*", "Unless", "x"))), want: model.Pass, note: "not read"},
		{name: "a level without any policy", org: func() organization {
			o := newOrganization()
			o.policies[0] = fullAccess("r-ab12", "111122223333")
			return o
		}(), want: model.Pass, note: "not read"},
		{name: "its own policies give little", of: iamAsset(roleType, "role/job", model.Document{"RolePolicyList": inlineList("s3:*"), "Path": "/"}), deny: []string{organizationType}, want: model.Fail},

		{
			name: "a path to more, closed", of: iamAsset(roleType, "role/job", model.Document{"RolePolicyList": inlineList("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"), "Path": "/"}),
			ask: "asset.strong()", org: newOrganization(scp("no-functions", atUnit, denying("lambda:CreateFunction"))), want: model.Fail, note: "no-functions",
		},
		{
			name: "a path to more, open", of: iamAsset(roleType, "role/job", model.Document{"RolePolicyList": inlineList("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"), "Path": "/"}),
			ask: "asset.strong()", org: newOrganization(scp("no-s3", atUnit, denying("s3:*"))), want: model.Pass,
		},
		{
			name: "few administrators, because of the unit", of: iamAsset("AWS::::Account", "root", model.Document{}),
			ask: "asset.administrators_at_most(0)", org: newOrganization(scp("no-iam", atUnit, denying("iam:*"))), want: model.Pass,
		},
		{
			name: "too many, as far as was read", of: iamAsset("AWS::::Account", "root", model.Document{}),
			ask: "asset.administrators_at_most(0)", deny: []string{organizationType}, want: model.Fail, note: "not read",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := tt.of
			if of == nil {
				of = role("job")
			}
			inv := NewInventory()
			inv.Add(role("job"))
			if tt.org.org != nil {
				tt.org.fill(inv, of.Scope)
			}
			for _, typ := range tt.deny {
				inv.AddGap(&model.Gap{Type: typ, Reason: cmp.Or(tt.reason, model.Denied), Operation: "organizations:x", Permission: "organizations:x"})
			}
			ask := tt.ask
			if ask == "" {
				ask = "asset.is_administrator()"
			}
			p, err := e.Compile(model.Control{ID: "c", Type: of.Type, Holds: ask, Title: "t", Message: "m"})
			if err != nil {
				t.Fatal(err)
			}
			got := NewEvaluator(inv, now).Evaluate(p, of)
			if got.Verdict != tt.want {
				t.Errorf("%s: %s, want %s: %v", ask, got.Verdict, tt.want, got.Evidence)
			}
			var told strings.Builder
			for _, ev := range got.Evidence {
				if ev.Path == controlPolicies {
					told.WriteString(ev.Value.(string) + " (" + ev.Note + ")\n")
				}
			}
			if tt.note == "" != (told.Len() == 0) || !strings.Contains(told.String(), tt.note) {
				t.Errorf("evidence tells %q, want %q", told.String(), tt.note)
			}
		})
	}
}

// TestServiceControlPoliciesOfTheManagementAccount is about a scan of several
// accounts: members are told by the management account what they may not see.
func TestServiceControlPoliciesOfTheManagementAccount(t *testing.T) {
	e, err := New(guardrailSchemas())
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(model.Control{ID: "c", Type: roleType, Holds: "asset.is_administrator()", Title: "t", Message: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range guardrailTypes() {
		if !strings.Contains(strings.Join(p.Uses.Elsewhere, " "), typ) {
			t.Errorf("%s of other accounts is not kept", typ)
		}
	}
	job := iamAsset(roleType, "role/job", model.Document{"RolePolicyList": inlineList("*"), "Path": "/"})
	for _, tt := range []struct {
		name   string
		denies string
		want   model.Verdict
	}{{"IAM", "iam:*", model.Fail}, {"a service", "s3:*", model.Pass}} {
		t.Run(tt.name, func(t *testing.T) {
			all := NewInventories()
			manager := model.Scope{Provider: "aws", Partition: "aws", Account: "999988887777"}
			o := newOrganization(scp("fence", []string{unit}, denying(tt.denies)))
			o.fill(all.Of(manager), manager)
			all.Of(manager).MarkRead()
			member := all.Of(job.Scope)
			member.Add(&model.Asset{ID: "o-own1234567", Type: organizationType, Scope: job.Scope, Config: o.org})
			for _, typ := range []string{memberType, unitType, orgPolicyType} {
				member.AddGap(&model.Gap{Type: typ, Reason: model.Denied})
			}
			member.MarkRead()
			if got := NewEvaluator(all.View(job.Scope), now).Evaluate(p, job); got.Verdict != tt.want {
				t.Errorf("%s, want %s: %v", got.Verdict, tt.want, got.Evidence)
			}
		})
	}
}

// TestAdministratorForAWhile is about grants that end, or begin, at some time.
func TestAdministratorForAWhile(t *testing.T) {
	e, err := New(guardrailSchemas())
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(model.Control{ID: "c", Type: roleType, Holds: "asset.is_administrator()", Title: "t", Message: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		condition map[string]any
		want      model.Verdict
	}{
		{"over", map[string]any{"DateLessThan": map[string]any{"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, model.Fail},
		{"still on", map[string]any{"DateLessThan": map[string]any{"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, model.Pass},
		{"to begin", map[string]any{"DateGreaterThan": map[string]any{"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, model.Pass},
		{"a window to come", map[string]any{
			"DateGreaterThan": map[string]any{"aws:CurrentTime": "2030-01-01T00:00:00Z"}, "DateLessThan": map[string]any{"aws:CurrentTime": "2030-01-02T00:00:00Z"},
		}, model.Pass},
		{"a window that is over", map[string]any{
			"DateGreaterThan": map[string]any{"aws:CurrentTime": "2020-01-01T00:00:00Z"}, "DateLessThan": map[string]any{"aws:CurrentTime": "2020-01-02T00:00:00Z"},
		}, model.Fail},
		{"over, by seconds since 1970", map[string]any{"NumericLessThanEquals": map[string]any{"aws:EpochTime": int64(1500000000)}}, model.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := inlineList("*")
			list[0].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].(map[string]any)["Condition"] = tt.condition
			a := iamAsset(roleType, "role/job", model.Document{"RolePolicyList": list, "Path": "/"})
			if got := NewEvaluator(NewInventory(), now).Evaluate(p, a); got.Verdict != tt.want {
				t.Errorf("%s, want %s", got.Verdict, tt.want)
			}
		})
	}
}

// TestResourceControlPolicies asks about resources whose own policies let in
// everybody.
func TestResourceControlPolicies(t *testing.T) {
	schemas := guardrailSchemas()
	const functionType = "AWS::Lambda::Function"
	for _, typ := range []string{bucketType, functionType} {
		schemas[typ] = shape(map[string]*model.Schema{"Policy": kind(model.Any)})
	}
	schemas[roleType].Fields["AssumeRolePolicyDocument"] = kind(model.Any)
	e, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	open := func(id, typ, member, action string) *model.Asset {
		a := iamAsset(typ, "x", model.Document{member: map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
			"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*",
		}}})
		if typ == roleType {
			delete(a.Config[member].(map[string]any)["Statement"].(map[string]any), "Resource")
		}
		a.ID = id
		return a
	}
	bucket := open("arn:aws:s3:::b", bucketType, "Policy", "s3:GetObject")
	rcp := func(statements ...map[string]any) organization {
		for _, s := range statements {
			s["Principal"] = "*"
		}
		p := scp("perimeter", []string{unit}, statements...)
		p.Config["Type"] = resourceControlPolicy
		return newOrganization(p)
	}
	others := func(action string) map[string]any {
		return denying(action, "Condition", map[string]any{
			"StringNotEqualsIfExists": map[string]any{"aws:PrincipalOrgID": "o-own1234567"}, "BoolIfExists": map[string]any{"aws:PrincipalIsAWSService": "false"},
		})
	}
	deputies := func(action string) map[string]any {
		return denying(action, "Condition", map[string]any{
			"StringNotEqualsIfExists": map[string]any{"aws:SourceOrgID": "o-own1234567"}, "Bool": map[string]any{"aws:PrincipalIsAWSService": "true"},
		})
	}
	for _, tt := range []struct {
		name string
		of   *model.Asset
		ask  string
		org  organization
		deny []string
		want model.Verdict
	}{
		{name: "none", of: bucket, org: newOrganization(), want: model.Pass},
		{name: "outsiders and services for outsiders denied", of: bucket, org: rcp(others("s3:*"), deputies("s3:*")), want: model.Fail},
		{name: "outsiders denied, but services for outsiders", of: bucket, org: rcp(others("s3:*")), want: model.Pass},
		{name: "writing denied only", of: bucket, org: rcp(others("s3:Put*"), deputies("s3:Put*")), want: model.Pass},
		{name: "a service control policy says the same, which binds own callers only", of: bucket, org: newOrganization(scp("own", []string{unit}, denying("s3:*"))), want: model.Pass},
		{name: "the management account", of: bucket, org: func() organization {
			o := rcp(others("s3:*"), deputies("s3:*"))
			o.org["MasterAccountId"] = "111122223333"
			return o
		}(), want: model.Pass},
		{name: "policies were not listed", of: bucket, org: func() organization {
			o := newOrganization()
			o.policies = nil
			return o
		}(), deny: []string{orgPolicyType}, want: model.Pass},
		{name: "a service that they do not bind", of: open("arn:aws:lambda:eu-west-1:111122223333:function:f", functionType, "Policy", "lambda:InvokeFunction"), org: rcp(denying("*")), want: model.Pass},
		{
			name: "a role that everybody may assume", ask: "asset.trust_public(config.AssumeRolePolicyDocument)",
			of: open("arn:aws:iam::111122223333:role/r", roleType, "AssumeRolePolicyDocument", "sts:AssumeRole"), org: newOrganization(), want: model.Pass,
		},
		{
			name: "a role that only the organization may then", ask: "asset.trust_public(config.AssumeRolePolicyDocument)",
			of: open("arn:aws:iam::111122223333:role/r", roleType, "AssumeRolePolicyDocument", "sts:AssumeRole"), org: rcp(others("sts:*")), want: model.Fail,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inv := NewInventory()
			tt.org.fill(inv, tt.of.Scope)
			for _, typ := range tt.deny {
				inv.AddGap(&model.Gap{Type: typ, Reason: model.Denied})
			}
			ask := tt.ask
			if ask == "" {
				ask = "asset.public(config.Policy)"
			}
			p, err := e.Compile(model.Control{ID: "c", Type: tt.of.Type, Holds: ask, Title: "t", Message: "m"})
			if err != nil {
				t.Fatal(err)
			}
			if got := NewEvaluator(inv, now).Evaluate(p, tt.of); got.Verdict != tt.want {
				t.Errorf("%s: %s, want %s: %v", ask, got.Verdict, tt.want, got.Evidence)
			}
		})
	}
}
