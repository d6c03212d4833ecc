package aws

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "iam", Types: []Type{
		iamUsers, iamGroups, iamRoles, iamPolicies,
		iamInstanceProfiles, iamVirtualMFADevices, iamSAMLProviders, iamOIDCProviders, iamServerCertificates,
		iamPasswordPolicy, iamSummary,
	}})
}

// iamPage is the largest page of IAM's listings.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
var iamPage = aws.Int32(1000)

// One stream gives users, groups, roles and policies with all that is attached
// to them. What it lacks of users are their credentials, and of roles and users
// a few members, which ListRoles and ListUsers give for all at once.
var iamUsers = Type{
	Name:    "AWS::IAM::User",
	Class:   "user",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{UserName}",
	Created: "{CreateDate}",
	Custom: &Custom{
		Ops:    []operation{operationOf[iam.GetAccountAuthorizationDetailsInput]()},
		Yields: []string{"AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"},
		Run:    authorizationDetails,
	},
	Item: types.UserDetail{},
	Side: []Read{
		joined("PasswordLastUsed", iamUserList, "Arn"),
		compute("CredentialReport", credentialReportSchema, credentialReportOps, userCredentials),
		read("LoginProfile", iam.NewFromConfig, (*iam.Client).GetLoginProfile, func(u *model.Asset) *iam.GetLoginProfileInput {
			return &iam.GetLoginProfileInput{UserName: str(u, "UserName")}
		}).missing("NoSuchEntity").sends("CreateDate", "PasswordResetRequired"),
		readAll("AccessKeyMetadata", iam.NewFromConfig, (*iam.Client).ListAccessKeys, func(u *model.Asset) *iam.ListAccessKeysInput {
			return &iam.ListAccessKeysInput{UserName: str(u, "UserName"), MaxItems: iamPage}
		}).sends("AccessKeyMetadata"),
		readAll("MFADevices", iam.NewFromConfig, (*iam.Client).ListMFADevices, func(u *model.Asset) *iam.ListMFADevicesInput {
			return &iam.ListMFADevicesInput{UserName: str(u, "UserName"), MaxItems: iamPage}
		}).sends("MFADevices"),
		readAll("SSHPublicKeys", iam.NewFromConfig, (*iam.Client).ListSSHPublicKeys, func(u *model.Asset) *iam.ListSSHPublicKeysInput {
			return &iam.ListSSHPublicKeysInput{UserName: str(u, "UserName"), MaxItems: iamPage}
		}).sends("SSHPublicKeys"),
		readAll("SigningCertificates", iam.NewFromConfig, (*iam.Client).ListSigningCertificates, func(u *model.Asset) *iam.ListSigningCertificatesInput {
			return &iam.ListSigningCertificatesInput{UserName: str(u, "UserName"), MaxItems: iamPage}
		}).from("Certificates").sends("SigningCertificates"),
		readAll("ServiceSpecificCredentials", iam.NewFromConfig, (*iam.Client).ListServiceSpecificCredentials, func(u *model.Asset) *iam.ListServiceSpecificCredentialsInput {
			return &iam.ListServiceSpecificCredentialsInput{UserName: str(u, "UserName"), MaxItems: iamPage}
		}).sends("ServiceSpecificCredentials"),
	},
	Children: []Type{{
		Name:    "AWS::IAM::AccessKey",
		Class:   "credential",
		ID:      "arn:{partition}:iam::{account}:access-key/{AccessKeyId}", // keys have no ARN
		Label:   "{AccessKeyId}",
		Created: "{CreateDate}",
		List:    within[types.AccessKeyMetadata]("AccessKeyMetadata"),
		Side: []Read{
			read("AccessKeyLastUsed", iam.NewFromConfig, (*iam.Client).GetAccessKeyLastUsed, func(k *model.Asset) *iam.GetAccessKeyLastUsedInput {
				return &iam.GetAccessKeyLastUsedInput{AccessKeyId: str(k, "AccessKeyId")}
			}),
		},
		Always: []string{"AccessKeyId", "UserName", "Status", "CreateDate"},
	}},
	JSON:   []string{"UserPolicyList[].PolicyDocument"},
	Always: []string{"Arn", "UserName", "UserId", "CreateDate", "GroupList", "AttachedManagedPolicies"},
}

var iamGroups = Type{
	Name:    "AWS::IAM::Group",
	Class:   "group",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{GroupName}",
	Created: "{CreateDate}",
	Item:    types.GroupDetail{},
	JSON:    []string{"GroupPolicyList[].PolicyDocument"},
	Always:  []string{"Arn", "GroupName", "GroupId", "CreateDate", "GroupPolicyList", "AttachedManagedPolicies"},
}

