package report

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

var (
	day1 = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	day2 = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
)

// estate is a small account with each verdict, a waiver, a resolved and a gone
// finding, gaps, and a bucket named by somebody hostile.
func estate() Input {
	findings := estateFindings()
	return Input{
		Scan: model.Scan{
			ID: "scan-000017", Provider: model.AWS, Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1", "us-east-1"},
			StartedAt: day2.Add(-12 * time.Second), FinishedAt: day2, Status: model.ScanComplete, Version: "0.1.0",
			Counts: model.Counts{Assets: 9, Gaps: 3, Pass: 2, Fail: 3, Unknown: 1, NotApplicable: 1, Manual: 1},
		},
		Findings: each(findings),
		Gaps: []model.Gap{
			vaultGap(),
			{Scope: awsScope("us-east-1"), Type: "AWS::EC2::Volume", Reason: model.Denied, Operation: "ec2:DescribeVolumes", Permission: "ec2:DescribeVolumes", Code: "UnauthorizedOperation"},
			{Scope: awsScope("eu-west-1"), Type: "AWS::Lambda::Function", Asset: "arn:aws:lambda:eu-west-1:111122223333:function:job", Path: "Policy", Reason: model.Throttled, Operation: "lambda:GetPolicy", Code: "TooManyRequestsException"},
		},
		Coverage: []model.Coverage{
			{Scope: awsScope("eu-west-1"), Type: "AWS::S3::Bucket", State: model.UnitOK, Assets: 5, Gaps: 1},
			{Scope: awsScope("us-east-1"), Type: "AWS::EC2::Volume", State: model.UnitDenied},
		},
		Frameworks: []model.Framework{{
			ID: "cis-aws-7.0", Title: "CIS AWS Foundations", Version: "7.0", Provider: model.AWS,
			Requirements: []model.Requirement{
				{ID: "3.1.1", Section: "3 Storage", Title: "Buckets refuse requests without TLS", Controls: []string{tlsControl.ID}, Manual: "Look at the devices that cannot."},
				{ID: "3.1.2", Section: "3 Storage", Title: "Buckets cannot be public", Controls: []string{publicControl.ID}},
				{ID: "5.1", Section: "5 Compute", Title: "Volumes are encrypted", Controls: []string{volumeControl.ID}},
				{ID: "2.1.3", Section: "2 Identity", Title: "The management account runs no workloads", Manual: "Look at what runs there."},
				{ID: "2.1.4", Section: "2 Identity", Title: "Leavers lose access the same day", Manual: "Compare with the personnel department's list."},
			},
		}},
		Attestations: attestations(),
		Controls: map[string]model.Control{
			tlsControl.ID: tlsControl, publicControl.ID: publicControl, volumeControl.ID: volumeControl,
		},
		AccountNames: map[string]string{"111122223333": "prod"},
		Now:          day2, Version: "0.1.0", Program: "stance",
	}
}

// attestations are one that counts, one of another account, one that fails and
// one whose time is over.
func attestations() []model.Attestation {
	at := func(requirement, account, by, note string, status model.AttestationStatus, days int) model.Attestation {
		return model.Attestation{
			Framework: "cis-aws-7.0", Requirement: requirement, Scope: model.Scope{Provider: model.AWS, Account: account}, Status: status,
			By: by, At: day1.AddDate(0, 0, -10), Note: note, Expires: day1.AddDate(0, 0, days-10),
		}.Seal()
	}
	return []model.Attestation{
		at("2.1.3", "", "Ann Meier", "Looked at the inventory of the account; <b>nothing</b> runs there.", model.Holds, 180),
		at("2.1.4", "111122223333", "=Bob()", "Two leavers of May still had keys.", model.DoesNotHold, 90),
		at("2.1.4", "999999999999", "Cy", "Compared.", model.Holds, 90),
		at("3.1.1", "", "Dee", "The printers are gone.", model.Holds, 5),
	}
}

var tlsControl = model.Control{
	ID: "aws-s3-bucket-denies-plain-http", Title: "S3 bucket refuses requests without TLS", Type: "AWS::S3::Bucket", Severity: model.High,
	Why: "Requests over plain HTTP can be read and changed on their way.",
	Fix: model.Fix{
		Action: "aws-s3-deny-plain-http",
		Steps:  []string{"Open the bucket's Permissions tab.", "Add a statement that denies requests when aws:SecureTransport is false."},
		CLI:    "aws s3api put-bucket-policy --bucket {{name}} --policy file://policy.json",
	},
	KnownAs:    map[string][]string{"prowler": {"s3_bucket_secure_transport_policy"}, "securityhub": {"S3.5"}},
	References: []string{"https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"},
}

