package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The wire form of what the program prints, as far as the tests ask about it.
type (
	wireScan struct {
		Scan struct {
			ID       string   `json:"id"`
			Status   string   `json:"status"`
			Accounts []string `json:"accounts"`
			Regions  []string `json:"regions"`
			Counts   struct {
				Assets, Gaps, Pass, Fail, Unknown int
			} `json:"counts"`
		} `json:"scan"`
		Findings []wireFinding `json:"findings"`
		Gaps     []wireGap     `json:"gaps"`
	}
	wireFinding struct {
		ID        string    `json:"id"`
		Control   string    `json:"control"`
		Verdict   string    `json:"verdict"`
		Severity  string    `json:"severity"`
		Asset     wireRef   `json:"asset"`
		Gaps      []wireGap `json:"gaps"`
		FirstSeen time.Time `json:"first_seen"`
		LastSeen  time.Time `json:"last_seen"`
		Scan      string    `json:"scan"`
	}
	wireRef struct {
		ID      string            `json:"id"`
		Type    string            `json:"type"`
		Name    string            `json:"name"`
		Account string            `json:"account"`
		Region  string            `json:"region"`
		Tags    map[string]string `json:"tags"`
	}
	wireAsset struct {
		ID     string         `json:"id"`
		Type   string         `json:"type"`
		Name   string         `json:"name"`
		Config map[string]any `json:"config"`
		Stale  bool           `json:"stale"`
	}
	wireGap struct {
		Type       string `json:"type"`
		Asset      string `json:"asset"`
		Path       string `json:"path"`
		Reason     string `json:"reason"`
		Operation  string `json:"operation"`
		Permission string `json:"permission"`
		Detail     string `json:"detail"`
		Scope      struct {
			Region string `json:"region"`
		} `json:"scope"`
	}
)

// verdicts are those of a scan by control and asset.
func (s *wireScan) verdicts() map[string]string { return verdictsOf(s.Findings) }

func verdictsOf(findings []wireFinding) map[string]string {
	out := map[string]string{}
	for _, f := range findings {
		out[f.Control+" on "+f.Asset.ID] = f.Verdict
	}
	return out
}

// TestMoto scans the estate of scripts/moto/estate.py as a person would, and
// asks every command about what came of it.
func TestMoto(t *testing.T) {
	url := serveMoto(t, "estate")
	p := newProgram(t, signedIn(url)...)
	var scan wireScan
	stats := callsOf(t, p.json(exitIncomplete, &scan, "scan", "aws", "--regions", "us-east-1,eu-west-1", "--format", "json", "--stats", "--quiet"))

	t.Run("form", func(t *testing.T) { checkForm(t, p) })
	t.Run("verdicts", func(t *testing.T) { checkVerdicts(t, p, &scan) })
	t.Run("gaps", func(t *testing.T) { checkGaps(t, p, &scan, stats) })
	t.Run("commands", func(t *testing.T) { checkCommands(t, p, &scan) })
	t.Run("snapshot", func(t *testing.T) { checkSnapshot(t, p, &scan) })
	t.Run("again", func(t *testing.T) { checkAgain(t, p, &scan) })
	t.Run("exit codes", func(t *testing.T) { checkExitCodes(t, url) })
}

// callsOf reads the table of --stats: calls by operation.
func callsOf(t *testing.T, stderr string) map[string]int {
	t.Helper()
	calls := map[string]int{}
	for line := range strings.Lines(stderr) {
		f := strings.Fields(line)
		if len(f) != 4 || !strings.Contains(f[0], ":") {
			continue
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatalf("line of --stats: %q", line)
		}
		calls[f[0]] = n
	}
	if len(calls) < 50 {
		t.Fatalf("--stats names %d operations:\n%s", len(calls), stderr)
	}
	return calls
}

