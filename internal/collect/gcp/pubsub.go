package gcp

import (
	"google.golang.org/api/pubsub/v1"
)

func init() {
	register(Collector{Name: "pubsub", Types: []Type{
		// https://cloud.google.com/pubsub/docs/reference/rest
		{Name: "pubsub.googleapis.com/Topic", Class: "topic", Item: pubsub.Topic{}, Policy: true},
		{Name: "pubsub.googleapis.com/Subscription", Class: "queue", Item: pubsub.Subscription{}, Policy: true},
	}})
}