var publicControl = model.Control{
	ID: "aws-s3-bucket-not-public", Title: "S3 bucket policy grants nothing to everyone", Type: "AWS::S3::Bucket", Severity: model.Critical,
	Why: "Anybody on the internet reads what is in the bucket.",
	Fix: model.Fix{Steps: []string{"Turn on block public access."}, Terraform: "resource \"aws_s3_bucket_public_access_block\" \"this\" {\n  bucket = \"{{name}}\"\n}"},
}

var volumeControl = model.Control{
	ID: "aws-ec2-volume-encrypted", Title: "EBS volume is encrypted", Type: "AWS::EC2::Volume", Severity: model.Medium,
	Why: "A copied snapshot of the volume can be read.", Fix: model.Fix{Steps: []string{"Copy the volume encrypted."}},
}

const hostileName = "=cmd|' /C calc'!A0</script><img src=x onerror=alert(1)>\x1b[31m\u202e\u2028"

func awsScope(region string) model.Scope {
	return model.Scope{Provider: model.AWS, Partition: "aws", Account: "111122223333", Region: region}
}

func vaultGap() model.Gap {
	return model.Gap{
		Scope: awsScope("eu-west-1"), Type: "AWS::S3::Bucket", Asset: "arn:aws:s3:::vault", Path: "Policy", Reason: model.Denied,
		Operation: "s3:GetBucketPolicy", Permission: "s3:GetBucketPolicy", Code: "AccessDenied", DeniedBy: "scp",
	}
}

func estateFindings() []model.Finding {
	bucket := func(name string) model.AssetRef {
		return model.AssetRef{
			ID: "arn:aws:s3:::" + name, Type: "AWS::S3::Bucket", Class: "bucket", Name: name,
			Provider: model.AWS, Partition: "aws", Account: "111122223333", Region: "eu-west-1", Tags: map[string]string{"env": "prod", "team": "data & more"},
		}
	}
	finding := func(c model.Control, a model.AssetRef, v model.Verdict, message string) model.Finding {
		f := model.Finding{
			ID: model.FindingID(c.ID, a.ID), Control: c.ID, Title: c.Title, Verdict: v, Severity: c.Severity, Message: message,
			KnownAs: c.KnownAs, Asset: a, Fix: c.Fix, State: model.Open, FirstSeen: day1, LastSeen: day2, ChangedAt: day1,
			ControlVersion: "3f1c", Scan: "scan-000017",
		}
		switch c.ID {
		case tlsControl.ID:
			f.Frameworks = []model.RequirementRef{{Framework: "cis-aws-7.0", Requirement: "3.1.1"}, {Framework: "nist-800-53-r5", Requirement: "SC-8"}}
			f.Fix.CLI = "aws s3api put-bucket-policy --bucket " + a.Name + " --policy file://policy.json"
		case publicControl.ID:
			f.Frameworks = []model.RequirementRef{{Framework: "cis-aws-7.0", Requirement: "3.1.2"}}
		}
		return f
	}

	account := model.AssetRef{
		ID: "arn:aws:iam::111122223333:root", Type: "AWS::Account::Settings", Class: "account", Name: "111122223333",
		Provider: model.AWS, Partition: "aws", Account: "111122223333",
	}
	manual := finding(model.Control{ID: "aws-account-contacts-reviewed", Title: "Security contacts are reviewed", Severity: model.Low}, account, model.Manual, "a person must look at the contacts")
	manual.State = ""

	public := finding(publicControl, bucket(hostileName), model.Fail, "bucket "+hostileName+" lets everyone read")
	public.Asset.ID = "arn:aws:s3:::hostile"
	public.Evidence = []model.Evidence{{Path: "Policy.Statement[0].Principal", Value: "*", Note: "grants s3:GetObject to <everyone>"}}
	public.Risk = model.Risk{Score: 98, Reasons: []string{"critical severity", "exposed to the internet", "holds data", "production (env=prod)"}}
	public.FirstSeen = day2

	fails := finding(tlsControl, bucket("logs"), model.Fail, "bucket logs admits requests without TLS")
	fails.Evidence = []model.Evidence{{Path: "Policy.Statement", Value: []any{}, Note: "no Deny statement tests aws:SecureTransport"}}
	fails.Risk = model.Risk{Score: 63, Reasons: []string{"high severity", "holds data", "production (env=prod)"}}

	passes := finding(tlsControl, bucket("data"), model.Pass, "every request without TLS is denied")
	passes.State, passes.Evidence = model.Resolved, []model.Evidence{{Path: "Policy.Statement[0].Effect", Value: "Deny"}}
	passes.ResolvedAt, passes.ChangedAt = day2, day2

	never := finding(publicControl, bucket("data"), model.Pass, "no statement grants to everyone")
	never.State = model.Passing

	unknown := finding(tlsControl, bucket("vault"), model.Unknown, "the bucket policy could not be read")
	unknown.Gaps = []model.Gap{vaultGap()}
	unknown.Risk = model.Risk{Score: 25, Reasons: []string{"high severity", "holds data", "undecided: it could not be read, so it may fail"}}

	waived := finding(tlsControl, bucket("website"), model.Fail, "bucket website admits requests without TLS")
	waived.State = model.Waived

	notApplicable := finding(tlsControl, bucket("zz-replica"), model.NotApplicable, "the bucket is a directory bucket")
	notApplicable.State = ""

	gone := finding(publicControl, bucket("zz-removed"), model.Fail, "bucket zz-removed lets everyone read")
	gone.State = model.Gone

	return []model.Finding{manual, never, passes, public, fails, unknown, waived, gone, notApplicable}
}

