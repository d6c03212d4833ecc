package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "eks", Types: []Type{eksClusters}}) }

// eksPage is the largest page of the service's listings.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html
var eksPage = aws.Int32(100)

// named turns the names that a listing gives into what is known of the assets.
func named[T any](names []string, item func(name *string) T) []T {
	if names == nil {
		return nil
	}
	out := make([]T, len(names))
	for i := range names {
		out[i] = item(&names[i])
	}
	return out
}

var eksClusters = Type{
	Name:    "AWS::EKS::Cluster",
	Class:   "cluster",
	ID:      "arn:{partition}:eks:{region}:{account}:cluster/{Name}",
	Label:   "{Name}",
	Created: "{CreatedAt}",
	List: list(eks.NewFromConfig, (*eks.Client).ListClusters,
		all(eks.ListClustersInput{MaxResults: eksPage}),
		func(o *eks.ListClustersOutput) []types.Cluster {
			return named(o.Clusters, func(name *string) types.Cluster { return types.Cluster{Name: name} })
		}).sends(),
	Root: new(read("Cluster", eks.NewFromConfig, (*eks.Client).DescribeCluster, func(c *model.Asset) *eks.DescribeClusterInput {
		return &eks.DescribeClusterInput{Name: str(c, "Name")}
	}).sends("Arn", "Version", "ResourcesVpcConfig", "Logging").gone("ResourceNotFoundException")),
	Side: []Read{
		compute("AccessEntries", accessEntryShape(), accessEntryOps, accessEntriesOf).only(hasAccessEntries),
		readAll("PodIdentityAssociations", eks.NewFromConfig, (*eks.Client).ListPodIdentityAssociations, func(c *model.Asset) *eks.ListPodIdentityAssociationsInput {
			return &eks.ListPodIdentityAssociationsInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
		}).from("Associations").sends("PodIdentityAssociations"),
		readAll("IdentityProviderConfigs", eks.NewFromConfig, (*eks.Client).ListIdentityProviderConfigs, func(c *model.Asset) *eks.ListIdentityProviderConfigsInput {
			return &eks.ListIdentityProviderConfigsInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
		}).sends("IdentityProviderConfigs"),
	},
	Children: []Type{eksNodegroups, eksAddons, eksFargateProfiles},
	Always:   []string{"Name", "ResourcesVpcConfig.EndpointPublicAccess", "ResourcesVpcConfig.EndpointPrivateAccess", "DeletionProtection"},
}

var eksNodegroups = Type{
	Name:    "AWS::EKS::Nodegroup",
	Class:   "node group",
	ID:      "{NodegroupArn} | arn:{partition}:eks:{region}:{account}:nodegroup/{ClusterName}/{NodegroupName}",
	Label:   "{NodegroupName}",
	Created: "{CreatedAt}",
	Inherit: map[string]string{"ClusterName": "Name"},
	List: list(eks.NewFromConfig, (*eks.Client).ListNodegroups,
		func(c *model.Asset) *eks.ListNodegroupsInput {
			return &eks.ListNodegroupsInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
		},
		func(o *eks.ListNodegroupsOutput) []types.Nodegroup {
			return named(o.Nodegroups, func(name *string) types.Nodegroup { return types.Nodegroup{NodegroupName: name} })
		}).sends(),
	Root: new(read("Nodegroup", eks.NewFromConfig, (*eks.Client).DescribeNodegroup, func(n *model.Asset) *eks.DescribeNodegroupInput {
		return &eks.DescribeNodegroupInput{ClusterName: str(n, "ClusterName"), NodegroupName: str(n, "NodegroupName")}
	}).sends("NodegroupArn", "Status").gone("ResourceNotFoundException")),
}

// What a user configures in an add-on is free text that may hold credentials: of
// it only whether vpc-cni enforces network policies is kept.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_Addon.html
var eksAddons = Type{
	Name:    "AWS::EKS::Addon",
	Class:   "cluster add-on",
	ID:      "{AddonArn} | arn:{partition}:eks:{region}:{account}:addon/{ClusterName}/{AddonName}",
	Label:   "{AddonName}",
	Created: "{CreatedAt}",
	Inherit: map[string]string{"ClusterName": "Name"},
	List: list(eks.NewFromConfig, (*eks.Client).ListAddons,
		func(c *model.Asset) *eks.ListAddonsInput {
			return &eks.ListAddonsInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
		},
		func(o *eks.ListAddonsOutput) []types.Addon {
			return named(o.Addons, func(name *string) types.Addon { return types.Addon{AddonName: name} })
		}).sends(),
	Root: new(read("Addon", eks.NewFromConfig, (*eks.Client).DescribeAddon, func(a *model.Asset) *eks.DescribeAddonInput {
		return &eks.DescribeAddonInput{ClusterName: str(a, "ClusterName"), AddonName: str(a, "AddonName")}
	}).sends("AddonArn", "AddonVersion", "Status").gone("ResourceNotFoundException").then(keepNetworkPolicy)),
	Secret: []string{valuesOfAddon},
	Shape:  networkPolicyShape,
}

var eksFargateProfiles = Type{
	Name:    "AWS::EKS::FargateProfile",
	Class:   "fargate profile",
	ID:      "{FargateProfileArn} | arn:{partition}:eks:{region}:{account}:fargateprofile/{ClusterName}/{FargateProfileName}",
	Label:   "{FargateProfileName}",
	Created: "{CreatedAt}",
	Inherit: map[string]string{"ClusterName": "Name"},
	List: list(eks.NewFromConfig, (*eks.Client).ListFargateProfiles,
		func(c *model.Asset) *eks.ListFargateProfilesInput {
			return &eks.ListFargateProfilesInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
		},
		func(o *eks.ListFargateProfilesOutput) []types.FargateProfile {
			return named(o.FargateProfileNames, func(name *string) types.FargateProfile { return types.FargateProfile{FargateProfileName: name} })
		}).sends(),
	Root: new(read("FargateProfile", eks.NewFromConfig, (*eks.Client).DescribeFargateProfile, func(p *model.Asset) *eks.DescribeFargateProfileInput {
		return &eks.DescribeFargateProfileInput{ClusterName: str(p, "ClusterName"), FargateProfileName: str(p, "FargateProfileName")}
	}).sends("FargateProfileArn", "PodExecutionRoleArn").gone("ResourceNotFoundException")),
}
