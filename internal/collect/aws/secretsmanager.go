package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/stance-sec/stance/internal/model"
)

// The listing carries everything that DescribeSecret does except the replicas.
// RotationEnabled is not there while rotation was never set up, and the key is
// the account's aws/secretsmanager where KmsKeyId is not there. A secret that
// waits for its deletion is not listed. The value is never asked for.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
func init() {
	register(Collector{Name: "secretsmanager", Types: []Type{{
		Name:    "AWS::SecretsManager::Secret",
		Class:   "secret",
		ID:      "{ARN}",
		Label:   "{Name}",
		Created: "{CreatedDate}",
		List: list(secretsmanager.NewFromConfig, (*secretsmanager.Client).ListSecrets,
			all(secretsmanager.ListSecretsInput{MaxResults: aws.Int32(100)}),
			func(o *secretsmanager.ListSecretsOutput) []types.SecretListEntry { return o.SecretList },
		).sends(),
		Side: []Read{
			read("ReplicationStatus", secretsmanager.NewFromConfig, (*secretsmanager.Client).DescribeSecret, func(s *model.Asset) *secretsmanager.DescribeSecretInput {
				return &secretsmanager.DescribeSecretInput{SecretId: str(s, "ARN")}
			}).maybe(),
			read("ResourcePolicy", secretsmanager.NewFromConfig, (*secretsmanager.Client).GetResourcePolicy, func(s *model.Asset) *secretsmanager.GetResourcePolicyInput {
				return &secretsmanager.GetResourcePolicyInput{SecretId: str(s, "ARN")}
			}).maybe(),
		},
		JSON:   []string{"ResourcePolicy"},
		Always: []string{"ARN", "Name", "CreatedDate"},
	}}})
}
