package google

import (
	"fmt"
	"strings"
	"testing"
)

const treeJSON = `"organizations":[{"name":"organizations/1","displayName":"x"}],"projects":[{"name":"projects/2","projectId":"web","parent":"organizations/1"}]`

// load parses and checks a seed with the tree above and the given members.
func load(t *testing.T, members string) error {
	t.Helper()
	seed, err := ParseSeed([]byte("{" + treeJSON + "," + members + "}"))
	if err != nil {
		return err
	}
	s := &Server{lib: testLibrary(t), denied: map[string]bool{}}
	return s.load(seed)
}

func bucket(data, rest string) string {
	return fmt.Sprintf(`"assets":[{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/2"]%s,
		"resource":{"version":"v1","discoveryName":"Bucket","data":%s}}]`, rest, data)
}

func firewall(data string) string {
	return fmt.Sprintf(`"assets":[{"name":"//compute.googleapis.com/projects/web/global/firewalls/f","assetType":"compute.googleapis.com/Firewall",
		"resource":{"version":"v1","discoveryName":"Firewall","data":%s}}]`, data)
}

func TestSeedRefused(t *testing.T) {
	for _, tc := range []struct {
		name, members string
		want          []string
	}{
		{"misspelt member of a seed", `"asset":[]`, []string{"asset"}},
		{"misspelt member of data", bucket(`{"name":"b","versionning":{"enabled":true}}`, ""), []string{"assets[0].resource.data.versionning", "versioning"}},
		{"misspelt member deep down", bucket(`{"iamConfiguration":{"uniformBucketLevelAccess":{"enable":true}}}`, ""), []string{"assets[0].resource.data.iamConfiguration.uniformBucketLevelAccess.enable", "enabled"}},
		{"misspelt member in an array", firewall(`{"allowed":[{"IPProtocol":"tcp"},{"ipProtocol":"udp"}]}`), []string{"data.allowed[1].ipProtocol", "IPProtocol"}},
		{"int64 as a number", bucket(`{"retentionPolicy":{"retentionPeriod":86400}}`, ""), []string{"retentionPeriod", "int64 is sent as a string"}},
		{"int64 that is none", bucket(`{"retentionPolicy":{"retentionPeriod":"1d"}}`, ""), []string{"retentionPeriod", "int64"}},
		{"int32 as a string", firewall(`{"priority":"1000"}`), []string{"priority", "number"}},
		{"string for a boolean", firewall(`{"disabled":"false"}`), []string{"disabled", "boolean"}},
		{"object for an array", firewall(`{"allowed":{}}`), []string{"allowed", "array"}},
		{"null", firewall(`{"name":null}`), []string{"name", "null"}},
		{"unknown enum value", firewall(`{"direction":"INBOUND"}`), []string{"direction", "INBOUND", "INGRESS"}},
		{"time that is none", bucket(`{"timeCreated":"yesterday"}`, ""), []string{"timeCreated", "yesterday"}},
		{"misspelt member of an asset", bucket(`{}`, `,"iampolicy":{}`), []string{"assets[0].iampolicy", "iamPolicy"}},
		{"misspelt member of a policy", bucket(`{}`, `,"iamPolicy":{"bindings":[{"roles":"x"}]}`), []string{"iamPolicy.bindings[0].roles", "role"}},
		{"place out of the tree", strings.Replace(bucket(`{}`, ""), "projects/2", "projects/9", 1), []string{"assets[0].ancestors", "projects/9"}},
		{"wrong path", strings.Replace(bucket(`{}`, ""), `"projects/2"`, `"projects/2","organizations/7"`, 1), []string{"assets[0].ancestors", "organizations/1"}},
		{"no place", strings.Replace(bucket(`{}`, ""), `"ancestors":["projects/2"],`, "", 1), []string{"does not tell where it lies"}},
		{"unknown version", strings.Replace(bucket(`{}`, ""), `"version":"v1"`, `"version":"v7"`, 1), []string{"v7", "v1"}},
		{"unknown schema", strings.Replace(bucket(`{}`, ""), `"discoveryName":"Bucket"`, `"discoveryName":"Bukket"`, 1), []string{"discoveryName", "Bukket"}},
		{"no schema named", strings.Replace(bucket(`{}`, ""), `"discoveryName":"Bucket",`, "", 1), []string{"discoveryName"}},
		{"versions that differ", strings.Replace(bucket(`{}`, ""), `"version":"v1"`, `"version":"v1","discoveryDocumentUri":"https://www.googleapis.com/discovery/v1/apis/storage/v2/rest"`, 1), []string{"discoveryDocumentUri", "v2"}},
		{"service without a document", `"assets":[{"name":"//x.googleapis.com/projects/web/pods/p","assetType":"k8s.io/Pod","resource":{"version":"v1","discoveryName":"Pod","data":{}}}]`, []string{"k8s.io/Pod", "unchecked"}},
		{"the same asset twice", `"assets":[{"name":"//a/projects/web/x","assetType":"a/X"},{"name":"//a/projects/web/x","assetType":"a/X"}]`, []string{"assets[1]", "twice"}},
		{"misspelt member of a project", `"folders":[{"name":"folders/3","parents":"organizations/1"}]`, []string{"folders[0].parents", "parent"}},
		{"parent that is not there", `"folders":[{"name":"folders/3","parent":"folders/4"}]`, []string{"folders/4"}},
		{"folders in a ring", `"folders":[{"name":"folders/3","parent":"folders/4"},{"name":"folders/4","parent":"folders/3"}]`, []string{"ring"}},

		{"unknown call", `"responses":[{"call":"logging:v2/projects.sink.list","items":[]}]`, []string{"responses[0]", "projects.sink.list"}},
		{"call of two versions", `"responses":[{"call":"run.projects.locations.services.list","items":[]}]`, []string{"which version", "run:v1", "run:v2"}},
		{"unknown parameter", `"responses":[{"call":"logging:v2/projects.sinks.list","params":{"project":"web"},"items":[]}]`, []string{"params.project"}},
		{"unknown query parameter", `"responses":[{"call":"storage:v1/buckets.list","query":{"projects":"web"},"items":[]}]`, []string{"query.projects"}},
		{"parameter out of the tree", `"responses":[{"call":"logging:v2/projects.sinks.list","params":{"parent":"projects/wbe"},"items":[]}]`, []string{"projects/wbe"}},
		{"misspelt member of an item", `"responses":[{"call":"logging:v2/projects.sinks.list","items":[{"name":"a","destinations":"x"}]}]`, []string{"responses[0]", "items[0].destinations", "destination"}},
		{"misspelt member of a body", `"responses":[{"call":"storage:v1/buckets.get","body":{"nam":"a"}}]`, []string{"body.nam"}},
		{"aggregated items as an array", `"responses":[{"call":"compute:v1/instances.aggregatedList","items":[]}]`, []string{"object"}},
		{"items of what is no list", `"responses":[{"call":"storage:v1/buckets.get","items":[]}]`, []string{"no list"}},
		{"page token of its own", `"responses":[{"call":"storage:v1/buckets.list","body":{"nextPageToken":"x"}}]`, []string{"nextPageToken"}},
		{"reference to no parameter", `"responses":[{"call":"storage:v1/buckets.get","body":{"name":"${project}"}}]`, []string{"${project}", "bucket"}},
		{"two kinds of answer", `"responses":[{"call":"storage:v1/buckets.get","body":{},"error":{"code":404}}]`, []string{"one of"}},
		{"no answer", `"responses":[{"call":"storage:v1/buckets.get"}]`, []string{"one of"}},
		{"error that is none", `"responses":[{"call":"storage:v1/buckets.get","error":{"code":200}}]`, []string{"error.code"}},
		{"unknown status", `"responses":[{"call":"storage:v1/buckets.get","error":{"code":404,"status":"MISSING"}}]`, []string{"error.status"}},
		{"operation of what starts none", `"responses":[{"call":"storage:v1/buckets.list","operation":{}}]`, []string{"operation"}},
		{"fault of an unknown kind", `"faults":[{"call":"cloudasset.assets.list","kind":"slow"}]`, []string{"faults[0].kind"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := load(t, tc.members)
			if err == nil {
				t.Fatal("the seed was taken")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message does not say %q: %v", want, err)
				}
			}
		})
	}
}

