package storetest

import (
	"fmt"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

const (
	bucketType = "AWS::S3::Bucket"
	roleType   = "AWS::IAM::Role"
)

func newScan(id string, accounts ...string) model.Scan {
	return model.Scan{ID: id, Provider: model.AWS, Accounts: accounts, StartedAt: epoch, Version: "1.2.3"}
}

// newAsset returns an asset whose document differs by rev.
func newAsset(account, typ, name string, rev int) model.Asset {
	a := model.Asset{
		ID: "arn:aws:x:::" + account + "/" + typ + "/" + name, Type: typ, Name: name,
		Scope:      model.Scope{Provider: model.AWS, Partition: "aws", Account: account, Region: "eu-west-1"},
		ObservedAt: epoch,
		Config:     model.Document{"Name": name, "Account": account, "Type": typ, "Revision": int64(rev)},
	}
	a.Version = a.Config.Hash()
	return a
}

func newFinding(a model.Asset, control string, v model.Verdict) model.Finding {
	return model.Finding{
		ID: model.FindingID(control, a.ID), Control: control, Verdict: v, Severity: model.High,
		Message: fmt.Sprintf("%s of %s", v, a.Name), Asset: a.Ref(), State: model.Open,
		FirstSeen: epoch, LastSeen: epoch, ChangedAt: epoch, Scan: "s",
	}
}

// richAsset has every member set, with values that are easily lost.
func richAsset() model.Asset {
	a := model.Asset{
		ID: `arn:aws:s3:::b"ü\` + "\x01", Type: bucketType, Class: "bucket", Name: "naïve \u2028 <name>",
		Scope: model.Scope{
			Provider: model.AWS, Partition: "aws-cn", OrgPath: "o-1/r-1", Account: "111111111111", Region: "cn-north-1", Zone: "a",
		},
		Tags:      map[string]string{"env": "prod", "": "empty key", "empty": ""},
		CreatedAt: time.Date(1999, 12, 31, 23, 59, 59, 1, time.UTC), ObservedAt: epoch,
		Config: model.Document{
			"Null": nil, "Bool": true, "Int": int64(1) << 62, "Negative": int64(-7), "Float": 1.5, "Whole": 3.0, "Tiny": 1e-300,
			"Text": "quote \" backslash \\ newline \n tab \t bell \a snow ☃ clef 𝄞 </script>",
			"List": []any{int64(1), "two", nil, []any{}, map[string]any{}},
			"Map":  map[string]any{"k": map[string]any{"deep": []any{false}}}, "": "empty key",
		},
		Facts:     model.Facts{"exposure": map[string]any{"public": true, "ports": []any{int64(22)}, "share": 0.25}},
		Relations: []model.Relation{{Kind: model.LogsTo, To: "arn:x", Type: bucketType}, {Kind: model.Uses, To: "y"}},
		Gaps: []model.Gap{{
			Scope: model.Scope{Provider: model.AWS, Account: "111111111111"}, Type: bucketType, Asset: "x", Path: "Policy",
			Reason: model.Denied, Operation: "s3:GetBucketPolicy", Permission: "s3:GetBucketPolicy", Code: "AccessDenied",
			DeniedBy: "scp", Detail: "d", RequestID: "r",
		}},
		Origin:    model.Origin{Kind: model.OriginCode, File: "main.tf", Line: 12},
		ManagedBy: "aws", Stale: true,
	}
	a.Version = a.Config.Hash()
	return a
}

// richFinding has every member set that a store keeps.
func richFinding() model.Finding {
	a := richAsset()
	return model.Finding{
		ID: model.FindingID("aws-s3-x", a.ID), Control: "aws-s3-x", Verdict: model.Unknown, Severity: model.Critical,
		Message: "cannot tell: \"denied\"\n", Asset: a.Ref(),
		Evidence: []model.Evidence{
			{Path: "Policy.Statement[0]", Value: map[string]any{"n": int64(5), "f": 2.0, "s": []any{"x"}}, Note: "why"},
			{Asset: "arn:other", Path: "Enabled", Value: false},
			{Path: "Missing"},
		},
		Gaps:  a.Gaps,
		Risk:  model.Risk{Score: 87, Reasons: []string{"internet", "admin"}},
		State: model.Waived, FirstSeen: epoch.Add(-time.Hour), LastSeen: epoch, ChangedAt: epoch.Add(-time.Minute),
		ResolvedAt: epoch.Add(-time.Second), Reopened: 3, ControlVersion: "v-12", Scan: "earlier",
	}
}
