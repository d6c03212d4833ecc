package aws

import (
	"context"
	"net/url"
	"strconv"

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
			}).sends("TopicArn", "Owner", "Policy").gone("NotFound", "NotFoundException"),
			compute("Subscriptions", listOf[types.Subscription](), []operation{snsSubscriptions.op, topicSubscriptions.op}, subscriptionsOf),
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

// One listing gives the subscriptions of the caller, for all topics of the
// region. Those by which other accounts listen to a topic stand only in the
// topic's own listing, which is read where the topic counts more or fewer.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html
var snsSubscriptions = list(sns.NewFromConfig, (*sns.Client).ListSubscriptions,
	all(sns.ListSubscriptionsInput{}),
	func(o *sns.ListSubscriptionsOutput) []types.Subscription { return o.Subscriptions },
).sends()

var topicSubscriptions = list(sns.NewFromConfig, (*sns.Client).ListSubscriptionsByTopic,
	func(t *model.Asset) *sns.ListSubscriptionsByTopicInput {
		return &sns.ListSubscriptionsByTopicInput{TopicArn: str(t, "TopicArn")}
	},
	func(o *sns.ListSubscriptionsByTopicOutput) []types.Subscription { return o.Subscriptions },
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
	subs := append([]any{}, byTopic[t.ID]...)
	if len(subs) != subscriptionCount(t) {
		if subs, err = collected(ctx, s, region, topicSubscriptions, t); err != nil {
			return nil, err
		}
	}
	for _, sub := range subs {
		hidePath(sub)
	}
	return subs, nil
}

// subscriptionCount is how many subscriptions a topic says that it has, -1 when
// it does not.
func subscriptionCount(t *model.Asset) int {
	attributes, _ := t.Config["Attributes"].(map[string]any)
	sum := 0
	for _, name := range []string{"SubscriptionsConfirmed", "SubscriptionsPending"} {
		text, _ := attributes[name].(string)
		n, err := strconv.Atoi(text)
		if err != nil {
			return -1
		}
		sum += n
	}
	return sum
}

// hidePath cuts the endpoint of a web subscription after its host: the path and
// the query of a web hook are what authorizes to call it.
func hidePath(sub any) {
	m, _ := sub.(map[string]any)
	if m["Protocol"] != "https" && m["Protocol"] != "http" {
		return
	}
	endpoint, _ := m["Endpoint"].(string)
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		delete(m, "Endpoint")
		return
	}
	m["Endpoint"] = u.Scheme + "://" + u.Host
}
