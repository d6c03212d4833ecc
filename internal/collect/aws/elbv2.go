package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "elbv2", Types: []Type{loadBalancers, targetGroups}})
}

// Describe calls of load balancing answer in pages of at most 400.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
var elbPage = aws.Int32(400)

var loadBalancers = Type{
	Name:    "AWS::ElasticLoadBalancingV2::LoadBalancer",
	Class:   "load balancer",
	ID:      "{LoadBalancerArn}",
	Label:   "{LoadBalancerName}",
	Created: "{CreatedTime}",
	List: elbTagged("LoadBalancerArn", list(elb.NewFromConfig, (*elb.Client).DescribeLoadBalancers,
		all(elb.DescribeLoadBalancersInput{PageSize: elbPage}),
		func(o *elb.DescribeLoadBalancersOutput) []types.LoadBalancer { return o.LoadBalancers },
	).sends()),
	Side: []Read{
		read("Attributes", elb.NewFromConfig, (*elb.Client).DescribeLoadBalancerAttributes, func(l *model.Asset) *elb.DescribeLoadBalancerAttributesInput {
			return &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: str(l, "LoadBalancerArn")}
		}),
		elbTags("LoadBalancerArn"),
	},
	Children: []Type{listeners},
	Always:   []string{"LoadBalancerArn", "Type", "State", "AvailabilityZones", "VpcId"},
	Fix: func(_ *Session, l *model.Asset) {
		if l.Config["Type"] != string(types.LoadBalancerTypeEnumGateway) {
			mustSend(l, operationOf[elb.DescribeLoadBalancersInput](), "Scheme")
		}
	},
}

// Only application load balancers have rules beside the default actions, and
// only listeners that end TLS have certificates.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
var listeners = Type{
	Name:  "AWS::ElasticLoadBalancingV2::Listener",
	Class: "listener",
	ID:    "{ListenerArn}",
	Label: "{Protocol} {Port}",
	List: elbTagged("ListenerArn", list(elb.NewFromConfig, (*elb.Client).DescribeListeners,
		func(parent *model.Asset) *elb.DescribeListenersInput {
			return &elb.DescribeListenersInput{LoadBalancerArn: str(parent, "LoadBalancerArn"), PageSize: elbPage}
		},
		func(o *elb.DescribeListenersOutput) []types.Listener { return o.Listeners },
	).sends()),
	Side: []Read{
		readAll("Rules", elb.NewFromConfig, (*elb.Client).DescribeRules, func(l *model.Asset) *elb.DescribeRulesInput {
			return &elb.DescribeRulesInput{ListenerArn: str(l, "ListenerArn"), PageSize: elbPage}
		}).sends("Rules").only(speaks("HTTP", "HTTPS")),
		compute("ListenerCertificates", listOf[types.Certificate](),
			[]operation{operationOf[elb.DescribeListenerCertificatesInput]()}, certificatesOf).only(speaks("HTTPS", "TLS")),
		read("Attributes", elb.NewFromConfig, (*elb.Client).DescribeListenerAttributes, func(l *model.Asset) *elb.DescribeListenerAttributesInput {
			return &elb.DescribeListenerAttributesInput{ListenerArn: str(l, "ListenerArn")}
		}),
		elbTags("ListenerArn"),
	},
	// The vendor leaves the client secret out; should it not, it stays out.
	Secret: []string{"DefaultActions[].AuthenticateOidcConfig.ClientSecret", "Rules[].Actions[].AuthenticateOidcConfig.ClientSecret"},
	Always: []string{"ListenerArn", "LoadBalancerArn", "DefaultActions"},
	Fix: func(_ *Session, l *model.Asset) {
		if !isGatewayListener(l) {
			mustSend(l, operationOf[elb.DescribeListenersInput](), "Protocol", "Port")
		}
	},
}

// speaks limits a read to listeners of some protocols. One whose protocol was
// not sent is asked too: the vendor says then what there is.
func speaks(protocols ...string) func(*model.Asset) bool {
	return func(l *model.Asset) bool {
		p, ok := l.Config["Protocol"].(string)
		return slices.Contains(protocols, p) || !ok && !isGatewayListener(l)
	}
}

// isGatewayListener says whether a listener is one of a gateway load balancer,
// which takes all traffic and has neither protocol nor port.
func isGatewayListener(l *model.Asset) bool {
	return strings.Contains(*str(l, "ListenerArn"), ":listener/gwy/")
}

// mustSend adds a gap for members that were not sent, where only some kinds of
// an asset have them.
func mustSend(a *model.Asset, op operation, members ...string) {
	for _, member := range members {
		if a.Config[member] == nil {
			a.Gaps = append(a.Gaps, model.Gap{
				Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: member, Reason: model.Failed,
				Operation: op.String(), Detail: "the answer lacks " + member,
			})
		}
	}
}

var listenerCertificates = list(elb.NewFromConfig, (*elb.Client).DescribeListenerCertificates,
	func(l *model.Asset) *elb.DescribeListenerCertificatesInput {
		return &elb.DescribeListenerCertificatesInput{ListenerArn: str(l, "ListenerArn"), PageSize: elbPage}
	},
	func(o *elb.DescribeListenerCertificatesOutput) []types.Certificate { return o.Certificates },
).sends()

// certificatesOf gives all certificates of a listener. They stand beside
// Certificates, which holds the default one only.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html
func certificatesOf(ctx context.Context, s *Session, region string, l *model.Asset) (any, error) {
	return collected(ctx, s, region, listenerCertificates, l)
}

var targetGroups = Type{
	Name:  "AWS::ElasticLoadBalancingV2::TargetGroup",
	Class: "target group",
	ID:    "{TargetGroupArn}",
	Label: "{TargetGroupName}",
	List: elbTagged("TargetGroupArn", list(elb.NewFromConfig, (*elb.Client).DescribeTargetGroups,
		all(elb.DescribeTargetGroupsInput{PageSize: elbPage}),
		func(o *elb.DescribeTargetGroupsOutput) []types.TargetGroup { return o.TargetGroups },
	).sends()),
	Side: []Read{
		read("Attributes", elb.NewFromConfig, (*elb.Client).DescribeTargetGroupAttributes, func(g *model.Asset) *elb.DescribeTargetGroupAttributesInput {
			return &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: str(g, "TargetGroupArn")}
		}),
		read("TargetHealthDescriptions", elb.NewFromConfig, (*elb.Client).DescribeTargetHealth, func(g *model.Asset) *elb.DescribeTargetHealthInput {
			return &elb.DescribeTargetHealthInput{TargetGroupArn: str(g, "TargetGroupArn")}
		}),
		elbTags("TargetGroupArn"),
	},
	Always: []string{"TargetGroupArn", "TargetType", "LoadBalancerArns"},
}
