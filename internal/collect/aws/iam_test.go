package aws

import (
	"bytes"
	"encoding/json"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// replayed collects one type of a collector from answers.
func replayed(t *testing.T, name string, answers string) (assets []model.Asset, gaps []model.Gap) {
	t.Helper()
	replay := collect.NewReplay(txtar.Parse([]byte(answers)), operationName)
	s := testSession(replay)
	s.opts.Types = func(typ string) bool { return typ == name }
	for _, c := range Collectors() {
		var out struct {
			Assets []model.Asset
			Gaps   []model.Gap
		}
		d := json.NewDecoder(bytes.NewReader(collectAll(t, s, c, []string{"us-east-1"})))
		d.UseNumber()
		if err := d.Decode(&out); err != nil {
			t.Fatal(err)
		}
		assets, gaps = append(assets, out.Assets...), append(gaps, out.Gaps...)
	}
	for _, p := range replay.Problems() {
		t.Error(p)
	}
	return assets, gaps
}

const queryHead = "200\nContent-Type: text/xml\n\n"

func queryError(code, message string) string {
	return "403\nContent-Type: text/xml\n\n<ErrorResponse><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>\n"
}

func TestPasswordPolicy(t *testing.T) {
	tests := []struct {
		name   string
		answer string
		want   model.Document
		gaps   []string
	}{
		{name: "none was made", answer: queryError("NoSuchEntity", "The Password Policy with domain name 123456789012 cannot be found."), want: model.Document{"Exists": false}},
		{name: "denied", answer: queryError("AccessDenied", "not authorized"), want: model.Document{}, gaps: []string{""}},
		{
			name:   "another operation's answer",
			answer: queryHead + "<GetAccountSummaryResponse><GetAccountSummaryResult/></GetAccountSummaryResponse>\n",
			want:   model.Document{}, gaps: []string{""},
		},
		{
			name:   "an answer without the policy",
			answer: queryHead + "<GetAccountPasswordPolicyResponse><GetAccountPasswordPolicyResult/></GetAccountPasswordPolicyResponse>\n",
			want:   model.Document{}, gaps: []string{""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assets, gaps := replayed(t, "AWS::IAM::AccountPasswordPolicy", "-- GetAccountPasswordPolicy --\n"+test.answer)
			if len(assets) != 1 || len(gaps) != 0 {
				t.Fatalf("got %d assets and gaps %v, want one asset", len(assets), gaps)
			}
			if diff := gocmp.Diff(test.want, assets[0].Config); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			var paths []string
			for _, g := range assets[0].Gaps {
				paths = append(paths, g.Path)
			}
			if diff := gocmp.Diff(test.gaps, paths); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCredentialReportDenied holds that users are not lost with the report.
func TestCredentialReportDenied(t *testing.T) {
	replay := collect.NewReplay(txtar.Parse([]byte(`-- GenerateCredentialReport --
`+queryError("AccessDenied", "with an explicit deny in a permissions boundary")+`-- GetCredentialReport --
`+queryError("ReportNotPresent", "no report")+`-- GetAccountAuthorizationDetails --
`+queryHead+`<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><UserDetailList><member><UserName>a</UserName><UserId>A</UserId><Path>/</Path><CreateDate>2025-01-01T00:00:00Z</CreateDate><Arn>arn:aws:iam::123456789012:user/a</Arn><GroupList/><AttachedManagedPolicies/></member><member><UserName>b</UserName><UserId>B</UserId><Path>/</Path><CreateDate>2025-01-01T00:00:00Z</CreateDate><Arn>arn:aws:iam::123456789012:user/b</Arn><GroupList/><AttachedManagedPolicies/></member></UserDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>
`)), operationName)
	s := testSession(replay)
	s.opts.Types = func(typ string) bool { return typ == "AWS::IAM::User" }
	s.opts.Needed = func(_, member string) bool { return member == "CredentialReport" }
	n := 0
	for _, u := range s.Units(nil) {
		for a, err := range u.Collect(t.Context(), model.Scope{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			var got *model.Gap
			for i := range a.Gaps {
				if a.Gaps[i].Path == "CredentialReport" {
					got = &a.Gaps[i]
				}
			}
			if got == nil || got.Reason != model.Denied || got.Permission != "iam:GenerateCredentialReport" || got.DeniedBy != "boundary" || a.Config["CredentialReport"] != nil {
				t.Errorf("%s: gap on CredentialReport is %+v, want one denied by a boundary", a.ID, got)
			}
		}
	}
	if n != 2 {
		t.Errorf("got %d users, want 2", n)
	}
	for _, p := range replay.Problems() {
		t.Error(p)
	}
}

func FuzzCredentialReport(f *testing.F) {
	f.Add([]byte("user,arn,password_enabled\nalice,arn:aws:iam::1:user/alice,TRUE\n"))
	f.Add([]byte("user\n\"<root_account>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := parseReport(content, nil)
		for user, row := range rows {
			if err != nil || row["user"] != user {
				t.Errorf("row of %q: %v (%v)", user, row, err)
			}
			for column := range row {
				if credentialReportSchema.Field(column) == nil {
					t.Errorf("column %q has no shape", column)
				}
			}
		}
	})
}
