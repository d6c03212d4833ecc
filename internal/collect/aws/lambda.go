package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() { register(Collector{Name: "lambda", Types: []Type{functions, layers}}) }

// The listing carries the configuration in full, and its pages hold at most 50.
// GetFunction is not called: it returns a link to the code as well.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
var functions = Type{
	Name:  "AWS::Lambda::Function",
	Class: "function",
	ID:    "{FunctionArn}",
	Label: "{FunctionName}",
	List: list(lambda.NewFromConfig, (*lambda.Client).ListFunctions,
		all(lambda.ListFunctionsInput{MaxItems: aws.Int32(50)}),
		func(o *lambda.ListFunctionsOutput) []types.FunctionConfiguration { return o.Functions },
	).sends(),
	Side: []Read{
		read("Policy", lambda.NewFromConfig, (*lambda.Client).GetPolicy, func(f *model.Asset) *lambda.GetPolicyInput {
			return &lambda.GetPolicyInput{FunctionName: &f.Name}
		}).missing("ResourceNotFoundException"),
		read("FunctionUrlConfig", lambda.NewFromConfig, (*lambda.Client).GetFunctionUrlConfig, func(f *model.Asset) *lambda.GetFunctionUrlConfigInput {
			return &lambda.GetFunctionUrlConfigInput{FunctionName: &f.Name}
		}).missing("ResourceNotFoundException").sends("AuthType", "FunctionUrl"),
		read("ReservedConcurrentExecutions", lambda.NewFromConfig, (*lambda.Client).GetFunctionConcurrency, func(f *model.Asset) *lambda.GetFunctionConcurrencyInput {
			return &lambda.GetFunctionConcurrencyInput{FunctionName: &f.Name}
		}).maybe(),
		read("CodeSigningConfigArn", lambda.NewFromConfig, (*lambda.Client).GetFunctionCodeSigningConfig, func(f *model.Asset) *lambda.GetFunctionCodeSigningConfigInput {
			return &lambda.GetFunctionCodeSigningConfigInput{FunctionName: &f.Name}
		}).maybe().only(isZip),
		compute("Aliases", aliasShape(), aliasOps, aliasesOf),
		compute("EventSourceMappings", listOf[types.EventSourceMappingConfiguration](), []operation{eventSources.op}, eventSourcesOf),
		read("Tags", lambda.NewFromConfig, (*lambda.Client).ListTags, func(f *model.Asset) *lambda.ListTagsInput {
			return &lambda.ListTagsInput{Resource: &f.ID}
		}).maybe(),
	},
	JSON:   []string{"Policy", "Aliases[].Policy"},
	Secret: []string{"Environment.Variables"},
	Always: []string{"FunctionArn", "FunctionName", "Role", "PackageType"},
}

// isZip says whether code can be signed: images are not.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
func isZip(f *model.Asset) bool { return f.Config["PackageType"] != string(types.PackageTypeImage) }

// One listing gives the mappings of all functions of the region, with the ARN
// of the function, or of a version or an alias of it.
// https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
var eventSources = list(lambda.NewFromConfig, (*lambda.Client).ListEventSourceMappings,
	all(lambda.ListEventSourceMappingsInput{MaxItems: aws.Int32(100)}),
	func(o *lambda.ListEventSourceMappingsOutput) []types.EventSourceMappingConfiguration {
		return o.EventSourceMappings
	}).sends()

func eventSourcesOf(ctx context.Context, s *Session, region string, f *model.Asset) (any, error) {
	byFunction, err := shared(s, "event sources by function "+region, func() (map[string][]any, error) {
		docs, err := eventSources.all(ctx, s, region)
		by := map[string][]any{}
		for _, d := range docs {
			arn, _ := d["FunctionArn"].(string)
			if parts := strings.SplitN(arn, ":", 8); len(parts) == 8 {
				arn = strings.Join(parts[:7], ":")
			}
			by[arn] = append(by[arn], map[string]any(d))
		}
		return by, err
	})
	if err != nil {
		return nil, err
	}
	return append([]any{}, byFunction[f.ID]...), nil
}

// layer is what the listing gives of a layer's newest version.
type layer struct {
	LayerName               *string
	LayerArn                *string
	LayerVersionArn         *string
	Version                 *int64
	CreatedDate             *string
	CompatibleRuntimes      []types.Runtime
	CompatibleArchitectures []types.Architecture
}

var layers = Type{
	Name:  "AWS::Lambda::LayerVersion",
	Class: "layer",
	ID:    "{LayerVersionArn}",
	Label: "{LayerName}",
	List: list(lambda.NewFromConfig, (*lambda.Client).ListLayers,
		all(lambda.ListLayersInput{MaxItems: aws.Int32(50)}),
		func(o *lambda.ListLayersOutput) []layer {
			if o.Layers == nil {
				return nil
			}
			out := make([]layer, 0, len(o.Layers))
			for i := range o.Layers {
				l := &o.Layers[i]
				if v := l.LatestMatchingVersion; v != nil {
					out = append(out, layer{l.LayerName, l.LayerArn, v.LayerVersionArn, &v.Version, v.CreatedDate, v.CompatibleRuntimes, v.CompatibleArchitectures})
				}
			}
			return out
		}).sends(),
	Side: []Read{
		read("Policy", lambda.NewFromConfig, (*lambda.Client).GetLayerVersionPolicy, func(l *model.Asset) *lambda.GetLayerVersionPolicyInput {
			version, _ := l.Config["Version"].(int64)
			return &lambda.GetLayerVersionPolicyInput{LayerName: str(l, "LayerName"), VersionNumber: &version}
		}).missing("ResourceNotFoundException"),
	},
	JSON:   []string{"Policy"},
	Always: []string{"LayerVersionArn", "LayerName"},
}
