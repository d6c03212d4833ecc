package aws

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/stance-sec/stance/internal/model"
)

// The columns of the credential report become members of the same names, and
// GeneratedTime says how old the report is: AWS makes a new one every four hours
// at most. A column without a value ("N/A", "no_information",
// "not_supported") is a member that is not there: a key that is not there has
// no access_key_1_last_rotated, one that was never used has no
// access_key_1_last_used_date, a user without a password no
// password_last_changed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
var credentialReportSchema = &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{
	"user":                           {Kind: model.String},
	"arn":                            {Kind: model.String},
	"user_creation_time":             {Kind: model.Time},
	"password_enabled":               {Kind: model.Bool},
	"password_last_used":             {Kind: model.Time},
	"password_last_changed":          {Kind: model.Time},
	"password_next_rotation":         {Kind: model.Time},
	"mfa_active":                     {Kind: model.Bool},
	"access_key_1_active":            {Kind: model.Bool},
	"access_key_1_last_rotated":      {Kind: model.Time},
	"access_key_1_last_used_date":    {Kind: model.Time},
	"access_key_1_last_used_region":  {Kind: model.String},
	"access_key_1_last_used_service": {Kind: model.String},
	"access_key_2_active":            {Kind: model.Bool},
	"access_key_2_last_rotated":      {Kind: model.Time},
	"access_key_2_last_used_date":    {Kind: model.Time},
	"access_key_2_last_used_region":  {Kind: model.String},
	"access_key_2_last_used_service": {Kind: model.String},
	"cert_1_active":                  {Kind: model.Bool},
	"cert_1_last_rotated":            {Kind: model.Time},
	"cert_2_active":                  {Kind: model.Bool},
	"cert_2_last_rotated":            {Kind: model.Time},
	"GeneratedTime":                  {Kind: model.Time},
}}

var credentialReportOps = []operation{
	operationOf[iam.GetCredentialReportInput](), operationOf[iam.GenerateCredentialReportInput](),
}

const rootRow = "<root_account>"

func userCredentials(ctx context.Context, s *Session, region string, u *model.Asset) (any, error) {
	return reportRow(ctx, s, region, *str(u, "UserName"))
}

func rootCredentials(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
	return reportRow(ctx, s, region, rootRow)
}

// reportRow returns a user's row of the credential report, which is read once
// for all users. A user that is newer than the report is not in it: that is a
// gap, and no proof that there are no credentials.
func reportRow(ctx context.Context, s *Session, region, user string) (any, error) {
	rows, err := shared(s, "credential report", func() (map[string]map[string]any, error) {
		out, err := credentialReport(ctx, s, region)
		if err != nil {
			return nil, err
		}
		return parseReport(out.Content, out.GeneratedTime)
	})
	if err != nil {
		return nil, err
	}
	row, ok := rows[user]
	if !ok {
		return nil, &model.Gap{Reason: model.Failed, Detail: "not in the report, which is older"}
	}
	return row, nil
}

// parseReport reads the report's rows by user.
func parseReport(content []byte, generated *time.Time) (map[string]map[string]any, error) {
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1 // newer reports may have more columns
	lines, err := r.ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, &opError{credentialReportOps[0], fmt.Errorf("%w credential report", model.ErrInvalid)}
	}
	head := lines[0]
	rows := make(map[string]map[string]any, len(lines)-1)
	for _, line := range lines[1:] {
		row := map[string]any{}
		for i, column := range head {
			if f := credentialReportSchema.Field(column); f != nil && i < len(line) {
				if v := reportValue(f.Kind, line[i]); v != nil {
					row[column] = v
				}
			}
		}
		if generated != nil {
			row["GeneratedTime"] = generated.UTC().Format(time.RFC3339Nano)
		}
		if user, ok := row["user"].(string); ok {
			rows[user] = row
		}
	}
	return rows, nil
}

// reportValue reads a field of the report; nil where it has no value.
func reportValue(kind model.Kind, text string) any {
	switch kind {
	case model.Bool:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
		return nil
	case model.Time:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
		return nil
	}
	switch text {
	case "", "N/A", "no_information", "not_supported":
		return nil
	}
	return text
}

// reportTries bounds how often an account is asked whether its report is ready:
// about a minute, with the pauses of pause.
const reportTries = 30

// credentialReport has a report made and waits for it. Where it may not be
// made, one that is there serves as well.
func credentialReport(ctx context.Context, s *Session, region string) (*iam.GetCredentialReportOutput, error) {
	c := clientFor(s, region, iam.NewFromConfig)
	get := func() (*iam.GetCredentialReportOutput, error) {
		return hooked(ctx, s, region, credentialReportOps[0], func(ctx context.Context) (*iam.GetCredentialReportOutput, error) {
			return c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
		})
	}
	for try := 1; try <= reportTries; try++ {
		made, err := hooked(ctx, s, region, credentialReportOps[1], func(ctx context.Context) (*iam.GenerateCredentialReportOutput, error) {
			return c.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		})
		if err != nil {
			if out, getErr := get(); getErr == nil {
				return out, nil
			}
			return nil, err
		}
		if made.State == types.ReportStateTypeComplete {
			out, err := get()
			if err == nil || !hasCode(err, []string{"ReportNotPresent", "ReportExpired", "ReportInProgress"}) {
				return out, err
			}
		}
		if err := pause(ctx, min(try, 5)); err != nil {
			return nil, err
		}
	}
	return nil, &opError{credentialReportOps[0], &model.Gap{Reason: model.Failed, Detail: "the report did not become ready"}}
}