// checkForm looks at the members of the JSON form, of findings above all.
func checkForm(t *testing.T, p *program) {
	p.t = t
	var doc map[string]json.RawMessage
	p.json(exitClean, &doc, "scan", "aws", "--regions", "eu-west-1", "--controls", "storage-keeps-versions", "--format", "json", "--quiet", "--database", "form.db")
	for _, member := range []string{"scan", "findings", "gaps"} {
		if doc[member] == nil {
			t.Errorf("the document has no %s", member)
		}
	}
	var findings []map[string]json.RawMessage
	if err := json.Unmarshal(doc["findings"], &findings); err != nil {
		t.Fatal(err)
	}
	if len(findings) != 7 {
		t.Errorf("got %d findings, want one for each of 7 buckets", len(findings))
	}
	// The list of findings, and one that is explained, have the same members.
	var listed []map[string]json.RawMessage
	p.json(exitClean, &listed, "findings", "--verdict", "all", "--format", "json", "--database", "form.db")
	if len(listed) != len(findings) {
		t.Errorf("the command findings lists %d, the scan %d", len(listed), len(findings))
	}
	var id string
	if err := json.Unmarshal(findings[0]["id"], &id); err != nil {
		t.Fatal(err)
	}
	var explained map[string]json.RawMessage
	p.json(exitClean, &explained, "explain", id, "--format", "json", "--database", "form.db")
	for _, f := range append(append(findings, listed...), explained) {
		for _, member := range []string{"id", "control", "known_as", "verdict", "severity", "asset", "evidence", "gaps", "frameworks", "fix"} {
			if f[member] == nil || string(f[member]) == "null" {
				t.Errorf("finding %s has no %s", f["id"], member)
			}
		}
		var asset map[string]json.RawMessage
		if err := json.Unmarshal(f["asset"], &asset); err != nil {
			t.Fatal(err)
		}
		for _, member := range []string{"id", "type", "class", "name", "account", "region", "tags"} {
			if asset[member] == nil || string(asset[member]) == "null" {
				t.Errorf("asset %s has no %s", asset["id"], member)
			}
		}
	}
}

// checkVerdicts compares verdicts that somebody thought out with those of the
// scan.
func checkVerdicts(t *testing.T, p *program, scan *wireScan) {
	p.t = t
	names := map[string]string{}
	var keys []wireAsset
	p.json(exitClean, &keys, "inventory", "--type", "AWS::KMS::Key", "--format", "json")
	for _, k := range keys {
		names[k.ID], _ = k.Config["Description"].(string)
	}
	got := map[string]string{}
	for _, f := range scan.Findings {
		name := f.Asset.Name
		if n := names[f.Asset.ID]; n != "" {
			name = n
		}
		got[f.Control+" on "+name] = f.Verdict
	}
	const account = "123456789012"
	for _, test := range []struct {
		control string
		want    map[string]string // by name of the asset
	}{
		{"storage-is-not-public", map[string]string{
			"plain": "pass", "public-read": "fail", "organization-only": "pass", "wildcard-organization": "fail", "tls-only": "pass", "versioned": "pass",
		}},
		{"aws-s3-bucket-is-not-publicly-writable", map[string]string{"public-read": "pass"}},
		{"aws-s3-bucket-blocks-public-access", map[string]string{"public-read": "fail", "plain": "fail", "versioned": "pass"}},
		{"aws-s3-bucket-requires-tls", map[string]string{"plain": "fail", "tls-only": "pass", "public-read": "fail"}},
		{"storage-keeps-versions", map[string]string{"versioned": "pass", "plain": "fail"}},
		{"aws-s3-account-blocks-public-access", map[string]string{"account-public-access-block": "fail"}},
		{"user-has-mfa", map[string]string{"admin-without-mfa": "fail", "with-mfa": "pass", "machine": "not_applicable"}},
		{"aws-iam-user-inline-policy-is-not-admin", map[string]string{"admin-without-mfa": "fail", "with-mfa": "pass"}},
		{"aws-iam-role-web-identity-trust-is-bound", map[string]string{"github-any-repository": "fail", "github-one-repository": "pass", "function": "not_applicable"}},
		{"aws-iam-password-policy-asks-for-length", map[string]string{"account-password-policy": "fail"}},
		{"firewall-closes-ssh", map[string]string{
			"ssh-from-anywhere": "fail", "ssh-from-two-halves": "fail", "ssh-from-anywhere-v6": "fail", "everything-from-anywhere": "fail",
			"ssh-from-inside": "pass", "web-from-anywhere": "pass",
		}},
		{"aws-ec2-security-group-admin-ports-are-closed-ipv4", map[string]string{"ssh-from-two-halves": "fail", "ssh-from-anywhere-v6": "pass"}},
		{"aws-ec2-security-group-admin-ports-are-closed-ipv6", map[string]string{"ssh-from-two-halves": "pass", "ssh-from-anywhere-v6": "fail"}},
		{"aws-ec2-security-group-has-no-all-traffic", map[string]string{"everything-from-anywhere": "fail", "ssh-from-anywhere": "pass"}},
		{"aws-cloudtrail-trail-is-logging", map[string]string{account: "pass"}},
		{"aws-cloudtrail-trail-validates-files", map[string]string{"started": "pass", "stopped": "fail"}},
		{"aws-cloudwatch-alarm-on-root-activity", map[string]string{account: "pass"}},
		{"aws-cloudwatch-alarm-on-key-removal", map[string]string{account: "fail"}},
		{"database-has-no-public-address", map[string]string{"exposed": "fail", "guarded": "pass"}},
		{"aws-rds-instance-is-encrypted", map[string]string{"exposed": "fail", "guarded": "pass"}},
		{"aws-sqs-queue-is-not-public", map[string]string{"public-queue": "fail", "own-account-queue": "pass"}},
		{"topic-is-not-public", map[string]string{"public-topic": "fail", "own-account-topic": "pass"}},
		{"function-variables-have-no-secrets", map[string]string{"with-secret": "fail", "without-secret": "pass"}},
		{"key-rotates", map[string]string{"rotated": "pass", "not-rotated": "fail", "signing": "not_applicable"}},
		{"aws-guardduty-is-on", map[string]string{"us-east-1": "fail", "eu-west-1": "fail"}},
	} {
		t.Run(test.control, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(test.want)) {
				if v := got[test.control+" on "+name]; v != test.want[name] {
					t.Errorf("%s: got %q, want %q", name, v, test.want[name])
				}
			}
		})
	}
}

