package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/standin/google"
)

const gcpReader = "reader@shop-web.iam.gserviceaccount.com"

// gcpEstate is an organization with a project that has open and closed assets and
// one that has none. Users of databases may not be listed.
func gcpEstate() *google.Seed {
	var assets []json.RawMessage
	add := func(name, kind, version, schema, data, more string) {
		assets = append(assets, json.RawMessage(fmt.Sprintf(
			`{"name": %q, "assetType": %q, "ancestors": ["projects/333", "folders/222", "organizations/111"], "resource": {"version": %q, "discoveryName": %q, "data": %s}%s}`,
			name, kind, version, schema, data, more)))
	}
	assets = append(assets, json.RawMessage(`{"name": "//cloudresourcemanager.googleapis.com/projects/333", "assetType": "cloudresourcemanager.googleapis.com/Project",
		"iamPolicy": {"etag": "BwX1", "bindings": [{"role": "roles/owner", "members": ["user:ann@shop.example"]}, {"role": "roles/viewer", "members": ["allAuthenticatedUsers"]}]}}`))
	bucket := func(name, data, policy string) {
		add("//storage.googleapis.com/"+name, "storage.googleapis.com/Bucket", "v1", "Bucket", data, `, "iamPolicy": {"etag": "CAE=", "bindings": [`+policy+`]}`)
	}
	bucket("shop-site", `{"name": "shop-site", "projectNumber": "333", "location": "EU", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": false}, "publicAccessPrevention": "inherited"}}`,
		`{"role": "roles/storage.objectViewer", "members": ["allUsers"]}`)
	bucket("shop-data", `{"name": "shop-data", "projectNumber": "333", "location": "EU", "versioning": {"enabled": true}, "encryption": {"defaultKmsKeyName": "projects/shop-web/locations/eu/keyRings/r/cryptoKeys/k"},
		"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}, "publicAccessPrevention": "enforced"}, "retentionPolicy": {"retentionPeriod": "31536000", "isLocked": true}}`,
		`{"role": "roles/storage.admin", "members": ["group:data@shop.example"]}`)
	instance := func(name, settings string) {
		add("//cloudsql.googleapis.com/projects/shop-web/instances/"+name, "sqladmin.googleapis.com/Instance", "v1", "DatabaseInstance",
			`{"name": "`+name+`", "project": "shop-web", "region": "europe-west1", "databaseVersion": "MYSQL_8_0", "instanceType": "CLOUD_SQL_INSTANCE", "settings": `+settings+`}`, "")
	}
	instance("closed", `{"ipConfiguration": {"ipv4Enabled": false, "sslMode": "ENCRYPTED_ONLY"}, "backupConfiguration": {"enabled": true}, "deletionProtectionEnabled": true}`)
	instance("open", `{"ipConfiguration": {"ipv4Enabled": true, "sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "authorizedNetworks": [{"value": "0.0.0.0/1"}, {"value": "128.0.0.0/1"}]}, "backupConfiguration": {"enabled": false}}`)
	const network = "https://www.googleapis.com/compute/v1/projects/shop-web/global/networks/main"
	add("//compute.googleapis.com/projects/shop-web/global/networks/main", "compute.googleapis.com/Network", "v1", "Network",
		`{"name": "main", "selfLink": "`+network+`", "autoCreateSubnetworks": false}`, "")
	firewall := func(name, data string) {
		add("//compute.googleapis.com/projects/shop-web/global/firewalls/"+name, "compute.googleapis.com/Firewall", "v1", "Firewall",
			`{"name": "`+name+`", "network": "`+network+`", "direction": "INGRESS", `+data+`}`, "")
	}
	firewall("ssh", `"priority": 1000, "sourceRanges": ["0.0.0.0/0"], "allowed": [{"IPProtocol": "tcp", "ports": ["20-30"]}]`)
	firewall("inside", `"priority": 1000, "sourceRanges": ["10.0.0.0/8"], "allowed": [{"IPProtocol": "all"}]`)
	return &google.Seed{
		Organizations: []json.RawMessage{json.RawMessage(`{"name": "organizations/111", "displayName": "shop.example", "directoryCustomerId": "C0shop"}`)},
		Folders:       []json.RawMessage{json.RawMessage(`{"name": "folders/222", "parent": "organizations/111", "displayName": "production"}`)},
		Projects: []json.RawMessage{
			json.RawMessage(`{"name": "projects/333", "projectId": "shop-web", "parent": "folders/222", "displayName": "Web"}`),
			json.RawMessage(`{"name": "projects/444", "projectId": "shop-empty", "parent": "organizations/111", "displayName": "Empty"}`),
		},
		Assets: assets,
		Responses: []google.Response{
			{Call: "storage:v1/bucketAccessControls.list", Items: json.RawMessage(`[]`)},
			{Call: "storage:v1/defaultObjectAccessControls.list", Items: json.RawMessage(`[]`)},
			{Call: "iam:v1/locations.workforcePools.list", Items: json.RawMessage(`[]`)},
			{Call: "policyanalyzer:v1/projects.locations.activityTypes.activities.query", Items: json.RawMessage(`[]`)},
		},
		Denied: []string{"cloudsql.users.list"},
		SignIn: google.SignIn{ServiceAccount: "scanner@shop-web.iam.gserviceaccount.com", Impersonate: []string{gcpReader}, FederateAs: gcpReader},
	}
}

