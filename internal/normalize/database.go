package normalize

import "github.com/stance-sec/stance/internal/model"

// That a database has a public address does not expose it: what its security
// groups admit is known to the inventory only.
func init() {
	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.MemberOf, "AWS::RDS::DBCluster", s.text("DBClusterIdentifier"))
		s.to(model.MemberOf, "AWS::RDS::DBSubnetGroup", s.text("DBSubnetGroup.DBSubnetGroupName"))
		s.to(model.MemberOf, "AWS::EC2::VPC", s.text("DBSubnetGroup.VpcId"))
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "VpcSecurityGroups", "VpcSecurityGroupId")
		s.toEach(model.Uses, "AWS::RDS::DBParameterGroup", "DBParameterGroups", "DBParameterGroupName")
		s.to(model.Uses, "AWS::SecretsManager::Secret", s.text("MasterUserSecret.SecretArn"))
		s.toEach(model.RunsAs, "AWS::IAM::Role", "AssociatedRoles", "RoleArn")
		s.to(model.Uses, "AWS::IAM::Role", s.text("MonitoringRoleArn"))
	}, "AWS::RDS::DBInstance")
	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.MemberOf, "AWS::RDS::DBSubnetGroup", s.text("DBSubnetGroup"))
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "VpcSecurityGroups", "VpcSecurityGroupId")
		s.to(model.Uses, "AWS::RDS::DBClusterParameterGroup", s.text("DBClusterParameterGroup"))
		s.to(model.Uses, "AWS::SecretsManager::Secret", s.text("MasterUserSecret.SecretArn"))
		s.toEach(model.RunsAs, "AWS::IAM::Role", "AssociatedRoles", "RoleArn")
	}, "AWS::RDS::DBCluster")
	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.Uses, "AWS::RDS::DBInstance", s.text("DBInstanceIdentifier"))
		s.restorable("DBSnapshotAttributesResult.DBSnapshotAttributes")
	}, "AWS::RDS::DBSnapshot")
	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KmsKeyId"))
		s.to(model.Uses, "AWS::RDS::DBCluster", s.text("DBClusterIdentifier"))
		s.restorable("DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes")
	}, "AWS::RDS::DBClusterSnapshot")
	on(func(s shape) {
		s.to(model.MemberOf, "AWS::EC2::VPC", s.text("VpcId"))
		s.toEach(model.Uses, "AWS::EC2::Subnet", "Subnets", "SubnetIdentifier")
	}, "AWS::RDS::DBSubnetGroup")
	on(func(s shape) {
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("RoleArn"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "VpcSubnetIds", "")
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "VpcSecurityGroupIds", "")
		s.toEach(model.Uses, "AWS::SecretsManager::Secret", "Auth", "SecretArn")
	}, "AWS::RDS::DBProxy")
	on(func(s shape) { s.to(model.Notifies, "AWS::SNS::Topic", s.text("SnsTopicArn")) }, "AWS::RDS::EventSubscription")

	on(func(s shape) {
		s.holdsData()
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("SSEDescription.KMSMasterKeyArn"))
		s.openPolicy("Policy")
	}, "AWS::DynamoDB::Table")
}

// restorable marks a snapshot that every AWS account may restore.
func (s shape) restorable(path string) {
	for _, e := range s.list(path) {
		attribute, _ := e.(map[string]any)
		if text(attribute, "AttributeName") != "restore" {
			continue
		}
		for _, who := range list(attribute, "AttributeValues") {
			if who == "all" {
				s.exposed("its sharing with everybody")
			}
		}
	}
}
