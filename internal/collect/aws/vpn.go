package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "vpn", Types: []Type{vpnConnections, clientVPNEndpoints, transitGateways}})
}

// A deleted connection stays listed for a while. The configuration for the
// customer's gateway and the options of a tunnel hold pre-shared keys.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html
// DescribeVpnConnections has no pages.
var vpnConnections = Type{
	Name:  "AWS::EC2::VPNConnection",
	Class: "vpn",
	ID:    "arn:{partition}:ec2:{region}:{account}:vpn-connection/{VpnConnectionId}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeVpnConnections,
		all(ec2.DescribeVpnConnectionsInput{}),
		func(o *ec2.DescribeVpnConnectionsOutput) []types.VpnConnection {
			return without(o.VpnConnections, func(c types.VpnConnection) bool { return c.State == types.VpnStateDeleted })
		},
	).sends(),
	Secret: []string{"CustomerGatewayConfiguration", "Options.TunnelOptions[].PreSharedKey"},
	Always: []string{"VpnConnectionId", "State", "Type"},
	Fix: func(_ *Session, c *model.Asset) {
		if c.Config["State"] == string(types.VpnStateAvailable) {
			mustSend(c, operationOf[ec2.DescribeVpnConnectionsInput](), "VgwTelemetry")
		}
	},
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ClientVpnEndpoint.html
var clientVPNEndpoints = Type{
	Name:    "AWS::EC2::ClientVpnEndpoint",
	Class:   "vpn",
	ID:      "arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{ClientVpnEndpointId}",
	Created: "{CreationTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeClientVpnEndpoints,
		all(ec2.DescribeClientVpnEndpointsInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeClientVpnEndpointsOutput) []types.ClientVpnEndpoint {
			return without(o.ClientVpnEndpoints, func(e types.ClientVpnEndpoint) bool {
				return e.Status != nil && e.Status.Code == types.ClientVpnEndpointStatusCodeDeleted
			})
		},
	).sends(),
	Always: []string{"ClientVpnEndpointId", "Status", "ConnectionLogOptions"},
}

// Gateways that other accounts share with this one are listed too.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTransitGateways.html
var transitGateways = Type{
	Name:    "AWS::EC2::TransitGateway",
	Class:   "gateway",
	ID:      "{TransitGatewayArn}",
	Created: "{CreationTime}",
	List: list(ec2.NewFromConfig, (*ec2.Client).DescribeTransitGateways,
		all(ec2.DescribeTransitGatewaysInput{MaxResults: ec2Page}),
		func(o *ec2.DescribeTransitGatewaysOutput) []types.TransitGateway {
			return without(o.TransitGateways, func(g types.TransitGateway) bool { return g.State == types.TransitGatewayStateDeleted })
		},
	).sends(),
	Always: []string{"TransitGatewayId", "TransitGatewayArn", "OwnerId", "State", "Options"},
}
