package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "ec2-defaults", Types: []Type{{
		Name:  "AWS::EC2::AccountDefaults",
		Class: "settings",
		ID:    "arn:{partition}:ec2:{region}:{account}:settings/defaults",
		Label: "EC2 defaults in {region}",
		List:  one(),
		Side: []Read{
			read("EbsEncryptionByDefault", ec2.NewFromConfig, (*ec2.Client).GetEbsEncryptionByDefault, settings[ec2.GetEbsEncryptionByDefaultInput]),
			compute("EbsDefaultKmsKeyId", &model.Schema{Kind: model.String},
				[]operation{operationOf[ec2.GetEbsDefaultKmsKeyIdInput]()}, defaultKey),
			read("SnapshotBlockPublicAccess", ec2.NewFromConfig, (*ec2.Client).GetSnapshotBlockPublicAccessState, settings[ec2.GetSnapshotBlockPublicAccessStateInput]).
				sends("State"),
			read("ImageBlockPublicAccessState", ec2.NewFromConfig, (*ec2.Client).GetImageBlockPublicAccessState, settings[ec2.GetImageBlockPublicAccessStateInput]),
			// The account level is sent empty while none of it is set.
			// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetInstanceMetadataDefaults.html
			read("InstanceMetadataDefaults", ec2.NewFromConfig, (*ec2.Client).GetInstanceMetadataDefaults, settings[ec2.GetInstanceMetadataDefaultsInput]).
				sends("AccountLevel"),
			read("SerialConsoleAccessEnabled", ec2.NewFromConfig, (*ec2.Client).GetSerialConsoleAccessStatus, settings[ec2.GetSerialConsoleAccessStatusInput]),
			read("VpcBlockPublicAccessOptions", ec2.NewFromConfig, (*ec2.Client).DescribeVpcBlockPublicAccessOptions, settings[ec2.DescribeVpcBlockPublicAccessOptionsInput]).
				sends("InternetGatewayBlockMode"),
			read("AllowedImagesSettings", ec2.NewFromConfig, (*ec2.Client).GetAllowedImagesSettings, settings[ec2.GetAllowedImagesSettingsInput]).
				sends("State"),
		},
	}}})
}

// settings makes the empty input of a call about the account and region.
func settings[In any](*model.Asset) *In { return new(In) }

// defaultKey gives the key of volumes for which no other one is named. Its name
// says what it is for, where the vendor's own, KmsKeyId, does not.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsDefaultKmsKeyId.html
func defaultKey(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
	c := clientFor(s, region, ec2.NewFromConfig)
	op := operationOf[ec2.GetEbsDefaultKmsKeyIdInput]()
	out, err := invoke(ctx, s, region, op, func(ctx context.Context) (*ec2.GetEbsDefaultKmsKeyIdOutput, error) {
		return c.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
	})
	if err != nil {
		return nil, err
	}
	if out.KmsKeyId == nil {
		return nil, lacks("KmsKeyId")
	}
	return *out.KmsKeyId, nil
}
