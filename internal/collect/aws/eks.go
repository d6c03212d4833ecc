package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "eks", Types: []Type{eksClusters}}) }

// eksName is what listings give.
type eksName struct{ Name *string }

func eksNames(names []string) []eksName {
	if names == nil {
		return nil
	}
	out := make([]eksName, len(names))
	for i := range names {
		out[i] = eksName{&names[i]}
	}
	return out
}

var eksPage = aws.Int32(100)

var eksClusters = Type{
	Name:    "AWS::EKS::Cluster",
	Class:   "cluster",
	ID:      "arn:{partition}:eks:{region}:{account}:cluster/{Name}",
	Label:   "{Name}",
	Created: "{CreatedAt}",
	List: list(eks.NewFromConfig, (*eks.Client).ListClusters,
		all(eks.ListClustersInput{MaxResults: eksPage}),
		func(o *eks.ListClustersOutput) []eksName { return eksNames(o.Clusters) },
	).sends(),
	Root: new(read("Cluster", eks.NewFromConfig, (*eks.Client).DescribeCluster, func(c *model.Asset) *eks.DescribeClusterInput {
		return &eks.DescribeClusterInput{Name: str(c, "Name")}
	}).sends("Arn", "Version", "ResourcesVpcConfig")),
	Children: []Type{{
		Name:    "AWS::EKS::Nodegroup",
		Class:   "node group",
		ID:      "arn:{partition}:eks:{region}:{account}:nodegroup/{ClusterName}/{Name}",
		Label:   "{Name}",
		Created: "{CreatedAt}",
		List: list(eks.NewFromConfig, (*eks.Client).ListNodegroups,
			func(c *model.Asset) *eks.ListNodegroupsInput {
				return &eks.ListNodegroupsInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
			},
			func(o *eks.ListNodegroupsOutput) []eksName { return eksNames(o.Nodegroups) },
		).sends(),
		Root: new(read("Nodegroup", eks.NewFromConfig, (*eks.Client).DescribeNodegroup, func(n *model.Asset) *eks.DescribeNodegroupInput {
			return &eks.DescribeNodegroupInput{ClusterName: str(n, "ClusterName"), NodegroupName: str(n, "Name")}
		}).sends("NodegroupArn", "NodegroupName")),
		Inherit: map[string]string{"ClusterName": "Name"},
		Shape:   func(s *model.Schema) { s.Fields["Name"] = &model.Schema{Kind: model.String} },
	}},
	Always: []string{"Name"},
}
