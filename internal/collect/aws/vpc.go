package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "vpc", Types: []Type{
		vpcs, subnets, securityGroups, networkACLs, routeTables,
		internetGateways, egressOnlyGateways, natGateways, addresses, networkInterfaces,
		flowLogs, vpcEndpoints, endpointServices, peeringConnections, prefixLists,
	}})
}

// EC2 answers a describe call in pages of at most 1,000 items; some operations
// allow fewer, which their declarations say.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
var ec2Page = aws.Int32(1000)

var vpcs = Type{
	Name:  "AWS::EC2::VPC",
	Class: "network",
	ID:    "arn:{partition}:ec2:{region}:{account}:vpc/{VpcId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVpcs,
		all(ec2.DescribeVpcsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeVpcsOutput) []types.Vpc { return o.Vpcs },
	).sends(),
	Side: []Read{
		read("EnableDnsSupport", ec2.NewFromConfig, (*ec2.Client).DescribeVpcAttribute, vpcAttribute(types.VpcAttributeNameEnableDnsSupport)).
			sends("Value"),
		read("EnableDnsHostnames", ec2.NewFromConfig, (*ec2.Client).DescribeVpcAttribute, vpcAttribute(types.VpcAttributeNameEnableDnsHostnames)).
			sends("Value"),
	},
	Always: []string{"VpcId", "CidrBlock", "IsDefault", "State"},
}

func vpcAttribute(name types.VpcAttributeName) func(*model.Asset) *ec2.DescribeVpcAttributeInput {
	return func(v *model.Asset) *ec2.DescribeVpcAttributeInput {
		return &ec2.DescribeVpcAttributeInput{VpcId: str(v, "VpcId"), Attribute: name}
	}
}

var subnets = Type{
	Name:  "AWS::EC2::Subnet",
	Class: "subnet",
	ID:    "arn:{partition}:ec2:{region}:{account}:subnet/{SubnetId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeSubnets,
		all(ec2.DescribeSubnetsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeSubnetsOutput) []types.Subnet { return o.Subnets },
	).sends(),
	Always: []string{"SubnetId", "VpcId", "AvailabilityZone", "MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "DefaultForAz", "State"},
}

// The permissions of a group carry everything that its rules do except the ids
// of the rules, so DescribeSecurityGroupRules is not asked.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html
var securityGroups = Type{
	Name:  "AWS::EC2::SecurityGroup",
	Class: "firewall",
	ID:    "arn:{partition}:ec2:{region}:{account}:security-group/{GroupId}",
	Label: "{GroupName}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeSecurityGroups,
		all(ec2.DescribeSecurityGroupsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return o.SecurityGroups },
	).sends(),
	Always: []string{"GroupId", "GroupName", "VpcId", "IpPermissions", "IpPermissionsEgress"},
}

var networkACLs = Type{
	Name:  "AWS::EC2::NetworkAcl",
	Class: "firewall",
	ID:    "arn:{partition}:ec2:{region}:{account}:network-acl/{NetworkAclId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeNetworkAcls,
		all(ec2.DescribeNetworkAclsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeNetworkAclsOutput) []types.NetworkAcl { return o.NetworkAcls },
	).sends(),
	Always: []string{"NetworkAclId", "VpcId", "IsDefault", "Entries", "Associations"},
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html
// allows pages of 100.
var routeTables = Type{
	Name:  "AWS::EC2::RouteTable",
	Class: "route table",
	ID:    "arn:{partition}:ec2:{region}:{account}:route-table/{RouteTableId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeRouteTables,
		all(ec2.DescribeRouteTablesInput{MaxResults: aws.Int32(100)}),
		func(o *ec2.DescribeRouteTablesOutput) []types.RouteTable { return o.RouteTables },
	).sends(),
	Always: []string{"RouteTableId", "VpcId", "Routes", "Associations"},
}

var internetGateways = Type{
	Name:  "AWS::EC2::InternetGateway",
	Class: "gateway",
	ID:    "arn:{partition}:ec2:{region}:{account}:internet-gateway/{InternetGatewayId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeInternetGateways,
		all(ec2.DescribeInternetGatewaysInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeInternetGatewaysOutput) []types.InternetGateway { return o.InternetGateways },
	).sends(),
	Always: []string{"InternetGatewayId", "Attachments"},
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html
// allows pages of 255.
var egressOnlyGateways = Type{
	Name:  "AWS::EC2::EgressOnlyInternetGateway",
	Class: "gateway",
	ID:    "arn:{partition}:ec2:{region}:{account}:egress-only-internet-gateway/{EgressOnlyInternetGatewayId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeEgressOnlyInternetGateways,
		all(ec2.DescribeEgressOnlyInternetGatewaysInput{MaxResults: aws.Int32(255)}),
		func(o *ec2.DescribeEgressOnlyInternetGatewaysOutput) []types.EgressOnlyInternetGateway {
			return o.EgressOnlyInternetGateways
		},
	).sends(),
	Always: []string{"EgressOnlyInternetGatewayId", "Attachments"},
}

// A deleted NAT gateway stays listed for about an hour; it is gone.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
var natGateways = Type{
	Name:    "AWS::EC2::NatGateway",
	Class:   "gateway",
	ID:      "arn:{partition}:ec2:{region}:{account}:natgateway/{NatGatewayId}",
	Created: "{CreateTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeNatGateways,
		all(ec2.DescribeNatGatewaysInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeNatGatewaysOutput) []types.NatGateway {
			return without(o.NatGateways, func(g types.NatGateway) bool { return g.State == types.NatGatewayStateDeleted })
		},
	).sends(),
	Always: []string{"NatGatewayId", "VpcId", "State", "ConnectivityType", "NatGatewayAddresses"},
}
