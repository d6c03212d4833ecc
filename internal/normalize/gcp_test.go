package normalize_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
)

func TestGoogleAssets(t *testing.T) {
	everyone := map[string]any{"bindings": []any{map[string]any{"role": "roles/viewer", "members": []any{"allUsers"}}}}
	for _, c := range []struct {
		name, typ, id string
		config        model.Document
		class         model.Class
		facts         model.Facts
		want          []model.Relation
	}{
		{
			name: "an instance", typ: "compute.googleapis.com/Instance", class: "instance",
			config: model.Document{
				"serviceAccounts":   []any{map[string]any{"email": "web@p.iam.gserviceaccount.com"}},
				"networkInterfaces": []any{map[string]any{"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/main"}},
			},
			want: []model.Relation{
				{Kind: model.RunsAs, To: "web@p.iam.gserviceaccount.com", Type: "iam.googleapis.com/ServiceAccount"},
				{Kind: model.MemberOf, To: "//compute.googleapis.com/projects/p/global/networks/main", Type: "compute.googleapis.com/Network"},
			},
		},
		{
			name: "a disk with a version of a key", typ: "compute.googleapis.com/Disk", class: "disk", facts: model.Facts{"holds_data": true},
			config: model.Document{"diskEncryptionKey": map[string]any{"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"}},
			want:   []model.Relation{{Kind: model.EncryptsWith, To: "//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k", Type: "cloudkms.googleapis.com/CryptoKey"}},
		},
		{
			name: "an open bucket", typ: "storage.googleapis.com/Bucket", class: "bucket", facts: model.Facts{"holds_data": true, "exposed_by": "its allow policy"},
			config: model.Document{"iamPolicy": everyone},
		},
		{
			name: "one that prevents it", typ: "storage.googleapis.com/Bucket", class: "bucket", facts: model.Facts{"holds_data": true},
			config: model.Document{"iamPolicy": everyone, "iamConfiguration": map[string]any{"publicAccessPrevention": "enforced"}},
		},
		{
			name: "a data set shared with all accounts", typ: "bigquery.googleapis.com/Dataset", class: "data set", facts: model.Facts{"holds_data": true, "exposed_by": "its list of who has access"},
			config: model.Document{"access": []any{map[string]any{"specialGroup": "allAuthenticatedUsers"}}},
		},
		{
			name: "a sink to a bucket", typ: "logging.googleapis.com/LogSink", class: "trail",
			config: model.Document{"destination": "storage.googleapis.com/logs"},
			want:   []model.Relation{{Kind: model.LogsTo, To: "logs", Type: "storage.googleapis.com/Bucket"}},
		},
		{
			name: "a key of a service account", typ: "iam.googleapis.com/ServiceAccountKey", class: "credential", id: "//iam.googleapis.com/projects/p/serviceAccounts/1/keys/a",
			want: []model.Relation{{Kind: model.MemberOf, To: "//iam.googleapis.com/projects/p/serviceAccounts/1", Type: "iam.googleapis.com/ServiceAccount"}},
		},
		{
			name: "a node pool with the default account", typ: "container.googleapis.com/NodePool", class: "node group", id: "//container.googleapis.com/projects/p/locations/l/clusters/c/nodePools/n",
			config: model.Document{"config": map[string]any{"serviceAccount": "default"}},
			want:   []model.Relation{{Kind: model.MemberOf, To: "//container.googleapis.com/projects/p/locations/l/clusters/c", Type: "container.googleapis.com/Cluster"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &model.Asset{ID: c.id, Type: c.typ, Config: c.config}
			normalize.Asset(a)
			if a.Class != c.class {
				t.Errorf("class %q, want %q", a.Class, c.class)
			}
			if d := cmp.Diff(c.facts, a.Facts); d != "" {
				t.Errorf("facts (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.want, a.Relations); d != "" {
				t.Errorf("relations (-want +got):\n%s", d)
			}
		})
	}
}
