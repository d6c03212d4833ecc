package aws

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "cloudtrail", Types: []Type{trails}}) }

// A trail of all regions, or of an organization, is returned in every region;
// it is one asset, in its home region.
var trails = Type{
	Name:   "AWS::CloudTrail::Trail",
	Class:  "trail",
	ID:     "{TrailARN}",
	Label:  "{Name}",
	Region: "{HomeRegion}",
	Item:   types.Trail{},
	Custom: &Custom{Ops: []operation{operationOf[cloudtrail.DescribeTrailsInput]()}, Run: describeTrails},
	Side: []Read{
		read("TrailStatus", cloudtrail.NewFromConfig, (*cloudtrail.Client).GetTrailStatus, func(t *model.Asset) *cloudtrail.GetTrailStatusInput {
			return &cloudtrail.GetTrailStatusInput{Name: &t.ID}
		}).sends("IsLogging"),
		compute("EventSelectors", listOf[types.EventSelector](), []operation{selectorsOp}, func(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
			doc, err := selectorsOf(ctx, s, region, t)
			return doc["EventSelectors"], err
		}),
		compute("AdvancedEventSelectors", listOf[types.AdvancedEventSelector](), []operation{selectorsOp}, func(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
			doc, err := selectorsOf(ctx, s, region, t)
			return doc["AdvancedEventSelectors"], err
		}),
		read("InsightSelectors", cloudtrail.NewFromConfig, (*cloudtrail.Client).GetInsightSelectors, func(t *model.Asset) *cloudtrail.GetInsightSelectorsInput {
			return &cloudtrail.GetInsightSelectorsInput{TrailName: &t.ID}
		}).missing("InsightNotEnabledException").maybe(),
		compute("Tags", listOf[types.Tag](), []operation{operationOf[cloudtrail.ListTagsInput]()}, trailTags),
	},
	Always: []string{"TrailARN", "Name", "HomeRegion", "S3BucketName", "IsMultiRegionTrail", "LogFileValidationEnabled"},
}

var selectorsOp = operationOf[cloudtrail.GetEventSelectorsInput]()

// describeTrails yields the trails at home in the region, and those whose home
// is not scanned once.
func describeTrails(ctx context.Context, s *Session, region string, yield Yield) error {
	c := clientFor(s, region, cloudtrail.NewFromConfig)
	op := operationOf[cloudtrail.DescribeTrailsInput]()
	out, err := hooked(ctx, s, region, op, func(ctx context.Context) (*cloudtrail.DescribeTrailsOutput, error) {
		return c.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	})
	if err != nil {
		return err
	}
	if out.TrailList == nil {
		return &opError{op, lacks("TrailList")}
	}
	sent := answerOf(out)
	for i := range out.TrailList {
		t := &out.TrailList[i]
		if home := aws.ToString(t.HomeRegion); home != region {
			first, err := shared(s, "trail of "+aws.ToString(t.TrailARN), func() (string, error) { return region, nil })
			if err != nil || slices.Contains(s.scanned, home) || first != region {
				continue
			}
		}
		if !yield("AWS::CloudTrail::Trail", sent.document(t)) {
			return nil
		}
	}
	return nil
}

// selectorsOf reads the selectors of a trail once: a trail has classic or
// advanced ones, never both.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
func selectorsOf(ctx context.Context, s *Session, region string, t *model.Asset) (model.Document, error) {
	return shared(s, "selectors of "+t.ID, func() (model.Document, error) {
		c := clientFor(s, region, cloudtrail.NewFromConfig)
		out, err := invoke(ctx, s, region, selectorsOp, func(ctx context.Context) (*cloudtrail.GetEventSelectorsOutput, error) {
			return c.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &t.ID})
		})
		if err != nil {
			return nil, err
		}
		if out.EventSelectors == nil && out.AdvancedEventSelectors == nil {
			return nil, lacks("EventSelectors and AdvancedEventSelectors")
		}
		doc, _ := answerOf(out).document(out), 0
		return doc, nil
	})
}

func trailTags(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
	c := clientFor(s, region, cloudtrail.NewFromConfig)
	out, err := invoke(ctx, s, region, operationOf[cloudtrail.ListTagsInput](), func(ctx context.Context) (*cloudtrail.ListTagsOutput, error) {
		return c.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{t.ID}})
	})
	if err != nil {
		return nil, err
	}
	for _, r := range out.ResourceTagList {
		if aws.ToString(r.ResourceId) == t.ID {
			return toDocument(r)["TagsList"], nil
		}
	}
	return nil, lacks("ResourceTagList")
}
