package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "logs", Types: []Type{logGroups, metricFilters}}) }

var logGroups = Type{
	Name:  "AWS::Logs::LogGroup",
	Class: "log store",
	ID:    "{LogGroupArn} | {Arn}",
	Label: "{LogGroupName}",
	List: list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeLogGroups,
		all(cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(50)}),
		func(o *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return o.LogGroups },
	).sends(),
	Side: []Read{
		listed("ResourcePolicies", logPolicies),
		read("Tags", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).ListTagsForResource, func(g *model.Asset) *cloudwatchlogs.ListTagsForResourceInput {
			return &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &g.ID}
		}).from("Tags").maybe(),
	},
	JSON:   []string{"ResourcePolicies[].PolicyDocument"},
	Always: []string{"LogGroupName", "Arn"},
}

// The policies of a region stand for all of its log groups; they name the
// groups in their resources.
var logPolicies = list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeResourcePolicies,
	all(cloudwatchlogs.DescribeResourcePoliciesInput{Limit: aws.Int32(50)}),
	func(o *cloudwatchlogs.DescribeResourcePoliciesOutput) []types.ResourcePolicy {
		return o.ResourcePolicies
	},
).sends().kept()

var metricFilters = Type{
	Name:  "AWS::Logs::MetricFilter",
	Class: "metric filter",
	ID:    "arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:metric-filter:{FilterName}",
	Label: "{FilterName}",
	List: list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeMetricFilters,
		all(cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(50)}),
		func(o *cloudwatchlogs.DescribeMetricFiltersOutput) []types.MetricFilter { return o.MetricFilters },
	).sends(),
	Always: []string{"FilterName", "LogGroupName", "MetricTransformations"},
}