// checkGaps looks at what the server does not know: each operation is asked
// once, comes out as a gap, and lets no control pass.
func checkGaps(t *testing.T, p *program, scan *wireScan, calls map[string]int) {
	p.t = t
	unsupported := map[string]bool{}
	for _, g := range scan.Gaps {
		if g.Reason == "unsupported" {
			unsupported[g.Operation] = true
		}
	}
	verdicts := map[string][]string{}
	for _, f := range scan.Findings {
		verdicts[f.Control] = append(verdicts[f.Control], f.Verdict)
		if f.Verdict == "pass" && len(f.Gaps) > 0 {
			t.Errorf("%s passes on %s with the gap %+v", f.Control, f.Asset.ID, f.Gaps[0])
		}
	}
	for _, test := range []struct{ operation, control string }{
		{"accessanalyzer:ListAnalyzers", "aws-accessanalyzer-external-access-analyzer-is-active"},
		{"accessanalyzer:ListAnalyzers", "aws-accessanalyzer-has-no-open-findings"},
		{"account:GetContactInformation", "aws-account-primary-contact-is-complete"},
		{"ec2:GetSnapshotBlockPublicAccessState", "aws-ec2-account-blocks-public-snapshots"},
		{"ec2:GetImageBlockPublicAccessState", "aws-ec2-account-blocks-public-images"},
		{"ec2:GetInstanceMetadataDefaults", "aws-ec2-account-defaults-to-imdsv2"},
	} {
		if !unsupported[test.operation] {
			t.Errorf("%s is no gap with the reason unsupported", test.operation)
		}
		if v := verdicts[test.control]; len(v) == 0 || slices.ContainsFunc(v, func(v string) bool { return v != "unknown" }) {
			t.Errorf("%s without %s: got %v, want unknown everywhere", test.control, test.operation, v)
		}
	}
	for op := range unsupported {
		if calls[op] != 1 {
			t.Errorf("%s is not served and was called %d times", op, calls[op])
		}
	}
	checkUnlisted(t, p, scan)
}

// checkUnlisted makes sure that nothing passes for a type that could not be
// listed where it could not.
func checkUnlisted(t *testing.T, p *program, scan *wireScan) {
	t.Helper()
	var controls []struct{ ID, Type string }
	p.json(exitClean, &controls, "controls", "list", "--format", "json")
	about := map[string]string{}
	for _, c := range controls {
		about[c.ID] = c.Type
	}
	for _, g := range scan.Gaps {
		if g.Asset != "" {
			continue
		}
		for _, f := range scan.Findings {
			if f.Verdict == "pass" && about[f.Control] == g.Type && (g.Scope.Region == "" || g.Scope.Region == f.Asset.Region) {
				t.Errorf("%s passes on %s, and %s could not be listed there", f.Control, f.Asset.ID, g.Type)
			}
		}
	}
}