// each returns an iterator over the findings that can be run again.
func each(findings []model.Finding) func() iter.Seq2[model.Finding, error] {
	return func() iter.Seq2[model.Finding, error] {
		return func(yield func(model.Finding, error) bool) {
			for _, f := range findings {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// broken yields one finding and then an error.
func broken(err error) func() iter.Seq2[model.Finding, error] {
	return func() iter.Seq2[model.Finding, error] {
		return func(yield func(model.Finding, error) bool) {
			_ = yield(estateFindings()[0], nil) && yield(model.Finding{}, err)
		}
	}
}

// bigEstate is an organization of three accounts with n findings, generated
// without keeping them.
func bigEstate(n int) Input {
	type kind struct {
		control  model.Control
		class    model.Class
		name     string
		op       string
		evidence model.Evidence
	}
	kinds := []kind{
		{control: publicControl, class: "bucket", name: "customer-exports", op: "s3:GetBucketPolicy", evidence: model.Evidence{Path: "Policy.Statement[0].Principal", Value: "*", Note: "grants s3:GetObject to everyone"}},
		{control: tlsControl, class: "bucket", name: "audit-logs-archive", op: "s3:GetBucketPolicy", evidence: model.Evidence{Path: "Policy.Statement", Value: []any{}}},
		{control: model.Control{ID: "aws-ec2-security-group-no-open-ssh", Title: "Security group admits no SSH from the internet", Type: "AWS::EC2::SecurityGroup", Severity: model.High, Why: "Password guessing against SSH starts minutes after a port opens. One weak account is enough to be inside the network.", Fix: model.Fix{Steps: []string{"Open the security group.", "Delete the inbound rule for port 22 from 0.0.0.0/0 and ::/0.", "Use Session Manager to reach instances."}, CLI: "aws ec2 revoke-security-group-ingress --group-id {{id}} --protocol tcp --port 22 --cidr 0.0.0.0/0"}, References: []string{"https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html"}}, class: "firewall", name: "sg-0c1f2a9b7d", op: "ec2:DescribeSecurityGroups", evidence: model.Evidence{Path: "IpPermissions[2]", Value: map[string]any{"IpProtocol": "tcp", "FromPort": int64(22), "ToPort": int64(22), "IpRanges": []any{map[string]any{"CidrIp": "0.0.0.0/0"}}}}},
		{control: model.Control{ID: "aws-iam-user-has-mfa", Title: "IAM user with a console password has MFA", Type: "AWS::IAM::User", Severity: model.High, Why: "A stolen password alone opens the console.", Fix: model.Fix{Steps: []string{"Register an MFA device for the user, or remove the password."}}}, class: "user", name: "deploy.bot", op: "iam:GetLoginProfile", evidence: model.Evidence{Path: "MFADevices", Value: []any{}}},
		{control: volumeControl, class: "disk", name: "vol-0f00ba4", op: "ec2:DescribeVolumes", evidence: model.Evidence{Path: "Encrypted", Value: false}},
		{control: model.Control{ID: "aws-rds-instance-not-publicly-accessible", Title: "RDS database instance has no public address and accepts no connection from outside its VPC", Type: "AWS::RDS::DBInstance", Severity: model.Critical, Why: "The database answers to the whole internet.", Fix: model.Fix{Steps: []string{"Modify the instance: not publicly accessible."}, CLI: "aws rds modify-db-instance --db-instance-identifier {{name}} --no-publicly-accessible"}}, class: "database", name: "orders-primary", op: "rds:DescribeDBInstances", evidence: model.Evidence{Path: "PubliclyAccessible", Value: true}},
		{control: model.Control{ID: "aws-kms-key-rotates", Title: "KMS key rotates every year", Type: "AWS::KMS::Key", Severity: model.Low, Why: "An old key protects more than it should.", Fix: model.Fix{CLI: "aws kms enable-key-rotation --key-id {{id}}"}}, class: "key", name: "alias/orders", op: "kms:GetKeyRotationStatus", evidence: model.Evidence{Path: "KeyRotationEnabled", Value: false}},
		{control: model.Control{ID: "aws-cloudtrail-trail-log-validation", Title: "CloudTrail trail validates its log files", Type: "AWS::CloudTrail::Trail", Severity: model.Medium, Why: "A changed log file goes unnoticed.", Fix: model.Fix{CLI: "aws cloudtrail update-trail --name {{name}} --enable-log-file-validation"}}, class: "trail", name: "org-trail", op: "cloudtrail:DescribeTrails", evidence: model.Evidence{Path: "LogFileValidationEnabled", Value: false}},
	}
	accounts := []string{"111122223333", "444455556666", "777788889999"}
	regions := []string{"eu-west-1", "us-east-1", "ap-southeast-2", ""}
	controls := map[string]model.Control{}
	for _, k := range kinds {
		controls[k.control.ID] = k.control
	}
	at := func(i int) model.Finding {
		k := kinds[i*7%len(kinds)]
		name := fmt.Sprintf("%s-%04d", k.name, i)
		a := model.AssetRef{
			Type: k.control.Type, Class: k.class, Name: name, Provider: model.AWS, Partition: "aws",
			Account: accounts[i*3/n], Region: regions[i%len(regions)], Tags: map[string]string{"env": []string{"prod", "dev"}[i%2]},
		}
		a.ID = "arn:aws:" + string(k.class) + ":" + a.Region + ":" + a.Account + ":" + name
		f := model.Finding{
			ID: model.FindingID(k.control.ID, a.ID), Control: k.control.ID, Title: k.control.Title, Severity: k.control.Severity,
			Verdict: model.Pass, Message: name + " is as it should be", Asset: a, Fix: k.control.Fix, KnownAs: k.control.KnownAs,
			Evidence: []model.Evidence{k.evidence}, State: model.Passing, FirstSeen: day1, LastSeen: day2, ChangedAt: day1, Scan: "scan-000042",
			Frameworks: []model.RequirementRef{{Framework: "cis-aws-7.0", Requirement: "3.1.1"}},
		}
		switch h := i * 2654435761 % 100; {
		case h < 22:
			f.Verdict, f.State, f.Message = model.Fail, model.Open, k.control.Title+": "+name+" does not"
			f.Risk = model.Risk{Score: min(100, 14*k.control.Severity.Rank()+10+h), Reasons: []string{string(k.control.Severity) + " severity", "production (env=prod)"}}
		case h < 32:
			f.Verdict, f.State, f.Message, f.Evidence = model.Unknown, model.Open, k.op+" was denied, so "+name+" could not be judged", nil
			f.Risk = model.Risk{Score: 10 + h%10, Reasons: []string{"undecided"}}
			f.Gaps = []model.Gap{{Scope: model.Scope{Provider: model.AWS, Account: a.Account, Region: a.Region}, Type: a.Type, Asset: a.ID, Path: "Policy", Reason: model.Denied, Operation: k.op, Permission: k.op, Code: "AccessDenied"}}
		case h < 35:
			f.Verdict, f.State = model.NotApplicable, ""
		}
		return f
	}
	in := estate()
	in.Scan = model.Scan{
		ID: "scan-000042", Provider: model.AWS, Accounts: accounts, Regions: []string{"eu-west-1", "us-east-1", "ap-southeast-2"},
		StartedAt: day2.Add(-84 * time.Second), FinishedAt: day2, Status: model.ScanComplete, Counts: model.Counts{Assets: n / 3},
	}
	in.Controls = controls
	in.Frameworks[0].Requirements = append(in.Frameworks[0].Requirements,
		model.Requirement{ID: "2.10", Section: "2 Identity", Title: "People who sign in use a second factor", Controls: []string{"aws-iam-user-has-mfa"}},
		model.Requirement{ID: "6.3", Section: "6 Network", Title: "Remote administration ports are closed to the internet", Controls: []string{"aws-ec2-security-group-no-open-ssh"}, Manual: "Look at third-party appliances."},
		model.Requirement{ID: "4.2", Section: "4 Logging", Title: "Trails validate log files", Controls: []string{"aws-cloudtrail-trail-log-validation"}},
	)
	in.Findings = func() iter.Seq2[model.Finding, error] {
		return func(yield func(model.Finding, error) bool) {
			for i := range n {
				if !yield(at(i), nil) {
					return
				}
			}
		}
	}
	return in
}

// render writes the report to a text.
func render(write func(io.Writer, Input) error, in Input) (string, error) {
	var b bytes.Buffer
	err := write(&b, in)
	return b.String(), err
}
