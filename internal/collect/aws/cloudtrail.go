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
// it is one asset, in its home region. The trail of an organization has the ARN
// of the management account in every member account, where it is a replica: its
// asset there has the member's account in its id, and TrailARN names the trail.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html
var trails = Type{
	Name:   "AWS::CloudTrail::Trail",
	Class:  "trail",
	ID:     "arn:{partition}:cloudtrail:{HomeRegion}:{account}:trail/{Name} | {TrailARN}",
	Label:  "{Name}",
	Region: "{HomeRegion}",
	Item:   types.Trail{},
	Custom: &Custom{Ops: []operation{trailsOp}, Beyond: true, Run: describeTrails},
	Side: []Read{
		read("TrailStatus", cloudtrail.NewFromConfig, (*cloudtrail.Client).GetTrailStatus, func(t *model.Asset) *cloudtrail.GetTrailStatusInput {
			return &cloudtrail.GetTrailStatusInput{Name: str(t, "TrailARN")}
		}).sends("IsLogging"),
		compute("EventSelectors", listOf[types.EventSelector](), []operation{selectorsOp}, func(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
			doc, err := selectorsOf(ctx, s, region, t)
			return doc["EventSelectors"], err
		}),
		compute("AdvancedEventSelectors", listOf[types.AdvancedEventSelector](), []operation{selectorsOp}, func(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
			doc, err := selectorsOf(ctx, s, region, t)
			return doc["AdvancedEventSelectors"], err
		}),
		compute("InsightSelectors", listOf[types.InsightSelector](), []operation{insightsOp}, insightsOf).only(mayHaveInsights),
		compute("Tags", listOf[types.Tag](), []operation{trailTagsOp}, trailTags),
	},
	Always: []string{
		"TrailARN", "Name", "HomeRegion", "S3BucketName", "IsMultiRegionTrail", "IsOrganizationTrail", "IncludeGlobalServiceEvents",
		"LogFileValidationEnabled",
	},
}

var (
	trailsOp    = operationOf[cloudtrail.DescribeTrailsInput]()
	selectorsOp = operationOf[cloudtrail.GetEventSelectorsInput]()
	insightsOp  = operationOf[cloudtrail.GetInsightSelectorsInput]()
	trailTagsOp = operationOf[cloudtrail.ListTagsInput]()
)

// mayHaveInsights leaves out the trails of an organization that say that they
// have no insight selectors: a member account may not ask for those.
func mayHaveInsights(t *model.Asset) bool {
	return t.Config["HasInsightSelectors"] != false || t.Config["IsOrganizationTrail"] != true
}

// insightsOf reads the insight selectors of a trail. That there are none is an
// error of its own. A trail that says so of itself is asked all the same, as
// servers other than AWS's always say so; its word counts where the answer fails.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html
func insightsOf(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
	c := clientFor(s, region, cloudtrail.NewFromConfig)
	op := insightsOp
	op.answers = []string{"InsightNotEnabledException"}
	out, err := invoke(ctx, s, region, op, func(ctx context.Context) (*cloudtrail.GetInsightSelectorsOutput, error) {
		return c.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: str(t, "TrailARN")})
	})
	switch {
	case hasCode(err, op.answers), err != nil && t.Config["HasInsightSelectors"] == false:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return answerOf(out).document(out)["InsightSelectors"], nil
}

// describeTrails yields the trails at home in the region. Those whose home is
// not scanned come with the first region that is; they too are read at home,
// where a trail's selectors are. Without shadow trails, member accounts would not
// see the organization's.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
func describeTrails(ctx context.Context, s *Session, region string, yield Yield) error {
	c := clientFor(s, region, cloudtrail.NewFromConfig)
	out, err := hooked(ctx, s, region, trailsOp, func(ctx context.Context) (*cloudtrail.DescribeTrailsOutput, error) {
		return c.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	})
	if err != nil {
		return err
	}
	if out.TrailList == nil {
		return &opError{trailsOp, lacks("TrailList")}
	}
	sent := answerOf(out)
	for i := range out.TrailList {
		t := &out.TrailList[i]
		home := aws.ToString(t.HomeRegion)
		if home == "" {
			home = region
		}
		if !slices.Contains(s.scanned, home) {
			home = slices.Min(s.scanned)
		}
		if home == region && !yield("AWS::CloudTrail::Trail", sent.document(t)) {
			return nil
		}
	}
	return nil
}

// selectorsOf reads the selectors of a trail once: a trail has basic or
// advanced ones, never both.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
func selectorsOf(ctx context.Context, s *Session, region string, t *model.Asset) (model.Document, error) {
	return shared(s, "selectors of "+t.ID, func() (model.Document, error) {
		c := clientFor(s, region, cloudtrail.NewFromConfig)
		out, err := invoke(ctx, s, region, selectorsOp, func(ctx context.Context) (*cloudtrail.GetEventSelectorsOutput, error) {
			return c.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: str(t, "TrailARN")})
		})
		if err != nil {
			return nil, err
		}
		if out.EventSelectors == nil && out.AdvancedEventSelectors == nil {
			return nil, lacks("EventSelectors and AdvancedEventSelectors")
		}
		return answerOf(out).document(out), nil
	})
}

func trailTags(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
	arn := *str(t, "TrailARN")
	c := clientFor(s, region, cloudtrail.NewFromConfig)
	out, err := invoke(ctx, s, region, trailTagsOp, func(ctx context.Context) (*cloudtrail.ListTagsOutput, error) {
		return c.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{arn}})
	})
	if err != nil {
		return nil, err
	}
	for _, r := range out.ResourceTagList {
		if aws.ToString(r.ResourceId) == arn {
			return toDocument(r)["TagsList"], nil
		}
	}
	return nil, lacks("ResourceTagList")
}
