package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// A node is an instance of EC2 or a machine elsewhere (mi-…); one whose agent
// does not answer stays listed. Pages hold 50.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html
func init() {
	register(Collector{Name: "ssm", Types: []Type{{
		Name:    "AWS::SSM::ManagedInstance",
		Class:   "managed node",
		ID:      "arn:{partition}:ssm:{region}:{account}:managed-instance/{InstanceId}",
		Created: "{RegistrationDate}",
		List: list(ssm.NewFromConfig, (*ssm.Client).DescribeInstanceInformation,
			all(ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(50)}),
			func(o *ssm.DescribeInstanceInformationOutput) []types.InstanceInformation {
				return o.InstanceInformationList
			},
		).sends(),
		Always: []string{"InstanceId", "PingStatus", "ResourceType"},
	}}})
}