var iamRoles = Type{
	Name:    "AWS::IAM::Role",
	Class:   "role",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{RoleName}",
	Created: "{CreateDate}",
	Item:    types.RoleDetail{},
	Side: []Read{
		joined("MaxSessionDuration", iamRoleList, "Arn"),
		joined("Description", iamRoleList, "Arn"),
	},
	JSON: []string{
		"AssumeRolePolicyDocument", "RolePolicyList[].PolicyDocument",
		"InstanceProfileList[].Roles[].AssumeRolePolicyDocument",
	},
	Always: []string{
		"Arn", "RoleName", "RoleId", "Path", "CreateDate", "AssumeRolePolicyDocument", "RolePolicyList",
		"AttachedManagedPolicies", "InstanceProfileList",
	},
	// Service-linked roles belong to their service.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
	Managed: func(doc model.Document) bool {
		path, _ := doc["Path"].(string)
		return strings.HasPrefix(path, "/aws-service-role/")
	},
}

// roleSetting is what ListRoles says of a role and the stream does not.
type roleSetting struct {
	Arn                *string
	Description        *string
	MaxSessionDuration *int32
}

var iamRoleList = list(iam.NewFromConfig, (*iam.Client).ListRoles,
	all(iam.ListRolesInput{MaxItems: iamPage}),
	func(o *iam.ListRolesOutput) []roleSetting {
		out := make([]roleSetting, len(o.Roles))
		for i, r := range o.Roles {
			out[i] = roleSetting{r.Arn, r.Description, r.MaxSessionDuration}
		}
		return out
	},
).sends()

// passwordUse is what ListUsers says of a user and the stream does not.
type passwordUse struct {
	Arn              *string
	PasswordLastUsed *time.Time
}

var iamUserList = list(iam.NewFromConfig, (*iam.Client).ListUsers,
	all(iam.ListUsersInput{MaxItems: iamPage}),
	func(o *iam.ListUsersOutput) []passwordUse {
		out := make([]passwordUse, len(o.Users))
		for i, u := range o.Users {
			out[i] = passwordUse{u.Arn, u.PasswordLastUsed}
		}
		return out
	},
).sends()

var iamPolicies = Type{
	Name:    "AWS::IAM::ManagedPolicy",
	Class:   "policy",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{PolicyName}",
	Created: "{CreateDate}",
	Item:    types.ManagedPolicyDetail{},
	JSON:    []string{"PolicyVersionList[].Document"},
	Always: []string{
		"Arn", "PolicyName", "PolicyId", "Path", "CreateDate", "DefaultVersionId", "PolicyVersionList", "IsAttachable",
		"AttachmentCount", "PermissionsBoundaryUsageCount",
	},
	Managed: func(doc model.Document) bool { return isOfAWS(doc["Arn"]) },
}

// isOfAWS says whether a policy's ARN is of AWS: the account of those is "aws".
func isOfAWS(arn any) bool {
	s, _ := arn.(string)
	return strings.Contains(s, ":iam::aws:policy/")
}

// authorizationDetails reads the stream. Of the policies of AWS it keeps those
// that are attached or are a boundary.
func authorizationDetails(ctx context.Context, s *Session, region string, yield Yield) error {
	c := clientFor(s, region, iam.NewFromConfig)
	in := &iam.GetAccountAuthorizationDetailsInput{MaxItems: iamPage, Filter: []types.EntityType{
		types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole,
		types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy,
	}}
	op := operationOf[iam.GetAccountAuthorizationDetailsInput]()
	for turn := newPager(); ; {
		out, err := hooked(ctx, s, region, op, func(ctx context.Context) (*iam.GetAccountAuthorizationDetailsOutput, error) {
			return c.GetAccountAuthorizationDetails(ctx, in)
		})
		if err != nil {
			return err
		}
		if out.UserDetailList == nil && out.GroupDetailList == nil && out.RoleDetailList == nil && out.Policies == nil {
			return lacks("its lists")
		}
		if !yieldDetails(out, yield) {
			return nil
		}
		more, err := turn.next(in, out)
		if err != nil || !more {
			return err
		}
	}
}

func yieldDetails(out *iam.GetAccountAuthorizationDetailsOutput, yield Yield) bool {
	sent := answerOf(out)
	for i := range out.UserDetailList {
		if !yield("AWS::IAM::User", sent.document(&out.UserDetailList[i])) {
			return false
		}
	}
	for i := range out.GroupDetailList {
		if !yield("AWS::IAM::Group", sent.document(&out.GroupDetailList[i])) {
			return false
		}
	}
	for i := range out.RoleDetailList {
		if !yield("AWS::IAM::Role", sent.document(&out.RoleDetailList[i])) {
			return false
		}
	}
	for i := range out.Policies {
		p := &out.Policies[i]
		uses := aws.ToInt32(p.AttachmentCount) + aws.ToInt32(p.PermissionsBoundaryUsageCount)
		if isOfAWS(aws.ToString(p.Arn)) && uses == 0 {
			continue
		}
		if !yield("AWS::IAM::ManagedPolicy", sent.document(p)) {
			return false
		}
	}
	return true
}
