package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

// A service without endpoint policies sends no policy document, so a missing
// one is no gap. Deleted endpoints stay listed for a while.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
var vpcEndpoints = Type{
	Name:    "AWS::EC2::VPCEndpoint",
	Class:   "endpoint",
	ID:      "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{VpcEndpointId}",
	Created: "{CreationTimestamp}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVpcEndpoints,
		all(ec2.DescribeVpcEndpointsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint {
			return without(o.VpcEndpoints, func(e types.VpcEndpoint) bool { return e.State == types.StateDeleted })
		},
	).sends(),
	JSON:   []string{"PolicyDocument"},
	Always: []string{"VpcEndpointId", "VpcEndpointType", "VpcId", "State"},
}

var endpointServices = Type{
	Name:  "AWS::EC2::VPCEndpointService",
	Class: "endpoint service",
	ID:    "arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{ServiceId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVpcEndpointServiceConfigurations,
		all(ec2.DescribeVpcEndpointServiceConfigurationsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeVpcEndpointServiceConfigurationsOutput) []types.ServiceConfiguration {
			return o.ServiceConfigurations
		},
	).sends(),
	Side: []Read{
		readAll("AllowedPrincipals", ec2.NewFromConfig, (*ec2.Client).DescribeVpcEndpointServicePermissions, func(s *model.Asset) *ec2.DescribeVpcEndpointServicePermissionsInput {
			return &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: str(s, "ServiceId"), MaxResults: ec2Page}
		}).sends("AllowedPrincipals"),
	},
	Always: []string{"ServiceId", "ServiceName", "ServiceState", "AcceptanceRequired"},
}

// The status of a connection that was refused, has expired or is deleted stays
// listed for a while; a deleted one is gone.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
var peeringConnections = Type{
	Name:  "AWS::EC2::VPCPeeringConnection",
	Class: "peering",
	ID:    "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{VpcPeeringConnectionId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVpcPeeringConnections,
		all(ec2.DescribeVpcPeeringConnectionsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeVpcPeeringConnectionsOutput) []types.VpcPeeringConnection {
			return without(o.VpcPeeringConnections, func(c types.VpcPeeringConnection) bool {
				return c.Status != nil && c.Status.Code == types.VpcPeeringConnectionStateReasonCodeDeleted
			})
		},
	).sends(),
	Always: []string{"VpcPeeringConnectionId", "AccepterVpcInfo", "RequesterVpcInfo", "Status"},
}

// Lists of AWS's own are read too: rules and routes refer to them, and which
// addresses those rules open is only known from the entries. Pages hold 100.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html
var prefixLists = Type{
	Name:  "AWS::EC2::PrefixList",
	Class: "prefix list",
	ID:    "{PrefixListArn} | arn:{partition}:ec2:{region}:{account}:prefix-list/{PrefixListId}",
	Label: "{PrefixListName}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeManagedPrefixLists,
		all(ec2.DescribeManagedPrefixListsInput{MaxResults: aws.Int32(100)}),
		func(o *ec2.DescribeManagedPrefixListsOutput) []types.ManagedPrefixList { return o.PrefixLists },
	).sends(),
	Side: []Read{
		readAll("Entries", ec2.NewFromConfig, (*ec2.Client).GetManagedPrefixListEntries, func(l *model.Asset) *ec2.GetManagedPrefixListEntriesInput {
			return &ec2.GetManagedPrefixListEntriesInput{PrefixListId: str(l, "PrefixListId"), MaxResults: aws.Int32(100)}
		}).sends("Entries"),
	},
	Always:  []string{"PrefixListId", "PrefixListName", "OwnerId"},
	Managed: func(l model.Document) bool { return l["OwnerId"] == "AWS" },
}

// without returns the items that drop does not name. A list that was not sent
// stays nil.
func without[T any](items []T, drop func(T) bool) []T {
	if items == nil {
		return nil
	}
	kept := make([]T, 0, len(items))
	for i := range items {
		if !drop(items[i]) {
			kept = append(kept, items[i])
		}
	}
	return kept
}
