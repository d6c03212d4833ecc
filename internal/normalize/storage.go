package normalize

import "github.com/stance-sec/stance/internal/model"

// Whether the public can read a bucket depends on settings of its account too,
// so no fact says it.
func init() {
	on(func(s shape) {
		s.holdsData()
		s.to(model.LogsTo, "AWS::S3::Bucket", s.text("LoggingEnabled.TargetBucket"))
		for _, rule := range s.list("ServerSideEncryptionConfiguration.Rules") {
			s.to(model.EncryptsWith, "AWS::KMS::Key", itemText(rule, "ApplyServerSideEncryptionByDefault.KMSMasterKeyID"))
		}
		for _, rule := range s.list("ReplicationConfiguration.Rules") {
			s.to(model.Uses, "AWS::S3::Bucket", itemText(rule, "Destination.Bucket"))
		}
		s.toEach(model.Notifies, "AWS::Lambda::Function", "NotificationConfiguration.LambdaFunctionConfigurations", "LambdaFunctionArn")
		s.toEach(model.Notifies, "AWS::SQS::Queue", "NotificationConfiguration.QueueConfigurations", "QueueArn")
		s.toEach(model.Notifies, "AWS::SNS::Topic", "NotificationConfiguration.TopicConfigurations", "TopicArn")
	}, "AWS::S3::Bucket")
	on(func(s shape) {
		s.to(model.AttachedTo, "AWS::S3::Bucket", s.text("Bucket"))
		s.to(model.MemberOf, "AWS::EC2::VPC", s.text("VpcConfiguration.VpcId"))
	}, "AWS::S3::AccessPoint")
	on(func(s shape) { s.toEach(model.AttachedTo, "AWS::S3::Bucket", "Regions", "Bucket") }, "AWS::S3::MultiRegionAccessPoint")

	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.toEach(model.AttachedTo, "AWS::EC2::Instance", "Attachments", "InstanceId")
	}, "AWS::EC2::Volume")
	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.Uses, "AWS::EC2::Volume", s.text("VolumeId"))
	}, "AWS::EC2::Snapshot")
	on(func(s shape) {
		for _, m := range s.list("BlockDeviceMappings") {
			s.to(model.Uses, "AWS::EC2::Snapshot", itemText(m, "Ebs.SnapshotId"))
		}
	}, "AWS::EC2::Image")

	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "MountTargets", "SubnetId")
		for _, m := range s.list("MountTargets") {
			if target, ok := m.(map[string]any); ok {
				for _, g := range list(target, "SecurityGroups") {
					s.to(model.AttachedTo, "AWS::EC2::SecurityGroup", itemText(g, ""))
				}
			}
		}
	}, "AWS::EFS::FileSystem")
	on(func(s shape) { s.to(model.AttachedTo, "AWS::EFS::FileSystem", s.text("FileSystemId")) }, "AWS::EFS::AccessPoint")

	on(func(s shape) { s.openPolicy("Policy") }, "AWS::KMS::Key")
	on(func(s shape) { s.to(model.AttachedTo, "AWS::KMS::Key", s.text("TargetKeyId")) }, "AWS::KMS::Alias")
	on(func(s shape) {
		s.openPolicy("ResourcePolicy")
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.Uses, "AWS::Lambda::Function", s.text("RotationLambdaARN"))
	}, "AWS::SecretsManager::Secret")
	on(func(s shape) {
		s.openPolicy("PolicyText")
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("EncryptionConfiguration.KmsKey"))
	}, "AWS::ECR::Repository")
}
