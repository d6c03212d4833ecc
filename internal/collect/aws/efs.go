package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "efs", Types: []Type{fileSystems, fileAccessPoints}})
}

// EFS answers in pages of at most 100.
// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeFileSystems.html
var efsPage = aws.Int32(100)

var fileSystems = Type{
	Name:    "AWS::EFS::FileSystem",
	Class:   "file system",
	ID:      "{FileSystemArn} | arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{FileSystemId}",
	Label:   "{Name}",
	Created: "{CreationTime}",
	List: list(efs.NewFromConfig, (*efs.Client).DescribeFileSystems,
		all(efs.DescribeFileSystemsInput{MaxItems: efsPage}),
		func(o *efs.DescribeFileSystemsOutput) []types.FileSystemDescription { return o.FileSystems },
	).sends(),
	Side: []Read{
		read("Policy", efs.NewFromConfig, (*efs.Client).DescribeFileSystemPolicy, func(f *model.Asset) *efs.DescribeFileSystemPolicyInput {
			return &efs.DescribeFileSystemPolicyInput{FileSystemId: str(f, "FileSystemId")}
		}).missing("PolicyNotFound"),
		read("BackupPolicy", efs.NewFromConfig, (*efs.Client).DescribeBackupPolicy, func(f *model.Asset) *efs.DescribeBackupPolicyInput {
			return &efs.DescribeBackupPolicyInput{FileSystemId: str(f, "FileSystemId")}
		}).missing("PolicyNotFound").sends("Status"),
		compute("MountTargets", mountTargetShape(), []operation{
			operationOf[efs.DescribeMountTargetsInput](),
			operationOf[efs.DescribeMountTargetSecurityGroupsInput](),
		}, mountTargetsOf),
	},
	JSON:   []string{"Policy"},
	Always: []string{"FileSystemId", "Encrypted", "LifeCycleState", "OwnerId"},
}

var fileAccessPoints = Type{
	Name:  "AWS::EFS::AccessPoint",
	Class: "access point",
	ID:    "{AccessPointArn} | arn:{partition}:elasticfilesystem:{region}:{account}:access-point/{AccessPointId}",
	Label: "{Name}",
	List: list(efs.NewFromConfig, (*efs.Client).DescribeAccessPoints,
		all(efs.DescribeAccessPointsInput{MaxResults: efsPage}),
		func(o *efs.DescribeAccessPointsOutput) []types.AccessPointDescription { return o.AccessPoints },
	).sends(),
	Always: []string{"AccessPointId", "FileSystemId", "RootDirectory"},
}

var mountTargets = list(efs.NewFromConfig, (*efs.Client).DescribeMountTargets,
	func(f *model.Asset) *efs.DescribeMountTargetsInput {
		return &efs.DescribeMountTargetsInput{FileSystemId: str(f, "FileSystemId"), MaxItems: efsPage}
	},
	func(o *efs.DescribeMountTargetsOutput) []types.MountTargetDescription { return o.MountTargets },
).sends()

// mountTargetsOf gives the mount targets of a file system, each with its
// security groups, which another call returns.
// https://docs.aws.amazon.com/efs/latest/ug/API_DescribeMountTargetSecurityGroups.html
func mountTargetsOf(ctx context.Context, s *Session, region string, f *model.Asset) (any, error) {
	targets, err := collected(ctx, s, region, mountTargets, f)
	if err != nil {
		return nil, err
	}
	op := operationOf[efs.DescribeMountTargetSecurityGroupsInput]()
	c := clientFor(s, region, efs.NewFromConfig)
	kept := targets[:0]
	for _, t := range targets {
		target, _ := t.(map[string]any)
		id, _ := target["MountTargetId"].(string)
		out, err := invoke(ctx, s, region, op, func(ctx context.Context) (*efs.DescribeMountTargetSecurityGroupsOutput, error) {
			return c.DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: &id})
		})
		if err == nil && out.SecurityGroups == nil {
			err = lacks("SecurityGroups")
		}
		switch {
		case hasCode(err, []string{"MountTargetNotFound"}):
			continue
		case err != nil:
			partUnread(f, "MountTargets[].SecurityGroups", op, err)
		default:
			target["SecurityGroups"] = toDocument(out)["SecurityGroups"]
		}
		kept = append(kept, target)
	}
	return kept, nil
}

func mountTargetShape() *model.Schema {
	s := listOf[types.MountTargetDescription]()
	s.Elem.Fields["SecurityGroups"] = listOf[string]()
	return s
}
