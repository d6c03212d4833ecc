package risk

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestTallies holds that the framework of one cloud is not failed by another's
// assets, and that one without a provider sees all.
func TestTallies(t *testing.T) {
	const control = "storage-is-not-public"
	all := Tallies{}
	all.Add(model.AWS, control, model.Fail)
	all.Add(model.GCP, control, model.Pass)
	all.MarkUnlisted(map[string]model.Control{control: {ID: control, Class: "bucket", Types: []string{"AWS::S3::Bucket", "storage.googleapis.com/Bucket", "Microsoft.Storage/storageAccounts/blobServices/containers"}}},
		[]model.Gap{{Scope: model.Scope{Provider: model.Azure}, Type: "Microsoft.Storage/storageAccounts/blobServices/containers"}})
	requirement := []model.Requirement{{ID: "1", Controls: []string{control}}}
	for provider, want := range map[string]model.Verdict{model.AWS: model.Fail, model.GCP: model.Pass, model.Azure: model.Unknown, "": model.Fail} {
		f := model.Framework{ID: "f", Provider: provider, Requirements: requirement}
		if got := Rollup(f, all.For(&f), Record{})[0].Status; got != want {
			t.Errorf("framework of %q: %s, want %s", provider, got, want)
		}
	}
}
