package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded are the members that AWS Config's own schema has for some types, after
// the property files of github.com/awslabs/aws-config-resource-schema.
var recorded = map[string]string{
	"AWS::EC2::SecurityGroup": "description groupId groupName ipPermissions ipPermissionsEgress ownerId vpcId tags",
	"AWS::EC2::NetworkAcl":    "associations entries isDefault networkAclId ownerId vpcId tags",
	"AWS::EC2::VPC":           "cidrBlock cidrBlockAssociationSet dhcpOptionsId instanceTenancy ipv6CidrBlockAssociationSet isDefault ownerId state vpcId tags",
	"AWS::IAM::User":          "permissionsBoundary arn attachedManagedPolicies createDate groupList path userId userName userPolicyList tags",
	"AWS::CloudTrail::Trail": "cloudWatchLogsLogGroupArn cloudWatchLogsRoleArn hasCustomEventSelectors hasInsightSelectors homeRegion includeGlobalServiceEvents " +
		"isMultiRegionTrail isOrganizationTrail kmsKeyId logFileValidationEnabled name s3BucketName s3KeyPrefix snsTopicARN snsTopicName trailARN",
	"AWS::RDS::DBInstance": "allocatedStorage autoMinorVersionUpgrade availabilityZone backupRetentionPeriod cACertificateIdentifier copyTagsToSnapshot dBInstanceArn " +
		"dBClusterIdentifier dBInstanceClass dBInstanceIdentifier dBInstanceStatus dBParameterGroups dBSecurityGroups dBSubnetGroup dbInstancePort dbiResourceId enabledCloudwatchLogsExports " +
		"endpoint engine engineVersion iAMDatabaseAuthenticationEnabled instanceCreateTime kmsKeyId licenseModel masterUsername monitoringInterval multiAZ " +
		"optionGroupMemberships performanceInsightsEnabled preferredBackupWindow preferredMaintenanceWindow publiclyAccessible readReplicaSourceDBInstanceIdentifier storageEncrypted storageType vpcSecurityGroups",
	"AWS::Lambda::Function": "architectures codeSha256 codeSize description ephemeralStorage functionArn functionName handler lastModified memorySize packageType role " +
		"runtime state timeout tracingConfig version vpcConfig",
	"AWS::KMS::Key": "arn creationDate customerMasterKeySpec description enabled encryptionAlgorithms keyId keyManager keyState keyUsage origin signingAlgorithms",
}

// wrapped are the members that items hold as {"value": …}.
var wrapped = map[string]string{"AWS::EC2::VPC": "state", "AWS::Lambda::Function": "state"}

// configItemsOf makes of assets the configuration items that AWS Config has of them.
func configItemsOf(t *testing.T, p *program) []map[string]any {
	t.Helper()
	var assets []struct {
		ID, Type, Name string
		Scope          struct{ Account, Region string }
		Config         map[string]any
		Tags           map[string]string
	}
	p.json(exitClean, &assets, "inventory", "--format", "json")
	var out []map[string]any
	for _, a := range assets {
		members, ok := recorded[a.Type]
		if !ok {
			continue
		}
		all, _ := smallLetters(a.Config).(map[string]any)
		configuration := map[string]any{}
		for _, m := range strings.Fields(members) {
			configuration[m] = nil // AWS Config writes what is not set
			for name, v := range all {
				if strings.EqualFold(m, name) {
					configuration[m] = v
				}
			}
		}
		if m := wrapped[a.Type]; configuration[m] != nil {
			configuration[m] = map[string]any{"value": configuration[m]}
		}
		item := map[string]any{
			"configurationItemVersion": "1.3", "configurationItemStatus": "OK", "resourceType": a.Type, "resourceId": a.Name, "resourceName": a.Name,
			"awsAccountId": a.Scope.Account, "awsRegion": a.Scope.Region, "ARN": a.ID, "configuration": configuration, "tags": a.Tags,
			"relationships": []any{}, "relatedEvents": []any{}, "supplementaryConfiguration": map[string]any{},
		}
		if item["awsRegion"] == "" {
			item["awsRegion"] = "global"
		}
		if a.Tags == nil {
			item["tags"] = map[string]string{}
		}
		switch a.Type {
		case "AWS::EC2::SecurityGroup":
			rangesTwice(configuration)
		case "AWS::KMS::Key":
			policy, err := json.Marshal(a.Config["Policy"])
			if err != nil {
				t.Fatal(err)
			}
			rotates := "false"
			if status, ok := a.Config["KeyRotationStatus"].(map[string]any); ok && status["KeyRotationEnabled"] == true {
				rotates = "true"
			}
			item["supplementaryConfiguration"] = map[string]any{"Policy": jsonText(t, string(policy)), "KeyRotationStatus": rotates}
		}
		out = append(out, item)
	}
	return out
}

