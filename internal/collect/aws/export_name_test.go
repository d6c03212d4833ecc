package aws

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

func TestNameOf(t *testing.T) {
	for _, tt := range []struct {
		path, op, about, region string
	}{
		{"describe-volumes.json", "ec2:DescribeVolumes", "", ""},
		{"describe-volumes.eu-west-1.json", "ec2:DescribeVolumes", "", "eu-west-1"},
		{"ec2.describe-volumes@us-gov-west-1.json.gz", "ec2:DescribeVolumes", "", "us-gov-west-1"},
		{"eu-central-1/describe-volumes.json", "ec2:DescribeVolumes", "", "eu-central-1"},
		{"eu-central-1/ec2/describe-volumes.json", "ec2:DescribeVolumes", "", "eu-central-1"},
		{"my-exports-1/describe-volumes.json", "ec2:DescribeVolumes", "", ""},
		{"get-bucket-policy.shop.books.json", "s3:GetBucketPolicy", "shop.books", ""},
		{"s3api get-bucket-policy logs.eu-west-1.json", "s3:GetBucketPolicy", "logs.eu-west-1", "eu-west-1"},
		{"sqs.get-queue-attributes.orders@eu-west-1.json", "sqs:GetQueueAttributes", "orders", "eu-west-1"},
		{"get-topic-attributes.arn:aws:sns:eu-west-1:111122223333:alarms.json", "sns:GetTopicAttributes", "arn:aws:sns:eu-west-1:111122223333:alarms", ""},
		{"get-alternate-contact.SECURITY.json", "account:GetAlternateContact", "SECURITY", ""},
		{"lambda.get-policy.web.json", "lambda:GetPolicy", "web", ""},
		{"volumes.json", "", "", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			n := nameOf(filepath.FromSlash("exports/" + tt.path))
			named := slices.ContainsFunc(n.ops, func(r *readable) bool { return r.name == tt.op })
			if named != (tt.op != "") || n.about != tt.about || n.region != tt.region {
				t.Errorf("%d operations, about %q in %q; want %s about %q in %q", len(n.ops), n.about, n.region, tt.op, tt.about, tt.region)
			}
		})
	}
}

// TestEveryOperationIsRead holds that the output of every operation of a scan is
// read, but for two that tell nothing of an account. One that a hook calls is named
// in hookOutputs or, if it is about one asset, in hookAbouts.
func TestEveryOperationIsRead(t *testing.T) {
	silent := []string{"iam:GenerateCredentialReport", "ec2:DescribeRegions"}
	for _, op := range Operations() {
		if readables()[op.Operation] == nil && abouts()[op.Operation] == nil && !slices.Contains(silent, op.Operation) {
			t.Errorf("the output of %s, of %s, is not read", op.Operation, op.Type)
		}
	}
}

// exportDir writes files and reads them as an export.
func exportDir(t *testing.T, opts ExportOptions, files map[string]string) (map[string]model.Asset, []model.Gap, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	assets, gaps, err := tryExport(t, opts, dir)
	byID := map[string]model.Asset{}
	for _, a := range assets {
		byID[a.ID] = a
	}
	return byID, gaps, err
}

const (
	twoBuckets   = `{"Buckets": [{"Name": "shop"}, {"Name": "shop.books"}], "Owner": {"ID": "ab"}}`
	callerOf111  = `{"UserId": "AIDA1", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/ann"}`
	versioningOn = `{"Status": "Enabled"}`
)

