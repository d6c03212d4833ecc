package main

import (
	"strings"
	"testing"
)

// TestVerdictsOfWorkloads compares verdicts about machines, networks, databases,
// files, functions, clusters and secrets with what is right, on a wire of which
// every answer comes from somebody else than us.
func TestVerdictsOfWorkloads(t *testing.T) {
	for _, test := range []struct {
		name  string
		check func(*testing.T, *program)
	}{
		{"compute", func(*testing.T, *program) {}},
		{"data", checkEvents},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table := readVerdictTable(t, test.name)
			p := newProgram(t, signedIn(serveMoto(t, "verdicts_"+test.name))...)
			var scan wireScan
			p.json(exitIncomplete, &scan, "scan", "aws", "--regions", "us-east-1,eu-west-1", "--format", "json", "--quiet")
			table.check(t, &scan)
			test.check(t, p)
		})
	}
}

// checkEvents looks at subscriptions to events, for which a region is a situation.
func checkEvents(t *testing.T, p *program) {
	t.Helper()
	var scan wireScan
	p.json(exitClean, &scan, "scan", "aws", "--database", "events.db", "--format", "json", "--quiet",
		"--regions", "us-east-1,us-east-2,us-west-1,us-west-2,eu-central-1,eu-west-1,eu-west-2,eu-west-3,eu-north-1",
		"--controls", strings.Join([]string{
			"aws-rds-instance-events-are-told", "aws-rds-cluster-events-are-told",
			"aws-rds-parameter-group-events-are-told", "aws-rds-security-group-events-are-told",
		}, ","))
	readVerdictTable(t, "events").check(t, &scan)
}
