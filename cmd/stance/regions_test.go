package main

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScanOfFewerRegions holds that a scan says nothing about regions that it does
// not read: what is known of them stays, and its report is about the others.
func TestScanOfFewerRegions(t *testing.T) {
	p := newProgram(t, signedIn(serveMoto(t, "estate"))...)
	scan := func(regions string) map[string]string {
		var out wireScan
		p.json(exitIncomplete, &out, "scan", "aws", "--regions", regions, "--services", "vpc,ec2,s3", "--format", "json", "--quiet")
		for _, f := range out.Findings {
			if f.Asset.Region == "eu-west-1" && regions == "us-east-1" && f.Asset.Type != "AWS::S3::Bucket" {
				t.Errorf("the report on %s has %s on %s", regions, f.Control, f.Asset.ID)
			}
		}
		return out.verdicts()
	}
	known := func() (assets, findings map[string]string) {
		var inventory []struct {
			ID      string `json:"id"`
			Version string `json:"version"`
			Scope   struct{ Region string }
		}
		p.json(exitClean, &inventory, "inventory", "--format", "json")
		assets = map[string]string{}
		for _, a := range inventory {
			assets[a.ID] = a.Scope.Region
		}
		var stored []wireFinding
		p.json(exitClean, &stored, "findings", "--verdict", "all", "--format", "json")
		return assets, verdictsOf(stored)
	}
	whole := scan("us-east-1,eu-west-1")
	assets, findings := known()
	if n := len(assets); n < 50 {
		t.Fatalf("only %d assets", n)
	}
	for range 2 { // what is kept is kept again
		part := scan("us-east-1")
		if len(part) == 0 || len(part) >= len(whole) {
			t.Errorf("%d findings on one region, %d on two", len(part), len(whole))
		}
		gotAssets, gotFindings := known()
		if diff := cmp.Diff(assets, gotAssets); diff != "" {
			t.Errorf("assets after a scan of one region (-before +after):\n%s", diff)
		}
		// What is about the account as a whole may be another verdict.
		for _, m := range []map[string]string{findings, gotFindings} {
			maps.DeleteFunc(m, func(key, _ string) bool { return len(key) > 5 && key[len(key)-5:] == ":root" })
		}
		if diff := cmp.Diff(findings, gotFindings); diff != "" {
			t.Errorf("findings after a scan of one region (-before +after):\n%s", diff)
		}
	}
	if diff := cmp.Diff(whole, scan("us-east-1,eu-west-1")); diff != "" {
		t.Errorf("a scan of both again (-first +now):\n%s", diff)
	}
}
