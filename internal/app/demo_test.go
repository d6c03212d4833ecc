package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

// TestDemo scans the estate as "stance demo" does, and holds what comes out to
// the story that the estate tells.
func TestDemo(t *testing.T) {
	findings, scans := scanDemo(t)
	t.Run("story", func(t *testing.T) { checkStory(t, findings) })
	t.Run("no errors", func(t *testing.T) {
		for _, f := range findings {
			for _, e := range f.Evidence {
				if e.Path == "error" {
					t.Errorf("%s on %s ended in an error: %s", f.Control, f.Asset.ID, e.Note)
				}
			}
			if f.Verdict == model.Unknown && len(f.Gaps) == 0 {
				t.Errorf("%s on %s is unknown, and no gap says why: %s", f.Control, f.Asset.ID, f.Message)
			}
			if strings.Contains(f.Message, "{{") || f.Message == "" {
				t.Errorf("%s on %s says %q", f.Control, f.Asset.ID, f.Message)
			}
		}
	})
	t.Run("plausible", func(t *testing.T) {
		var all risk.Tally
		for _, f := range findings {
			all.Add(f.Verdict)
		}
		share := float64(all.Pass) / float64(all.Pass+all.Fail)
		if share < 0.6 || share > 0.85 {
			t.Errorf("%.0f %% of the findings pass, which is no real company's: %+v", 100*share, all)
		}
		for _, s := range scans {
			t.Logf("%v: %+v", s.Accounts, s.Counts)
		}
	})
}

func scanDemo(t *testing.T) ([]model.Finding, []model.Scan) {
	t.Helper()
	dir := t.TempDir()
	a, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	a.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	ctx := context.Background()
	store, err := a.OpenStore(ctx, filepath.Join(dir, "stance.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	accounts, err := a.WriteDemo(dir)
	if err != nil {
		t.Fatal(err)
	}
	scans, err := a.ScanDemo(ctx, store, accounts, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	controls := map[string]model.Control{}
	for _, c := range a.Catalog.Controls {
		controls[c.ID] = c
	}
	var findings []model.Finding
	for _, s := range scans {
		for f, err := range a.Findings(ctx, store, s, controls, ReportOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			findings = append(findings, f)
		}
	}
	return findings, scans
}

func checkStory(t *testing.T, findings []model.Finding) {
	const fail, pass, unknown = model.Fail, model.Pass, model.Unknown
	story := []struct {
		control, account, asset string
		want                    model.Verdict
		because                 string // in the evidence or the gaps
	}{
		// A public bucket with a plausible reason.
		{"aws-s3-bucket-is-not-publicly-readable", "1111", "lindenbrook-press-kit", fail, "PressDownloads"},
		{"aws-s3-account-blocks-public-access", "1111", "account-public-access-block", fail, ""},
		{"aws-s3-bucket-is-not-publicly-writable", "1111", "lindenbrook-media-source", fail, "AgencyUploads"},
		{"aws-s3-bucket-is-not-publicly-readable", "4444", "lindenbrook-old-website", pass, ""}, // the account's block
		// A forgotten administrator.
		{"aws-iam-user-with-password-has-mfa", "1111", "t.brandt", fail, ""},
		{"aws-iam-user-unused-password-is-disabled", "1111", "t.brandt", fail, ""},
		{"aws-iam-user-with-password-has-mfa", "1111", "breakglass", pass, ""},
		// An exposed instance with a strong role.
		{"aws-ec2-instance-exposed-has-no-powerful-role", "1111", "media-transcode", fail, "AdministratorAccess"},
		{"aws-ec2-instance-admin-ports-are-not-exposed", "1111", "media-transcode", fail, "tcp 22 from 0.0.0.0/0"},
		{"aws-ec2-instance-requires-imdsv2", "1111", "media-transcode", fail, ""},
		{"aws-ec2-instance-admin-ports-are-not-exposed", "1111", "shop-web-1", pass, ""},
		// Two halves of the address space.
		{"aws-ec2-security-group-ssh-is-closed", "4444", "sandbox-api", fail, "128.0.0.0/1"},
		{"aws-ec2-instance-user-data-has-no-secrets", "4444", "sandbox-api", fail, "password_assignment"},
		// Copies that went too far.
		{"aws-ec2-snapshot-is-not-public", "4444", "media handover", fail, "all"},
		{"aws-rds-instance-is-not-public", "1111", "reporting", fail, ""},
		{"aws-rds-instance-is-not-public", "1111", "shop-orders", pass, ""},
		{"aws-rds-instance-has-backups", "4444", "crm-copy", fail, ""},
		// Trust.
		{"aws-iam-role-web-identity-trust-is-bound", "1111", "github-deploy", fail, ""},
		{"aws-iam-role-web-identity-trust-is-bound", "1111", "github-site", pass, ""},
		{"aws-iam-role-trust-is-not-public", "1111", "vendor-costs", fail, ""},
		{"aws-iam-policy-does-not-escalate", "1111", "deploy-shop", fail, ""},
		{"aws-lambda-function-variables-have-no-secrets", "1111", "erp-export", fail, ""},
		// Logging: well in production, stopped in development.
		{"aws-cloudtrail-records-all-regions", "1111", "111122223333", pass, ""},
		{"aws-cloudtrail-trail-is-logging", "4444", "444455556666", fail, ""},
		{"aws-config-recorder-is-on", "4444", "eu-central-1", fail, ""},
		{"aws-guardduty-is-on", "4444", "us-east-1", fail, ""},
		{"aws-guardduty-is-on", "1111", "us-east-1", pass, ""},
		// What could not be read.
		{"aws-s3-bucket-is-not-publicly-readable", "1111", "lindenbrook-customer-exports", unknown, "s3:GetBucketPolicy"},
		{"aws-kms-key-is-not-public", "1111", "", unknown, "kms:GetKeyPolicy"},
		{"aws-secretsmanager-secret-rotates", "1111", "us-east-1", unknown, "secretsmanager:ListSecrets"},
		{"aws-secretsmanager-secret-rotates", "1111", "shop/database", pass, ""},
	}
	for _, s := range story {
		found := false
		var verdicts []model.Verdict
		for _, f := range findings {
			if f.Control != s.control || !strings.HasPrefix(f.Asset.Account, s.account) || s.asset != "" && f.Asset.Name != s.asset {
				continue
			}
			verdicts = append(verdicts, f.Verdict)
			found = found || f.Verdict == s.want && strings.Contains(reasons(f), s.because)
		}
		if !found {
			t.Errorf("%s on %s is %v, want %s with %q in its evidence", s.control, s.asset, verdicts, s.want, s.because)
		}
	}
}

// reasons is the text of the evidence and the gaps of a finding.
func reasons(f model.Finding) string {
	var b strings.Builder
	for _, e := range f.Evidence {
		b.WriteString(e.Path + " " + toText(e.Value) + " " + e.Note + "\n")
	}
	for i := range f.Gaps {
		b.WriteString(f.Gaps[i].Error() + "\n")
	}
	return b.String()
}

func toText(v any) string {
	return string(model.Document{"v": v}.Canonical())
}