func TestSeedTaken(t *testing.T) {
	for name, members := range map[string]string{
		"bucket":               bucket(`{"name":"b","retentionPolicy":{"retentionPeriod":"86400"},"labels":{"any":"thing"}}`, ""),
		"firewall":             firewall(`{"priority":1000,"direction":"INGRESS","allowed":[{"IPProtocol":"tcp","ports":["22"]}]}`),
		"long schema name":     `"assets":[{"name":"//run.googleapis.com/projects/web/locations/l/services/s","assetType":"run.googleapis.com/Service","resource":{"version":"v2","discoveryName":"Service","data":{"ingress":"INGRESS_TRAFFIC_ALL"}}}]`,
		"older version":        `"assets":[{"name":"//run.googleapis.com/projects/web/locations/l/services/s","assetType":"run.googleapis.com/Service","resource":{"version":"v1","discoveryName":"Service","data":{"spec":{"template":{}}}}}]`,
		"service by its own":   `"assets":[{"name":"//sqladmin.googleapis.com/projects/web/instances/i","assetType":"sqladmin.googleapis.com/Instance","resource":{"version":"v1beta4","discoveryName":"DatabaseInstance","data":{"settings":{"settingsVersion":"1"}}}}]`,
		"answer without items": `"responses":[{"call":"container:v1/projects.locations.getServerConfig","params":{"name":"projects/web/locations/*"},"body":{"defaultClusterVersion":"1.31"}}]`,
		"bare id":              `"responses":[{"call":"logging.projects.sinks.list","items":[]}]`,
		"list without pages":   `"responses":[{"call":"sqladmin:v1/databases.list","params":{"project":"web"},"items":[{"name":"x"}]}]`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := load(t, members); err != nil {
				t.Error(err)
			}
		})
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add([]byte("{" + treeJSON + "}"))
	f.Add([]byte(`{"assets":[{"name":"//a/projects/web/x","assetType":"a/X","ancestors":[1]}]}`))
	f.Add([]byte(`{"synthetic":{"projects":-1,"assetsPerProject":-1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		seed, err := ParseSeed(data)
		if err != nil || seed.Synthetic != nil && seed.Synthetic.Projects > 100 {
			return
		}
		s := &Server{lib: testLibrary(t), denied: map[string]bool{}}
		_ = s.load(seed) // must not panic
	})
}
