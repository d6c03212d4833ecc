package normalize

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

const managedPolicyType = "AWS::IAM::ManagedPolicy"

func init() {
	on(func(s shape) {
		s.toEach(model.MemberOf, "AWS::IAM::Group", "GroupList", "")
		s.policies("UserPolicyList")
	}, "AWS::IAM::User")
	on(func(s shape) { s.policies("GroupPolicyList") }, "AWS::IAM::Group")
	on(func(s shape) {
		s.policies("RolePolicyList")
		s.trusts("AssumeRolePolicyDocument")
	}, "AWS::IAM::Role")
	on(func(s shape) {
		for _, v := range s.list("PolicyVersionList") {
			if m, ok := v.(map[string]any); ok && m["IsDefaultVersion"] == true && strong(m["Document"]) {
				s.privileged()
			}
		}
	}, managedPolicyType)
	on(func(s shape) { s.toEach(model.RunsAs, "AWS::IAM::Role", "Roles", "Arn") }, "AWS::IAM::InstanceProfile")
	on(func(s shape) { s.to(model.AttachedTo, "AWS::IAM::User", s.text("UserName")) }, "AWS::IAM::AccessKey")
	on(func(s shape) {
		if name := s.text("User.UserName"); name != "" {
			s.to(model.AttachedTo, "AWS::IAM::User", s.text("User.Arn"))
		}
	}, "AWS::IAM::VirtualMFADevice")

	on(func(s shape) { s.to(model.MemberOf, "", s.text("ParentId")) }, "AWS::Organizations::OrganizationalUnit")
	on(func(s shape) {
		s.toEach(model.MemberOf, "", "Parents", "Id")
		for _, p := range s.list("Paths") {
			// o-abc/r-def/ou-ghi/111122223333/: the account stands in the last but one.
			if parts := strings.Split(strings.Trim(itemText(p, ""), "/"), "/"); len(parts) > 1 {
				s.to(model.MemberOf, "", parts[len(parts)-2])
			}
		}
	}, "AWS::Organizations::Account")
	on(func(s shape) { s.toEach(model.Protects, "", "Targets", "TargetId") }, "AWS::Organizations::Policy")
}

// administrators are the policies of AWS that make their holder an
// administrator, or let the holder become one.
var administrators = []string{"AdministratorAccess", "IAMFullAccess"}

// policies relates an identity to what is attached to it. It is privileged when
// its own policies are strong, or one of AWS's strong ones is attached; what the
// company's own policies give, their assets say.
func (s shape) policies(inline string) {
	for _, p := range s.list("AttachedManagedPolicies") {
		arn := itemText(p, "PolicyArn")
		s.to(model.HasPolicy, managedPolicyType, arn)
		if prefix, name, ok := strings.Cut(arn, ":aws:policy/"); ok && strings.HasSuffix(prefix, ":iam:") && slices.Contains(administrators, name) {
			s.privileged()
		}
	}
	s.to(model.HasBoundary, managedPolicyType, s.text("PermissionsBoundary.PermissionsBoundaryArn"))
	for _, p := range s.list(inline) {
		if m, ok := p.(map[string]any); ok && strong(m["PolicyDocument"]) {
			s.privileged()
		}
	}
}

// trusts relates a role to the principals and providers that its trust policy
// admits by name. Services of AWS are no assets.
func (s shape) trusts(path string) {
	for _, st := range s.list(path + ".Statement") {
		statement, _ := st.(map[string]any)
		if text(statement, "Effect") != "Allow" {
			continue
		}
		for _, kind := range []string{"AWS", "Federated"} {
			for _, p := range list(statement, "Principal."+kind) {
				if arn := itemText(p, ""); strings.HasPrefix(arn, "arn:") {
					s.to(model.Trusts, typeOf(arn), arn)
				}
			}
		}
	}
}
