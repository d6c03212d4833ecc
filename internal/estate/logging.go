package estate

import "strings"

// trail adds a trail of CloudTrail. Its state is that of a working one.
func (b *builder) trail(region, name, bucket string, changes, status doc) {
	arn := b.arn("cloudtrail", region, "trail/"+name)
	b.add("AWS::CloudTrail::Trail", region, arn, name, "", with(doc{
		"TrailARN": arn, "Name": name, "HomeRegion": region, "S3BucketName": bucket, "IsMultiRegionTrail": true, "IsOrganizationTrail": false,
		"IncludeGlobalServiceEvents": true, "LogFileValidationEnabled": true, "HasCustomEventSelectors": true, "HasInsightSelectors": false,
		"TrailStatus": with(doc{
			"IsLogging": true, "StartLoggingTime": b.ago(720), "LatestDeliveryTime": b.ago(0), "LatestDigestDeliveryTime": b.ago(0), "LatestCloudWatchLogsDeliveryTime": b.ago(0),
		}, status),
		"EventSelectors": list{doc{"ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": list{}, "DataResources": list{}}},
		"Tags":           pairs(b.owned("security")...),
	}, changes))
}

// logGroup adds a log group; days is how long it keeps events, 0 for ever.
func (b *builder) logGroup(region, name, team string, days int, encrypted bool) {
	arn := b.arn("logs", region, "log-group:"+name)
	config := doc{
		"LogGroupName": name, "LogGroupArn": arn, "Arn": arn + ":*", "LogGroupClass": "STANDARD", "MetricFilterCount": 0, "StoredBytes": 734003200 + len(name)*4194304,
		"CreationTime": b.at(700).UnixMilli(), "Tags": tagMap(b.owned(team)...),
	}
	if days > 0 {
		config["RetentionInDays"] = days
	}
	if encrypted {
		config["KmsKeyId"] = b.keyARN(region, "logs")
	}
	b.add("AWS::Logs::LogGroup", region, arn, name, "", config)
}

// watch adds a metric filter on a log group and the alarm on its metric.
func (b *builder) watch(region, group, name, pattern string, actions list) {
	b.add("AWS::Logs::MetricFilter", region, b.arn("logs", region, "log-group:"+group+":metric-filter:"+name), name, "", doc{
		"FilterName": name, "FilterPattern": pattern, "LogGroupName": group, "CreationTime": b.at(400).UnixMilli(),
		"MetricTransformations": list{doc{"MetricName": name, "MetricNamespace": "Security", "MetricValue": "1", "DefaultValue": 0.0}},
	})
	b.alarm(region, name, "Security", name, actions)
}

func (b *builder) alarm(region, name, namespace, metric string, actions list) {
	arn := b.arn("cloudwatch", region, "alarm:"+name)
	b.add("AWS::CloudWatch::Alarm", region, arn, name, "", doc{
		"AlarmName": name, "AlarmArn": arn, "ActionsEnabled": true, "AlarmActions": actions, "OKActions": list{}, "InsufficientDataActions": list{},
		"MetricName": metric, "Namespace": namespace, "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "StateValue": "OK", "StateUpdatedTimestamp": b.ago(2), "TreatMissingData": "notBreaching", "Dimensions": list{},
		"AlarmConfigurationUpdatedTimestamp": b.ago(390),
	})
}

