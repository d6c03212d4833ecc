package gcp

import (
	"google.golang.org/api/storage/v1"
	"google.golang.org/api/storagetransfer/v1"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Collector{Name: "storage", Types: []Type{
		// https://cloud.google.com/storage/docs/json_api/v1/buckets#resource
		{
			Name: "storage.googleapis.com/Bucket", Class: "bucket", Item: storage.Bucket{}, Policy: true,
			Side: []Read{
				accessControls("acl", "bucketAccessControls.list", storage.BucketAccessControl{}),
				accessControls("defaultObjectAcl", "defaultObjectAccessControls.list", storage.ObjectAccessControl{}),
			},
		},
		{Name: "storagetransfer.googleapis.com/TransferJob", Class: "transfer job", Item: storagetransfer.TransferJob{}},
	}})
}

// accessControls reads the ACLs of a bucket, which the inventory leaves out and
// which count only where access is not uniform.
// https://cloud.google.com/storage/docs/json_api/v1/defaultObjectAccessControls/list
func accessControls(member, method string, item any) Read {
	return Read{
		Member: member,
		Call: Call{
			API: "storage", Method: method, Permission: "storage.buckets.getIamPolicy",
			Path: "storage/v1/b/{name}/" + member, Items: "items", Item: item,
		},
		When: func(doc model.Document) bool {
			conf, _ := doc["iamConfiguration"].(map[string]any)
			uniform, _ := conf["uniformBucketLevelAccess"].(map[string]any)
			return uniform["enabled"] != true
		},
	}
}
