package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// settledAccounts are the accounts of scripts/moto/situations by the table that
// says what is right about them. What an account has one of goes by the name
// that the account has here.
var settledAccounts = []struct {
	table    string
	accounts map[string]string
	regions  string // other than both
}{
	{table: "storage", accounts: map[string]string{
		"100000000001": "account-open", "100000000002": "account-shut", "100000000003": "account-half", "100000000004": "account-bare",
	}},
	{table: "identity", accounts: map[string]string{
		"200000000001": "account-company", "200000000002": "account-tidy", "200000000003": "account-lax", "200000000004": "account-endless",
		"200000000005": "account-bare",
	}},
	{table: "trails", accounts: map[string]string{
		"300000000001": "account-watched", "300000000002": "account-stopped", "300000000003": "account-bare", "300000000004": "account-broken",
		"300000000011": "account-writes", "300000000012": "account-reads", "300000000013": "account-no-management",
		"300000000014": "account-without-kms", "300000000015": "account-all-by-prefix", "300000000016": "account-one-bucket",
		"300000000017": "account-functions", "300000000021": "account-advanced", "300000000022": "account-advanced-objects",
		"300000000023": "account-advanced-reads", "300000000024": "account-advanced-writes", "300000000025": "account-advanced-halves",
		"300000000026": "account-advanced-without-kms", "300000000027": "account-advanced-all-by-prefix",
		"300000000028": "account-advanced-one-bucket",
	}},
	{table: "trails_elsewhere", regions: "eu-west-1", accounts: map[string]string{
		"300000000001": "account-watched", "300000000002": "account-stopped",
	}},
	{table: "messages", accounts: map[string]string{"400000000001": "account-1", "400000000002": "account-2", "400000000003": "account-3"}},
	{table: "settings", accounts: map[string]string{
		"500000000001": "account-on", "500000000002": "account-off", "500000000003": "account-part", "500000000004": "account-bare",
	}},
	{table: "organization", accounts: map[string]string{
		"600000000001": "account-railed", "600000000002": "account-delegating", "600000000003": "account-outside",
	}},
}

// TestVerdictsOfAccounts compares verdicts about storage, identity, trails,
// messages and the settings of accounts with what is right, on a wire of which
// every answer comes from somebody else than us. Each account is scanned by a
// role in it, for the controls of its table.
func TestVerdictsOfAccounts(t *testing.T) {
	url := serveMoto(t, "situations")
	for _, test := range settledAccounts {
		t.Run(test.table, func(t *testing.T) {
			t.Parallel()
			table := readVerdictTable(t, test.table)
			var scan wireScan
			for _, number := range slices.Sorted(maps.Keys(test.accounts)) {
				scan.Findings = append(scan.Findings, table.scanAccount(t, url, number, test.accounts[number], cmp.Or(test.regions, "us-east-1,eu-west-1"))...)
			}
			table.nameOthers(scan.Findings)
			table.check(t, &scan)
			situations := 0
			for _, of := range table {
				situations += len(of)
			}
			t.Logf("%d verdicts of %d controls", situations, len(table))
		})
	}
}

// scanAccount scans an account for the controls of the table, and gives the
// situation to the assets that can neither be named nor tagged by it.
func (table verdictTable) scanAccount(t *testing.T, url, number, name, regions string) []wireFinding {
	t.Helper()
	p := newProgram(t, signedIn(url)...)
	code, stdout, stderr := p.run("scan", "aws", "--role-arn", "arn:aws:iam::"+number+":role/audit", "--regions", regions,
		"--controls", strings.Join(slices.Sorted(maps.Keys(table)), ","), "--format", "json", "--quiet")
	if code != exitClean && code != exitIncomplete {
		t.Fatalf("scan of %s: exit code %d\n%s", name, code, stderr)
	}
	var scan wireScan
	if err := json.Unmarshal([]byte(stdout), &scan); err != nil {
		t.Fatalf("scan of %s: %v in %.500s", name, err, stdout)
	}
	if !slices.Equal(scan.Scan.Accounts, []string{number}) {
		t.Errorf("scan of %s: the accounts are %v, want %s", name, scan.Scan.Accounts, number)
	}
	users := usersOfKeys(p, scan.Findings)
	for i := range scan.Findings {
		a := &scan.Findings[i].Asset
		if a.Account != number {
			t.Errorf("%s on %s: the account is %q", scan.Findings[i].Control, a.ID, a.Account)
		}
		switch {
		case slices.Contains(onePerAccount, a.Type):
			a.Tags = map[string]string{"situation": name}
		case users[a.ID] != "":
			a.Tags = map[string]string{"situation": users[a.ID]}
		}
	}
	return scan.Findings
}

// onePerAccount are the types of which an account, or a region of it, has one.
var onePerAccount = []string{
	"AWS::::Account", "AWS::::Region", "AWS::Account::Settings", "AWS::Config::ConfigurationRecorder", "AWS::GuardDuty::Detector",
	"AWS::IAM::AccountPasswordPolicy", "AWS::IAM::AccountSummary", "AWS::Organizations::Organization", "AWS::S3::AccountPublicAccessBlock",
}

// usersOfKeys names access keys by their users; the inactive ones of users who
// have an active one too end with "-off".
func usersOfKeys(p *program, findings []wireFinding) map[string]string {
	const keyType = "AWS::IAM::AccessKey"
	if !slices.ContainsFunc(findings, func(f wireFinding) bool { return f.Asset.Type == keyType }) {
		return nil
	}
	var keys []wireAsset
	p.json(exitClean, &keys, "inventory", "--type", keyType, "--format", "json")
	active := map[string]bool{}
	for _, k := range keys {
		if user, _ := k.Config["UserName"].(string); k.Config["Status"] == "Active" {
			active[user] = true
		}
	}
	users := map[string]string{}
	for _, k := range keys {
		user, _ := k.Config["UserName"].(string)
		users[k.ID] = user
		if k.Config["Status"] != "Active" && active[user] {
			users[k.ID] += "-off"
		}
	}
	return users
}

// nameOthers puts the assets that a control judges and that its part of the table
// does not name in the place of "others".
func (table verdictTable) nameOthers(findings []wireFinding) {
	for control, of := range table {
		verdict := of["others"]
		if verdict == "" {
			continue
		}
		delete(of, "others")
		named := maps.Clone(of)
		for _, f := range findings {
			names := f.Asset.situations()
			if f.Control == control && !slices.ContainsFunc(names, func(n string) bool { return named[n] != "" }) {
				of[names[len(names)-1]] = verdict
			}
		}
	}
}
