package google

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

const (
	syntheticOrganization = "organizations/900000000000"
	foldersEach           = 100 // projects of a folder
	firstFolder           = 910000000000
	firstProject          = 920000000000
)

// synthetic computes the assets of generated projects. Row i is asset i mod n of
// project i div n.
type synthetic struct {
	each  int
	nodes []*node // the projects
	chain [][]string
}

// grown adds the generated tree to a seed that asks for one. Lists that are read
// for what a project lacks are answered, and empty.
func (seed *Seed) grown() *Seed {
	if seed.Synthetic == nil || seed.Synthetic.Projects < 1 {
		return seed
	}
	out := *seed
	raw := func(format string, args ...any) json.RawMessage { return json.RawMessage(fmt.Sprintf(format, args...)) }
	out.Organizations = append(out.Organizations[:len(out.Organizations):len(out.Organizations)],
		raw(`{"name":%q,"displayName":"synthetic.example","directoryCustomerId":"C00synth"}`, syntheticOrganization))
	out.Folders = out.Folders[:len(out.Folders):len(out.Folders)]
	out.Projects = out.Projects[:len(out.Projects):len(out.Projects)]
	for p := range seed.Synthetic.Projects {
		folder := fmt.Sprintf("folders/%d", firstFolder+p/foldersEach)
		if p%foldersEach == 0 {
			out.Folders = append(out.Folders, raw(`{"name":%q,"parent":%q,"displayName":"team %d"}`, folder, syntheticOrganization, p/foldersEach))
		}
		out.Projects = append(out.Projects, raw(`{"name":"projects/%d","projectId":"synthetic-%06d","parent":%q,"displayName":"Synthetic %d"}`, firstProject+p, p, folder, p))
	}
	empty := json.RawMessage(`[]`)
	out.Responses = out.Responses[:len(out.Responses):len(out.Responses)]
	for _, kind := range []string{"projects", "folders", "organizations"} {
		out.Responses = append(out.Responses,
			Response{Call: "logging:v2/" + kind + ".sinks.list", Params: map[string]string{"parent": kind + "/*"}, Items: empty},
			Response{Call: "essentialcontacts:v1/" + kind + ".contacts.list", Params: map[string]string{"parent": kind + "/*"}, Items: empty})
	}
	for _, call := range []string{
		"logging:v2/projects.metrics.list", "apikeys:v2/projects.locations.keys.list", "serviceusage:v1/services.list",
		"monitoring:v3/projects.alertPolicies.list", "monitoring:v3/projects.notificationChannels.list",
	} {
		out.Responses = append(out.Responses, Response{Call: call, Items: empty})
	}
	out.Responses = append(out.Responses,
		Response{Call: "iam:v1/roles.list", Items: empty},
		Response{Call: "iam:v1/locations.workforcePools.list", Items: empty},
		Response{Call: "policyanalyzer:v1/projects.locations.activityTypes.activities.query", Items: empty},
		Response{Call: "serviceusage:v1/services.get", Body: map[string]any{"name": "${name}", "state": "ENABLED"}})
	return &out
}

