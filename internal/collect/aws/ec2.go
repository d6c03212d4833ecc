package aws

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "ec2", Types: []Type{
		instances, launchTemplates, keyPairs, volumes, snapshots, images,
	}})
}

// A terminated instance stays listed for about an hour; it is gone.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
// DescribeInstanceAttribute gives one attribute per call.
var instances = Type{
	Name:  "AWS::EC2::Instance",
	Class: "instance",
	ID:    "arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}",
	List: usesImages(list(ec2.NewFromConfig, (*ec2.Client).DescribeInstances,
		all(ec2.DescribeInstancesInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeInstancesOutput) []types.Instance {
			if o.Reservations == nil {
				return nil
			}
			out := []types.Instance{}
			for i := range o.Reservations {
				out = append(out, without(o.Reservations[i].Instances, func(i types.Instance) bool {
					return i.State != nil && i.State.Name == types.InstanceStateNameTerminated
				})...)
			}
			return out
		},
	).sends()),
	Side: []Read{
		read("UserData", ec2.NewFromConfig, (*ec2.Client).DescribeInstanceAttribute, instanceAttribute(types.InstanceAttributeNameUserData)).
			then(func(i *model.Asset) { rewrite(map[string]any(i.Config), "UserData.Value", decodeUserData) }),
		read("DisableApiTermination", ec2.NewFromConfig, (*ec2.Client).DescribeInstanceAttribute, instanceAttribute(types.InstanceAttributeNameDisableApiTermination)).
			sends("Value"),
		compute("Image", usedImageShape(), []operation{operationOf[ec2.DescribeImagesInput]()}, imageOf),
	},
	Secret: []string{"UserData.Value"},
	Always: []string{"InstanceId", "ImageId", "State", "Monitoring", "EbsOptimized", "SecurityGroups", "NetworkInterfaces", "BlockDeviceMappings", "MetadataOptions", "VirtualizationType"},
}

func instanceAttribute(name types.InstanceAttributeName) func(*model.Asset) *ec2.DescribeInstanceAttributeInput {
	return func(i *model.Asset) *ec2.DescribeInstanceAttributeInput {
		return &ec2.DescribeInstanceAttributeInput{InstanceId: str(i, "InstanceId"), Attribute: name}
	}
}

// decodeUserData returns user data as the instance sees it, so that a password
// in it is detected: it travels in base64, and may be compressed below that.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
func decodeUserData(v any) any {
	const most = 1 << 20
	text, _ := v.(string)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return v
	}
	if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		if plain, err := io.ReadAll(io.LimitReader(z, most)); err == nil {
			data = plain
		}
	}
	return string(data)
}

// Launch templates are read with the version used by default and the latest
// one. Without a template's id one listing gives those of all templates.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
var launchTemplates = Type{
	Name:    "AWS::EC2::LaunchTemplate",
	Class:   "launch template",
	ID:      "arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}",
	Label:   "{LaunchTemplateName}",
	Created: "{CreateTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeLaunchTemplates,
		all(ec2.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(200)}),
		func(o *ec2.DescribeLaunchTemplatesOutput) []types.LaunchTemplate { return o.LaunchTemplates },
	).sends(),
	Side: []Read{
		compute("LaunchTemplateVersions",
			listOf[types.LaunchTemplateVersion](),
			[]operation{operationOf[ec2.DescribeLaunchTemplateVersionsInput]()}, versionsOf),
	},
	Secret: []string{"LaunchTemplateVersions[].LaunchTemplateData.UserData"},
	Always: []string{"LaunchTemplateId", "DefaultVersionNumber", "LatestVersionNumber"},
}

var launchTemplateVersions = list(ec2.NewFromConfig, (*ec2.Client).DescribeLaunchTemplateVersions,
	all(ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest", "$Default"}, MaxResults: aws.Int32(200)}),
	func(o *ec2.DescribeLaunchTemplateVersionsOutput) []types.LaunchTemplateVersion {
		return o.LaunchTemplateVersions
	},
).sends()

// versionsOf gives a template's versions, once each: where the default version
// is the latest one, both stand for it.
func versionsOf(ctx context.Context, s *Session, region string, template *model.Asset) (any, error) {
	byTemplate, err := shared(s, "ec2 launch template versions "+region, func() (map[any][]any, error) {
		out := map[any][]any{}
		err := launchTemplateVersions.page(ctx, s, region, nil, func(page []model.Document) bool {
			for _, v := range page {
				id := v["LaunchTemplateId"]
				known := func(o any) bool {
					m, _ := o.(map[string]any)
					return m["VersionNumber"] == v["VersionNumber"]
				}
				if !slices.ContainsFunc(out[id], known) {
					rewrite(map[string]any(v), "LaunchTemplateData.UserData", decodeUserData)
					out[id] = append(out[id], map[string]any(v))
				}
			}
			return true
		})
		return out, err
	})
	if err != nil {
		return nil, err
	}
	versions := byTemplate[template.Config["LaunchTemplateId"]]
	if versions == nil {
		return nil, lacks("the versions of the template")
	}
	return versions, nil
}

// DescribeKeyPairs has no pages.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html
var keyPairs = Type{
	Name:    "AWS::EC2::KeyPair",
	Class:   "key pair",
	ID:      "arn:{partition}:ec2:{region}:{account}:key-pair/{KeyPairId}",
	Label:   "{KeyName}",
	Created: "{CreateTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeKeyPairs,
		all(ec2.DescribeKeyPairsInput{}),
		func(o *ec2.DescribeKeyPairsOutput) []types.KeyPairInfo { return o.KeyPairs },
	).sends(),
	Always: []string{"KeyPairId", "KeyName", "KeyType"},
}
