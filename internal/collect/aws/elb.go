package aws

import (
	"context"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "elb", Types: []Type{classicLoadBalancers}})
}

// A listener names its policies only; what a policy lets clients negotiate
// stands in PolicyDescriptions, also where it was made from one of the vendor's.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancerPolicies.html
var classicLoadBalancers = Type{
	Name:    "AWS::ElasticLoadBalancing::LoadBalancer",
	Class:   "load balancer",
	ID:      "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}",
	Label:   "{LoadBalancerName}",
	Created: "{CreatedTime}",
	List: classicTags.of("LoadBalancerName", list(elb.NewFromConfig, (*elb.Client).DescribeLoadBalancers,
		all(elb.DescribeLoadBalancersInput{PageSize: elbPage}),
		func(o *elb.DescribeLoadBalancersOutput) []types.LoadBalancerDescription {
			return o.LoadBalancerDescriptions
		},
	).sends()),
	Side: []Read{
		read("LoadBalancerAttributes", elb.NewFromConfig, (*elb.Client).DescribeLoadBalancerAttributes, func(l *model.Asset) *elb.DescribeLoadBalancerAttributesInput {
			return &elb.DescribeLoadBalancerAttributesInput{LoadBalancerName: str(l, "LoadBalancerName")}
		}),
		read("PolicyDescriptions", elb.NewFromConfig, (*elb.Client).DescribeLoadBalancerPolicies, func(l *model.Asset) *elb.DescribeLoadBalancerPoliciesInput {
			return &elb.DescribeLoadBalancerPoliciesInput{LoadBalancerName: str(l, "LoadBalancerName")}
		}),
		classicTags.read("LoadBalancerName"),
	},
	Always: []string{"LoadBalancerName", "Scheme", "AvailabilityZones", "ListenerDescriptions"},
}

var classicTags = &batchedTags{
	op: operationOf[elb.DescribeTagsInput](), shape: listOf[types.Tag](), get: classicTagsOf,
}

func classicTagsOf(ctx context.Context, s *Session, region string, names ...string) (tagsByName, error) {
	c := clientFor(s, region, elb.NewFromConfig)
	out, err := invoke(ctx, s, region, operationOf[elb.DescribeTagsInput](), func(ctx context.Context) (*elb.DescribeTagsOutput, error) {
		return c.DescribeTags(ctx, &elb.DescribeTagsInput{LoadBalancerNames: names})
	})
	if err != nil {
		return nil, err
	}
	return tagsBy("LoadBalancerName", out), nil
}
