// Command synthetic writes a snapshot of an account with many assets, for
// measuring: synthetic COUNT FILE. The same count gives the same file.
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
	"time"

	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
)

const account = "111122223333"

var at = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: synthetic COUNT FILE")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "usage: synthetic COUNT FILE")
		os.Exit(2)
	}
	m := file.Manifest{Scan: model.Scan{ID: "synthetic", Provider: model.AWS, Accounts: []string{account}, Regions: []string{"eu-west-1"}, StartedAt: at, FinishedAt: at}}
	if err := file.Save(os.Args[2], m, file.Contents{Assets: assets(count)}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func assets(count int) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		scope := model.Scope{Provider: model.AWS, Partition: "aws", Account: account}
		frame := []model.Asset{
			{ID: "arn:aws:iam::" + account + ":root", Type: "AWS::::Account", Class: "account", Name: account, Scope: scope, Config: model.Document{"Account": account}},
			{ID: "arn:aws:account:eu-west-1:" + account + ":region", Type: "AWS::::Region", Class: "region", Name: "eu-west-1", Scope: in(scope), Config: model.Document{"RegionName": "eu-west-1"}},
			{ID: "arn:aws:s3::" + account + ":settings/public-access-block", Type: "AWS::S3::AccountPublicAccessBlock", Name: account, Scope: scope, Config: model.Document{}},
		}
		for _, a := range frame {
			if !yield(a, nil) {
				return
			}
		}
		for i := range count - len(frame) {
			var a model.Asset
			switch i % 10 {
			case 0, 1, 2, 3:
				a = bucket(i, scope)
			case 4, 5:
				a = group(i, in(scope))
			case 6, 7:
				a = instance(i, in(scope))
			case 8:
				a = volume(i, in(scope))
			default:
				a = role(i, scope)
			}
			a.Tags = map[string]string{"env": []string{"prod", "test", "dev"}[i%3], "team": "team-" + strconv.Itoa(i%17)}
			if !yield(a, nil) {
				return
			}
		}
	}
}

func in(s model.Scope) model.Scope { s.Region = "eu-west-1"; return s }

