package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "logs", Types: []Type{logGroups, metricFilters, logPolicies}})
}

// logsPage is the largest page of the service's listings.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
var logsPage = aws.Int32(50)

// A log group without RetentionInDays keeps its events for ever. Its Arn ends
// with ":*", LogGroupArn does not; the latter is the one that tagging takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
var logGroups = Type{
	Name:  "AWS::Logs::LogGroup",
	Class: "log store",
	ID:    "{LogGroupArn} | arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}",
	Label: "{LogGroupName}",
	List: list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeLogGroups,
		all(cloudwatchlogs.DescribeLogGroupsInput{Limit: logsPage}),
		func(o *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return o.LogGroups },
	).sends(),
	Side: []Read{
		read("DataProtectionPolicy", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).GetDataProtectionPolicy, func(g *model.Asset) *cloudwatchlogs.GetDataProtectionPolicyInput {
			return &cloudwatchlogs.GetDataProtectionPolicyInput{LogGroupIdentifier: &g.ID}
		}).from("PolicyDocument").only(hasDataProtection),
		read("Tags", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).ListTagsForResource, func(g *model.Asset) *cloudwatchlogs.ListTagsForResourceInput {
			return &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &g.ID}
		}).maybe(),
	},
	JSON:   []string{"DataProtectionPolicy"},
	Always: []string{"LogGroupName", "Arn"},
}

// hasDataProtection says whether a log group has a data protection policy now;
// the status of one that it had stays.
func hasDataProtection(g *model.Asset) bool {
	return g.Config["DataProtectionStatus"] == string(types.DataProtectionStatusActivated)
}

// One listing gives the filters of all log groups.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html
var metricFilters = Type{
	Name:  "AWS::Logs::MetricFilter",
	Class: "metric filter",
	ID:    "arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:metric-filter:{FilterName}",
	Label: "{FilterName}",
	List: list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeMetricFilters,
		all(cloudwatchlogs.DescribeMetricFiltersInput{Limit: logsPage}),
		func(o *cloudwatchlogs.DescribeMetricFiltersOutput) []types.MetricFilter { return o.MetricFilters },
	).sends(),
	Always: []string{"FilterName", "FilterPattern", "LogGroupName", "MetricTransformations"},
}

// A resource policy of the account holds for the log groups of a region that it
// names; it is none of theirs.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeResourcePolicies.html
var logPolicies = Type{
	Name:  "AWS::Logs::ResourcePolicy",
	Class: "policy",
	ID:    "arn:{partition}:logs:{region}:{account}:settings/resource-policy/{PolicyName}",
	Label: "{PolicyName}",
	List: list(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeResourcePolicies,
		all(cloudwatchlogs.DescribeResourcePoliciesInput{Limit: logsPage}),
		func(o *cloudwatchlogs.DescribeResourcePoliciesOutput) []types.ResourcePolicy {
			return o.ResourcePolicies
		}).sends(),
	JSON:   []string{"PolicyDocument"},
	Always: []string{"PolicyName", "PolicyDocument"},
}