func jsonText(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// rangesTwice writes ranges of addresses as texts and as objects.
func rangesTwice(group map[string]any) {
	for _, direction := range []string{"ipPermissions", "ipPermissionsEgress"} {
		rules, _ := group[direction].([]any)
		for _, r := range rules {
			rule, _ := r.(map[string]any)
			objects, _ := rule["ipRanges"].([]any)
			texts := []any{}
			for _, o := range objects {
				m, _ := o.(map[string]any)
				texts = append(texts, m["cidrIp"])
			}
			rule["ipv4Ranges"], rule["ipRanges"] = objects, texts
		}
	}
}

// queryResult is an item as a row of an advanced query.
func queryResult(t *testing.T, item map[string]any) string {
	t.Helper()
	row := maps.Clone(item)
	row["accountId"], row["arn"] = row["awsAccountId"], row["ARN"]
	delete(row, "awsAccountId")
	delete(row, "ARN")
	tags := []any{}
	if m, ok := item["tags"].(map[string]string); ok {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			tags = append(tags, map[string]any{"key": key, "value": m[key], "tag": key + "=" + m[key]})
		}
	}
	row["tags"] = tags
	return mustJSON(t, row)
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkConfig holds that configuration items give the findings of the live scan,
// or unknown for want of a member: as a snapshot and as the result of an advanced
// query. The items of buckets and roles are moto's own.
func checkConfig(t *testing.T, p *program, url string, live *wireScan) {
	p.t = t
	items := configItemsOf(t, p)
	own := printedBy(t, url, t.TempDir(), []string{"configservice:BatchGetResourceConfig"})
	rows := make([]string, len(items))
	for i, item := range items {
		rows[i] = queryResult(t, item)
	}
	snapshot, query := maps.Clone(own), maps.Clone(own)
	snapshot["123456789012_Config_us-east-1_ConfigSnapshot_20260314T092653Z.json.gz"] = zippedText(t, mustJSON(t, map[string]any{
		"fileVersion": "1.0", "configSnapshotId": "2b1f7d3e-0d5c-4a51-9f43-0e8f9f6f1c11", "configurationItems": items,
	}))
	query["select-resource-config.json"] = mustJSON(t, map[string]any{"Results": rows, "QueryInfo": map[string]any{"SelectFields": []any{map[string]any{"Name": "resourceId"}}}})
	scan, _ := scanFiles(t, snapshot)
	checkWanting(t, live, scan, "config.txt", 150)
	queried, _ := scanFiles(t, query)
	if diff := cmp.Diff(scan.verdicts(), queried.verdicts()); diff != "" {
		t.Errorf("verdicts (-snapshot +query):\n%s", diff)
	}
	for control, want := range map[string]map[string]string{
		"firewall-closes-ssh":                {"ssh-from-two-halves": "fail", "ssh-from-inside": "pass"},
		"aws-s3-bucket-requires-tls":         {"plain": "fail", "tls-only": "pass"},
		"aws-rds-instance-is-encrypted":      {"exposed": "fail", "guarded": "pass"},
		"aws-s3-bucket-blocks-public-access": {"versioned": "pass"},
	} {
		for _, f := range scan.Findings {
			if v := want[f.Asset.Name]; f.Control == control && v != "" && f.Verdict != v {
				t.Errorf("%s on %s: %s, want %s: %+v", control, f.Asset.Name, f.Verdict, v, f.Gaps)
			}
		}
	}
}
