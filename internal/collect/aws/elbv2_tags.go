package aws

import (
	"context"
	"slices"
	"sync"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/stance-sec/stance/internal/model"
)

// One call gives the tags of up to 20 assets.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
const elbTagsPerCall = 20

// tagsByARN are the tags of assets by their ARNs.
type tagsByARN map[string][]any

// elbTagged cuts each page of a listing into batches, and prepares one call for
// the tags of each. The first of a batch that elbTags reads makes the call.
func elbTagged(member string, l *List) *List {
	page := l.page
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		return page(ctx, s, region, parent, func(docs []model.Document) bool {
			for batch := range slices.Chunk(docs, elbTagsPerCall) {
				var arns []string
				for _, doc := range batch {
					if arn, _ := doc[member].(string); arn != "" {
						arns = append(arns, arn)
					}
				}
				get := sync.OnceValues(func() (tagsByARN, error) { return elbTagsOf(ctx, s, region, arns...) })
				for _, arn := range arns {
					s.memo.Store("elbv2 tags "+arn, get)
				}
			}
			return yield(docs)
		})
	}
	return l
}

// elbTags declares the tags of an asset of a listing that elbTagged prepared.
func elbTags(member string) Read {
	op := operationOf[elb.DescribeTagsInput]()
	return compute("Tags", listOf[types.Tag](), []operation{op}, func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error) {
		arn := *str(a, member)
		get := func() (tagsByARN, error) { return elbTagsOf(ctx, s, region, arn) }
		tags, err := shared(s, "elbv2 tags "+arn, get)
		if hasCode(err, vanishedCodes) {
			tags, err = get() // it may be another one of the batch that is gone
		}
		if err != nil {
			return nil, err
		}
		if tags[arn] == nil {
			return nil, lacks("Tags")
		}
		return tags[arn], nil
	})
}

func elbTagsOf(ctx context.Context, s *Session, region string, arns ...string) (tagsByARN, error) {
	c := clientFor(s, region, elb.NewFromConfig)
	out, err := invoke(ctx, s, region, operationOf[elb.DescribeTagsInput](), func(ctx context.Context) (*elb.DescribeTagsOutput, error) {
		return c.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
	})
	if err != nil {
		return nil, err
	}
	tags := tagsByARN{}
	described, _ := toDocument(out)["TagDescriptions"].([]any)
	for _, d := range described {
		m, _ := d.(map[string]any)
		arn, _ := m["ResourceArn"].(string)
		tags[arn], _ = m["Tags"].([]any)
	}
	return tags, nil
}
