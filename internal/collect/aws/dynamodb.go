package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/stance-sec/stance/internal/model"
)

// tableName is what the listing gives of a table.
type tableName struct{ TableName *string }

func init() {
	register(Collector{Name: "dynamodb", Types: []Type{{
		Name:    "AWS::DynamoDB::Table",
		Class:   "table",
		ID:      "arn:{partition}:dynamodb:{region}:{account}:table/{TableName}",
		Label:   "{TableName}",
		Created: "{CreationDateTime}",
		List: list(dynamodb.NewFromConfig, (*dynamodb.Client).ListTables,
			all(dynamodb.ListTablesInput{Limit: aws.Int32(100)}),
			func(o *dynamodb.ListTablesOutput) []tableName {
				if o.TableNames == nil {
					return nil
				}
				out := make([]tableName, len(o.TableNames))
				for i := range o.TableNames {
					out[i] = tableName{&o.TableNames[i]}
				}
				return out
			}).sends(),
		// A table without SSEDescription is encrypted with a key of the service.
		// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
		Root: new(read("Table", dynamodb.NewFromConfig, (*dynamodb.Client).DescribeTable, func(t *model.Asset) *dynamodb.DescribeTableInput {
			return &dynamodb.DescribeTableInput{TableName: str(t, "TableName")}
		}).sends("TableArn", "TableStatus", "DeletionProtectionEnabled").gone("ResourceNotFoundException")),
		Side: []Read{
			read("ContinuousBackupsDescription", dynamodb.NewFromConfig, (*dynamodb.Client).DescribeContinuousBackups, func(t *model.Asset) *dynamodb.DescribeContinuousBackupsInput {
				return &dynamodb.DescribeContinuousBackupsInput{TableName: str(t, "TableName")}
			}).sends("ContinuousBackupsStatus"),
			read("TimeToLiveDescription", dynamodb.NewFromConfig, (*dynamodb.Client).DescribeTimeToLive, func(t *model.Asset) *dynamodb.DescribeTimeToLiveInput {
				return &dynamodb.DescribeTimeToLiveInput{TableName: str(t, "TableName")}
			}).sends("TimeToLiveStatus"),
			read("Policy", dynamodb.NewFromConfig, (*dynamodb.Client).GetResourcePolicy, func(t *model.Asset) *dynamodb.GetResourcePolicyInput {
				return &dynamodb.GetResourcePolicyInput{ResourceArn: &t.ID}
			}).missing("PolicyNotFoundException"),
			ofTable("ScalableTargets", tableTargets),
			ofTable("ScalingPolicies", tableScaling),
			readAll("Tags", dynamodb.NewFromConfig, (*dynamodb.Client).ListTagsOfResource, func(t *model.Asset) *dynamodb.ListTagsOfResourceInput {
				return &dynamodb.ListTagsOfResourceInput{ResourceArn: &t.ID}
			}).sends("Tags"),
		},
		JSON: []string{"Policy"},
	}}})
}
