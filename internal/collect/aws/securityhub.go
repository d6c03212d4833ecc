package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"

	"github.com/stance-sec/stance/internal/model"
)

// A region in which Security Hub was never switched on has one asset of this
// type, with Enabled false.
func init() {
	register(Collector{Name: "securityhub", Types: []Type{{
		Name:   "AWS::SecurityHub::Hub",
		Class:  "security hub",
		ID:     "{HubArn} | arn:{partition}:securityhub:{region}:{account}:hub/default",
		Label:  "default",
		Item:   securityhub.DescribeHubOutput{},
		Custom: &Custom{Ops: []operation{operationOf[securityhub.DescribeHubInput]()}, Run: describeHub},
		Side: []Read{
			listed("StandardsSubscriptions", hubStandards).only(hubEnabled),
			administered("OrganizationAdminAccounts", hubAdmins).only(hubEnabled),
		},
		Shape: func(s *model.Schema) { s.Fields["Enabled"] = &model.Schema{Kind: model.Bool} },
	}}})
}

var hubStandards = list(securityhub.NewFromConfig, (*securityhub.Client).GetEnabledStandards,
	all(securityhub.GetEnabledStandardsInput{MaxResults: aws.Int32(100)}),
	func(o *securityhub.GetEnabledStandardsOutput) []types.StandardsSubscription {
		return o.StandardsSubscriptions
	},
).sends()

var hubAdmins = list(securityhub.NewFromConfig, (*securityhub.Client).ListOrganizationAdminAccounts,
	all(securityhub.ListOrganizationAdminAccountsInput{}),
	func(o *securityhub.ListOrganizationAdminAccountsOutput) []types.AdminAccount { return o.AdminAccounts },
).sends()

func hubEnabled(h *model.Asset) bool { return h.Config["Enabled"] == true }

// describeHub tells a hub that is off from one that may not be read: the
// service answers InvalidAccessException when the account is not subscribed.
// https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
func describeHub(ctx context.Context, s *Session, region string, yield Yield) error {
	c := clientFor(s, region, securityhub.NewFromConfig)
	op := operationOf[securityhub.DescribeHubInput]()
	op.answers = []string{"ResourceNotFoundException"}
	out, err := hooked(ctx, s, region, op, func(ctx context.Context) (*securityhub.DescribeHubOutput, error) {
		return c.DescribeHub(ctx, &securityhub.DescribeHubInput{})
	})
	switch {
	case err != nil && (classify(err).state == model.UnitNotEnabled || hasCode(err, op.answers)):
		yield("AWS::SecurityHub::Hub", model.Document{"Enabled": false})
		return nil
	case err != nil:
		return err
	case out.HubArn == nil:
		return &opError{op, lacks("HubArn")}
	}
	doc := answerOf(out).document(out)
	doc["Enabled"] = true
	yield("AWS::SecurityHub::Hub", doc)
	return nil
}