func gcpStandin(t *testing.T, options google.Options) *google.Server {
	t.Helper()
	server, err := google.New(gcpEstate(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func gcpConfig(t *testing.T, server *google.Server, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	ca, err := server.CAFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	return writeConfig(t, dir, server.URL, append([]string{"ca_file: " + ca}, more...)...)
}

func writeConfig(t *testing.T, dir, base string, more ...string) string {
	t.Helper()
	text := fmt.Sprintf("gcp:\n  endpoints:\n    \"*\": %s/{api}/\n", base)
	for _, line := range more {
		text += "  " + line + "\n"
	}
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestGCP scans an organization with the program as people run it, from an empty
// home, and looks at everything that it prints.
func TestGCP(t *testing.T) {
	server := gcpStandin(t, google.Options{PageSize: 2})
	config := gcpConfig(t, server)
	dir := t.TempDir()
	files := map[string]string{}
	for name, write := range map[string]func(string) (string, error){
		"key": server.ServiceAccountKey, "federation": server.ExternalAccount, "user": server.AuthorizedUser,
		"impersonated": func(dir string) (string, error) { return server.ImpersonatedAccount(dir, gcpReader) },
	} {
		path, err := write(dir)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = path
	}
	var first int
	for _, tt := range []struct {
		name, file string
		args       []string
	}{
		{"service account key", "key", nil},
		{"impersonation", "key", []string{"--impersonate-service-account", gcpReader}},
		{"impersonation by file", "impersonated", nil},
		{"federation", "federation", nil},
		{"user", "user", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProgram(t, "GOOGLE_APPLICATION_CREDENTIALS="+files[tt.file])
			var scan wireScan
			stderr := p.json(exitIncomplete, &scan, append([]string{"scan", "gcp", "--config", config, "--format", "json", "--stats", "--quiet"}, tt.args...)...)
			if first != 0 {
				if got := len(scan.verdicts()); got != first {
					t.Errorf("%d findings, %d with the key", got, first)
				}
				return
			}
			first = len(scan.verdicts())
			checkGCPScan(t, &scan)
			checkStats(t, stderr, "cloudasset:assets.list", "sqladmin:users.list")
			var assets []wireAsset
			p.json(exitClean, &assets, "inventory", "--format", "json")
			checkAssets(t, assets, map[string]int{
				"cloudresourcemanager.googleapis.com/Organization": 1, "cloudresourcemanager.googleapis.com/Folder": 1, "cloudresourcemanager.googleapis.com/Project": 2,
				"storage.googleapis.com/Bucket": 2, "sqladmin.googleapis.com/Instance": 2, "compute.googleapis.com/Firewall": 2, "compute.googleapis.com/Network": 1,
			})
		})
	}
}

func checkGCPScan(t *testing.T, scan *wireScan) {
	t.Helper()
	for _, account := range []string{"organizations/111", "folders/222", "shop-web", "shop-empty"} {
		if !slices.Contains(scan.Scan.Accounts, account) {
			t.Errorf("accounts %v lack %s", scan.Scan.Accounts, account)
		}
	}
	checkControls(t, scan, []controlVerdicts{
		{"storage-is-not-public", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"gcp-storage-bucket-prevents-public-access", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"gcp-storage-bucket-uses-uniform-access", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"storage-keeps-versions", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"storage-is-encrypted-with-own-key", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"gcp-storage-bucket-retains-objects", map[string]string{"shop-site": "fail", "shop-data": "pass"}},
		{"database-has-no-public-address", map[string]string{"open": "fail", "closed": "pass"}},
		{"database-is-not-open-to-internet", map[string]string{"open": "fail", "closed": "pass"}},
		{"database-requires-tls", map[string]string{"open": "fail", "closed": "pass"}},
		{"gcp-cloudsql-instance-has-backups", map[string]string{"open": "fail", "closed": "pass"}},
		{"database-is-protected-from-deletion", map[string]string{"open": "fail", "closed": "pass"}},
		{"gcp-cloudsql-mysql-users-are-bound-to-hosts", map[string]string{"open": "unknown", "closed": "not_applicable"}},
		{"gcp-compute-firewall-closes-ssh", map[string]string{"ssh": "fail", "inside": "pass"}},
		{"gcp-compute-firewall-closes-rdp", map[string]string{"ssh": "pass", "inside": "pass"}},
		{"gcp-iam-project-is-not-public", map[string]string{"shop-web": "fail", "shop-empty": "pass"}},
		{"gcp-iam-project-has-no-basic-roles", map[string]string{"shop-web": "fail", "shop-empty": "pass"}},
		{"gcp-logging-watches-project-ownership", map[string]string{"shop-web": "fail", "shop-empty": "fail"}},
		{"gcp-logging-project-exports-all-entries", map[string]string{"shop-empty": "fail"}},
	})
	checkPermissions(t, scan, map[string]string{"sqladmin:users.list": "cloudsql.users.list"})
}

// TestGCPSignIn holds what the program says when it cannot scan.
func TestGCPSignIn(t *testing.T) {
	server := gcpStandin(t, google.Options{})
	config := gcpConfig(t, server)
	dir := t.TempDir()
	key, err := server.ServiceAccountKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	external, err := server.ExternalAccount(dir)
	if err != nil {
		t.Fatal(err)
	}
	broken := func(name, path string, change func(string) string) string {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, name)
		if err := os.WriteFile(out, []byte(change(string(data))), 0o600); err != nil {
			t.Fatal(err)
		}
		return out
	}
	// A key that the sign-in service does not know is one of another stand-in.
	other, err := gcpStandin(t, google.Options{}).ServiceAccountKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	otherURL := func(s string) string {
		at := strings.Index(s, "https://127.0.0.1:")
		end := at + strings.IndexByte(s[at+len("https://"):], '/') + len("https://")
		return strings.ReplaceAll(s, s[at:end], server.URL)
	}
	stale := filepath.Join(dir, "stale.jwt")
	if err := os.WriteFile(stale, []byte("eyJhbGciOiJub25lIn0.e30."), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file, config string
		args               []string
		code               int
		want               []string
	}{
		{"key that was revoked", broken("revoked.json", other, otherURL), config, nil, exitError, []string{"credentials", "invalid_grant"}},
		{"key file that is none", broken("none.json", key, func(string) string { return "{}" }), config, nil, exitError, []string{"no file of Google credentials"}},
		{"key file that is not there", filepath.Join(dir, "absent.json"), config, nil, exitError, []string{"GOOGLE_APPLICATION_CREDENTIALS", "absent.json"}},
		{"account that may not be acted as", key, config, []string{"--impersonate-service-account", "other@shop-web.iam.gserviceaccount.com"}, exitError, []string{"may not be acted as", "roles/iam.serviceAccountTokenCreator"}},
		{"token of somebody else", broken("stale.json", external, func(s string) string {
			return strings.ReplaceAll(s, filepath.Join(dir, "subject-token.jwt"), stale)
		}), config, nil, exitError, []string{"federation was refused"}},
		{"authority that nobody knows", key, writeConfig(t, t.TempDir(), server.URL), nil, exitError, []string{"unreachable", "CA file"}},
		{"CA file that is not there", key, writeConfig(t, t.TempDir(), server.URL, "ca_file: /none.pem"), nil, exitUsage, []string{"none.pem"}},
		{"proxy that does not answer", key, gcpConfig(t, server, "proxy: http://"+closedPort(t)), nil, exitError, []string{"unreachable", "proxy does not answer"}},
		{"nothing listens", key, writeConfig(t, t.TempDir(), "https://"+closedPort(t)), nil, exitError, []string{"unreachable"}},
		{"organization that is not there", key, config, []string{"--organization", "999"}, exitError, []string{"read organizations/999", "credentials"}},
		{"key that is misspelt", key, writeConfig(t, t.TempDir(), server.URL, "univers: x"), nil, exitUsage, []string{"field univers not found"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, "GOOGLE_APPLICATION_CREDENTIALS="+tt.file)
			code, stdout, stderr := p.run(append([]string{"scan", "gcp", "--config", tt.config}, tt.args...)...)
			// What is said on the way, such as the warning about keys, stands above.
			lines := strings.SplitAfter(strings.TrimSuffix(stderr, "\n"), "\n")
			checkRefusal(t, code, tt.code, stdout, lines[len(lines)-1]+"\n", tt.want)
		})
	}
}
