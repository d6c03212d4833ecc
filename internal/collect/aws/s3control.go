package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "s3control", Types: []Type{accountPublicAccess, accessPoints, multiRegionAccessPoints}})
}

// An account without a configuration blocks nothing: the member is not there.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
var accountPublicAccess = Type{
	Name:   "AWS::S3::AccountPublicAccessBlock",
	Class:  "account settings",
	Global: true,
	ID:     "arn:{partition}:s3::{account}:settings/account-public-access-block",
	List:   one(),
	Side: []Read{
		read("PublicAccessBlockConfiguration", s3control.NewFromConfig, (*s3control.Client).GetPublicAccessBlock, func(a *model.Asset) *s3control.GetPublicAccessBlockInput {
			return &s3control.GetPublicAccessBlockInput{AccountId: &a.Scope.Account}
		}).action("s3:GetAccountPublicAccessBlock").missing("NoSuchPublicAccessBlockConfiguration").
			sends("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
	},
}

var accessPoints = Type{
	Name:    "AWS::S3::AccessPoint",
	Class:   "endpoint",
	ID:      "{AccessPointArn}",
	Label:   "{Name}",
	Created: "{CreationDate}",
	List: listFor(s3control.NewFromConfig, (*s3control.Client).ListAccessPoints,
		func(s *Session, _ *model.Asset) *s3control.ListAccessPointsInput {
			return &s3control.ListAccessPointsInput{AccountId: &s.Account, MaxResults: 1000}
		},
		func(o *s3control.ListAccessPointsOutput) []types.AccessPoint { return o.AccessPointList },
	).sends(),
	Root: new(read("", s3control.NewFromConfig, (*s3control.Client).GetAccessPoint, func(a *model.Asset) *s3control.GetAccessPointInput {
		return &s3control.GetAccessPointInput{AccountId: &a.Scope.Account, Name: str(a, "Name")}
	}).sends("Bucket", "NetworkOrigin", "PublicAccessBlockConfiguration")),
	Side: []Read{
		read("Policy", s3control.NewFromConfig, (*s3control.Client).GetAccessPointPolicy, func(a *model.Asset) *s3control.GetAccessPointPolicyInput {
			return &s3control.GetAccessPointPolicyInput{AccountId: &a.Scope.Account, Name: str(a, "Name")}
		}).missing("NoSuchAccessPointPolicy"),
		read("PolicyStatus", s3control.NewFromConfig, (*s3control.Client).GetAccessPointPolicyStatus, func(a *model.Asset) *s3control.GetAccessPointPolicyStatusInput {
			return &s3control.GetAccessPointPolicyStatusInput{AccountId: &a.Scope.Account, Name: str(a, "Name")}
		}).missing("NoSuchAccessPointPolicy").sends("IsPublic"),
	},
	JSON:   []string{"Policy"},
	Always: []string{"AccessPointArn", "Name"},
}

// Their control plane is in one region.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html
var multiRegionAccessPoints = Type{
	Name:    "AWS::S3::MultiRegionAccessPoint",
	Class:   "endpoint",
	Global:  true,
	Home:    "us-west-2",
	ID:      "arn:{partition}:s3::{account}:accesspoint/{Alias}",
	Label:   "{Name}",
	Created: "{CreatedAt}",
	List: listFor(s3control.NewFromConfig, (*s3control.Client).ListMultiRegionAccessPoints,
		func(s *Session, _ *model.Asset) *s3control.ListMultiRegionAccessPointsInput {
			return &s3control.ListMultiRegionAccessPointsInput{AccountId: &s.Account, MaxResults: 100}
		},
		func(o *s3control.ListMultiRegionAccessPointsOutput) []types.MultiRegionAccessPointReport {
			return o.AccessPoints
		},
	).sends(),
	Side: []Read{
		read("Policy", s3control.NewFromConfig, (*s3control.Client).GetMultiRegionAccessPointPolicy, func(a *model.Asset) *s3control.GetMultiRegionAccessPointPolicyInput {
			return &s3control.GetMultiRegionAccessPointPolicyInput{AccountId: &a.Scope.Account, Name: str(a, "Name")}
		}).maybe(),
		read("PolicyStatus", s3control.NewFromConfig, (*s3control.Client).GetMultiRegionAccessPointPolicyStatus, func(a *model.Asset) *s3control.GetMultiRegionAccessPointPolicyStatusInput {
			return &s3control.GetMultiRegionAccessPointPolicyStatusInput{AccountId: &a.Scope.Account, Name: str(a, "Name")}
		}).from("Established").maybe().sends("IsPublic"),
	},
	JSON:   []string{"Policy.Established.Policy", "Policy.Proposed.Policy"},
	Always: []string{"Alias", "Name", "PublicAccessBlock", "Status"},
}
