package gcp

import (
	"google.golang.org/api/storage/v1"
	"google.golang.org/api/storagetransfer/v1"
)

func init() {
	register(Collector{Name: "storage", Types: []Type{
		// https://cloud.google.com/storage/docs/json_api/v1/buckets#resource
		{Name: "storage.googleapis.com/Bucket", Class: "bucket", Item: storage.Bucket{}, Policy: true},
		{Name: "storagetransfer.googleapis.com/TransferJob", Class: "transfer job", Item: storagetransfer.TransferJob{}},
	}})
}
