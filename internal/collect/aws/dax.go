package aws

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dax"
	"github.com/aws/aws-sdk-go-v2/service/dax/types"

	"github.com/stance-sec/stance/internal/model"
)

// A cluster of DAX, the cache in front of DynamoDB.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_dax_Cluster.html
func init() {
	register(Collector{Name: "dax", Types: []Type{{
		Name:   "AWS::DAX::Cluster",
		Class:  "cache",
		ID:     "{ClusterArn}",
		Label:  "{ClusterName}",
		Item:   types.Cluster{},
		Custom: &Custom{Ops: []operation{daxClusters.op}, Run: describeDAXClusters},
		Side: []Read{
			readAll("Tags", dax.NewFromConfig, (*dax.Client).ListTags, func(c *model.Asset) *dax.ListTagsInput {
				return &dax.ListTagsInput{ResourceName: &c.ID}
			}).sends("Tags").gone("ClusterNotFoundFault"),
		},
		Always: []string{"ClusterArn", "ClusterName", "Status"},
	}}})
}

var daxClusters = list(dax.NewFromConfig, (*dax.Client).DescribeClusters,
	all(dax.DescribeClustersInput{MaxResults: aws.Int32(100)}),
	func(o *dax.DescribeClustersOutput) []types.Cluster { return o.Clusters },
).sends()

// daxRegions are the regions of which AWS says that DAX is offered there.
// https://docs.aws.amazon.com/general/latest/gr/ddb.html
var daxRegions = []string{
	"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "cn-north-1", "cn-northwest-1", "eu-central-1",
	"eu-north-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// describeDAXClusters lists the clusters. A region that is not among those of
// DAX and has no endpoint for it has no clusters; in any other, a name that
// does not resolve says nothing.
func describeDAXClusters(ctx context.Context, s *Session, region string, yield Yield) error {
	docs, err := daxClusters.all(ctx, s, region)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound && !slices.Contains(daxRegions, region) {
		return nil
	}
	for _, doc := range docs {
		if !yield("AWS::DAX::Cluster", doc) {
			return nil
		}
	}
	return err
}
