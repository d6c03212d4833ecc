package normalize

import "github.com/stance-sec/stance/internal/model"

func init() {
	on(func(s shape) {
		s.to(model.LogsTo, "AWS::S3::Bucket", s.text("S3BucketName"))
		s.to(model.LogsTo, "AWS::Logs::LogGroup", s.text("CloudWatchLogsLogGroupArn"))
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("CloudWatchLogsRoleArn"))
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.Notifies, "AWS::SNS::Topic", s.text("SnsTopicARN"))
	}, "AWS::CloudTrail::Trail")
	on(func(s shape) { s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId")) }, "AWS::Logs::LogGroup")
	on(func(s shape) { s.to(model.AttachedTo, "AWS::Logs::LogGroup", s.text("LogGroupName")) }, "AWS::Logs::MetricFilter")
	on(func(s shape) {
		for _, path := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
			for _, e := range s.list(path) {
				arn := itemText(e, "")
				s.to(model.Notifies, typeOf(arn), arn)
			}
		}
	}, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
	on(func(s shape) {
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("RoleARN"))
		for _, c := range s.list("DeliveryChannels") {
			s.to(model.LogsTo, "AWS::S3::Bucket", itemText(c, "S3BucketName"))
			s.to(model.Notifies, "AWS::SNS::Topic", itemText(c, "SnsTopicARN"))
		}
	}, "AWS::Config::ConfigurationRecorder")
	on(func(s shape) { s.to(model.RunsAs, "AWS::IAM::Role", s.text("ServiceRole")) }, "AWS::GuardDuty::Detector")

	on(func(s shape) {
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("Attributes.KmsMasterKeyId"))
		for _, e := range s.list("Subscriptions") {
			switch endpoint := itemText(e, "Endpoint"); itemText(e, "Protocol") {
			case "sqs", "lambda":
				s.to(model.Notifies, typeOf(endpoint), endpoint)
			}
		}
		s.openPolicy("Attributes.Policy")
	}, "AWS::SNS::Topic")
	on(func(s shape) {
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("Attributes.KmsMasterKeyId"))
		s.to(model.Notifies, "AWS::SQS::Queue", s.text("Attributes.RedrivePolicy.deadLetterTargetArn"))
		s.openPolicy("Attributes.Policy")
	}, "AWS::SQS::Queue")
}
