package aws

import (
	"context"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

var elbv2Tags = &batchedTags{
	op: operationOf[elb.DescribeTagsInput](), shape: listOf[types.Tag](), get: elbv2TagsOf,
}

// elbTagged prepares the tags of a listing whose items have their ARN in member.
func elbTagged(member string, l *List) *List { return elbv2Tags.of(member, l) }

// elbTags declares the tags of an asset of a listing that elbTagged prepared.
func elbTags(member string) Read { return elbv2Tags.read(member) }

func elbv2TagsOf(ctx context.Context, s *Session, region string, arns ...string) (tagsByName, error) {
	c := clientFor(s, region, elb.NewFromConfig)
	out, err := invoke(ctx, s, region, operationOf[elb.DescribeTagsInput](), func(ctx context.Context) (*elb.DescribeTagsOutput, error) {
		return c.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
	})
	if err != nil {
		return nil, err
	}
	return tagsBy("ResourceArn", out), nil
}
