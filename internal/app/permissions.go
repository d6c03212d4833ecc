package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/model"
)

// PermissionOptions say which permissions are printed, and how.
type PermissionOptions struct {
	Format string // json, cloudformation, terraform; az; gcloud
	// Scope is where the role is granted, of Azure and Google Cloud.
	Scope      string
	Trust      string // principal that may assume the role
	ExternalID string
	Selection  Selection
}

// dataReads are actions that read customers' data. The role denies them, so
// that a wider policy attached to it does no harm.
var dataReads = []string{
	"athena:StartQueryExecution", "cognito-idp:ListUsers", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
	"ec2:GetConsoleOutput", "ec2:GetPasswordData", "ecr:GetDownloadUrlForLayer", "kinesis:GetRecords", "kms:Decrypt",
	"lambda:GetFunction", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery", "rds-data:*",
	"s3:GetObject*", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "ssm:GetParameter*",
}

type statement struct {
	Sid      string   `json:"Sid"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource string   `json:"Resource"`
}

// PermissionsAWS returns the least policy that scanning the selection needs.
func (a *App) PermissionsAWS(opts PermissionOptions) (string, error) {
	programs, limited, err := a.programs(model.AWS, opts.Selection)
	if err != nil {
		return "", err
	}
	need := newNeeds(programs)
	var actions []string
	for _, op := range aws.Operations() {
		switch {
		case op.Collector == "session":
		case limited && !need.typ(op.Type), op.Member != "" && !need.member(op.Type, op.Member):
			continue
		}
		actions = append(actions, op.Action)
	}
	slices.Sort(actions)
	actions = slices.Compact(actions)
	policy := map[string]any{"Version": "2012-10-17", "Statement": []statement{
		{"StanceReadsConfiguration", "Allow", actions, "*"},
		{"StanceNeverReadsData", "Deny", dataReads, "*"},
	}}
	switch opts.Format {
	case "", "json":
		b, err := json.MarshalIndent(policy, "", "  ")
		return string(b) + "\n", err
	case "cloudformation":
		return cloudFormation(actions, opts)
	case "terraform":
		return terraform(actions, opts)
	}
	return "", fmt.Errorf("%w format %q: use json, cloudformation or terraform", model.ErrInvalid, opts.Format)
}

func trustOf(opts PermissionOptions) (string, error) {
	if opts.Trust == "" {
		return "", fmt.Errorf("%w role: name who may assume it with --trust ARN", model.ErrInvalid)
	}
	if !strings.HasPrefix(opts.Trust, "arn:") {
		return "", fmt.Errorf("%w --trust %q: give the ARN of a principal", model.ErrInvalid, opts.Trust)
	}
	return opts.Trust, nil
}

func cloudFormation(actions []string, opts PermissionOptions) (string, error) {
	trust, err := trustOf(opts)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(`AWSTemplateFormatVersion: "2010-09-09"
Description: Role with which Stance reads the configuration of this account, and nothing else.
Resources:
  StanceReader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: StanceReader
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal:
              AWS: ` + trust + "\n")
	if opts.ExternalID != "" {
		fmt.Fprintf(&b, "            Condition:\n              StringEquals:\n                sts:ExternalId: %q\n", opts.ExternalID)
	}
	b.WriteString(`      Policies:
        - PolicyName: StanceReader
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: StanceReadsConfiguration
                Effect: Allow
                Resource: "*"
                Action:
`)
	for _, a := range actions {
		fmt.Fprintf(&b, "                  - %s\n", a)
	}
	b.WriteString(`              - Sid: StanceNeverReadsData
                Effect: Deny
                Resource: "*"
                Action:
`)
	for _, a := range dataReads {
		fmt.Fprintf(&b, "                  - %q\n", a)
	}
	b.WriteString("Outputs:\n  RoleArn:\n    Value: !GetAtt StanceReader.Arn\n")
	return b.String(), nil
}

func terraform(actions []string, opts PermissionOptions) (string, error) {
	trust, err := trustOf(opts)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `data "aws_iam_policy_document" "stance_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [%q]
    }
`, trust)
	if opts.ExternalID != "" {
		fmt.Fprintf(&b, "    condition {\n      test     = \"StringEquals\"\n      variable = \"sts:ExternalId\"\n      values   = [%q]\n    }\n", opts.ExternalID)
	}
	b.WriteString(`  }
}

data "aws_iam_policy_document" "stance_reader" {
  statement {
    sid       = "StanceReadsConfiguration"
    resources = ["*"]
    actions = [
`)
	for _, a := range actions {
		fmt.Fprintf(&b, "      %q,\n", a)
	}
	b.WriteString("    ]\n  }\n  statement {\n    sid       = \"StanceNeverReadsData\"\n    effect    = \"Deny\"\n    resources = [\"*\"]\n    actions = [\n")
	for _, a := range dataReads {
		fmt.Fprintf(&b, "      %q,\n", a)
	}
	b.WriteString(`    ]
  }
}

resource "aws_iam_role" "stance_reader" {
  name                 = "StanceReader"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.stance_trust.json
}

resource "aws_iam_role_policy" "stance_reader" {
  name   = "StanceReader"
  role   = aws_iam_role.stance_reader.id
  policy = data.aws_iam_policy_document.stance_reader.json
}

output "stance_role_arn" {
  value = aws_iam_role.stance_reader.arn
}
`)
	return b.String(), nil
}
