package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "config", Types: []Type{configRecorders, configRules, configAggregators}})
}

// The customer's own recorder has the region's delivery channel; recorders of
// AWS services deliver to their service. Without a name, the status is that of
// the customer's own.
// https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorderStatus.html
var configRecorders = Type{
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
		read("ConfigurationRecordersStatus", configservice.NewFromConfig, (*configservice.Client).DescribeConfigurationRecorderStatus,
			func(r *model.Asset) *configservice.DescribeConfigurationRecorderStatusInput {
				return &configservice.DescribeConfigurationRecorderStatusInput{ConfigurationRecorderNames: []string{*str(r, "Name")}}
			}),
		listed("DeliveryChannels", deliveryChannels).only(ownRecorder),
		listed("DeliveryChannelsStatus", deliveryStatus).only(ownRecorder),
	},
	Always: []string{
		"Name", "RoleARN", "RecordingGroup.AllSupported", "RecordingGroup.IncludeGlobalResourceTypes",
		"ConfigurationRecordersStatus[].Recording",
	},
	Managed: func(doc model.Document) bool { return doc["ServicePrincipal"] != nil },
}

func ownRecorder(r *model.Asset) bool { return r.Config["ServicePrincipal"] == nil }

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

var configRules = Type{
	Name:  "AWS::Config::ConfigRule",
	Class: "configuration rule",
	ID:    "{ConfigRuleArn}",
	Label: "{ConfigRuleName}",
	List: list(configservice.NewFromConfig, (*configservice.Client).DescribeConfigRules,
		all(configservice.DescribeConfigRulesInput{}),
		func(o *configservice.DescribeConfigRulesOutput) []types.ConfigRule { return o.ConfigRules },
	).sends(),
	JSON:    []string{"InputParameters"},
	Always:  []string{"ConfigRuleArn", "ConfigRuleName", "ConfigRuleState", "Source"},
	Managed: func(doc model.Document) bool { return doc["CreatedBy"] != nil },
}

var configAggregators = Type{
	Name:    "AWS::Config::ConfigurationAggregator",
	Class:   "configuration aggregator",
	ID:      "{ConfigurationAggregatorArn}",
	Label:   "{ConfigurationAggregatorName}",
	Created: "{CreationTime}",
	List: list(configservice.NewFromConfig, (*configservice.Client).DescribeConfigurationAggregators,
		all(configservice.DescribeConfigurationAggregatorsInput{Limit: 100}),
		func(o *configservice.DescribeConfigurationAggregatorsOutput) []types.ConfigurationAggregator {
			return o.ConfigurationAggregators
		}).sends(),
	Always: []string{"ConfigurationAggregatorArn", "ConfigurationAggregatorName"},
}
