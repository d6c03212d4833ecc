package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/stance-sec/stance/internal/model"
)

// Two listings give the scalable targets of all tables of the region, and the
// policies that scale them: a target without a policy stays as it is. Those of
// indexes have the name of the index behind that of the table.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html
var (
	tableTargets = list(applicationautoscaling.NewFromConfig, (*applicationautoscaling.Client).DescribeScalableTargets,
		all(applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceDynamodb}),
		func(o *applicationautoscaling.DescribeScalableTargetsOutput) []types.ScalableTarget {
			return o.ScalableTargets
		},
	).sends().action("application-autoscaling:DescribeScalableTargets")
	tableScaling = list(applicationautoscaling.NewFromConfig, (*applicationautoscaling.Client).DescribeScalingPolicies,
		all(applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceDynamodb}),
		func(o *applicationautoscaling.DescribeScalingPoliciesOutput) []types.ScalingPolicy {
			return o.ScalingPolicies
		},
	).sends().action("application-autoscaling:DescribeScalingPolicies")
)

// ofTable declares a member that holds what a listing of Application Auto
// Scaling gives of a table without its indexes.
func ofTable(member string, l *List) Read {
	shape := &model.Schema{Kind: model.List, Elem: schemaOf(l.item)}
	return compute(member, shape, []operation{l.op}, func(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
		byTable, err := shared(s, member+" by table "+region, func() (map[string][]any, error) {
			docs, err := l.all(ctx, s, region)
			by := map[string][]any{}
			for _, d := range docs {
				id, _ := d["ResourceId"].(string)
				by[id] = append(by[id], map[string]any(d))
			}
			return by, err
		})
		if err != nil {
			return nil, err
		}
		return append([]any{}, byTable["table/"+t.Name]...), nil
	}).only(provisioned)
}

// provisioned leaves out the tables that are paid by request: they have no
// capacity to scale. A table without a summary has never been one of them.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html
func provisioned(t *model.Asset) bool {
	summary, _ := t.Config["BillingModeSummary"].(map[string]any)
	return summary["BillingMode"] != "PAY_PER_REQUEST"
}
