package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

var volumes = Type{
	Name:    "AWS::EC2::Volume",
	Class:   "disk",
	ID:      "arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}",
	Created: "{CreateTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVolumes,
		all(ec2.DescribeVolumesInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeVolumesOutput) []types.Volume { return o.Volumes },
	).sends(),
	Always: []string{"VolumeId", "Encrypted", "State", "Attachments"},
}

// Only the account's own snapshots are asked for: those shared with it, and all
// public ones, would be listed too.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html
var snapshots = Type{
	Name:    "AWS::EC2::Snapshot",
	Class:   "snapshot",
	ID:      "arn:{partition}:ec2:{region}:{account}:snapshot/{SnapshotId}",
	Created: "{StartTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeSnapshots,
		all(ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, MaxResults: ec2Page}),
		func(o *ec2.DescribeSnapshotsOutput) []types.Snapshot { return o.Snapshots },
	).sends(),
	Side: []Read{
		read("CreateVolumePermissions", ec2.NewFromConfig, (*ec2.Client).DescribeSnapshotAttribute, func(s *model.Asset) *ec2.DescribeSnapshotAttributeInput {
			return &ec2.DescribeSnapshotAttributeInput{SnapshotId: str(s, "SnapshotId"), Attribute: types.SnapshotAttributeNameCreateVolumePermission}
		}),
	},
	Always: []string{"SnapshotId", "Encrypted", "State", "OwnerId", "VolumeId"},
}

// The owner sees deprecated images without asking for them.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
var images = Type{
	Name:    "AWS::EC2::Image",
	Class:   "image",
	ID:      "arn:{partition}:ec2:{region}:{account}:image/{ImageId}",
	Label:   "{Name}",
	Created: "{CreationDate}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeImages,
		all(ec2.DescribeImagesInput{Owners: []string{"self"}, MaxResults: ec2Page}),
		func(o *ec2.DescribeImagesOutput) []types.Image { return o.Images },
	).sends(),
	Side: []Read{
		read("LaunchPermissions", ec2.NewFromConfig, (*ec2.Client).DescribeImageAttribute, func(i *model.Asset) *ec2.DescribeImageAttributeInput {
			return &ec2.DescribeImageAttributeInput{ImageId: str(i, "ImageId"), Attribute: types.ImageAttributeNameLaunchPermission}
		}),
	},
	Always: []string{"ImageId", "Public", "State", "OwnerId", "BlockDeviceMappings"},
}