// checkCommands asks the other commands about the scan: all say the same.
func checkCommands(t *testing.T, p *program, scan *wireScan) {
	p.t = t
	var findings []wireFinding
	p.json(exitClean, &findings, "findings", "--verdict", "all", "--format", "json")
	if diff := cmp.Diff(scan.verdicts(), verdictsOf(findings)); diff != "" {
		t.Errorf("findings (-scan +findings):\n%s", diff)
	}
	p.json(exitClean, &findings, "findings", "--verdict", "fail", "--region", "eu-west-1", "--tag", "team=data", "--format", "json")
	for _, f := range findings {
		if f.Verdict != "fail" || f.Asset.Region != "eu-west-1" || f.Asset.Tags["team"] != "data" {
			t.Errorf("findings of team=data in eu-west-1 that fail: got %+v", f)
		}
	}
	if len(findings) == 0 {
		t.Error("findings of team=data in eu-west-1 that fail: got none")
	}

	var assets []wireAsset
	p.json(exitClean, &assets, "inventory", "--format", "json")
	if len(assets) != scan.Scan.Counts.Assets {
		t.Errorf("inventory has %d assets, the scan read %d", len(assets), scan.Scan.Counts.Assets)
	}
	known := map[string]bool{}
	for _, a := range assets {
		known[a.ID] = true
	}
	for _, f := range scan.Findings {
		if !known[f.Asset.ID] {
			t.Errorf("%s is about %s, which the inventory lacks", f.Control, f.Asset.ID)
		}
	}

	var gaps []wireGap
	p.json(exitClean, &gaps, "coverage", "--format", "json")
	if diff := cmp.Diff(scan.Gaps, gaps); diff != "" {
		t.Errorf("coverage (-scan +coverage):\n%s", diff)
	}

	bucket := "arn:aws:s3:::public-read"
	var shown struct {
		Asset    wireAsset
		Findings []wireFinding
	}
	p.json(exitClean, &shown, "show", bucket, "--format", "json")
	if block, ok := shown.Asset.Config["PublicAccessBlockConfiguration"].(map[string]any); !ok || block["BlockPublicPolicy"] != false {
		t.Errorf("show %s: the public access block is %v", bucket, shown.Asset.Config["PublicAccessBlockConfiguration"])
	}
	want := slices.Clone(scan.Findings)
	want = slices.DeleteFunc(want, func(f wireFinding) bool { return f.Asset.ID != bucket })
	if diff := cmp.Diff(verdictsOf(want), verdictsOf(shown.Findings)); diff != "" {
		t.Errorf("show %s (-scan +show):\n%s", bucket, diff)
	}

	i := slices.IndexFunc(scan.Findings, func(f wireFinding) bool {
		return f.Asset.ID == bucket && f.Control == "storage-is-not-public"
	})
	if i < 0 {
		t.Fatal("no finding about the public bucket")
	}
	var explained wireFinding
	p.json(exitClean, &explained, "explain", scan.Findings[i].ID, "--format", "json")
	if explained.ID != scan.Findings[i].ID || explained.Verdict != "fail" {
		t.Errorf("explain: got %+v", explained)
	}
	_, text, _ := p.run("explain", scan.Findings[i].ID)
	for _, part := range []string{"Evidence", "How to mend it", "--bucket public-read"} {
		if !strings.Contains(text, part) {
			t.Errorf("explain lacks %q:\n%s", part, text)
		}
	}

	var rows []struct {
		Match string
		Asset wireRef
	}
	p.json(exitClean, &rows, "query", "--type", "AWS::S3::Bucket", `config.Versioning.Status == "Enabled"`, "--format", "json")
	if len(rows) != 1 || rows[0].Asset.Name != "versioned" || rows[0].Match != "yes" {
		t.Errorf("query for versioned buckets: got %+v", rows)
	}
	p.json(exitClean, &rows, "query", "--type", "AWS::EC2::AccountDefaults", `config.SnapshotBlockPublicAccess.State == "unblocked"`, "--format", "json")
	if len(rows) != 2 || rows[0].Match != "unknown" {
		t.Errorf("query for what could not be read: got %+v", rows)
	}
	checkFrameworks(t, p, scan)
}

