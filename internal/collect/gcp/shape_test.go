package gcp

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func TestSchemas(t *testing.T) {
	bucket := Schemas()["storage.googleapis.com/Bucket"]
	for path, want := range map[string]model.Kind{
		"name": model.String, "iamPolicy": model.Any, "labels": model.Map, "projectNumber": model.Int,
		"iamConfiguration": model.Object, "acl": model.List,
	} {
		if f := bucket.Field(path); f == nil || f.Kind != want {
			t.Errorf("%s: %+v, want kind %d", path, f, want)
		}
	}
	enabled := bucket.Field("iamConfiguration").Field("uniformBucketLevelAccess").Field("enabled")
	if enabled == nil || enabled.Kind != model.Bool || !enabled.Omitted {
		t.Errorf("uniform access: %+v, want a boolean that is left out when false", enabled)
	}
}
