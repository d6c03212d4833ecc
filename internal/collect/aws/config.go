package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

func init() {
	register(Collector{Name: "config", Types: []Type{{
		Name:  "AWS::Config::ConfigurationRecorder",
		Class: "configuration recorder",
		ID:    "{Arn} | arn:{partition}:config:{region}:{account}:configuration-recorder/{Name}",
		Label: "{Name}",
		List: list(configservice.NewFromConfig, (*configservice.Client).DescribeConfigurationRecorders,
			all(configservice.DescribeConfigurationRecordersInput{}),
			func(o *configservice.DescribeConfigurationRecordersOutput) []types.ConfigurationRecorder {
				return o.ConfigurationRecorders
			}).sends(),
		Side: []Read{
			listed("ConfigurationRecordersStatus", recorderStatus),
			listed("DeliveryChannels", deliveryChannels),
			listed("DeliveryChannelsStatus", deliveryStatus),
		},
		Always: []string{"Name", "RoleARN"},
	}}})
}

var recorderStatus = list(configservice.NewFromConfig, (*configservice.Client).DescribeConfigurationRecorderStatus,
	all(configservice.DescribeConfigurationRecorderStatusInput{}),
	func(o *configservice.DescribeConfigurationRecorderStatusOutput) []types.ConfigurationRecorderStatus {
		return o.ConfigurationRecordersStatus
	}).sends()

var deliveryChannels = list(configservice.NewFromConfig, (*configservice.Client).DescribeDeliveryChannels,
	all(configservice.DescribeDeliveryChannelsInput{}),
	func(o *configservice.DescribeDeliveryChannelsOutput) []types.DeliveryChannel {
		return o.DeliveryChannels
	},
).sends()

var deliveryStatus = list(configservice.NewFromConfig, (*configservice.Client).DescribeDeliveryChannelStatus,
	all(configservice.DescribeDeliveryChannelStatusInput{}),
	func(o *configservice.DescribeDeliveryChannelStatusOutput) []types.DeliveryChannelStatus {
		return o.DeliveryChannelsStatus
	}).sends()
