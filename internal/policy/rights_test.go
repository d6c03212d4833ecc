package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func principalSchemas() map[string]*model.Schema {
	inline := &model.Schema{Kind: model.List, Elem: shape(map[string]*model.Schema{"PolicyName": kind(model.String), "PolicyDocument": kind(model.Any)})}
	attached := &model.Schema{Kind: model.List, Elem: shape(map[string]*model.Schema{"PolicyArn": kind(model.String)})}
	boundary := shape(map[string]*model.Schema{"PermissionsBoundaryArn": kind(model.String)})
	versions := &model.Schema{Kind: model.List, Elem: shape(map[string]*model.Schema{"IsDefaultVersion": kind(model.Bool), "Document": kind(model.Any)})}
	return map[string]*model.Schema{
		"AWS::::Account": shape(map[string]*model.Schema{"Account": kind(model.String)}),
		userType: shape(map[string]*model.Schema{
			"UserPolicyList": inline, "AttachedManagedPolicies": attached, "PermissionsBoundary": boundary,
			"GroupList": {Kind: model.List, Elem: kind(model.String)},
		}),
		groupType:         shape(map[string]*model.Schema{"GroupPolicyList": inline, "AttachedManagedPolicies": attached}),
		roleType:          shape(map[string]*model.Schema{"RolePolicyList": inline, "AttachedManagedPolicies": attached, "PermissionsBoundary": boundary}),
		managedPolicyType: shape(map[string]*model.Schema{"PolicyVersionList": versions}),
	}
}

func iamAsset(typ, name string, config model.Document) *model.Asset {
	return &model.Asset{
		ID: "arn:aws:iam::111122223333:" + name, Name: name, Type: typ, Config: config,
		Scope: model.Scope{Provider: "aws", Partition: "aws", Account: "111122223333"},
	}
}

func inlineList(actions ...string) []any {
	var out []any
	for _, a := range actions {
		out = append(out, map[string]any{"PolicyName": a, "PolicyDocument": map[string]any{
			"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": a, "Resource": "*"},
		}})
	}
	return out
}

// TestAdministratorsOneByOne asks one evaluator about several principals: what it
// found out about the one before says nothing about the next.
func TestAdministratorsOneByOne(t *testing.T) {
	e, err := New(principalSchemas())
	if err != nil {
		t.Fatal(err)
	}
	boundary := iamAsset(managedPolicyType, "boundary", model.Document{"PolicyVersionList": []any{map[string]any{
		"IsDefaultVersion": true, "Document": map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
	}}})
	assets := []*model.Asset{
		iamAsset(userType, "ana", model.Document{"UserPolicyList": inlineList("*")}),
		iamAsset(userType, "bo", model.Document{"UserPolicyList": inlineList("s3:*")}),
		iamAsset(userType, "cy", model.Document{"UserPolicyList": inlineList("s3:*"), "GroupList": []any{"ops"}}),
		iamAsset(groupType, "ops", model.Document{"GroupPolicyList": inlineList("*")}),
		iamAsset(roleType, "job", model.Document{"RolePolicyList": inlineList("*"), "PermissionsBoundary": map[string]any{"PermissionsBoundaryArn": boundary.ID}}),
		iamAsset(roleType, "deploy", model.Document{"AttachedManagedPolicies": []any{map[string]any{"PolicyArn": "arn:aws-cn:iam::aws:policy/AdministratorAccess"}}}),
		iamAsset(roleType, "lost", model.Document{"RolePolicyList": inlineList("*"), "PermissionsBoundary": map[string]any{"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/x"}}),
		boundary,
	}
	want := map[string]model.Verdict{
		"ana": model.Pass, "bo": model.Fail, "cy": model.Pass, "ops": model.Pass,
		"job": model.Fail, "deploy": model.Pass, "lost": model.Unknown,
	}
	inv := NewInventory()
	for _, a := range assets {
		inv.Add(a)
	}
	programs := map[string]*Program{}
	for _, typ := range []string{userType, groupType, roleType} {
		p, err := e.Compile(model.Control{ID: "admin", Type: typ, Holds: "asset.is_administrator()", Title: "t", Message: "m"})
		if err != nil {
			t.Fatal(err)
		}
		programs[typ] = p
	}
	ev := NewEvaluator(inv, now)
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1, 0}} {
		for _, i := range order {
			a := assets[i]
			if got := ev.Evaluate(programs[a.Type], a); got.Verdict != want[a.Name] {
				t.Errorf("%s: is administrator: %s, want %s", a.Name, got.Verdict, want[a.Name])
			}
		}
	}

	for most, want := range map[int64]model.Verdict{2: model.Fail, 3: model.Unknown} {
		p, err := e.Compile(model.Control{
			ID: "few", Type: "AWS::::Account", Holds: "asset.administrators_at_most(params.most)", Title: "t", Message: "m",
			Params: map[string]any{"most": most},
		})
		if err != nil {
			t.Fatal(err)
		}
		// Ana, cy and deploy are; whether lost is, is not known.
		if got := ev.Evaluate(p, iamAsset("AWS::::Account", "root", model.Document{})); got.Verdict != want {
			t.Errorf("at most %d: %s, want %s", most, got.Verdict, want)
		}
	}
}

