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

func exportText(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const configItems = `{
  "fileVersion": "1.0",
  "configSnapshotId": "5f0c",
  "configurationItems": [
    {
      "configurationItemVersion": "1.3", "configurationItemStatus": "OK", "resourceType": "AWS::EC2::Volume", "resourceId": "vol-0aa", "awsAccountId": "111122223333",
      "awsRegion": "eu-west-1", "availabilityZone": "eu-west-1b", "ARN": "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0aa", "tags": {"team": "till"},
      "configuration": {"volumeId": "vol-0aa", "size": 20, "encrypted": false, "state": "in-use", "volumeType": "gp3", "kmsKeyId": null, "createTime": "2026-03-01T09:00:00.000Z",
        "attachments": [{"instanceId": "i-0bb", "device": "/dev/xvda", "deleteOnTermination": true}], "availabilityZone": "eu-west-1b"}
    },
    {
      "configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": "till-books", "resourceName": "till-books", "awsAccountId": "111122223333",
      "awsRegion": "eu-west-1", "ARN": "arn:aws:s3:::till-books", "tags": {},
      "configuration": {"name": "till-books", "owner": {"id": "ab12"}, "creationDate": "2025-01-01T00:00:00.000Z"},
      "supplementaryConfiguration": {
        "BucketPolicy": {"policyText": "{\"Version\": \"2012-10-17\", \"Statement\": []}"},
        "PublicAccessBlockConfiguration": "{\"blockPublicAcls\": true, \"ignorePublicAcls\": true, \"blockPublicPolicy\": true, \"restrictPublicBuckets\": false}"
      }
    },
    {
      "configurationItemStatus": "OK", "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-0cc", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
      "ARN": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0cc",
      "configuration": {"groupId": "sg-0cc", "groupName": "till", "ownerId": "111122223333", "vpcId": "vpc-0dd", "ipPermissions": [{"ipProtocol": "tcp", "strangeRanges": ["0.0.0.0/0"]}]}
    },
    {"configurationItemStatus": "ResourceDeleted", "resourceType": "AWS::EC2::Volume", "resourceId": "vol-gone", "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "configuration": {"volumeId": "vol-gone"}},
    {"configurationItemStatus": "OK", "resourceType": "AWS::Other::Thing", "resourceId": "x", "awsAccountId": "444455556666", "awsRegion": "us-east-1", "configuration": {}}
  ]
}`

func TestConfigItems(t *testing.T) {
	assets, gaps := exportFiles(t, ExportOptions{Complete: true}, exportText(t, "snapshot.json", configItems))
	byID := map[string]model.Asset{}
	var ids []string
	for _, a := range assets {
		byID[a.ID] = a
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	if diff := gocmp.Diff([]string{
		"arn:aws:account:eu-west-1:111122223333:region", "arn:aws:account:us-east-1:444455556666:region",
		"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0cc", "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0aa",
		"arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root", "arn:aws:s3:::till-books",
	}, ids); diff != "" {
		t.Fatalf("assets (-want +got)\n%s", diff)
	}
	volume := byID["arn:aws:ec2:eu-west-1:111122223333:volume/vol-0aa"]
	if volume.Config["Encrypted"] != false || volume.Config["Size"] != int64(20) || volume.Tags["team"] != "till" || volume.Scope.Region != "eu-west-1" {
		t.Errorf("volume %+v", volume)
	}
	if has(volume, "KmsKeyId") || has(volume, "Encrypted") || !has(volume, "MultiAttachEnabled") {
		t.Errorf("gaps of the volume: %+v", volume.Gaps)
	}
	bucket := byID["arn:aws:s3:::till-books"]
	block, _ := bucket.Config["PublicAccessBlockConfiguration"].(map[string]any)
	policy, _ := bucket.Config["Policy"].(map[string]any)
	if block["RestrictPublicBuckets"] != false || block["BlockPublicAcls"] != true || policy["Version"] != "2012-10-17" {
		t.Errorf("bucket %+v", bucket.Config)
	}
	if has(bucket, "Policy") || has(bucket, "PublicAccessBlockConfiguration") || !has(bucket, "Acl") || !has(bucket, "Versioning") {
		t.Errorf("gaps of the bucket: %+v", bucket.Gaps)
	}
	group := byID["arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0cc"]
	if group.Config["GroupName"] != "till" || group.Config["IpPermissions"] != nil || !has(group, "IpPermissions") {
		t.Errorf("a member in another shape than the API's is no gap: %+v %+v", group.Config, group.Gaps)
	}
	// What AWS Config does not record nobody knows: no listing is proven.
	for _, account := range []string{"111122223333", "444455556666"} {
		if !slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == "AWS::EC2::Volume" && g.Scope.Account == account }) {
			t.Errorf("the listing of volumes of %s is no gap", account)
		}
	}
}

