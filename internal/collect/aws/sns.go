package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "sns", Types: []Type{{
		Name:  "AWS::SNS::Topic",
		Class: "topic",
		ID:    "{TopicArn}",
		List: list(sns.NewFromConfig, (*sns.Client).ListTopics,
			all(sns.ListTopicsInput{}),
			func(o *sns.ListTopicsOutput) []types.Topic { return o.Topics },
		).sends(),
		Side: []Read{
			read("Attributes", sns.NewFromConfig, (*sns.Client).GetTopicAttributes, func(t *model.Asset) *sns.GetTopicAttributesInput {
				return &sns.GetTopicAttributesInput{TopicArn: &t.ID}
			}).sends("TopicArn", "Owner", "Policy"),
			compute("Subscriptions", listOf[types.Subscription](), []operation{snsSubscriptions.op}, subscriptionsOf),
			read("Tags", sns.NewFromConfig, (*sns.Client).ListTagsForResource, func(t *model.Asset) *sns.ListTagsForResourceInput {
				return &sns.ListTagsForResourceInput{ResourceArn: &t.ID}
			}).maybe(),
		},
		Keys: map[string][]string{"Attributes": {
			"TopicArn", "Owner", "DisplayName", "Policy", "KmsMasterKeyId", "SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted",
			"DeliveryPolicy", "EffectiveDeliveryPolicy", "SignatureVersion", "TracingConfig", "FifoTopic", "ContentBasedDeduplication", "ArchivePolicy",
			"HTTPSuccessFeedbackRoleArn", "HTTPFailureFeedbackRoleArn", "LambdaSuccessFeedbackRoleArn", "LambdaFailureFeedbackRoleArn",
			"SQSSuccessFeedbackRoleArn", "SQSFailureFeedbackRoleArn", "FirehoseSuccessFeedbackRoleArn", "FirehoseFailureFeedbackRoleArn",
		}},
		JSON:   []string{"Attributes.Policy", "Attributes.DeliveryPolicy", "Attributes.EffectiveDeliveryPolicy"},
		Always: []string{"TopicArn"},
	}}})
}

// One listing of the region's subscriptions serves all of its topics.
var snsSubscriptions = list(sns.NewFromConfig, (*sns.Client).ListSubscriptions,
	all(sns.ListSubscriptionsInput{}),
	func(o *sns.ListSubscriptionsOutput) []types.Subscription { return o.Subscriptions },
).sends()

func subscriptionsOf(ctx context.Context, s *Session, region string, t *model.Asset) (any, error) {
	byTopic, err := shared(s, "subscriptions by topic "+region, func() (map[any][]any, error) {
		docs, err := snsSubscriptions.all(ctx, s, region)
		by := map[any][]any{}
		for _, d := range docs {
			by[d["TopicArn"]] = append(by[d["TopicArn"]], map[string]any(d))
		}
		return by, err
	})
	if err != nil {
		return nil, err
	}
	if subs := byTopic[t.ID]; subs != nil {
		return subs, nil
	}
	return []any{}, nil
}