// checkFrameworks compares the states of requirements with the verdicts of
// their controls.
func checkFrameworks(t *testing.T, p *program, scan *wireScan) {
	t.Helper()
	by := map[string]map[string]bool{}
	for _, f := range scan.Findings {
		if by[f.Control] == nil {
			by[f.Control] = map[string]bool{}
		}
		by[f.Control][f.Verdict] = true
	}
	var list []struct{ ID, Provider string }
	p.json(exitClean, &list, "frameworks", "list", "--format", "json")
	for _, fw := range list {
		if fw.Provider != "" && fw.Provider != "aws" {
			continue // nothing of that cloud was scanned
		}
		var shown struct {
			Framework struct {
				Requirements []struct {
					ID       string
					Controls []string
				}
			}
			Status map[string]string
		}
		p.json(exitClean, &shown, "frameworks", "show", fw.ID, "--format", "json")
		for _, r := range shown.Framework.Requirements {
			any := func(verdict string) bool {
				return slices.ContainsFunc(r.Controls, func(id string) bool { return by[id][verdict] })
			}
			got := shown.Status[r.ID]
			switch {
			case len(r.Controls) == 0:
			case any("fail") && got != "fail":
				t.Errorf("%s %s is %q and a control of it fails", fw.ID, r.ID, got)
			case !any("fail") && any("unknown") && got != "unknown":
				t.Errorf("%s %s is %q and a control of it is unknown", fw.ID, r.ID, got)
			}
		}
	}
}

// checkSnapshot evaluates a saved snapshot without the cloud.
func checkSnapshot(t *testing.T, p *program, scan *wireScan) {
	p.t = t
	file := filepath.Join(p.dir, "account.stance")
	if code, _, stderr := p.run("snapshot", "save", file); code != exitClean {
		t.Fatalf("snapshot save: exit code %d\n%s", code, stderr)
	}
	offline := newProgram(t)
	var again wireScan
	offline.json(exitIncomplete, &again, "scan", "--from", file, "--format", "json", "--quiet")
	if diff := cmp.Diff(scan.verdicts(), again.verdicts()); diff != "" {
		t.Errorf("verdicts (-scan +snapshot):\n%s", diff)
	}
	if diff := cmp.Diff(scan.Gaps, again.Gaps); diff != "" {
		t.Errorf("gaps (-scan +snapshot):\n%s", diff)
	}
	if diff := cmp.Diff(scan.Scan.Counts, again.Scan.Counts); diff != "" {
		t.Errorf("counts (-scan +snapshot):\n%s", diff)
	}
}

// checkAgain scans a second time: the findings are the same ones.
func checkAgain(t *testing.T, p *program, scan *wireScan) {
	p.t = t
	var again wireScan
	p.json(exitIncomplete, &again, "scan", "aws", "--regions", "eu-west-1,us-east-1", "--format", "json", "--quiet")
	if diff := cmp.Diff(scan.verdicts(), again.verdicts()); diff != "" {
		t.Errorf("verdicts (-first +second):\n%s", diff)
	}
	before := map[string]wireFinding{}
	for _, f := range scan.Findings {
		before[f.ID] = f
	}
	for _, f := range again.Findings {
		b, ok := before[f.ID]
		switch {
		case !ok:
			t.Errorf("%s on %s has another id", f.Control, f.Asset.ID)
		case !f.FirstSeen.Equal(b.FirstSeen):
			t.Errorf("%s on %s: first seen %s, was %s", f.Control, f.Asset.ID, f.FirstSeen, b.FirstSeen)
		case !f.LastSeen.After(b.LastSeen):
			t.Errorf("%s on %s: last seen %s, was %s", f.Control, f.Asset.ID, f.LastSeen, b.LastSeen)
		}
	}
}

// checkExitCodes runs scans that end in each of the ways.
func checkExitCodes(t *testing.T, url string) {
	p := newProgram(t, signedIn(url)...)
	for _, test := range []struct {
		name string
		args string
		want int
	}{
		{"everything read", "--controls storage-keeps-versions", exitClean},
		{"findings, but not that bad", "--controls storage-keeps-versions --fail-on critical", exitClean},
		{"findings", "--controls storage-is-not-public --fail-on high", exitFindings},
		{"gaps", "--controls aws-account-primary-contact-is-complete", exitIncomplete},
		{"gaps and no finding bad enough", "--controls aws-account-primary-contact-is-complete --fail-on low", exitIncomplete},
		{"findings and gaps", "--controls storage-is-not-public,aws-account-primary-contact-is-complete --fail-on high", exitFindings},
		{"no such control", "--controls no-such-control", exitError},
		{"no such severity", "--fail-on worst", exitUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			p.t = t
			args := append([]string{"scan", "aws", "--regions", "us-east-1", "--quiet"}, strings.Fields(test.args)...)
			if code, _, stderr := p.run(args...); code != test.want {
				t.Errorf("exit code %d, want %d\n%s", code, test.want, stderr)
			}
		})
	}
}

// String names a gap in messages.
func (g wireGap) String() string { return fmt.Sprintf("%s %s %s", g.Operation, g.Reason, g.Asset) }
