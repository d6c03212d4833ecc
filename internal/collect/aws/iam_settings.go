package aws

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/stance-sec/stance/internal/model"
)

var iamInstanceProfiles = Type{
	Name:    "AWS::IAM::InstanceProfile",
	Class:   "service identity",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{InstanceProfileName}",
	Created: "{CreateDate}",
	List: list(iam.NewFromConfig, (*iam.Client).ListInstanceProfiles,
		all(iam.ListInstanceProfilesInput{MaxItems: iamPage}),
		func(o *iam.ListInstanceProfilesOutput) []types.InstanceProfile { return o.InstanceProfiles },
	).sends(),
	JSON:   []string{"Roles[].AssumeRolePolicyDocument"},
	Always: []string{"Arn", "InstanceProfileName", "Roles"},
}

// The device of the root user is under its ARN and has no user name; that of a
// user is in the user's MFADevices too.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html
var iamVirtualMFAList = list(iam.NewFromConfig, (*iam.Client).ListVirtualMFADevices,
	all(iam.ListVirtualMFADevicesInput{MaxItems: iamPage}),
	func(o *iam.ListVirtualMFADevicesOutput) []virtualMFADevice {
		if o.VirtualMFADevices == nil {
			return nil
		}
		out := make([]virtualMFADevice, 0, len(o.VirtualMFADevices))
		for _, d := range o.VirtualMFADevices {
			out = append(out, virtualMFADevice{d.SerialNumber, d.EnableDate, d.User, d.Tags})
		}
		return out
	},
).sends().kept()

// virtualMFADevice is the SDK's without the seed, which an answer should not
// have and a document must not.
type virtualMFADevice struct {
	SerialNumber *string
	EnableDate   *time.Time
	User         *types.User
	Tags         []types.Tag
}

var iamVirtualMFADevices = Type{
	Name:    "AWS::IAM::VirtualMFADevice",
	Class:   "mfa device",
	Global:  true,
	ID:      "{SerialNumber}",
	Created: "{EnableDate}",
	List:    iamVirtualMFAList,
	Always:  []string{"SerialNumber"},
}

var iamSAMLProviders = Type{
	Name:    "AWS::IAM::SAMLProvider",
	Class:   "federation",
	Global:  true,
	ID:      "{Arn}",
	Created: "{CreateDate}",
	List: list(iam.NewFromConfig, (*iam.Client).ListSAMLProviders,
		all(iam.ListSAMLProvidersInput{}),
		func(o *iam.ListSAMLProvidersOutput) []types.SAMLProviderListEntry { return o.SAMLProviderList },
	).sends(),
	Root: new(read("", iam.NewFromConfig, (*iam.Client).GetSAMLProvider, func(p *model.Asset) *iam.GetSAMLProviderInput {
		return &iam.GetSAMLProviderInput{SAMLProviderArn: str(p, "Arn")}
	}).sends("SAMLMetadataDocument", "CreateDate", "ValidUntil")),
	Always: []string{"Arn"},
}

var iamOIDCProviders = Type{
	Name:    "AWS::IAM::OIDCProvider",
	Class:   "federation",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{Url}",
	Created: "{CreateDate}",
	List: list(iam.NewFromConfig, (*iam.Client).ListOpenIDConnectProviders,
		all(iam.ListOpenIDConnectProvidersInput{}),
		func(o *iam.ListOpenIDConnectProvidersOutput) []types.OpenIDConnectProviderListEntry {
			return o.OpenIDConnectProviderList
		},
	).sends(),
	Root: new(read("", iam.NewFromConfig, (*iam.Client).GetOpenIDConnectProvider, func(p *model.Asset) *iam.GetOpenIDConnectProviderInput {
		return &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: str(p, "Arn")}
	}).sends("Url", "ClientIDList", "ThumbprintList")),
	Always: []string{"Arn"},
}