func bucket(i int, s model.Scope) model.Asset {
	name := fmt.Sprintf("bucket-%07d", i)
	on := i%5 != 0
	arn := "arn:aws:s3:::" + name
	c := model.Document{
		"Name": name, "CreationDate": "2024-01-01T00:00:00Z", "BucketRegion": "eu-west-1",
		"PublicAccessBlockConfiguration":    map[string]any{"BlockPublicAcls": on, "IgnorePublicAcls": on, "BlockPublicPolicy": on, "RestrictPublicBuckets": on},
		"Acl":                               map[string]any{"Owner": map[string]any{"ID": "0011"}, "Grants": []any{map[string]any{"Grantee": map[string]any{"ID": "0011", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}}},
		"OwnershipControls":                 map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"ServerSideEncryptionConfiguration": map[string]any{"Rules": []any{map[string]any{"ApplyServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}}},
		"Versioning":                        map[string]any{"Status": []string{"Enabled", "Suspended"}[i%2]},
		"NotificationConfiguration":         map[string]any{},
	}
	if i%3 == 0 {
		c["Policy"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
			"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []any{arn, arn + "/*"},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		}}}
	}
	s.Region = "eu-west-1"
	return model.Asset{ID: arn, Type: "AWS::S3::Bucket", Class: "bucket", Name: name, Scope: s, Config: c}
}

func group(i int, s model.Scope) model.Asset {
	id := fmt.Sprintf("sg-%017x", i)
	cidr := []any{map[string]any{"CidrIp": []string{"10.0.0.0/8", "0.0.0.0/0", "203.0.113.0/24"}[i%3]}}
	c := model.Document{
		"GroupId": id, "GroupName": "group-" + strconv.Itoa(i), "VpcId": "vpc-0", "OwnerId": account, "Description": "synthetic",
		"IpPermissions": []any{
			map[string]any{"IpProtocol": "tcp", "FromPort": int64(443), "ToPort": int64(443), "IpRanges": cidr, "Ipv6Ranges": []any{}, "PrefixListIds": []any{}, "UserIdGroupPairs": []any{}},
			map[string]any{"IpProtocol": "tcp", "FromPort": int64(22), "ToPort": int64(22), "IpRanges": []any{map[string]any{"CidrIp": "10.0.0.0/8"}}, "Ipv6Ranges": []any{}, "PrefixListIds": []any{}, "UserIdGroupPairs": []any{}},
		},
		"IpPermissionsEgress": []any{map[string]any{"IpProtocol": "-1", "IpRanges": []any{map[string]any{"CidrIp": "0.0.0.0/0"}}, "Ipv6Ranges": []any{}, "PrefixListIds": []any{}, "UserIdGroupPairs": []any{}}},
	}
	return model.Asset{ID: "arn:aws:ec2:eu-west-1:" + account + ":security-group/" + id, Type: "AWS::EC2::SecurityGroup", Class: "firewall", Name: "group-" + strconv.Itoa(i), Scope: s, Config: c}
}

func instance(i int, s model.Scope) model.Asset {
	id := fmt.Sprintf("i-%017x", i)
	c := model.Document{
		"InstanceId": id, "ImageId": "ami-0", "InstanceType": "m7g.large", "LaunchTime": "2026-01-01T00:00:00Z", "State": map[string]any{"Name": "running", "Code": int64(16)},
		"VpcId": "vpc-0", "SubnetId": "subnet-0", "PrivateIpAddress": "10.0.0.1", "EbsOptimized": true, "Monitoring": map[string]any{"State": "disabled"},
		"MetadataOptions": map[string]any{"HttpTokens": []string{"required", "optional"}[i%2], "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": int64(2)},
		"SecurityGroups":  []any{map[string]any{"GroupId": fmt.Sprintf("sg-%017x", i-2), "GroupName": "group"}},
		"UserData":        map[string]any{}, "DisableApiTermination": map[string]any{"Value": false},
	}
	return model.Asset{ID: "arn:aws:ec2:eu-west-1:" + account + ":instance/" + id, Type: "AWS::EC2::Instance", Class: "instance", Name: id, Scope: s, Config: c}
}

func volume(i int, s model.Scope) model.Asset {
	id := fmt.Sprintf("vol-%017x", i)
	c := model.Document{"VolumeId": id, "Encrypted": i%4 != 0, "Size": int64(100), "State": "in-use", "AvailabilityZone": "eu-west-1a", "VolumeType": "gp3", "CreateTime": "2026-01-01T00:00:00Z"}
	return model.Asset{ID: "arn:aws:ec2:eu-west-1:" + account + ":volume/" + id, Type: "AWS::EC2::Volume", Class: "disk", Name: id, Scope: s, Config: c}
}

func role(i int, s model.Scope) model.Asset {
	name := "role-" + strconv.Itoa(i)
	arn := "arn:aws:iam::" + account + ":role/" + name
	doc := func(st map[string]any) map[string]any {
		return map[string]any{"Version": "2012-10-17", "Statement": []any{st}}
	}
	c := model.Document{
		"RoleName": name, "RoleId": "AROA" + strconv.Itoa(i), "Arn": arn, "Path": "/", "CreateDate": "2024-01-01T00:00:00Z", "MaxSessionDuration": int64(3600),
		"AssumeRolePolicyDocument": doc(map[string]any{"Effect": "Allow", "Principal": map[string]any{"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
		"RolePolicyList":           []any{map[string]any{"PolicyName": "inline", "PolicyDocument": doc(map[string]any{"Effect": "Allow", "Action": []any{"s3:GetObject", "s3:ListBucket"}, "Resource": "arn:aws:s3:::bucket-" + strconv.Itoa(i) + "*"})}},
		"AttachedManagedPolicies":  []any{}, "InstanceProfileList": []any{}, "RoleLastUsed": map[string]any{"LastUsedDate": "2026-05-20T00:00:00Z", "Region": "eu-west-1"},
	}
	return model.Asset{ID: arn, Type: "AWS::IAM::Role", Class: "role", Name: name, Scope: s, Config: c}
}
