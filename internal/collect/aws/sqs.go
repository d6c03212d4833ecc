package aws

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/stance-sec/stance/internal/model"
)

// queueURL is what the listing gives of a queue.
type queueURL struct {
	QueueUrl  *string
	QueueName *string
}

func init() {
	register(Collector{Name: "sqs", Types: []Type{{
		Name:  "AWS::SQS::Queue",
		Class: "queue",
		ID:    "arn:{partition}:sqs:{region}:{account}:{QueueName}",
		Label: "{QueueName}",
		// An account without queues gets an answer without a list.
		List: list(sqs.NewFromConfig, (*sqs.Client).ListQueues,
			all(sqs.ListQueuesInput{MaxResults: aws.Int32(1000)}),
			func(o *sqs.ListQueuesOutput) []queueURL {
				out := make([]queueURL, len(o.QueueUrls))
				for i, u := range o.QueueUrls {
					out[i] = queueURL{&o.QueueUrls[i], aws.String(u[strings.LastIndexByte(u, '/')+1:])}
				}
				return out
			}),
		Side: []Read{
			read("Attributes", sqs.NewFromConfig, (*sqs.Client).GetQueueAttributes, func(q *model.Asset) *sqs.GetQueueAttributesInput {
				return &sqs.GetQueueAttributesInput{QueueUrl: str(q, "QueueUrl"), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}}
			}).sends("QueueArn"),
			read("Tags", sqs.NewFromConfig, (*sqs.Client).ListQueueTags, func(q *model.Asset) *sqs.ListQueueTagsInput {
				return &sqs.ListQueueTagsInput{QueueUrl: str(q, "QueueUrl")}
			}).maybe(),
		},
		Keys: map[string][]string{"Attributes": {
			"QueueArn", "Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", "RedrivePolicy", "RedriveAllowPolicy",
			"MessageRetentionPeriod", "VisibilityTimeout", "CreatedTimestamp", "LastModifiedTimestamp", "FifoQueue", "DelaySeconds", "MaximumMessageSize",
			"ReceiveMessageWaitTimeSeconds",
		}},
		JSON:   []string{"Attributes.Policy", "Attributes.RedrivePolicy", "Attributes.RedriveAllowPolicy"},
		Always: []string{"QueueUrl"},
	}}})
}