// TestAboutAssets holds that outputs about one asset complete that asset and no
// other, and that only what the service said is taken for absent.
func TestAboutAssets(t *testing.T) {
	assets, _, err := exportDir(t, ExportOptions{}, map[string]string{
		"get-caller-identity.json":                   callerOf111,
		"list-buckets.json":                          twoBuckets,
		"s3api.get-bucket-versioning.shop.json":      versioningOn,
		"get-bucket-logging.shop.json":               "{}",
		"get-bucket-policy.shop.json":                "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist",
		"get-bucket-encryption.shop.json":            "An error occurred (AccessDenied) when calling the GetBucketEncryption operation: with an explicit deny in a service control policy",
		"get-public-access-block.shop.books.json":    `{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}`,
		"eu-west-1/list-queues.json":                 `{"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/111122223333/orders"]}`,
		"us-east-1/list-queues.json":                 `{"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111122223333/orders"]}`,
		"eu-west-1/get-queue-attributes.orders.json": `{"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:orders", "SqsManagedSseEnabled": "true"}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	gapped := func(id, path string) model.GapReason {
		for _, g := range assets[id].Gaps {
			if g.Path == path {
				return g.Reason
			}
		}
		return ""
	}
	shop, books := assets["arn:aws:s3:::shop"], assets["arn:aws:s3:::shop.books"]
	if shop.Scope.Account != "111122223333" {
		t.Fatalf("assets %v", assets)
	}
	if diff := gocmp.Diff(map[string]any{"Status": "Enabled"}, shop.Config["Versioning"]); diff != "" || gapped(shop.ID, "Versioning") != "" {
		t.Errorf("versioning (-want +got)\n%s", diff)
	}
	for _, member := range []string{"LoggingEnabled", "Policy"} {
		if shop.Config[member] != nil || gapped(shop.ID, member) != "" {
			t.Errorf("%s is not absent: %v %q", member, shop.Config[member], gapped(shop.ID, member))
		}
	}
	for path, want := range map[string]model.GapReason{"ServerSideEncryptionConfiguration": model.Denied, "PublicAccessBlockConfiguration": model.Unsupported, "Acl": model.Unsupported} {
		if got := gapped(shop.ID, path); got != want {
			t.Errorf("%s of shop is a gap for %q, want %q", path, got, want)
		}
	}
	if gapped(books.ID, "Versioning") != model.Unsupported || gapped(books.ID, "Policy") != model.Unsupported || gapped(books.ID, "PublicAccessBlockConfiguration") != "" {
		t.Errorf("what is said of shop is taken for shop.books: %+v", books.Gaps)
	}
	if id := "arn:aws:sqs:eu-west-1:111122223333:orders"; gapped(id, "Attributes") != "" || assets[id].Config["Attributes"] == nil {
		t.Errorf("queue %+v", assets[id])
	}
	if id := "arn:aws:sqs:us-east-1:111122223333:orders"; gapped(id, "Attributes") != model.Unsupported {
		t.Errorf("the queue of another region is taken for this one: %+v", assets[id])
	}
}

// TestPlaces holds that outputs of the same name in several folders, and empty
// ones, are of the region and account that their names and neighbours tell.
func TestPlaces(t *testing.T) {
	volume := `{"Volumes": [{"VolumeId": "vol-1", "AvailabilityZone": "eu-west-1a"}]}`
	assets, gaps, err := exportDir(t, ExportOptions{Complete: true}, map[string]string{
		"a/get-caller-identity.json":         callerOf111,
		"a/eu-west-1/describe-volumes.json":  volume,
		"a/us-east-1/describe-volumes.json":  `{"Volumes": []}`,
		"a/eu-north-1/describe-volumes.json": "An error occurred (UnauthorizedOperation) when calling the DescribeVolumes operation: no",
		"b/get-caller-identity.json":         strings.ReplaceAll(callerOf111, "111122223333", "444455556666"),
		"b/eu-west-1/describe-volumes.json":  volume,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "arn:aws:ec2:eu-west-1:444455556666:volume/vol-1"} {
		if assets[id].ID == "" {
			t.Errorf("no volume %s", id)
		}
	}
	var of []string
	for _, g := range gaps {
		if g.Type == "AWS::EC2::Volume" {
			of = append(of, g.Scope.Account+" "+g.Scope.Region+" "+string(g.Reason)+" "+g.Permission)
		}
	}
	if diff := gocmp.Diff([]string{"111122223333 eu-north-1 denied ec2:DescribeVolumes"}, of); diff != "" {
		t.Errorf("gaps of volumes (-want +got)\n%s", diff)
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"differing settings", map[string]string{
			"a.json": `{"EbsEncryptionByDefault": true}`, "b.json": `{"EbsEncryptionByDefault": false}`,
		}, "both are the output of ec2:GetEbsEncryptionByDefault in one place, and differ"},
		{"nothing to complete", map[string]string{"get-bucket-versioning.shop.json": versioningOn}, "completes what s3:ListBuckets lists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := exportDir(t, ExportOptions{Account: "111122223333", Region: "eu-west-1"}, tt.files)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
	t.Run("the folder tells no account", func(t *testing.T) {
		_, _, err := exportDir(t, ExportOptions{}, map[string]string{
			"a/get-caller-identity.json": callerOf111, "b/get-caller-identity.json": strings.ReplaceAll(callerOf111, "111122223333", "444455556666"),
			"list-buckets.json": twoBuckets,
		})
		if err == nil || !strings.Contains(err.Error(), "name it with --account") {
			t.Errorf("error %v", err)
		}
	})
}

// TestChildrenAreListed holds that assets below others are all known when the
// outputs about all of those are there, and not before.
func TestChildrenAreListed(t *testing.T) {
	files := map[string]string{
		"iam.json":                  authorizationDetails0,
		"list-access-keys.ann.json": `{"AccessKeyMetadata": [{"UserName": "ann", "AccessKeyId": "AKIAEXAMPLE1", "Status": "Active", "CreateDate": "2025-01-01T00:00:00+00:00"}]}`,
	}
	listed := func(gaps []model.Gap) bool {
		return !slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == "AWS::IAM::AccessKey" })
	}
	_, gaps, err := exportDir(t, ExportOptions{Complete: true}, files)
	if err != nil || !listed(gaps) {
		t.Errorf("keys are not listed: %v", err)
	}
	delete(files, "list-access-keys.ann.json")
	if _, gaps, err = exportDir(t, ExportOptions{Complete: true}, files); err != nil || listed(gaps) {
		t.Errorf("keys are listed by nothing: %v", err)
	}
}

const configShapes = `{"configurationItems": [
  {"configurationItemStatus": "OK", "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", "tags": {},
   "configuration": {"groupId": "sg-1", "ipPermissions": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": "10.0.0.0/8", "description": "inside"}], "ipRanges": ["10.0.0.0/8", "0.0.0.0/0"], "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": []}]}},
  {"configurationItemStatus": "OK", "resourceType": "AWS::EC2::Volume", "resourceId": "vol-1", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "ARN": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1",
   "configuration": {"volumeId": "vol-1", "state": {"value": "in-use"}, "volumeType": {"other": "gp3"}}},
  {"configurationItemStatus": "OK", "resourceType": "AWS::KMS::Key", "resourceId": "k1", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "ARN": "arn:aws:kms:eu-west-1:111122223333:key/k1",
   "configuration": {"keyId": "k1", "arn": "arn:aws:kms:eu-west-1:111122223333:key/k1", "keyState": "Enabled", "customerMasterKeySpec": "SYMMETRIC_DEFAULT", "origin": "AWS_KMS", "keyManager": "CUSTOMER"},
   "supplementaryConfiguration": {"Policy": "\"{\\\"Version\\\": \\\"2012-10-17\\\", \\\"Statement\\\": []}\"", "KeyRotationStatus": "true"}},
  {"configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": "b1", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "ARN": "arn:aws:s3:::b1", "configuration": {"name": "b1"},
   "supplementaryConfiguration": {
     "AccessControlList": "\"{\\\"owner\\\": {\\\"id\\\": \\\"ab\\\"}, \\\"grantList\\\": [{\\\"grantee\\\": \\\"AllUsers\\\", \\\"permission\\\": \\\"Read\\\"}, {\\\"grantee\\\": {\\\"id\\\": \\\"ab\\\"}, \\\"permission\\\": \\\"FullControl\\\"}]}\"",
     "BucketVersioningConfiguration": {"status": "Off", "isMfaDeleteEnabled": null}, "BucketLoggingConfiguration": {"destinationBucketName": null, "logFilePrefix": null}}},
  {"configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": "b2", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "ARN": "arn:aws:s3:::b2", "configuration": {"name": "b2"},
   "supplementaryConfiguration": {
     "AccessControlList": {"owner": {"id": "ab"}, "grantList": [{"grantee": "Somebody", "permission": "Read"}]},
     "BucketVersioningConfiguration": {"status": "Suspended", "isMfaDeleteEnabled": true}, "BucketLoggingConfiguration": {"destinationBucketName": "logs", "logFilePrefix": "b2/"}}}
]}`

// TestConfigShapes holds what AWS Config spells otherwise than the API, and that
// what is in no known shape is a gap.
func TestConfigShapes(t *testing.T) {
	assets, _, err := exportDir(t, ExportOptions{}, map[string]string{"snapshot.json": configShapes})
	if err != nil {
		t.Fatal(err)
	}
	at := func(id string, members ...string) any {
		var v any = map[string]any(assets[id].Config)
		for _, m := range members {
			if list, ok := v.([]any); ok && len(list) > 0 {
				v = list[0]
			}
			doc, _ := v.(map[string]any)
			v = doc[m]
		}
		return v
	}
	group, volume, key := "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "arn:aws:kms:eu-west-1:111122223333:key/k1"
	for _, tt := range []struct {
		name      string
		got, want any
	}{
		{"ranges", at(group, "IpPermissions", "IpRanges"), []any{map[string]any{"CidrIp": "10.0.0.0/8", "Description": "inside"}, map[string]any{"CidrIp": "0.0.0.0/0"}}},
		{"state", at(volume, "State"), "in-use"},
		{"rotation", at(key, "KeyRotationStatus"), map[string]any{"KeyRotationEnabled": true}},
		{"key's policy", at(key, "Policy", "Version"), "2012-10-17"},
		{"key's kind", at(key, "KeySpec"), "SYMMETRIC_DEFAULT"},
		{"grants", at("arn:aws:s3:::b1", "Acl", "Grants"), []any{
			map[string]any{"Grantee": map[string]any{"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"},
			map[string]any{"Grantee": map[string]any{"Type": "CanonicalUser", "ID": "ab"}, "Permission": "FULL_CONTROL"},
		}},
		{"no versions", at("arn:aws:s3:::b1", "Versioning"), map[string]any{}},
		{"no log", at("arn:aws:s3:::b1", "LoggingEnabled"), nil},
		{"versions", at("arn:aws:s3:::b2", "Versioning"), map[string]any{"Status": "Suspended", "MFADelete": "Enabled"}},
		{"log", at("arn:aws:s3:::b2", "LoggingEnabled"), map[string]any{"TargetBucket": "logs", "TargetPrefix": "b2/"}},
	} {
		if diff := gocmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
	for id, path := range map[string]string{volume: "VolumeType", "arn:aws:s3:::b2": "Acl", key: "Grants"} {
		if !has(assets[id], path) {
			t.Errorf("%s of %s is no gap: %+v", path, id, assets[id].Gaps)
		}
	}
	for _, path := range []string{"Versioning", "LoggingEnabled", "Acl"} {
		if has(assets["arn:aws:s3:::b1"], path) {
			t.Errorf("%s is a gap", path)
		}
	}
	if assets["arn:aws:s3:::b1"].Scope.Region != "eu-west-1" {
		t.Errorf("region %q", assets["arn:aws:s3:::b1"].Scope.Region)
	}
	if assets[key].ID == "" || has(assets[key], "") {
		t.Errorf("key %+v", assets[key])
	}
}
