package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/stance-sec/stance/internal/model"
)

var functionAliases = list(lambda.NewFromConfig, (*lambda.Client).ListAliases,
	func(f *model.Asset) *lambda.ListAliasesInput {
		return &lambda.ListAliasesInput{FunctionName: &f.Name, MaxItems: aws.Int32(50)}
	},
	func(o *lambda.ListAliasesOutput) []types.AliasConfiguration { return o.Aliases },
).sends()

var aliasOps = []operation{functionAliases.op, operationOf[lambda.GetPolicyInput]()}

// aliasesOf gives the aliases of a function, each with its policy: whoever calls
// an alias is judged by that, not by the policy of the function.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
func aliasesOf(ctx context.Context, s *Session, region string, f *model.Asset) (any, error) {
	aliases, err := collected(ctx, s, region, functionAliases, f)
	if err != nil {
		return nil, err
	}
	op := aliasOps[1]
	c := clientFor(s, region, lambda.NewFromConfig)
	for _, a := range aliases {
		alias, _ := a.(map[string]any)
		name, _ := alias["Name"].(string)
		out, err := invoke(ctx, s, region, op, func(ctx context.Context) (*lambda.GetPolicyOutput, error) {
			return c.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: &f.Name, Qualifier: &name})
		})
		switch {
		case hasCode(err, []string{"ResourceNotFoundException"}):
			// It has none.
		case err != nil:
			partUnread(f, "Aliases[].Policy", op, err)
		case out.Policy == nil:
			partUnread(f, "Aliases[].Policy", op, lacks("Policy"))
		default:
			alias["Policy"] = *out.Policy
		}
	}
	return aliases, nil
}

func aliasShape() *model.Schema {
	s := listOf[types.AliasConfiguration]()
	s.Elem.Fields["Policy"] = &model.Schema{Kind: model.String}
	return s
}
