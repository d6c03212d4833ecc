package normalize

import "github.com/stance-sec/stance/internal/model"

// A public address alone does not expose an instance: what its security groups
// and its route admit is known to the inventory only, so no fact says it.
func init() {
	on(func(s shape) {
		s.to(model.RunsAs, "AWS::IAM::InstanceProfile", s.text("IamInstanceProfile.Arn"))
		s.to(model.MemberOf, "AWS::EC2::Subnet", s.text("SubnetId"))
		s.to(model.MemberOf, "AWS::EC2::VPC", s.text("VpcId"))
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "SecurityGroups", "GroupId")
		s.to(model.Uses, "AWS::EC2::Image", s.text("ImageId"))
		s.to(model.Uses, "AWS::EC2::KeyPair", s.text("KeyName"))
	}, "AWS::EC2::Instance")
	on(func(s shape) {
		for _, v := range s.list("LaunchTemplateVersions") {
			version, _ := v.(map[string]any)
			s.to(model.RunsAs, "AWS::IAM::InstanceProfile", text(version, "LaunchTemplateData.IamInstanceProfile.Arn"), text(version, "LaunchTemplateData.IamInstanceProfile.Name"))
			s.to(model.Uses, "AWS::EC2::Image", text(version, "LaunchTemplateData.ImageId"))
			for _, g := range list(version, "LaunchTemplateData.SecurityGroupIds") {
				s.to(model.AttachedTo, "AWS::EC2::SecurityGroup", itemText(g, ""))
			}
		}
	}, "AWS::EC2::LaunchTemplate")

	on(func(s shape) {
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("Role"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "VpcConfig.SubnetIds", "")
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "VpcConfig.SecurityGroupIds", "")
		s.to(model.EncryptsWith, "AWS::KMS::Key", s.text("KMSKeyArn"))
		s.to(model.LogsTo, "AWS::Logs::LogGroup", s.text("LoggingConfig.LogGroup"))
		s.toEach(model.Uses, "AWS::Lambda::LayerVersion", "Layers", "Arn")
		if dead := s.text("DeadLetterConfig.TargetArn"); dead != "" {
			s.to(model.Notifies, typeOf(dead), dead)
		}
		for _, m := range s.list("EventSourceMappings") {
			if source := itemText(m, "EventSourceArn"); source != "" {
				s.to(model.Uses, typeOf(source), source)
			}
		}
		s.openPolicy("Policy")
	}, "AWS::Lambda::Function")
	on(func(s shape) { s.openPolicy("Policy") }, "AWS::Lambda::LayerVersion")

	on(func(s shape) {
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("RoleArn"))
		s.to(model.MemberOf, "AWS::EC2::VPC", s.text("ResourcesVpcConfig.VpcId"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "ResourcesVpcConfig.SubnetIds", "")
		s.toEach(model.AttachedTo, "AWS::EC2::SecurityGroup", "ResourcesVpcConfig.SecurityGroupIds", "")
		s.to(model.AttachedTo, "AWS::EC2::SecurityGroup", s.text("ResourcesVpcConfig.ClusterSecurityGroupId"))
		for _, c := range s.list("EncryptionConfig") {
			s.to(model.EncryptsWith, "AWS::KMS::Key", itemText(c, "Provider.KeyArn"))
		}
	}, "AWS::EKS::Cluster")
	on(func(s shape) {
		s.to(model.MemberOf, "AWS::EKS::Cluster", s.text("ClusterName"))
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("NodeRole"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "Subnets", "")
		s.to(model.Uses, "AWS::EC2::LaunchTemplate", s.text("LaunchTemplate.Id"))
	}, "AWS::EKS::Nodegroup")
	on(func(s shape) {
		s.to(model.MemberOf, "AWS::EKS::Cluster", s.text("ClusterName"))
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("PodExecutionRoleArn"))
		s.toEach(model.MemberOf, "AWS::EC2::Subnet", "Subnets", "")
	}, "AWS::EKS::FargateProfile")
	on(func(s shape) {
		s.to(model.MemberOf, "AWS::EKS::Cluster", s.text("ClusterName"))
		s.to(model.RunsAs, "AWS::IAM::Role", s.text("ServiceAccountRoleArn"))
	}, "AWS::EKS::Addon")
}
