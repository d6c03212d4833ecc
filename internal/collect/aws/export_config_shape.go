package aws

import (
	"encoding/json"
	"slices"
	"strings"
)

// adapt brings what AWS Config spells otherwise than the API to the API's shape,
// where its own schema says how it does. What is in no shape that is known stays as
// it is: it becomes a gap.
// https://github.com/awslabs/aws-config-resource-schema
func (i *configItem) adapt() {
	switch i.typ {
	case "AWS::S3::Bucket":
		for member, v := range map[string]string{"bucketRegion": i.region, "bucketArn": i.arn} {
			if v != "" && i.configuration != nil && i.configuration[member] == nil {
				i.configuration[member] = v
			}
		}
	case "AWS::KMS::Key":
		// The listing's name of the ARN, and the newer one of two names of one member.
		// https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
		for from, to := range map[string]string{"arn": "keyArn", "customerMasterKeySpec": "keySpec"} {
			if v, ok := i.configuration[from]; ok && i.configuration[to] == nil {
				i.configuration[to] = v
			}
		}
	case "AWS::EC2::SecurityGroup":
		for name, v := range i.configuration {
			if strings.EqualFold(name, "ipPermissions") || strings.EqualFold(name, "ipPermissionsEgress") {
				rules, _ := v.([]any)
				for _, r := range rules {
					rule, _ := r.(map[string]any)
					addressRanges(rule)
				}
			}
		}
	}
}

// addressRanges joins the ranges of addresses of a rule, which an item holds twice:
// ipRanges are texts, and ipv4Ranges, which older items lack, are what the API has
// under the name of the former.
func addressRanges(rule map[string]any) {
	texts, ok := rule["ipRanges"].([]any)
	if rule["ipRanges"] != nil && !ok {
		return
	}
	objects, ok := rule["ipv4Ranges"].([]any)
	if rule["ipv4Ranges"] != nil && !ok {
		return
	}
	joined := slices.Clone(objects)
	for _, t := range texts {
		text, ok := t.(string)
		if !ok {
			return // it is in the API's shape
		}
		if !slices.ContainsFunc(joined, func(o any) bool {
			m, _ := o.(map[string]any)
			return m["cidrIp"] == text
		}) {
			joined = append(joined, map[string]any{"cidrIp": text})
		}
	}
	if joined == nil {
		joined = []any{}
	}
	rule["ipRanges"] = joined
	delete(rule, "ipv4Ranges")
}

// unwrapped returns the text of an enumeration that an item holds as an object:
// {"value": "available"}.
func unwrapped(v any) any {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		if text, ok := m["value"].(string); ok {
			return text
		}
	}
	return v
}

// supplements read what AWS Config asks beside an asset, by type: each returns a
// member of the API's document, nil where the item says that there is none, and
// false where it does not say.
var supplements = map[string]map[string]func(s map[string]any) (any, bool){
	"AWS::S3::Bucket": {
		"PublicAccessBlockConfiguration":    supplementIn("PublicAccessBlockConfiguration"),
		"ServerSideEncryptionConfiguration": supplementIn("ServerSideEncryptionConfiguration"),
		"Policy":                            bucketPolicyItem,
		"Versioning":                        bucketVersioningItem,
		"LoggingEnabled":                    bucketLoggingItem,
		"Acl":                               bucketAclItem,
	},
	"AWS::KMS::Key": {
		"KeyRotationStatus": keyRotationItem,
		"Policy":            keyPolicyItem,
	},
}

// supplementIn takes what has the API's shape.
func supplementIn(name string) func(map[string]any) (any, bool) {
	return func(s map[string]any) (any, bool) {
		m := object(s[name])
		return m, m != nil
	}
}

// https://docs.aws.amazon.com/config/latest/developerguide/s3-compliance.html
func bucketPolicyItem(s map[string]any) (any, bool) {
	m := object(s["BucketPolicy"])
	text, ok := m["policyText"]
	return text, ok
}

