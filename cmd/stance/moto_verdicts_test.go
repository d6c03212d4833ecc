package main

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A verdictTable says what is right about an estate of scripts/moto: by control
// and situation, the verdicts that somebody thought out from the vendor's
// documentation. Its file reads so:
//
//	# why, where it is not plain
//	aws-efs-file-system-is-encrypted
//		pass encrypted
//		fail plain, plain@eu-west-1
//		none deleted
//
// A situation is the value of an asset's tag of that name, or else the asset's
// own name; behind an @ stands the region where several have it. There is no
// finding where "none" stands.
type verdictTable map[string]map[string]string

// readVerdictTable reads testdata/verdicts/NAME.txt.
func readVerdictTable(t *testing.T, name string) verdictTable {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "verdicts", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table := verdictTable{}
	var control string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "" || line[0] == '#':
		case line[0] != '\t':
			control = line
			if table[control] != nil {
				t.Fatalf("%s: %s stands there twice", name, control)
			}
			table[control] = map[string]string{}
		default:
			verdict, situations, _ := strings.Cut(line[1:], " ")
			if !slices.Contains([]string{"pass", "fail", "unknown", "not_applicable", "none"}, verdict) || control == "" {
				t.Fatalf("%s: what is %q below %q?", name, line, control)
			}
			for s := range strings.SplitSeq(situations, ",") {
				s = strings.TrimSpace(s)
				if s == "" || table[control][s] != "" {
					t.Fatalf("%s: %s names %q twice or nothing", name, control, s)
				}
				table[control][s] = verdict
			}
		}
	}
	if len(table) == 0 {
		t.Fatalf("%s says nothing", name)
	}
	return table
}

// situations are the names under which a table may mean an asset.
func (r wireRef) situations() []string {
	name := r.Tags["situation"]
	if name == "" {
		name = r.Name
	}
	return []string{name, name + "@" + r.Region}
}

// check compares the table with the verdicts of a scan. Of the controls that it
// lists none may be unknown anywhere else where the server answers.
func (table verdictTable) check(t *testing.T, scan *wireScan) {
	t.Helper()
	got := map[string]map[string]string{}
	for _, f := range scan.Findings {
		if got[f.Control] == nil {
			got[f.Control] = map[string]string{}
		}
		for _, s := range f.Asset.situations() {
			switch got[f.Control][s] {
			case "", f.Verdict:
				got[f.Control][s] = f.Verdict
			default:
				got[f.Control][s] = "several"
			}
		}
	}
	for _, control := range slices.Sorted(maps.Keys(table)) {
		t.Run(control, func(t *testing.T) {
			for _, s := range slices.Sorted(maps.Keys(table[control])) {
				v := got[control][s]
				if v == "" {
					v = "none"
				}
				if v != table[control][s] {
					t.Errorf("%s: got %s, want %s", s, v, table[control][s])
				}
			}
		})
	}
	for _, f := range scan.Findings {
		if f.Verdict != "unknown" || table[f.Control] == nil || slices.ContainsFunc(f.Gaps, func(g wireGap) bool { return g.Reason == "unsupported" }) {
			continue
		}
		if !slices.ContainsFunc(f.Asset.situations(), func(s string) bool { return table[f.Control][s] == "unknown" }) {
			t.Errorf("%s is unknown on %s although the server answers: %v", f.Control, f.Asset.ID, f.Gaps)
		}
	}
	checkPlaces(t, scan.Findings)
	if t.Failed() {
		for _, g := range scan.Gaps {
			if g.Reason != "unsupported" {
				t.Logf("gap: %s %s: %s", g.Type, g, g.Detail)
			}
		}
	}
}

// checkPlaces makes sure that findings lie where their assets' names say.
func checkPlaces(t *testing.T, findings []wireFinding) {
	t.Helper()
	for _, f := range findings {
		part := strings.SplitN(f.Asset.ID, ":", 6)
		if len(part) != 6 {
			continue
		}
		if region := part[3]; region != "" && f.Asset.Region != region {
			t.Errorf("%s on %s: the region is %q", f.Control, f.Asset.ID, f.Asset.Region)
		}
		if account := part[4]; account != "" && account != "aws" && account != f.Asset.Account {
			t.Errorf("%s on %s: the account is %q", f.Control, f.Asset.ID, f.Asset.Account)
		}
	}
}
