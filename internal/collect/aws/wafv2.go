package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "wafv2", Types: []Type{webACLs}}) }

// Of what an ACL protects only load balancers are asked for: other services tell
// by their own documents which ACL they have. One for CloudFront protects none.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_ListResourcesForWebACL.html
var webACLs = Type{
	Name:  "AWS::WAFv2::WebACL",
	Class: "web acl",
	ID:    "{ARN}",
	Label: "{Name}",
	List:  inBothScopes(webACLsIn(types.ScopeRegional), webACLsIn(types.ScopeCloudfront)),
	Root: new(read("WebACL", wafv2.NewFromConfig, (*wafv2.Client).GetWebACL, func(w *model.Asset) *wafv2.GetWebACLInput {
		return &wafv2.GetWebACLInput{Id: str(w, "Id"), Name: str(w, "Name"), Scope: scopeOf(w)}
	})),
	Side: []Read{
		read("LoggingConfiguration", wafv2.NewFromConfig, (*wafv2.Client).GetLoggingConfiguration, func(w *model.Asset) *wafv2.GetLoggingConfigurationInput {
			return &wafv2.GetLoggingConfigurationInput{ResourceArn: str(w, "ARN")}
		}).missing("WAFNonexistentItemException"),
		read("ResourceArns", wafv2.NewFromConfig, (*wafv2.Client).ListResourcesForWebACL, func(w *model.Asset) *wafv2.ListResourcesForWebACLInput {
			return &wafv2.ListResourcesForWebACLInput{WebACLArn: str(w, "ARN"), ResourceType: types.ResourceTypeApplicationLoadBalancer}
		}).only(func(w *model.Asset) bool { return scopeOf(w) == types.ScopeRegional }),
	},
	Always: []string{"ARN", "Id", "Name", "Rules", "DefaultAction"},
}

// Pages hold 100; a page has a marker even where it is the last one, which an
// empty page follows.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html
func webACLsIn(scope types.Scope) *List {
	return list(wafv2.NewFromConfig, (*wafv2.Client).ListWebACLs,
		all(wafv2.ListWebACLsInput{Scope: scope, Limit: aws.Int32(100)}),
		func(o *wafv2.ListWebACLsOutput) []types.WebACLSummary { return o.WebACLs },
	).sends()
}

// inBothScopes lists the ACLs for CloudFront beside those of the region where
// the vendor keeps them.
// https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
func inBothScopes(regional, cloudFront *List) *List {
	page := regional.page
	regional.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		more := true
		err := page(ctx, s, region, parent, func(docs []model.Document) bool {
			more = yield(docs)
			return more
		})
		if err != nil || !more || region != "us-east-1" {
			return err
		}
		return cloudFront.page(ctx, s, region, parent, yield)
	}
	return regional
}

func scopeOf(w *model.Asset) types.Scope {
	if strings.Contains(*str(w, "ARN"), ":global/webacl/") {
		return types.ScopeCloudfront
	}
	return types.ScopeRegional
}
