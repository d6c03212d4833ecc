package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "s3", Types: []Type{{
		Name:    "AWS::S3::Bucket",
		Class:   "bucket",
		Global:  true,
		ID:      "arn:{partition}:s3:::{Name}",
		Label:   "{Name}",
		Region:  "{BucketRegion}",
		Created: "{CreationDate}",
		List: inRegions(list(s3.NewFromConfig, (*s3.Client).ListBuckets,
			all(s3.ListBucketsInput{MaxBuckets: aws.Int32(10000)}),
			func(o *s3.ListBucketsOutput) []types.Bucket { return o.Buckets },
		).action("s3:ListAllMyBuckets").sends()),
		Side: []Read{
			read("LocationConstraint", s3.NewFromConfig, (*s3.Client).GetBucketLocation, func(b *model.Asset) *s3.GetBucketLocationInput {
				return &s3.GetBucketLocationInput{Bucket: &b.Name}
			}).maybe().only(hasNoRegion).then(bucketRegion),
			read("PublicAccessBlockConfiguration", s3.NewFromConfig, (*s3.Client).GetPublicAccessBlock, func(b *model.Asset) *s3.GetPublicAccessBlockInput {
				return &s3.GetPublicAccessBlockInput{Bucket: &b.Name}
			}).action("s3:GetBucketPublicAccessBlock").missing("NoSuchPublicAccessBlockConfiguration").
				sends("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
			read("Policy", s3.NewFromConfig, (*s3.Client).GetBucketPolicy, func(b *model.Asset) *s3.GetBucketPolicyInput {
				return &s3.GetBucketPolicyInput{Bucket: &b.Name}
			}).missing("NoSuchBucketPolicy"),
			read("Acl", s3.NewFromConfig, (*s3.Client).GetBucketAcl, func(b *model.Asset) *s3.GetBucketAclInput {
				return &s3.GetBucketAclInput{Bucket: &b.Name}
			}).sends("Owner", "Grants"),
			read("OwnershipControls", s3.NewFromConfig, (*s3.Client).GetBucketOwnershipControls, func(b *model.Asset) *s3.GetBucketOwnershipControlsInput {
				return &s3.GetBucketOwnershipControlsInput{Bucket: &b.Name}
			}).missing("OwnershipControlsNotFoundError"),
			read("ServerSideEncryptionConfiguration", s3.NewFromConfig, (*s3.Client).GetBucketEncryption, func(b *model.Asset) *s3.GetBucketEncryptionInput {
				return &s3.GetBucketEncryptionInput{Bucket: &b.Name}
			}).action("s3:GetEncryptionConfiguration").missing("ServerSideEncryptionConfigurationNotFoundError").sends("Rules"),
			read("Versioning", s3.NewFromConfig, (*s3.Client).GetBucketVersioning, func(b *model.Asset) *s3.GetBucketVersioningInput {
				return &s3.GetBucketVersioningInput{Bucket: &b.Name}
			}),
			read("LoggingEnabled", s3.NewFromConfig, (*s3.Client).GetBucketLogging, func(b *model.Asset) *s3.GetBucketLoggingInput {
				return &s3.GetBucketLoggingInput{Bucket: &b.Name}
			}).maybe(),
			read("LifecycleConfiguration", s3.NewFromConfig, (*s3.Client).GetBucketLifecycleConfiguration, func(b *model.Asset) *s3.GetBucketLifecycleConfigurationInput {
				return &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.Name}
			}).action("s3:GetLifecycleConfiguration").missing("NoSuchLifecycleConfiguration").sends("Rules"),
			read("ReplicationConfiguration", s3.NewFromConfig, (*s3.Client).GetBucketReplication, func(b *model.Asset) *s3.GetBucketReplicationInput {
				return &s3.GetBucketReplicationInput{Bucket: &b.Name}
			}).action("s3:GetReplicationConfiguration").missing("ReplicationConfigurationNotFoundError").sends("Rules").only(wasVersioned),
			read("ObjectLockConfiguration", s3.NewFromConfig, (*s3.Client).GetObjectLockConfiguration, func(b *model.Asset) *s3.GetObjectLockConfigurationInput {
				return &s3.GetObjectLockConfigurationInput{Bucket: &b.Name}
			}).action("s3:GetBucketObjectLockConfiguration").missing("ObjectLockConfigurationNotFoundError").only(wasVersioned),
			read("NotificationConfiguration", s3.NewFromConfig, (*s3.Client).GetBucketNotificationConfiguration, func(b *model.Asset) *s3.GetBucketNotificationConfigurationInput {
				return &s3.GetBucketNotificationConfigurationInput{Bucket: &b.Name}
			}).action("s3:GetBucketNotification"),
			read("Website", s3.NewFromConfig, (*s3.Client).GetBucketWebsite, func(b *model.Asset) *s3.GetBucketWebsiteInput {
				return &s3.GetBucketWebsiteInput{Bucket: &b.Name}
			}).missing("NoSuchWebsiteConfiguration"),
			read("TagSet", s3.NewFromConfig, (*s3.Client).GetBucketTagging, func(b *model.Asset) *s3.GetBucketTaggingInput {
				return &s3.GetBucketTaggingInput{Bucket: &b.Name}
			}).missing("NoSuchTagSet"),
		},
		JSON:   []string{"Policy"},
		Always: []string{"Name"},
	}}})
}

func hasNoRegion(b *model.Asset) bool { return b.Config["BucketRegion"] == nil }

// wasVersioned leaves out buckets that S3 says were never versioned: they can
// have neither replication nor Object Lock, so that asking them is two calls for
// nothing. Without an answer about versioning, all are asked.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
func wasVersioned(b *model.Asset) bool {
	v, read := b.Config["Versioning"].(map[string]any)
	return !read || v["Status"] != nil
}

// bucketRegion takes the region from GetBucketLocation where the listing has
// none: no answer means us-east-1, and EU is an old name of eu-west-1.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
func bucketRegion(b *model.Asset) {
	if b.Scope.Region != "" {
		return
	}
	for i := range b.Gaps {
		if b.Gaps[i].Path == "LocationConstraint" {
			return
		}
	}
	switch where, _ := b.Config["LocationConstraint"].(string); where {
	case "":
		b.Scope.Region = "us-east-1"
	case "EU":
		b.Scope.Region = "eu-west-1"
	default:
		b.Scope.Region = where
	}
}