func has(a model.Asset, path string) bool {
	return slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == path && g.Reason == model.Unsupported })
}

const authorizationDetails0 = `{
  "UserDetailList": [
    {"Path": "/", "UserName": "ann", "UserId": "AIDAEXAMPLE1", "Arn": "arn:aws:iam::111122223333:user/ann", "CreateDate": "2025-01-01T00:00:00+00:00", "GroupList": [],
     "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}], "Tags": []}
  ],
  "GroupDetailList": [],
  "RoleDetailList": [
    {"Path": "/", "RoleName": "till", "RoleId": "AROAEXAMPLE1", "Arn": "arn:aws:iam::111122223333:role/till", "CreateDate": "2025-01-01T00:00:00+00:00",
     "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
     "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": [], "Tags": []}
  ],
  "Policies": []
}`

func TestOutputs(t *testing.T) {
	t.Run("authorization details", func(t *testing.T) {
		assets, gaps := exportFiles(t, ExportOptions{Complete: true}, exportText(t, "iam.json", authorizationDetails0))
		var user, role model.Asset
		for _, a := range assets {
			switch a.Type {
			case "AWS::IAM::User":
				user = a
			case "AWS::IAM::Role":
				role = a
			}
		}
		if user.Scope.Account != "111122223333" || user.Name != "ann" || user.CreatedAt.IsZero() || !has(user, "MFADevices") || !has(user, "CredentialReport") {
			t.Errorf("user %+v", user)
		}
		if trust, _ := role.Config["AssumeRolePolicyDocument"].(map[string]any); trust["Version"] != "2012-10-17" {
			t.Errorf("trust %v", role.Config["AssumeRolePolicyDocument"])
		}
		for _, typ := range []string{"AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group"} {
			if slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == typ }) {
				t.Errorf("%s of a complete export is a gap", typ)
			}
		}
		if !slices.ContainsFunc(gaps, func(g model.Gap) bool { return g.Type == "AWS::IAM::AccessKey" }) {
			t.Error("the listing of access keys, which it does not hold, is no gap")
		}
	})
	t.Run("snapshots of others", func(t *testing.T) {
		text := `{"Snapshots": [{"SnapshotId": "snap-1", "OwnerId": "111122223333", "VolumeId": "vol-1", "Encrypted": true, "State": "completed", "VolumeSize": 1, "StartTime": "2026-01-01T00:00:00Z"}, {"SnapshotId": "snap-2", "OwnerId": "999988887777", "VolumeId": "vol-2", "Encrypted": false, "State": "completed", "VolumeSize": 1, "StartTime": "2026-01-01T00:00:00Z"}]}`
		assets, _ := exportFiles(t, ExportOptions{Account: "111122223333", Region: "eu-west-1"}, exportText(t, "snapshots.json", text))
		n := 0
		for _, a := range assets {
			if a.Type == "AWS::EC2::Snapshot" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d snapshots, want that of the account alone", n)
		}
	})
	t.Run("with a token", func(t *testing.T) {
		text := `{"Volumes": [{"VolumeId": "vol-1", "AvailabilityZone": "eu-west-1a"}], "NextToken": "more"}`
		_, gaps := exportFiles(t, ExportOptions{Account: "111122223333", Complete: true}, exportText(t, "v.json", text))
		if !slices.ContainsFunc(gaps, func(g model.Gap) bool {
			return g.Type == "AWS::EC2::Volume" && strings.Contains(g.Detail, "v.json: it has a token")
		}) {
			t.Errorf("a page proves a listing: %+v", gaps)
		}
	})
	for _, tt := range []struct {
		name, file, text string
		opts             ExportOptions
		says             string
	}{
		{"no account", "v.json", `{"Volumes": [{"VolumeId": "vol-1", "AvailabilityZone": "eu-west-1a"}]}`, ExportOptions{}, "--account"},
		{"no region", "v.json", `{"Volumes": [{"VolumeId": "vol-1"}]}`, ExportOptions{Account: "111122223333"}, "--region"},
		{"alike", "state.json", `{"State": "unblocked"}`, ExportOptions{Account: "111122223333", Region: "eu-west-1"}, "name the file by the command"},
		{"by itself", "roles.json", `{"Roles": [{"RoleName": "till", "Arn": "arn:aws:iam::111122223333:role/till"}]}`, ExportOptions{}, "iam:GetAccountAuthorizationDetails"},
		{"nothing a scan uses", "x.json", `{"Sausages": [{"Name": "a"}]}`, ExportOptions{}, "not recognized"},
		{"item without a type", "c.json", `{"Results": ["{\"resourceId\": \"x\"}"], "QueryInfo": {}}`, ExportOptions{}, "resourceType"},
		{"item without an account", "c.json", `{"Results": ["{\"resourceType\": \"AWS::EC2::Volume\"}"], "QueryInfo": {}}`, ExportOptions{}, "--account"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := tryExport(t, tt.opts, exportText(t, tt.file, tt.text)); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
	t.Run("a value of another kind", func(t *testing.T) {
		text := `{"Volumes": [{"VolumeId": "vol-1", "Encrypted": "no"}]}`
		assets, gaps := exportFiles(t, ExportOptions{Account: "111122223333", Region: "eu-west-1", Complete: true}, exportText(t, "v.json", text))
		if slices.ContainsFunc(assets, func(a model.Asset) bool { return a.Type == "AWS::EC2::Volume" }) ||
			!slices.ContainsFunc(gaps, func(g model.Gap) bool {
				return g.Type == "AWS::EC2::Volume" && g.Reason == model.Failed && strings.Contains(g.Detail, "v.json: Volumes: Encrypted")
			}) {
			t.Error("an output that cannot be read proves a listing")
		}
	})
}

// TestReadables holds that the operations whose outputs are read follow from the
// declarations: every listing that stands by itself is among them.
func TestReadables(t *testing.T) {
	for _, c := range Collectors() {
		for i := range c.Types {
			typ := &c.Types[i]
			if typ.List != nil && typ.List.op.Name != "" && readables()[typ.List.op.String()] == nil {
				t.Errorf("%s: the output of %s is not read", typ.Name, typ.List.op)
			}
		}
	}
	knows := func(members ...string) bool { return OutputRefusal("x.json", members, nil) == "" }
	if !knows("Reservations") || !knows("UserDetailList", "Policies", "IsTruncated") || knows("Sausages") || knows("NextToken") {
		t.Error("outputs are told by their members")
	}
}

// FuzzExport holds that no value of an output or an item makes reading panic, and
// that every asset has a name and an account.
func FuzzExport(f *testing.F) {
	f.Add(`{"Volumes": [{"VolumeId": "vol-1", "Encrypted": true}]}`)
	f.Add(authorizationDetails0)
	f.Add(configItems)
	f.Add(`{"Reservations": [{"Instances": [{"InstanceId": "i", "LaunchTime": 1e300, "Tags": [null]}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		assets, _, err := tryExport(t, ExportOptions{Account: "111122223333", Region: "eu-west-1"}, exportText(t, "x.json", text))
		if err != nil {
			return
		}
		for _, a := range assets {
			if a.ID == "" || a.Scope.Account == "" || a.Origin.Kind != model.OriginExport {
				t.Errorf("asset %+v", a)
			}
		}
	})
}
