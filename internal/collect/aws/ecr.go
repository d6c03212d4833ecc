package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "ecr", Types: []Type{repositories, ecrRegistry}}) }

var repositories = Type{
	Name:    "AWS::ECR::Repository",
	Class:   "registry",
	ID:      "{RepositoryArn}",
	Label:   "{RepositoryName}",
	Created: "{CreatedAt}",
	List: list(ecr.NewFromConfig, (*ecr.Client).DescribeRepositories,
		all(ecr.DescribeRepositoriesInput{MaxResults: aws.Int32(1000)}),
		func(o *ecr.DescribeRepositoriesOutput) []types.Repository { return o.Repositories },
	).sends(),
	Side: []Read{
		read("PolicyText", ecr.NewFromConfig, (*ecr.Client).GetRepositoryPolicy, func(r *model.Asset) *ecr.GetRepositoryPolicyInput {
			return &ecr.GetRepositoryPolicyInput{RepositoryName: str(r, "RepositoryName")}
		}).missing("RepositoryPolicyNotFoundException"),
		read("LifecyclePolicyText", ecr.NewFromConfig, (*ecr.Client).GetLifecyclePolicy, func(r *model.Asset) *ecr.GetLifecyclePolicyInput {
			return &ecr.GetLifecyclePolicyInput{RepositoryName: str(r, "RepositoryName")}
		}).missing("LifecyclePolicyNotFoundException"),
		compute("ImageDetails", imageShape(), []operation{operationOf[ecr.DescribeImagesInput]()}, newestImages),
		read("Tags", ecr.NewFromConfig, (*ecr.Client).ListTagsForResource, func(r *model.Asset) *ecr.ListTagsForResourceInput {
			return &ecr.ListTagsForResourceInput{ResourceArn: &r.ID}
		}).maybe(),
	},
	JSON:   []string{"PolicyText", "LifecyclePolicyText"},
	Always: []string{"RepositoryArn", "RepositoryName", "ImageTagMutability", "ImageScanningConfiguration.ScanOnPush", "EncryptionConfiguration"},
}

func imageShape() *model.Schema { return listOf[types.ImageDetail]() }

var ecrImages = list(ecr.NewFromConfig, (*ecr.Client).DescribeImages,
	func(r *model.Asset) *ecr.DescribeImagesInput {
		return &ecr.DescribeImagesInput{RepositoryName: str(r, "RepositoryName"), MaxResults: aws.Int32(1000)}
	},
	func(o *ecr.DescribeImagesOutput) []types.ImageDetail { return o.ImageDetails },
).sends()

// newestImages keeps of each repository the image that was pushed last: a
// repository may hold tens of thousands, and controls ask about the newest.
func newestImages(ctx context.Context, s *Session, region string, r *model.Asset) (any, error) {
	all, err := collected(ctx, s, region, ecrImages, r)
	if err != nil {
		return nil, err
	}
	var newest map[string]any
	for _, e := range all {
		image, _ := e.(map[string]any)
		at, _ := image["ImagePushedAt"].(string)
		if best, _ := newest["ImagePushedAt"].(string); newest == nil || at > best {
			newest = image
		}
	}
	if newest == nil {
		return []any{}, nil
	}
	return []any{newest}, nil
}

var ecrRegistry = Type{
	Name:  "AWS::ECR::Registry",
	Class: "registry settings",
	ID:    "arn:{partition}:ecr:{region}:{account}:settings/registry",
	Label: "registry",
	List:  one(),
	Root: new(read("", ecr.NewFromConfig, (*ecr.Client).DescribeRegistry, func(*model.Asset) *ecr.DescribeRegistryInput {
		return &ecr.DescribeRegistryInput{}
	}).sends("RegistryId", "ReplicationConfiguration")),
	Side: []Read{
		read("PolicyText", ecr.NewFromConfig, (*ecr.Client).GetRegistryPolicy, func(*model.Asset) *ecr.GetRegistryPolicyInput {
			return &ecr.GetRegistryPolicyInput{}
		}).missing("RegistryPolicyNotFoundException"),
		read("ScanningConfiguration", ecr.NewFromConfig, (*ecr.Client).GetRegistryScanningConfiguration, func(*model.Asset) *ecr.GetRegistryScanningConfigurationInput {
			return &ecr.GetRegistryScanningConfigurationInput{}
		}).sends("ScanType"),
	},
	JSON: []string{"PolicyText"},
}
