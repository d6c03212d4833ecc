package normalize

import "github.com/stance-sec/stance/internal/model"

const (
	vpcType    = "AWS::EC2::VPC"
	subnetType = "AWS::EC2::Subnet"
	groupType  = "AWS::EC2::SecurityGroup"
)

func init() {
	on(func(s shape) { s.to(model.MemberOf, vpcType, s.text("VpcId")) }, subnetType, groupType)
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.Protects, subnetType, "Associations", "SubnetId")
	}, "AWS::EC2::NetworkAcl")
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.AttachedTo, subnetType, "Associations", "SubnetId")
		for _, r := range s.list("Routes") {
			if id := itemText(r, "GatewayId"); id != "local" {
				s.to(model.RoutesTo, "", id)
			}
			s.to(model.RoutesTo, "AWS::EC2::NatGateway", itemText(r, "NatGatewayId"))
			s.to(model.RoutesTo, "AWS::EC2::EgressOnlyInternetGateway", itemText(r, "EgressOnlyInternetGatewayId"))
			s.to(model.RoutesTo, "AWS::EC2::VPCPeeringConnection", itemText(r, "VpcPeeringConnectionId"))
			s.to(model.RoutesTo, "AWS::EC2::NetworkInterface", itemText(r, "NetworkInterfaceId"))
			s.to(model.RoutesTo, "", itemText(r, "TransitGatewayId"))
		}
	}, "AWS::EC2::RouteTable")
	on(func(s shape) { s.toEach(model.AttachedTo, vpcType, "Attachments", "VpcId") }, "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway")
	on(func(s shape) {
		s.to(model.MemberOf, subnetType, s.text("SubnetId"))
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.Uses, "AWS::EC2::EIP", "NatGatewayAddresses", "AllocationId")
	}, "AWS::EC2::NatGateway")
	on(func(s shape) {
		s.to(model.MemberOf, subnetType, s.text("SubnetId"))
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.to(model.AttachedTo, "AWS::EC2::Instance", s.text("Attachment.InstanceId"))
		s.toEach(model.AttachedTo, groupType, "Groups", "GroupId")
	}, "AWS::EC2::NetworkInterface")
	on(func(s shape) {
		s.to(model.AttachedTo, "AWS::EC2::NetworkInterface", s.text("NetworkInterfaceId"))
		s.to(model.AttachedTo, "AWS::EC2::Instance", s.text("InstanceId"))
	}, "AWS::EC2::EIP")
	on(func(s shape) {
		s.to(model.AttachedTo, "", s.text("ResourceId"))
		if destination := s.text("LogDestination"); destination != "" {
			s.to(model.LogsTo, typeOf(destination), destination)
		} else {
			s.to(model.LogsTo, "AWS::Logs::LogGroup", s.text("LogGroupName"))
		}
	}, "AWS::EC2::FlowLog")
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.MemberOf, subnetType, "SubnetIds", "")
		s.toEach(model.AttachedTo, "AWS::EC2::RouteTable", "RouteTableIds", "")
		s.toEach(model.AttachedTo, groupType, "Groups", "GroupId")
	}, "AWS::EC2::VPCEndpoint")
	on(func(s shape) {
		s.toEach(model.Uses, loadBalancerType, "NetworkLoadBalancerArns", "")
		s.toEach(model.Uses, loadBalancerType, "GatewayLoadBalancerArns", "")
	}, "AWS::EC2::VPCEndpointService")
	on(func(s shape) {
		s.to(model.AttachedTo, vpcType, s.text("RequesterVpcInfo.VpcId"), s.text("AccepterVpcInfo.VpcId"))
	}, "AWS::EC2::VPCPeeringConnection")
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.MemberOf, subnetType, "SubnetMappings", "SubnetId")
		s.to(model.HasPolicy, "AWS::NetworkFirewall::FirewallPolicy", s.text("FirewallPolicyArn"))
	}, "AWS::NetworkFirewall::Firewall")
	on(func(s shape) {
		s.toEach(model.Uses, "AWS::NetworkFirewall::RuleGroup", "FirewallPolicy.StatefulRuleGroupReferences", "ResourceArn")
		s.toEach(model.Uses, "AWS::NetworkFirewall::RuleGroup", "FirewallPolicy.StatelessRuleGroupReferences", "ResourceArn")
	}, "AWS::NetworkFirewall::FirewallPolicy")
	on(func(s shape) { s.to(model.AttachedTo, "AWS::EC2::TransitGateway", s.text("TransitGatewayId")) }, "AWS::EC2::VPNConnection")
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.AttachedTo, groupType, "SecurityGroupIds", "")
		if at(map[string]any(s.Config), "ConnectionLogOptions.Enabled") == true {
			s.to(model.LogsTo, "AWS::Logs::LogGroup", s.text("ConnectionLogOptions.CloudwatchLogGroup"))
		}
	}, "AWS::EC2::ClientVpnEndpoint")

	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VPCId"))
		s.toEach(model.MemberOf, subnetType, "Subnets", "")
		s.toEach(model.AttachedTo, groupType, "SecurityGroups", "")
		s.toEach(model.RoutesTo, "AWS::EC2::Instance", "Instances", "InstanceId")
		if at(map[string]any(s.Config), "LoadBalancerAttributes.AccessLog.Enabled") == true {
			s.to(model.LogsTo, "AWS::S3::Bucket", s.text("LoadBalancerAttributes.AccessLog.S3BucketName"))
		}
	}, "AWS::ElasticLoadBalancing::LoadBalancer")
	on(func(s shape) {
		s.to(model.MemberOf, vpcType, s.text("VpcId"))
		s.toEach(model.MemberOf, subnetType, "AvailabilityZones", "SubnetId")
		s.toEach(model.AttachedTo, groupType, "SecurityGroups", "")
		if s.attribute("Attributes", "access_logs.s3.enabled") == "true" {
			s.to(model.LogsTo, "AWS::S3::Bucket", s.attribute("Attributes", "access_logs.s3.bucket"))
		}
	}, loadBalancerType)
	on(func(s shape) {
		s.to(model.AttachedTo, loadBalancerType, s.text("LoadBalancerArn"))
		for _, a := range s.list("DefaultActions") {
			s.to(model.RoutesTo, targetGroupType, itemText(a, "TargetGroupArn"))
			if action, ok := a.(map[string]any); ok {
				for _, g := range list(action, "ForwardConfig.TargetGroups") {
					s.to(model.RoutesTo, targetGroupType, itemText(g, "TargetGroupArn"))
				}
			}
		}
	}, "AWS::ElasticLoadBalancingV2::Listener")
	on(func(s shape) {
		typ := map[string]string{"instance": "AWS::EC2::Instance", "lambda": "AWS::Lambda::Function", "alb": loadBalancerType}[s.text("TargetType")]
		if typ == "" {
			return // addresses are no assets
		}
		for _, t := range s.list("TargetHealthDescriptions") {
			s.to(model.RoutesTo, typ, itemText(t, "Target.Id"))
		}
	}, targetGroupType)
}

const (
	loadBalancerType = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	targetGroupType  = "AWS::ElasticLoadBalancingV2::TargetGroup"
)
