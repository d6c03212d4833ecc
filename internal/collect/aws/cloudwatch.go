package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "cloudwatch", Types: []Type{
		{
			Name:   "AWS::CloudWatch::Alarm",
			Class:  "alarm",
			ID:     "{AlarmArn}",
			Label:  "{AlarmName}",
			Item:   types.MetricAlarm{},
			Custom: &Custom{Ops: []operation{alarms.op}, Yields: []string{"AWS::CloudWatch::CompositeAlarm"}, Run: describeAlarms},
			Always: []string{"AlarmArn", "AlarmName", "ActionsEnabled", "StateValue"},
		},
		{
			Name:   "AWS::CloudWatch::CompositeAlarm",
			Class:  "alarm",
			ID:     "{AlarmArn}",
			Label:  "{AlarmName}",
			Item:   types.CompositeAlarm{},
			Always: []string{"AlarmArn", "AlarmName", "AlarmRule", "ActionsEnabled", "StateValue"},
		},
	}})
}

// alarm is an item of the listing of both types.
type alarm struct {
	Metric    *types.MetricAlarm
	Composite *types.CompositeAlarm
}

// Without AlarmTypes only metric alarms are returned.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
var alarms = list(cloudwatch.NewFromConfig, (*cloudwatch.Client).DescribeAlarms,
	all(cloudwatch.DescribeAlarmsInput{
		MaxRecords: aws.Int32(100), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	}),
	func(o *cloudwatch.DescribeAlarmsOutput) []alarm {
		if o.MetricAlarms == nil && o.CompositeAlarms == nil {
			return nil
		}
		out := make([]alarm, 0, len(o.MetricAlarms)+len(o.CompositeAlarms))
		for i := range o.MetricAlarms {
			out = append(out, alarm{Metric: &o.MetricAlarms[i]})
		}
		for i := range o.CompositeAlarms {
			out = append(out, alarm{Composite: &o.CompositeAlarms[i]})
		}
		return out
	}).sends()

func describeAlarms(ctx context.Context, s *Session, region string, yield Yield) error {
	return alarms.page(ctx, s, region, nil, func(page []model.Document) bool {
		for _, item := range page {
			typ, doc := "AWS::CloudWatch::Alarm", item["Metric"]
			if doc == nil {
				typ, doc = "AWS::CloudWatch::CompositeAlarm", item["Composite"]
			}
			if m, ok := doc.(map[string]any); ok && !yield(typ, m) {
				return false
			}
		}
		return true
	})
}