// newSynthetic checks the assets of the first project; the others differ from it
// in names only.
func newSynthetic(size *Size, l *loader) (*synthetic, error) {
	if size == nil || size.Projects < 1 {
		return nil, nil
	}
	if size.AssetsPerProject < 0 {
		return nil, fmt.Errorf("synthetic.assetsPerProject: %d is negative", size.AssetsPerProject)
	}
	s := &synthetic{each: size.AssetsPerProject}
	for p := range size.Projects {
		n := l.tree.byName[fmt.Sprintf("projects/%d", firstProject+p)]
		s.nodes = append(s.nodes, n)
		s.chain = append(s.chain, l.tree.chain(n))
	}
	for i := range min(s.each, 2*len(templates)) {
		doc, err := decode(s.doc(i))
		if err != nil {
			return nil, fmt.Errorf("synthetic asset %d: %w", i, err)
		}
		if _, err := l.asset(doc.(map[string]any), fmt.Sprintf("synthetic asset %d", i)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *synthetic) len() int {
	if s == nil {
		return 0
	}
	return len(s.nodes) * s.each
}

func (s *synthetic) head(i int) head {
	t := &templates[i%s.each%len(templates)]
	return head{t.kind, s.chain[i/s.each], t.has}
}

// next is the first row from i on that may lie in scope: rows of a project are
// neighbours, and so are the projects of a folder.
func (s *synthetic) next(i int, scope string) int {
	if i >= s.len() {
		return s.len()
	}
	if strings.HasPrefix(scope, "projects/") {
		p := sort.Search(len(s.nodes), func(p int) bool { return s.nodes[p].name >= scope })
		if p == len(s.nodes) || s.nodes[p].name != scope || i >= (p+1)*s.each {
			return s.len()
		}
		return max(i, p*s.each)
	}
	return i
}

// doc computes an asset.
func (s *synthetic) doc(i int) map[string]any {
	p, j := i/s.each, i%s.each
	t := &templates[j%len(templates)]
	v := vars{project: s.nodes[p].id, number: strings.TrimPrefix(s.nodes[p].name, "projects/"), n: j / len(templates), weak: (p+j)%7 == 0}
	path := make([]any, len(s.chain[p]))
	for k, name := range s.chain[p] {
		path[k] = name
	}
	out := map[string]any{
		"name": t.name(v), "assetType": t.kind, "ancestors": path, "updateTime": "2026-01-01T00:00:00Z",
		"resource": map[string]any{
			"version": t.version, "discoveryName": t.schema, "location": t.location,
			"discoveryDocumentUri": "https://" + strings.SplitN(t.kind, "/", 2)[0] + "/$discovery/rest?version=" + t.version,
			"parent":               "//cloudresourcemanager.googleapis.com/" + s.nodes[p].name,
			"data":                 t.data(v),
		},
	}
	if t.policy != nil {
		out["iamPolicy"] = t.policy(v)
	}
	return out
}

// vars are what the assets of a template differ in. Every seventh is weak, so
// that controls have something to find.
type vars struct {
	project, number string
	n               int
	weak            bool
}

func (v vars) compute(rest string, args ...any) string {
	return "//compute.googleapis.com/projects/" + v.project + "/" + fmt.Sprintf(rest, args...)
}

func (v vars) self(rest string, args ...any) string {
	return "https://www.googleapis.com/compute/v1/projects/" + v.project + "/" + fmt.Sprintf(rest, args...)
}

func (v vars) account() string {
	return fmt.Sprintf("worker-%d@%s.iam.gserviceaccount.com", v.n, v.project)
}

func allUsers(v vars, role, member string) map[string]any {
	if v.weak {
		member = "allUsers"
	}
	return map[string]any{"etag": "BwXq", "bindings": []any{map[string]any{"role": role, "members": []any{member}}}}
}

// template is one kind of generated asset.
type template struct {
	kind, version, schema, location string
	has                             content
	name                            func(vars) string
	data                            func(vars) map[string]any
	policy                          func(vars) map[string]any
}

var templates = []template{
	{
		kind: "serviceusage.googleapis.com/Service", version: "v1", schema: "Service", location: "global", has: hasResource,
		name: func(v vars) string {
			return fmt.Sprintf("//serviceusage.googleapis.com/projects/%s/services/service-%d.googleapis.com", v.number, v.n)
		},
		data: func(v vars) map[string]any {
			return map[string]any{"name": fmt.Sprintf("projects/%s/services/service-%d.googleapis.com", v.number, v.n), "parent": "projects/" + v.number, "state": "ENABLED"}
		},
	},
	{
		kind: "compute.googleapis.com/Network", version: "v1", schema: "Network", location: "global", has: hasResource,
		name: func(v vars) string { return v.compute("global/networks/net-%d", v.n) },
		data: func(v vars) map[string]any {
			return map[string]any{
				"id": fmt.Sprint(100 + v.n), "name": fmt.Sprintf("net-%d", v.n), "autoCreateSubnetworks": v.weak,
				"selfLink": v.self("global/networks/net-%d", v.n), "routingConfig": map[string]any{"routingMode": "REGIONAL"},
			}
		},
	},
	{
		kind: "compute.googleapis.com/Subnetwork", version: "v1", schema: "Subnetwork", location: "europe-west1", has: hasResource,
		name: func(v vars) string { return v.compute("regions/europe-west1/subnetworks/sub-%d", v.n) },
		data: func(v vars) map[string]any {
			return map[string]any{
				"id": fmt.Sprint(200 + v.n), "name": fmt.Sprintf("sub-%d", v.n), "network": v.self("global/networks/net-%d", v.n), "ipCidrRange": "10.0.0.0/20",
				"selfLink": v.self("regions/europe-west1/subnetworks/sub-%d", v.n), "privateIpGoogleAccess": !v.weak, "purpose": "PRIVATE",
				"logConfig": map[string]any{"enable": !v.weak, "aggregationInterval": "INTERVAL_5_SEC", "flowSampling": 1, "metadata": "INCLUDE_ALL_METADATA"},
			}
		},
	},
	{
		kind: "compute.googleapis.com/Firewall", version: "v1", schema: "Firewall", location: "global", has: hasResource,
		name: func(v vars) string { return v.compute("global/firewalls/ssh-%d", v.n) },
		data: func(v vars) map[string]any {
			from := "10.0.0.0/8"
			if v.weak {
				from = "0.0.0.0/0"
			}
			return map[string]any{
				"id": fmt.Sprint(300 + v.n), "name": fmt.Sprintf("ssh-%d", v.n), "network": v.self("global/networks/net-%d", v.n), "direction": "INGRESS", "priority": 1000,
				"selfLink": v.self("global/firewalls/ssh-%d", v.n), "sourceRanges": []any{from}, "disabled": false,
				"allowed": []any{map[string]any{"IPProtocol": "tcp", "ports": []any{"22"}}}, "logConfig": map[string]any{"enable": false},
			}
		},
	},
	{
		kind: "compute.googleapis.com/Instance", version: "v1", schema: "Instance", location: "europe-west1-b", has: hasResource,
		name: func(v vars) string { return v.compute("zones/europe-west1-b/instances/vm-%d", v.n) },
		data: func(v vars) map[string]any {
			nic := map[string]any{"name": "nic0", "network": v.self("global/networks/net-%d", v.n), "subnetwork": v.self("regions/europe-west1/subnetworks/sub-%d", v.n), "networkIP": "10.0.0.2"}
			if v.weak {
				nic["accessConfigs"] = []any{map[string]any{"name": "External NAT", "type": "ONE_TO_ONE_NAT", "natIP": "203.0.113.7"}}
			}
			return map[string]any{
				"id": fmt.Sprint(400 + v.n), "name": fmt.Sprintf("vm-%d", v.n), "status": "RUNNING", "zone": v.self("zones/europe-west1-b"),
				"selfLink": v.self("zones/europe-west1-b/instances/vm-%d", v.n), "machineType": v.self("zones/europe-west1-b/machineTypes/e2-small"),
				"networkInterfaces": []any{nic}, "canIpForward": false, "deletionProtection": !v.weak,
				"serviceAccounts":        []any{map[string]any{"email": v.account(), "scopes": []any{"https://www.googleapis.com/auth/cloud-platform"}}},
				"shieldedInstanceConfig": map[string]any{"enableSecureBoot": !v.weak, "enableVtpm": true, "enableIntegrityMonitoring": true},
				"metadata":               map[string]any{"items": []any{map[string]any{"key": "enable-oslogin", "value": "true"}}},
				"disks":                  []any{map[string]any{"boot": true, "source": v.self("zones/europe-west1-b/disks/vm-%d", v.n)}},
			}
		},
	},
	{
		kind: "compute.googleapis.com/Disk", version: "v1", schema: "Disk", location: "europe-west1-b", has: hasResource,
		name: func(v vars) string { return v.compute("zones/europe-west1-b/disks/vm-%d", v.n) },
		data: func(v vars) map[string]any {
			return map[string]any{
				"id": fmt.Sprint(500 + v.n), "name": fmt.Sprintf("vm-%d", v.n), "sizeGb": "20", "status": "READY", "zone": v.self("zones/europe-west1-b"),
				"selfLink": v.self("zones/europe-west1-b/disks/vm-%d", v.n), "users": []any{v.self("zones/europe-west1-b/instances/vm-%d", v.n)},
			}
		},
	},
	{
		kind: "storage.googleapis.com/Bucket", version: "v1", schema: "Bucket", location: "europe-west1", has: hasResource | hasIAM,
		name: func(v vars) string { return fmt.Sprintf("//storage.googleapis.com/%s-data-%d", v.project, v.n) },
		data: func(v vars) map[string]any {
			prevention := "enforced"
			if v.weak {
				prevention = "inherited"
			}
			return map[string]any{
				"id": fmt.Sprintf("%s-data-%d", v.project, v.n), "name": fmt.Sprintf("%s-data-%d", v.project, v.n), "location": "EUROPE-WEST1", "projectNumber": v.number,
				"storageClass": "STANDARD", "versioning": map[string]any{"enabled": !v.weak}, "metageneration": "1",
				"iamConfiguration": map[string]any{"publicAccessPrevention": prevention, "uniformBucketLevelAccess": map[string]any{"enabled": !v.weak}},
			}
		},
		policy: func(v vars) map[string]any {
			return allUsers(v, "roles/storage.objectViewer", "serviceAccount:"+v.account())
		},
	},
	{
		kind: "iam.googleapis.com/ServiceAccount", version: "v1", schema: "ServiceAccount", location: "global", has: hasResource,
		name: func(v vars) string {
			return fmt.Sprintf("//iam.googleapis.com/projects/%s/serviceAccounts/1%s%02d", v.project, v.number, v.n)
		},
		data: func(v vars) map[string]any {
			return map[string]any{"name": "projects/" + v.project + "/serviceAccounts/" + v.account(), "projectId": v.project, "email": v.account(), "uniqueId": fmt.Sprintf("1%s%02d", v.number, v.n), "disabled": false}
		},
	},
	{
		kind: "iam.googleapis.com/ServiceAccountKey", version: "v1", schema: "ServiceAccountKey", location: "global", has: hasResource,
		name: func(v vars) string {
			return fmt.Sprintf("//iam.googleapis.com/projects/%s/serviceAccounts/1%s%02d/keys/k1", v.project, v.number, v.n)
		},
		data: func(v vars) map[string]any {
			kind := "SYSTEM_MANAGED"
			if v.weak {
				kind = "USER_MANAGED"
			}
			return map[string]any{
				"name": "projects/" + v.project + "/serviceAccounts/" + v.account() + "/keys/k1", "keyType": kind, "keyAlgorithm": "KEY_ALG_RSA_2048",
				"keyOrigin": "GOOGLE_PROVIDED", "validAfterTime": "2025-01-01T00:00:00Z", "validBeforeTime": "9999-12-31T23:59:59Z",
			}
		},
	},
	{
		kind: "pubsub.googleapis.com/Topic", version: "v1", schema: "Topic", location: "global", has: hasResource | hasIAM,
		name: func(v vars) string {
			return fmt.Sprintf("//pubsub.googleapis.com/projects/%s/topics/events-%d", v.project, v.n)
		},
		data: func(v vars) map[string]any {
			return map[string]any{"name": fmt.Sprintf("projects/%s/topics/events-%d", v.project, v.n)}
		},
		policy: func(v vars) map[string]any {
			return allUsers(v, "roles/pubsub.publisher", "serviceAccount:"+v.account())
		},
	},
}
