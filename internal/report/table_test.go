package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

func TestTableOfAnOrganization(t *testing.T) {
	for _, width := range []int{80, 120} {
		in := bigEstate(3000)
		in.Width = width
		got, err := render(writeTable, in)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("organization.%d.txt", width), got)
		in.Color = true
		colored, _ := render(writeTable, in)
		if ansi.ReplaceAllString(colored, "") != got {
			t.Error("colours change the text")
		}
		if !ansi.MatchString(colored) {
			t.Error("no colours")
		}
	}
}

func TestFindingsList(t *testing.T) {
	for _, width := range []int{80, 120} {
		in := bigEstate(60)
		in.Width = width
		got, err := render(Findings, in)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("findings.%d.txt", width), got)
		if strings.Contains(got, "pass") {
			t.Error("passing findings are listed")
		}
		in.Verbose = true
		if all, _ := render(Findings, in); strings.Count(all, "\n") != 61 {
			t.Errorf("verbose lists %d lines", strings.Count(all, "\n"))
		}
	}
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestLinesFit(t *testing.T) {
	hostile := estate()
	hostile.Scan.Accounts = []string{"111122223333", "a-very-long-account-or-project-name-of-some-organization"}
	hostile.AccountNames["111122223333"] = "漢字の名前がとても長いアカウント🔥🔥🔥"
	findings := estateFindings()
	for i := range findings {
		findings[i].Title += " 漢字👩‍👩‍👧‍👦" + strings.Repeat(" and more", 20)
		findings[i].Asset.Name = strings.Repeat("长", i*5) + findings[i].Asset.Name
		findings[i].Asset.Region = "a-region-with-a-long-name"
	}
	hostile.Findings = each(findings)
	for i := range 40 {
		hostile.Gaps = append(hostile.Gaps, model.Gap{Type: fmt.Sprintf("Microsoft.Something/long/type/name/%d\x1b[2J", i), Reason: model.Failed, Operation: "GET"})
	}
	for name, in := range map[string]Input{"hostile": hostile, "big": bigEstate(500), "nothing": {Findings: each(nil)}} {
		for _, width := range []int{1, 44, 55, 79, 80, 81, 100, 120, 200} {
			in.Width, in.Color, in.Verbose = width, width%2 == 0, true
			for what, write := range map[string]func() (string, error){
				"table":    func() (string, error) { return render(writeTable, in) },
				"findings": func() (string, error) { return render(Findings, in) },
			} {
				got, err := write()
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(got) {
					line = ansi.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")
					if n := columnsOf(line); n > max(width, narrowest) {
						t.Errorf("%s %s at %d: %d columns: %q", name, what, width, n, line)
					}
					if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
						t.Errorf("%s %s: control character in %q", name, what, line)
					}
					if strings.HasSuffix(line, " ") {
						t.Errorf("%s %s: spaces at the end of %q", name, what, line)
					}
				}
			}
		}
	}
}

func TestTableSays(t *testing.T) {
	only := func(verdicts ...model.Verdict) Input {
		in := estate()
		var kept []model.Finding
		for _, f := range estateFindings() {
			for _, v := range verdicts {
				if f.Verdict == v && f.State != model.Waived {
					kept = append(kept, f)
				}
			}
		}
		in.Findings = each(kept)
		return in
	}
	aborted := estate()
	aborted.Scan.Status = model.ScanAborted
	for _, tt := range []struct {
		name string
		in   Input
		want []string
		not  []string
	}{
		{"a permission that decides", estate(), []string{"1  grant s3:GetBucketPolicy", "No complete list of AWS::EC2::Volume", "2 denied, 1 throttled"}, nil},
		{"all passed", only(model.Pass), []string{"Nothing fails."}, []string{"Undecided", "stance explain"}},
		{"passed and unknown", only(model.Pass, model.Unknown), []string{"Nothing fails among what could be decided"}, []string{"Nothing fails.\n"}},
		{"nothing evaluated", only(), []string{"No control had an asset", "nothing could be scored"}, []string{"Nothing fails"}},
		{"aborted", aborted, []string{"This scan is aborted"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := render(writeTable, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range tt.want {
				if !strings.Contains(got, s) {
					t.Errorf("does not say %q:\n%s", s, got)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(got, s) {
					t.Errorf("says %q:\n%s", s, got)
				}
			}
		})
	}
}

func TestTable(t *testing.T) {
	columns := []Column{{Title: "ID", Middle: true}, {Title: "N", Right: true}, {Title: "NOTE", Optional: true, Min: 10}}
	rows := [][]string{{"arn:aws:s3:::a-bucket-with-a-long-name", "7", "fine"}, {"short", "1200"}, {"", "3", "line\nbreak"}}
	for _, tt := range []struct {
		width int
		want  string
	}{
		{80, "ID                                         N  NOTE\n" +
			"arn:aws:s3:::a-bucket-with-a-long-name     7  fine\n" +
			"short                                   1200\n" +
			"                                           3  line break\n"},
		{44, "ID                             N  NOTE\n" +
			"arn:aws:…-with-a-long-name     7  fine\n" +
			"short                       1200\n" +
			"                               3  line break\n"},
	} {
		var b strings.Builder
		if err := Table(&b, columns, rows, tt.width, false); err != nil {
			t.Fatal(err)
		}
		if b.String() != tt.want {
			t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
		}
	}
}

func TestTableWraps(t *testing.T) {
	columns := []Column{{Title: "GRANT", Wrap: true, Min: 12}, {Title: "ASSET", Middle: true, Min: 10}, {Title: "REGION", Wrap: true, Min: 14}}
	rows := [][]string{
		{"organizations:ListAWSServiceAccessForOrganization", "organization/o-lb7k2m9x4q", "ap-southeast-2"},
		{"kms:ListGrants", "key/1234", ""},
		{"日本語日本語日本語日本語日本語", "x", "eu-west-1"},
	}
	const want = "GRANT           ASSET           REGION\n" +
		"organizations:  orga…b7k2m9x4q  ap-southeast-2\n" +
		"ListAWSService\n" +
		"AccessForOrgan\n" +
		"ization\n" +
		"kms:ListGrants  key/1234\n" +
		"日本語日本語日  x               eu-west-1\n" +
		"本語日本語日本\n" +
		"語\n"
	var b strings.Builder
	if err := Table(&b, columns, rows, 46, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFit(t *testing.T) {
	const arn = "arn:aws:s3:::customer-exports-0120"
	for _, tt := range []struct {
		name, got, want string
	}{
		{"short stays", fitMiddle("logs", 10), "logs"},
		{"middle", fitMiddle(arn, 20), "arn:aw…-exports-0120"},
		{"tiny", fitMiddle(arn, 3), "ar…"},
		{"none", fit(arn, 0), ""},
		{"end", fit(arn, 8), "arn:aws…"},
		{"wide", fitMiddle("漢字漢字漢字", 7), "漢…漢字"},
		{"clean", clean("a\x1b[31mb\tc\u202ed\n"), "a\uFFFD[31mb c\uFFFDd "},
		{"wrap", strings.Join(wrap("one two three", 8), "|"), "one two|three"},
		{"thousands", thousands(1234567) + " " + thousands(999) + " " + thousands(-1234), "1,234,567 999 -1,234"},
		{"plural", count(1, "entry") + " " + count(2, "entry") + " " + count(0, "gap"), "1 entry 2 entries 0 gaps"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