// bucketVersioningItem reads what the SDK for Java, by which AWS Config asks, makes
// of the answer: Off is a bucket that never had versions.
// https://docs.aws.amazon.com/AWSJavaSDK/latest/javadoc/com/amazonaws/services/s3/model/BucketVersioningConfiguration.html
func bucketVersioningItem(s map[string]any) (any, bool) {
	m := object(s["BucketVersioningConfiguration"])
	status, _ := m["status"].(string)
	out := map[string]any{}
	switch status {
	case "Off":
	case "Enabled", "Suspended":
		out["Status"] = status
	default:
		return nil, false
	}
	switch m["isMfaDeleteEnabled"] {
	case true:
		out["MFADelete"] = "Enabled"
	case false:
		out["MFADelete"] = "Disabled"
	}
	return out, true
}

func bucketLoggingItem(s map[string]any) (any, bool) {
	m := object(s["BucketLoggingConfiguration"])
	target, ok := m["destinationBucketName"]
	if !ok {
		return nil, false
	}
	name, ok := target.(string)
	if !ok {
		return nil, target == nil
	}
	prefix, _ := m["logFilePrefix"].(string)
	return map[string]any{"TargetBucket": name, "TargetPrefix": prefix}, true
}

// The names that the SDK for Java has for permissions and groups of access lists.
// https://docs.aws.amazon.com/AWSJavaSDK/latest/javadoc/com/amazonaws/services/s3/model/Permission.html
// https://docs.aws.amazon.com/AWSJavaSDK/latest/javadoc/com/amazonaws/services/s3/model/GroupGrantee.html
var (
	aclPermissions = map[string]string{"FullControl": "FULL_CONTROL", "Read": "READ", "Write": "WRITE", "ReadAcp": "READ_ACP", "WriteAcp": "WRITE_ACP"}
	aclGroups      = map[string]string{
		"AllUsers":           "http://acs.amazonaws.com/groups/global/AllUsers",
		"AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
		"LogDelivery":        "http://acs.amazonaws.com/groups/s3/LogDelivery",
	}
)

func bucketAclItem(s map[string]any) (any, bool) {
	m := object(s["AccessControlList"])
	owner, _ := m["owner"].(map[string]any)
	list, ok := m["grantList"].([]any)
	id, _ := owner["id"].(string)
	if !ok || id == "" {
		return nil, false
	}
	grants := []any{}
	for _, e := range list {
		grant, _ := e.(map[string]any)
		permission, _ := grant["permission"].(string)
		to := map[string]any{}
		switch t := grant["grantee"].(type) {
		case string:
			to["Type"], to["URI"] = "Group", aclGroups[t]
		case map[string]any:
			to["Type"], to["ID"] = "CanonicalUser", t["id"]
		}
		if aclPermissions[permission] == "" || (to["URI"] == nil || to["URI"] == "") && (to["ID"] == nil || to["ID"] == "") {
			return nil, false
		}
		grants = append(grants, map[string]any{"Grantee": to, "Permission": aclPermissions[permission]})
	}
	return map[string]any{"Owner": map[string]any{"ID": id}, "Grants": grants}, true
}

func keyRotationItem(s map[string]any) (any, bool) {
	switch on := plainValue(s["KeyRotationStatus"]).(type) {
	case bool:
		return map[string]any{"KeyRotationEnabled": on}, true
	default:
		return nil, false
	}
}

func keyPolicyItem(s map[string]any) (any, bool) {
	text, ok := plainValue(s["Policy"]).(string)
	return text, ok && text != ""
}

// plainValue decodes a text that holds JSON: a supplement may be encoded twice.
func plainValue(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	var inner any
	if err := json.Unmarshal([]byte(text), &inner); err != nil {
		return v
	}
	switch inner.(type) {
	case bool, string:
		return inner
	}
	return v
}
