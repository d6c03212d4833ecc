package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/stance-sec/stance/internal/model"
)

var accessEntryOps = []operation{
	operationOf[eks.ListAccessEntriesInput](),
	operationOf[eks.DescribeAccessEntryInput](),
	operationOf[eks.ListAssociatedAccessPoliciesInput](),
}

// hasAccessEntries leaves out clusters that know only the config map: asking
// them is an error.
// https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
func hasAccessEntries(c *model.Asset) bool {
	access, _ := c.Config["AccessConfig"].(map[string]any)
	return access["AuthenticationMode"] != string(types.AuthenticationModeConfigMap)
}

var accessEntries = list(eks.NewFromConfig, (*eks.Client).ListAccessEntries,
	func(c *model.Asset) *eks.ListAccessEntriesInput {
		return &eks.ListAccessEntriesInput{ClusterName: str(c, "Name"), MaxResults: eksPage}
	},
	func(o *eks.ListAccessEntriesOutput) []types.AccessEntry {
		return named(o.AccessEntries, func(arn *string) types.AccessEntry { return types.AccessEntry{PrincipalArn: arn} })
	}).sends()

var associatedPolicies = list(eks.NewFromConfig, (*eks.Client).ListAssociatedAccessPolicies,
	func(e *model.Asset) *eks.ListAssociatedAccessPoliciesInput {
		return &eks.ListAssociatedAccessPoliciesInput{ClusterName: str(e, "ClusterName"), PrincipalArn: str(e, "PrincipalArn"), MaxResults: eksPage}
	},
	func(o *eks.ListAssociatedAccessPoliciesOutput) []types.AssociatedAccessPolicy {
		return o.AssociatedAccessPolicies
	},
).sends()

// accessEntriesOf gives the access entries of a cluster, each with the policies
// that are associated with it.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_ListAccessEntries.html
func accessEntriesOf(ctx context.Context, s *Session, region string, c *model.Asset) (any, error) {
	entries, err := collected(ctx, s, region, accessEntries, c)
	if err != nil {
		return nil, err
	}
	client, op := clientFor(s, region, eks.NewFromConfig), accessEntryOps[1]
	op.answers = []string{"ResourceNotFoundException"}
	out := []any{}
	for _, e := range entries {
		m, _ := e.(map[string]any)
		principal, _ := m["PrincipalArn"].(string)
		answer, err := hooked(ctx, s, region, op, func(ctx context.Context) (*eks.DescribeAccessEntryOutput, error) {
			return client.DescribeAccessEntry(ctx, &eks.DescribeAccessEntryInput{ClusterName: str(c, "Name"), PrincipalArn: &principal})
		})
		switch {
		case hasCode(err, op.answers):
			continue // deleted since it was listed
		case err != nil:
			return nil, err
		case answer.AccessEntry == nil:
			return nil, &opError{op, lacks("AccessEntry")}
		}
		entry := toDocument(answer.AccessEntry)
		parent := model.Asset{Config: model.Document{"ClusterName": c.Config["Name"], "PrincipalArn": principal}}
		policies, err := collected(ctx, s, region, associatedPolicies, &parent)
		if err != nil {
			return nil, err
		}
		entry["AssociatedAccessPolicies"] = policies
		out = append(out, map[string]any(entry))
	}
	return out, nil
}

func accessEntryShape() *model.Schema {
	s := listOf[types.AccessEntry]()
	s.Elem.Fields["AssociatedAccessPolicies"] = listOf[types.AssociatedAccessPolicy]()
	return s
}
