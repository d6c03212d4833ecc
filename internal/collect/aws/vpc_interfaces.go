package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// DescribeAddresses has no pages.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html
var addresses = Type{
	Name:  "AWS::EC2::EIP",
	Class: "address",
	ID:    "arn:{partition}:ec2:{region}:{account}:elastic-ip/{AllocationId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeAddresses,
		all(ec2.DescribeAddressesInput{}),
		func(o *ec2.DescribeAddressesOutput) []types.Address { return o.Addresses },
	).sends(),
	Always: []string{"AllocationId", "PublicIp", "Domain"},
}

var networkInterfaces = Type{
	Name:  "AWS::EC2::NetworkInterface",
	Class: "network interface",
	ID:    "arn:{partition}:ec2:{region}:{account}:network-interface/{NetworkInterfaceId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeNetworkInterfaces,
		all(ec2.DescribeNetworkInterfacesInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return o.NetworkInterfaces },
	).sends(),
	Always: []string{"NetworkInterfaceId", "VpcId", "SubnetId", "Status", "InterfaceType", "Groups", "RequesterManaged", "SourceDestCheck"},
}

// A flow log of a transit gateway has no traffic type, so none is asked for.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
var flowLogs = Type{
	Name:    "AWS::EC2::FlowLog",
	Class:   "flow log",
	ID:      "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{FlowLogId}",
	Created: "{CreationTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeFlowLogs,
		all(ec2.DescribeFlowLogsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeFlowLogsOutput) []types.FlowLog { return o.FlowLogs },
	).sends(),
	Always: []string{"FlowLogId", "ResourceId", "FlowLogStatus", "LogDestinationType"},
}