var iamServerCertificates = Type{
	Name:    "AWS::IAM::ServerCertificate",
	Class:   "certificate",
	Global:  true,
	ID:      "{Arn}",
	Label:   "{ServerCertificateName}",
	Created: "{UploadDate}",
	List: list(iam.NewFromConfig, (*iam.Client).ListServerCertificates,
		all(iam.ListServerCertificatesInput{MaxItems: iamPage}),
		func(o *iam.ListServerCertificatesOutput) []types.ServerCertificateMetadata {
			return o.ServerCertificateMetadataList
		},
	).sends(),
	Always: []string{"Arn", "ServerCertificateName", "Expiration"},
}

// An account without a policy of its own has Exists false and no other member;
// AWS's default applies then.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
var iamPasswordPolicy = Type{
	Name:   "AWS::IAM::AccountPasswordPolicy",
	Class:  "account settings",
	Global: true,
	ID:     "arn:{partition}:iam::{account}:settings/account-password-policy",
	List:   one(),
	Root: new(read("PasswordPolicy", iam.NewFromConfig, (*iam.Client).GetAccountPasswordPolicy, func(*model.Asset) *iam.GetAccountPasswordPolicyInput {
		return &iam.GetAccountPasswordPolicyInput{}
	}).missing("NoSuchEntity").flagged("Exists").sends(
		"MinimumPasswordLength", "RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters",
		"AllowUsersToChangePassword", "ExpirePasswords")),
}

// The summary is where the root user is seen: its keys and second factor, its
// row of the credential report, its virtual devices.
var iamSummary = Type{
	Name:   "AWS::IAM::AccountSummary",
	Class:  "account settings",
	Global: true,
	ID:     "arn:{partition}:iam::{account}:settings/account-summary",
	List:   one(),
	Side: []Read{
		read("SummaryMap", iam.NewFromConfig, (*iam.Client).GetAccountSummary, func(*model.Asset) *iam.GetAccountSummaryInput {
			return &iam.GetAccountSummaryInput{}
		}).sends("AccountMFAEnabled", "AccountAccessKeysPresent", "Users", "MFADevices", "MFADevicesInUse"),
		readAll("AccountAliases", iam.NewFromConfig, (*iam.Client).ListAccountAliases, func(*model.Asset) *iam.ListAccountAliasesInput {
			return &iam.ListAccountAliasesInput{}
		}).sends("AccountAliases"),
		// An account outside an organization, or one whose organization does not
		// let IAM manage root users, has none of these features.
		// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
		read("EnabledFeatures", iam.NewFromConfig, (*iam.Client).ListOrganizationsFeatures, func(*model.Asset) *iam.ListOrganizationsFeaturesInput {
			return &iam.ListOrganizationsFeaturesInput{}
		}).missing("OrganizationNotFoundException", "OrganizationNotInAllFeaturesModeException", "ServiceAccessNotEnabledException"),
		compute("CredentialReport", credentialReportSchema, credentialReportOps, rootCredentials),
		compute("VirtualMFADevices", rootDevicesSchema, []operation{iamVirtualMFAList.op}, rootDevices),
	},
	Shape: func(s *model.Schema) {
		keys := &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{}}
		for _, k := range types.SummaryKeyType("").Values() {
			keys.Fields[string(k)] = &model.Schema{Kind: model.Int}
		}
		s.Fields["SummaryMap"] = keys
	},
}

var rootDevicesSchema = &model.Schema{Kind: model.List, Elem: &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{
	"SerialNumber": {Kind: model.String}, "EnableDate": {Kind: model.Time},
}}}

// rootDevices are the virtual MFA devices of the root user. A hardware device
// shows only in SummaryMap.AccountMFAEnabled.
func rootDevices(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
	devices, err := iamVirtualMFAList.all(ctx, s, region)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, d := range devices {
		user, _ := d["User"].(map[string]any)
		if arn, _ := user["Arn"].(string); strings.HasSuffix(arn, ":root") {
			device := map[string]any{"SerialNumber": d["SerialNumber"]}
			if d["EnableDate"] != nil {
				device["EnableDate"] = d["EnableDate"]
			}
			out = append(out, device)
		}
	}
	return out, nil
}
