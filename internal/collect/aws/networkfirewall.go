package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/networkfirewall"
	"github.com/aws/aws-sdk-go-v2/service/networkfirewall/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "networkfirewall", Types: []Type{networkFirewalls, firewallPolicies, firewallRuleGroups}})
}

// Listings of Network Firewall answer in pages of at most 100.
// https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_ListFirewalls.html
var firewallPage = aws.Int32(100)

// A firewall that writes no logs has no logging configuration, or an empty one.
// https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_DescribeLoggingConfiguration.html
var networkFirewalls = Type{
	Name:  "AWS::NetworkFirewall::Firewall",
	Class: "firewall",
	ID:    "{FirewallArn}",
	Label: "{FirewallName}",
	List: list(networkfirewall.NewFromConfig, (*networkfirewall.Client).ListFirewalls,
		all(networkfirewall.ListFirewallsInput{MaxResults: firewallPage}),
		func(o *networkfirewall.ListFirewallsOutput) []types.FirewallMetadata { return o.Firewalls },
	).sends(),
	Root: new(read("Firewall", networkfirewall.NewFromConfig, (*networkfirewall.Client).DescribeFirewall, func(f *model.Asset) *networkfirewall.DescribeFirewallInput {
		return &networkfirewall.DescribeFirewallInput{FirewallArn: str(f, "FirewallArn")}
	})),
	Side: []Read{
		read("LoggingConfiguration", networkfirewall.NewFromConfig, (*networkfirewall.Client).DescribeLoggingConfiguration, func(f *model.Asset) *networkfirewall.DescribeLoggingConfigurationInput {
			return &networkfirewall.DescribeLoggingConfigurationInput{FirewallArn: str(f, "FirewallArn")}
		}).maybe(),
	},
	Always: []string{"FirewallArn", "FirewallName", "FirewallPolicyArn", "DeleteProtection"},
}

var firewallPolicies = Type{
	Name:  "AWS::NetworkFirewall::FirewallPolicy",
	Class: "policy",
	ID:    "{Arn}",
	Label: "{Name}",
	List: list(networkfirewall.NewFromConfig, (*networkfirewall.Client).ListFirewallPolicies,
		all(networkfirewall.ListFirewallPoliciesInput{MaxResults: firewallPage}),
		func(o *networkfirewall.ListFirewallPoliciesOutput) []types.FirewallPolicyMetadata {
			return o.FirewallPolicies
		},
	).sends(),
	Root: new(read("", networkfirewall.NewFromConfig, (*networkfirewall.Client).DescribeFirewallPolicy, func(p *model.Asset) *networkfirewall.DescribeFirewallPolicyInput {
		return &networkfirewall.DescribeFirewallPolicyInput{FirewallPolicyArn: str(p, "Arn")}
	}).sends("FirewallPolicy", "FirewallPolicyResponse")),
	Always: []string{"Arn", "Name", "FirewallPolicy.StatelessDefaultActions", "FirewallPolicy.StatelessFragmentDefaultActions"},
}

// Groups of AWS and of vendors are not listed unless they are asked for.
// https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_ListRuleGroups.html
var firewallRuleGroups = Type{
	Name:  "AWS::NetworkFirewall::RuleGroup",
	Class: "rule group",
	ID:    "{Arn}",
	Label: "{Name}",
	List: list(networkfirewall.NewFromConfig, (*networkfirewall.Client).ListRuleGroups,
		all(networkfirewall.ListRuleGroupsInput{MaxResults: firewallPage}),
		func(o *networkfirewall.ListRuleGroupsOutput) []types.RuleGroupMetadata { return o.RuleGroups },
	).sends(),
	Root: new(read("", networkfirewall.NewFromConfig, (*networkfirewall.Client).DescribeRuleGroup, func(g *model.Asset) *networkfirewall.DescribeRuleGroupInput {
		return &networkfirewall.DescribeRuleGroupInput{RuleGroupArn: str(g, "Arn")}
	}).sends("RuleGroup", "RuleGroupResponse")),
	Always: []string{"Arn", "Name", "RuleGroupResponse.Type"},
}