// TestWildcard is about the patterns of vendors in which * is any text.
func TestWildcard(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true},
		{"*", "a/b", true},
		{"web", "web", true},
		{"web", "webs", false},
		{"team-*", "team-", true},
		{"team-*", "team", false},
		{"*-prod", "a-prod", true},
		{"*-prod", "a-prod-1", false},
		{"a*b*c", "a1b2c", true},
		{"a*b*c", "acb", false},
		{"ab*ba", "aba", false},
		{"*x*", "axb", true},
		{"*x*y*", "yx", false},
	} {
		if got := covers(tt.pattern, tt.name); got != tt.want {
			t.Errorf("covers(%q, %q) is %v", tt.pattern, tt.name, got)
		}
	}
}

// TestOwn is about rights over what is the principal's own: itself, its groups and
// the policies that it holds.
func TestOwn(t *testing.T) {
	e, err := New(principalSchemas())
	if err != nil {
		t.Fatal(err)
	}
	on := func(action, resource string) []any {
		return []any{map[string]any{"PolicyName": "p", "PolicyDocument": map[string]any{
			"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": action, "Resource": resource},
		}}}
	}
	const arn = "arn:aws:iam::111122223333:"
	held := []any{map[string]any{"PolicyArn": arn + "policy/mine"}}
	for _, tt := range []struct {
		name, typ, id string
		config        model.Document
		want          model.Verdict
	}{
		{"policies of oneself", userType, "user/ana", model.Document{"UserPolicyList": on("iam:PutUserPolicy", arn+"user/ana")}, model.Pass},
		{"policies of oneself, by a variable", userType, "user/ana", model.Document{"UserPolicyList": on("iam:PutUserPolicy", arn+"user/${aws:username}")}, model.Pass},
		{"policies of another user", userType, "user/ana", model.Document{"UserPolicyList": on("iam:PutUserPolicy", arn+"user/bo")}, model.Fail},
		{"policies of the group", userType, "user/ana", model.Document{"UserPolicyList": on("iam:PutGroupPolicy", arn+"group/ops"), "GroupList": []any{"ops"}}, model.Pass},
		{"policies of another group", userType, "user/ana", model.Document{"UserPolicyList": on("iam:PutGroupPolicy", arn+"group/dev"), "GroupList": []any{"ops"}}, model.Fail},
		{"versions of a policy that is held", userType, "user/ana", model.Document{"UserPolicyList": on("iam:CreatePolicyVersion", arn+"policy/*"), "AttachedManagedPolicies": held}, model.Pass},
		{"versions of another one", userType, "user/ana", model.Document{"UserPolicyList": on("iam:CreatePolicyVersion", arn+"policy/x*"), "AttachedManagedPolicies": held}, model.Fail},
		{"policies of the role", roleType, "role/ci", model.Document{"RolePolicyList": on("iam:AttachRolePolicy", arn+"role/ci")}, model.Pass},
		{"policies of another role", roleType, "role/ci", model.Document{"RolePolicyList": on("iam:AttachRolePolicy", arn+"role/cd")}, model.Fail},
		{"policies of its members, whoever they are", groupType, "group/ops", model.Document{"GroupPolicyList": on("iam:*", arn+"user/${aws:username}")}, model.Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inv := NewInventory()
			inv.Add(iamAsset(groupType, "group/ops", model.Document{}))
			inv.Add(iamAsset(managedPolicyType, "policy/mine", model.Document{"PolicyVersionList": []any{map[string]any{
				"IsDefaultVersion": true, "Document": map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
			}}}))
			p, err := e.Compile(model.Control{ID: "c", Type: tt.typ, Holds: "asset.strong()", Title: "t", Message: "m"})
			if err != nil {
				t.Fatal(err)
			}
			if got := NewEvaluator(inv, now).Evaluate(p, iamAsset(tt.typ, tt.id, tt.config)); got.Verdict != tt.want {
				t.Errorf("strong: %s, want %s: %v", got.Verdict, tt.want, got.Evidence)
			}
		})
	}
}
