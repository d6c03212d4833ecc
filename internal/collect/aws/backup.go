package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

// A protected resource is what AWS Backup has backed up at least once, by a plan
// or on demand, with the time of the newest backup. Its name is the ARN of what
// was backed up, so that assets find theirs by their id. One whose backups
// outlived it is still listed.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html
func init() {
	register(Collector{Name: "backup", Types: []Type{{
		Name:  "AWS::Backup::ProtectedResource",
		Class: "backup",
		ID:    "arn:{partition}:backup:{region}:{account}:protected-resource/{ResourceArn}",
		Label: "{ResourceArn}",
		List: list(backup.NewFromConfig, (*backup.Client).ListProtectedResources,
			all(backup.ListProtectedResourcesInput{MaxResults: aws.Int32(1000)}),
			func(o *backup.ListProtectedResourcesOutput) []types.ProtectedResource { return o.Results },
		).sends(),
		Always: []string{"ResourceArn", "ResourceType", "LastBackupTime"},
	}}})
}
