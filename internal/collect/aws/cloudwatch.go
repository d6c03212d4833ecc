package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func init() {
	register(Collector{Name: "cloudwatch", Types: []Type{{
		Name:  "AWS::CloudWatch::Alarm",
		Class: "alarm",
		ID:    "{AlarmArn}",
		Label: "{AlarmName}",
		List: list(cloudwatch.NewFromConfig, (*cloudwatch.Client).DescribeAlarms,
			all(cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}}),
			func(o *cloudwatch.DescribeAlarmsOutput) []types.MetricAlarm { return o.MetricAlarms },
		).sends(),
		Always: []string{"AlarmArn", "AlarmName", "ActionsEnabled"},
	}}})
}