// recorder adds the recorder of AWS Config.
func (b *builder) recorder(region, bucket string, recording bool) {
	arn := b.arn("config", region, "configuration-recorder/default/"+b.hex("recorder/"+region, 16))
	status := doc{"Name": "default", "Recording": recording, "LastStatus": "SUCCESS", "LastStartTime": b.ago(500), "LastStatusChangeTime": b.ago(0)}
	if !recording {
		status["LastStopTime"] = b.ago(63)
	}
	b.add("AWS::Config::ConfigurationRecorder", region, arn, "default", "", doc{
		"Arn": arn, "Name": "default", "RoleARN": b.role("aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"), "RecordingScope": "PAID",
		"RecordingGroup":               doc{"AllSupported": true, "IncludeGlobalResourceTypes": region == mainRegion, "ResourceTypes": list{}, "RecordingStrategy": doc{"UseOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}},
		"RecordingMode":                doc{"RecordingFrequency": "CONTINUOUS"},
		"ConfigurationRecordersStatus": list{status},
		"DeliveryChannels":             list{doc{"Name": "default", "S3BucketName": bucket, "ConfigSnapshotDeliveryProperties": doc{"DeliveryFrequency": "TwentyFour_Hours"}}},
		"DeliveryChannelsStatus":       list{doc{"Name": "default", "ConfigHistoryDeliveryInfo": doc{"LastStatus": "SUCCESS", "LastSuccessfulTime": b.ago(0)}, "ConfigStreamDeliveryInfo": doc{"LastStatus": "SUCCESS", "LastStatusChangeTime": b.ago(0)}}},
	})
}

func (b *builder) configRule(region, name, identifier string) {
	id := "config-rule-" + strings.ToLower(b.unique("", name)[:6])
	arn := b.arn("config", region, "config-rule/"+id)
	b.add("AWS::Config::ConfigRule", region, arn, name, "", doc{
		"ConfigRuleArn": arn, "ConfigRuleId": id, "ConfigRuleName": name, "ConfigRuleState": "ACTIVE", "Source": doc{"Owner": "AWS", "SourceIdentifier": identifier},
		"EvaluationModes": list{doc{"Mode": "DETECTIVE"}},
	})
}

// detector adds GuardDuty in a region; on names the features that are on beside
// the basic ones.
func (b *builder) detector(region string, on ...string) {
	id := b.hex("detector/"+region, 32)
	features := list{}
	for _, f := range []string{"CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"} {
		status := "DISABLED"
		if f == "CLOUD_TRAIL" || f == "DNS_LOGS" || f == "FLOW_LOGS" {
			status = "ENABLED"
		}
		for _, o := range on {
			if o == f {
				status = "ENABLED"
			}
		}
		features = append(features, doc{"Name": f, "Status": status, "UpdatedAt": b.ago(310)})
	}
	b.add("AWS::GuardDuty::Detector", region, b.arn("guardduty", region, "detector/"+id), id, "", doc{
		"DetectorId": id, "Status": "ENABLED", "FindingPublishingFrequency": "FIFTEEN_MINUTES", "CreatedAt": b.ago(690), "UpdatedAt": b.ago(310), "Features": features,
		"SevereFindings": list{},
		"ServiceRole":    b.role("aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"), "Tags": tagMap(b.owned("security")...),
	})
}

func (b *builder) hub(region string, enabled bool) {
	arn := b.arn("securityhub", region, "hub/default")
	config := doc{"Enabled": false}
	if enabled {
		standard := "aws-foundational-security-best-practices/v/1.0.0"
		config = doc{
			"Enabled": true, "HubArn": arn, "SubscribedAt": b.ago(600), "AutoEnableControls": true, "ControlFindingGenerator": "SECURITY_CONTROL",
			"StandardsSubscriptions": list{doc{
				"StandardsArn": "arn:aws:securityhub:" + region + "::standards/" + standard, "StandardsStatus": "READY", "StandardsInput": doc{},
				"StandardsSubscriptionArn": b.arn("securityhub", region, "subscription/"+standard),
			}},
		}
	}
	b.add("AWS::SecurityHub::Hub", region, arn, "default", "", config)
}

// analyzer adds an analyzer of external access with its active findings.
func (b *builder) analyzer(region string, findings ...doc) {
	arn := b.arn("access-analyzer", region, "analyzer/external-access")
	found := list{}
	for _, f := range findings {
		found = append(found, f)
	}
	b.add("AWS::AccessAnalyzer::Analyzer", region, arn, "external-access", b.ago(480), doc{
		"Arn": arn, "Name": "external-access", "Type": "ACCOUNT", "Status": "ACTIVE", "CreatedAt": b.ago(480), "LastResourceAnalyzedAt": b.ago(0), "Findings": found,
		"ArchiveRules": list{}, "Tags": tagMap(b.owned("security")...),
	})
}

func (b *builder) accessFinding(kind, resource string, age int) doc {
	return doc{
		"Id": b.uuid(resource), "FindingType": "ExternalAccess", "Resource": resource, "ResourceType": kind, "ResourceOwnerAccount": b.id, "Status": "ACTIVE",
		"CreatedAt": b.ago(age), "AnalyzedAt": b.ago(0), "UpdatedAt": b.ago(age),
	}
}
