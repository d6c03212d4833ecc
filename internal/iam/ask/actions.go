package ask

import (
	"slices"
	"strings"
)

// capability is an action of a service with what it gives to who may do it.
type capability struct {
	action string
	gives  string // read, list, write, delete, administer, send, receive, invoke, decrypt, assume
	child  bool   // on what the asset holds: the objects of a bucket
}

// capabilities are the actions by which somebody outside can use an asset, by
// IAM prefix. What only tells that an asset exists is not among them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var capabilities = map[string][]capability{
	"s3": {
		{"s3:GetObject", "read", true}, {"s3:GetObjectVersion", "read", true}, {"s3:GetObjectAcl", "read", true},
		{"s3:ListBucket", "list", false}, {"s3:ListBucketVersions", "list", false},
		{"s3:PutObject", "write", true}, {"s3:PutObjectAcl", "administer", true}, {"s3:RestoreObject", "write", true}, {"s3:ReplicateObject", "write", true},
		{"s3:DeleteObject", "delete", true}, {"s3:DeleteObjectVersion", "delete", true}, {"s3:DeleteBucket", "delete", false},
		{"s3:PutBucketPolicy", "administer", false}, {"s3:DeleteBucketPolicy", "administer", false}, {"s3:PutBucketAcl", "administer", false},
		{"s3:PutBucketPublicAccessBlock", "administer", false}, {"s3:PutBucketVersioning", "administer", false},
		{"s3:PutEncryptionConfiguration", "administer", false}, {"s3:PutLifecycleConfiguration", "delete", false},
	},
	"sqs": {
		{"sqs:SendMessage", "send", false}, {"sqs:ReceiveMessage", "receive", false}, {"sqs:DeleteMessage", "delete", false}, {"sqs:PurgeQueue", "delete", false},
		{"sqs:DeleteQueue", "delete", false}, {"sqs:SetQueueAttributes", "administer", false}, {"sqs:AddPermission", "administer", false}, {"sqs:ChangeMessageVisibility", "write", false},
	},
	"sns": {
		{"sns:Publish", "send", false}, {"sns:Subscribe", "receive", false}, {"sns:DeleteTopic", "delete", false},
		{"sns:SetTopicAttributes", "administer", false}, {"sns:AddPermission", "administer", false}, {"sns:RemovePermission", "administer", false},
	},
	// Only operations that KMS admits across accounts.
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
	"kms": {
		{"kms:Decrypt", "decrypt", false}, {"kms:Encrypt", "write", false}, {"kms:GenerateDataKey", "decrypt", false}, {"kms:GenerateDataKeyWithoutPlaintext", "decrypt", false},
		{"kms:ReEncryptFrom", "decrypt", false}, {"kms:ReEncryptTo", "write", false}, {"kms:Sign", "write", false}, {"kms:GenerateMac", "write", false},
		{"kms:DeriveSharedSecret", "decrypt", false}, {"kms:CreateGrant", "administer", false}, {"kms:RetireGrant", "administer", false},
	},
	"lambda": {
		{"lambda:InvokeFunction", "invoke", false}, {"lambda:InvokeFunctionUrl", "invoke", false}, {"lambda:GetFunction", "read", false}, {"lambda:GetLayerVersion", "read", false},
		{"lambda:UpdateFunctionCode", "administer", false}, {"lambda:UpdateFunctionConfiguration", "administer", false}, {"lambda:AddPermission", "administer", false}, {"lambda:DeleteFunction", "delete", false},
	},
	"secretsmanager": {
		{"secretsmanager:GetSecretValue", "read", false}, {"secretsmanager:PutSecretValue", "write", false}, {"secretsmanager:UpdateSecret", "write", false},
		{"secretsmanager:DeleteSecret", "delete", false}, {"secretsmanager:PutResourcePolicy", "administer", false},
	},
	"ecr": {
		{"ecr:BatchGetImage", "read", false}, {"ecr:GetDownloadUrlForLayer", "read", false}, {"ecr:ListImages", "list", false}, {"ecr:PutImage", "write", false},
		{"ecr:InitiateLayerUpload", "write", false}, {"ecr:BatchDeleteImage", "delete", false}, {"ecr:DeleteRepository", "delete", false}, {"ecr:SetRepositoryPolicy", "administer", false},
	},
	"dynamodb": {
		{"dynamodb:GetItem", "read", false}, {"dynamodb:BatchGetItem", "read", false}, {"dynamodb:Query", "read", false}, {"dynamodb:Scan", "read", false}, {"dynamodb:GetRecords", "read", false},
		{"dynamodb:PutItem", "write", false}, {"dynamodb:UpdateItem", "write", false}, {"dynamodb:BatchWriteItem", "write", false}, {"dynamodb:DeleteItem", "delete", false},
		{"dynamodb:DeleteTable", "delete", false}, {"dynamodb:PutResourcePolicy", "administer", false},
	},
	"elasticfilesystem": {
		{"elasticfilesystem:ClientMount", "read", false}, {"elasticfilesystem:ClientWrite", "write", false}, {"elasticfilesystem:ClientRootAccess", "administer", false},
		{"elasticfilesystem:DeleteFileSystem", "delete", false}, {"elasticfilesystem:PutFileSystemPolicy", "administer", false},
	},
	"logs": {
		{"logs:PutLogEvents", "write", true}, {"logs:CreateLogStream", "write", false}, {"logs:GetLogEvents", "read", true}, {"logs:FilterLogEvents", "read", false},
		{"logs:StartQuery", "read", false}, {"logs:DeleteLogGroup", "delete", false}, {"logs:PutSubscriptionFilter", "read", false},
	},
	"events": {{"events:PutEvents", "send", false}, {"events:PutRule", "write", false}, {"events:PutTargets", "write", false}, {"events:DeleteRule", "delete", false}},
	"sts":    {{"sts:AssumeRole", "assume", false}, {"sts:AssumeRoleWithSAML", "assume", false}, {"sts:AssumeRoleWithWebIdentity", "assume", false}},
}

// usesOf returns the actions that count for an asset: those of its service that
// give one of the capabilities, all when none is asked for. Where the service
// is not in the table, the policy's own actions count.
func usesOf(service string, p *Policy, gives []string) []capability {
	var out []capability
	for _, c := range capabilities[service] {
		if len(gives) == 0 || slices.Contains(gives, c.gives) {
			out = append(out, c)
		}
	}
	if _, known := capabilities[service]; known || len(gives) > 0 {
		return out
	}
	for i := range p.Statements {
		for _, a := range p.Statements[i].Actions {
			if a == "*" {
				a = service + ":zz"
			}
			if strings.HasPrefix(strings.ToLower(a), service+":") {
				for _, v := range instances(a) {
					out = append(out, capability{action: v, gives: "use"})
				}
			}
		}
	}
	return out
}

// targets returns the ARNs on which an action can be asked for: the asset, or
// what it holds, with the names that the policy speaks of.
func targets(id, service string, p *Policy, child bool) []string {
	sep := ":"
	if service == "s3" || service == "dynamodb" {
		sep = "/"
	}
	id = strings.TrimSuffix(id, ":*")
	out := []string{id}
	if child {
		out = []string{id + sep + "zz"}
	}
	for i := range p.Statements {
		for _, r := range p.Statements[i].Resources {
			below := strings.HasPrefix(r, id+sep)
			if below && (child || service == "lambda" || service == "dynamodb") {
				for _, v := range instances(r) {
					if !slices.Contains(out, v) && len(out) < 40 {
						out = append(out, v)
					}
				}
			}
		}
	}
	return out
}

func serviceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}
