package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// object is a JSON object whose members tests look at by path.
type object map[string]any

// at returns the value at a dotted path, with list positions as numbers.
func (o object) at(path string) any {
	var v any = map[string]any(o)
	for key := range strings.SplitSeq(path, ".") {
		switch t := v.(type) {
		case map[string]any:
			v = t[key]
		case []any:
			i := int(key[0] - '0')
			if i >= len(t) {
				return nil
			}
			v = t[i]
		default:
			return nil
		}
	}
	return v
}

func decode(t *testing.T, s string) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(s), &o); err != nil {
		t.Fatalf("%v in %.200s", err, s)
	}
	return o
}

func decodeLines(t *testing.T, s string) []object {
	t.Helper()
	var out []object
	for line := range strings.Lines(s) {
		out = append(out, decode(t, line))
	}
	return out
}

// needs reports members that are missing or of another kind than the JSON
// kind named: "string", "number", "array", "object" or "any".
func needs(t *testing.T, o object, kinds map[string]string) {
	t.Helper()
	for path, kind := range kinds {
		ok := false
		switch v := o.at(path); v.(type) {
		case string:
			ok = kind == "string" && v != ""
		case float64:
			ok = kind == "number"
		case []any:
			ok = kind == "array"
		case map[string]any:
			ok = kind == "object"
		default:
			ok = kind == "any" && v != nil
		}
		if !ok {
			t.Errorf("%s: got %v, want %s in %v", path, o.at(path), kind, o)
		}
	}
}

// withoutOptional is a finding with nothing but what every finding has.
func withoutOptional() Input {
	return Input{Scan: model.Scan{ID: "s"}, Findings: each([]model.Finding{{
		ID: "f-1", Control: "c", Verdict: model.Fail, Severity: model.Low,
		Asset: model.AssetRef{ID: "a", Type: "T", Provider: model.AWS, Account: "111122223333"},
	}}), Now: day2}
}

var findingMembers = map[string]string{
	"id": "string", "control": "string", "known_as": "object", "verdict": "string", "severity": "string", "asset": "object",
	"evidence": "array", "gaps": "array", "frameworks": "array", "fix": "object", "risk.reasons": "array",
	"asset.id": "string", "asset.type": "string", "asset.account": "string", "asset.tags": "object",
}

func TestJSON(t *testing.T) {
	for name, in := range map[string]Input{"estate": estate(), "bare": withoutOptional(), "nothing": {Findings: each(nil)}} {
		t.Run(name, func(t *testing.T) {
			got, err := render(writeJSON, in)
			if err != nil {
				t.Fatal(err)
			}
			doc := decode(t, got)
			needs(t, doc, map[string]string{"scan": "object", "scan.accounts": "array", "findings": "array", "gaps": "array", "coverage": "array", "frameworks": "array", "score": "object"})
			n := 0
			for range in.Findings() {
				n++
			}
			findings := doc["findings"].([]any)
			if len(findings) != n {
				t.Errorf("got %d findings, want %d", len(findings), n)
			}
			for _, f := range findings {
				needs(t, f.(map[string]any), findingMembers)
			}
			if strings.Contains(got, `\u003c`) {
				t.Error("evidence is escaped for HTML")
			}
		})
	}
}

func TestNDJSON(t *testing.T) {
	got, err := render(writeNDJSON, estate())
	if err != nil {
		t.Fatal(err)
	}
	lines := decodeLines(t, got)
	if len(lines) != len(estateFindings()) {
		t.Errorf("got %d lines", len(lines))
	}
	for _, l := range lines {
		needs(t, l, findingMembers)
	}
}

func TestCSV(t *testing.T) {
	in := estate()
	in.CSVCRLF = true
	got, err := render(writeCSV, in)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(got, "\r\n")
	const want = "finding_id,verdict,severity,risk_score,control_id,control_title,provider,partition,account,account_name,region,asset_type,asset_id,asset_name,reason,requirements,first_seen,last_seen,changed_at,waiver_id,waiver_expires,fix_action,scan_id,attestations"
	if head != want {
		t.Errorf("header %s", head)
	}
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]bool{}
	for _, r := range rows[1:] {
		verdicts[r[1]] = true
		for i, c := range r {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
				t.Errorf("%s runs as a formula: %q", rows[0][i], c)
			}
		}
	}
	if len(verdicts) != 5 {
		t.Errorf("verdicts %v", verdicts)
	}
}

func TestCell(t *testing.T) {
	long, wide := strings.Repeat("a", cellMost), strings.Repeat("😀", cellMost)
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "logs", "logs"},
		{"empty", "", ""},
		{"formula", "=1+1", "'=1+1"},
		{"at", "@SUM(A1)", "'@SUM(A1)"},
		{"minus", "-2", "'-2"},
		{"tab", "\t=1", "'\t=1"},
		{"full width", "＝1", "'＝1"},
		{"inside", "a=1", "a=1"},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
		{"control", "a\x1b[0m\nb", "a\uFFFD[0m\nb"},
		{"longest", long, long},
		{"too long", long + "b", long[1:] + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cell(tt.in); got != tt.want {
				t.Errorf("got %.40q (%d bytes)", got, len(got))
			}
		})
	}
	if got := cell(wide); len(got) > 2*cellMost+3 || !strings.HasSuffix(got, "😀…") {
		t.Errorf("surrogate pairs: %d bytes", len(got))
	}
}

// TestStreams proves that these formats write while they read, so that memory
// does not grow with the findings.
func TestStreams(t *testing.T) {
	for _, name := range []string{"json", "ndjson", "csv", "ocsf", "asff"} {
		t.Run(name, func(t *testing.T) {
			f, err := Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			written := 0
			in := bigEstate(2000)
			findings := in.Findings
			in.Findings = func() iter.Seq2[model.Finding, error] {
				return func(yield func(model.Finding, error) bool) {
					i := 0
					for f, err := range findings() {
						if i++; i == 1000 && written == 0 {
							t.Error("nothing is written after 1,000 findings")
						}
						if !yield(f, err) {
							return
						}
					}
				}
			}
			if err := f.Write(writerFunc(func(p []byte) (int, error) { written += len(p); return len(p), nil }), in); err != nil {
				t.Fatal(err)
			}
		})
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestJSONUnencodableEvidence(t *testing.T) {
	in := withoutOptional()
	in.Findings = each([]model.Finding{{ID: "f-1", Verdict: model.Fail, Evidence: []model.Evidence{{Path: "x", Value: func() {}}}}})
	err := writeJSON(io.Discard, in)
	var unsupported *json.UnsupportedTypeError
	if !errors.As(err, &unsupported) || !strings.Contains(err.Error(), "f-1") {
		t.Errorf("got %v", err)
	}
}

func TestManifestTellsNotRead(t *testing.T) {
	got, err := render(writeManifest, estate())
	if err != nil {
		t.Fatal(err)
	}
	m := decode(t, got)
	if diff := cmp.Diff([]any{"AWS::EC2::Volume"}, m.at("unlisted")); diff != "" {
		t.Errorf("unlisted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"denied": 2.0, "throttled": 1.0}, m.at("gaps")); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}
