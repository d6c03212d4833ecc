package aws

import (
	"slices"
	"strings"
)

// Capability is what an action lets the caller do with a resource.
type Capability string

// The capabilities. Metadata (names, locations, attributes) is none of them: it
// does not expose a resource.
const (
	Read       Capability = "read"
	List       Capability = "list"
	Write      Capability = "write"
	Delete     Capability = "delete"
	Invoke     Capability = "invoke"
	Send       Capability = "send"
	Receive    Capability = "receive"
	Decrypt    Capability = "decrypt"
	Assume     Capability = "assume"
	Administer Capability = "administer"
	Metadata   Capability = ""
)

// actionTable lists known actions: "Name" or "Name/kind", where the kind is the
// part of an S3 bucket that it works on: b bucket, o object.
var actionTable = map[string]map[Capability]string{
	"s3": {
		List:       "ListBucket/b ListBucketVersions/b ListBucketMultipartUploads/b ListMultipartUploadParts/o",
		Read:       "GetObject/o GetObjectVersion/o GetObjectTorrent/o GetObjectVersionTorrent/o",
		Write:      "PutObject/o RestoreObject/o ReplicateObject/o PutObjectTagging/o PutObjectVersionTagging/o PutObjectRetention/o PutObjectLegalHold/o InitiateReplication/b",
		Delete:     "DeleteObject/o DeleteObjectVersion/o AbortMultipartUpload/o DeleteBucket/b ReplicateDelete/o DeleteObjectTagging/o",
		Administer: "PutBucketPolicy/b DeleteBucketPolicy/b PutBucketAcl/b PutObjectAcl/o PutObjectVersionAcl/o PutBucketPublicAccessBlock/b PutBucketOwnershipControls/b ObjectOwnerOverrideToBucketOwner/o BypassGovernanceRetention/o PutEncryptionConfiguration/b PutLifecycleConfiguration/b PutReplicationConfiguration/b PutBucketVersioning/b PutBucketLogging/b PutBucketNotification/b PutBucketWebsite/b DeleteBucketWebsite/b PutBucketCORS/b PutBucketObjectLockConfiguration/b PutBucketTagging/b",
		Metadata:   "GetBucketAcl/b GetBucketPolicy/b GetBucketPolicyStatus/b GetBucketLocation/b GetBucketVersioning/b GetBucketTagging/b GetBucketLogging/b GetBucketCORS/b GetBucketWebsite/b GetEncryptionConfiguration/b GetBucketPublicAccessBlock/b GetLifecycleConfiguration/b GetObjectAcl/o GetObjectVersionAcl/o GetObjectTagging/o GetObjectAttributes/o GetObjectRetention/o GetObjectLegalHold/o",
	},
	"sqs": {
		Send: "SendMessage", Receive: "ReceiveMessage ChangeMessageVisibility",
		Delete:     "DeleteMessage PurgeQueue DeleteQueue",
		Administer: "AddPermission RemovePermission SetQueueAttributes TagQueue UntagQueue StartMessageMoveTask CancelMessageMoveTask",
		Metadata:   "GetQueueUrl GetQueueAttributes ListQueueTags ListDeadLetterSourceQueues ListMessageMoveTasks",
	},
	"sns": {
		Send: "Publish", Receive: "Subscribe Receive", Delete: "DeleteTopic",
		Administer: "AddPermission RemovePermission SetTopicAttributes PutDataProtectionPolicy TagResource UntagResource",
		Metadata:   "GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource GetDataProtectionPolicy",
	},
	"kms": {
		Decrypt:    "Decrypt ReEncryptFrom CreateGrant DeriveSharedSecret",
		Write:      "Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext ReEncryptTo Sign GenerateMac",
		Administer: "PutKeyPolicy ScheduleKeyDeletion DisableKey EnableKey CancelKeyDeletion DisableKeyRotation EnableKeyRotation ImportKeyMaterial DeleteImportedKeyMaterial UpdateAlias CreateAlias DeleteAlias RevokeGrant RetireGrant TagResource UntagResource UpdateKeyDescription UpdatePrimaryRegion ReplicateKey RotateKeyOnDemand",
		Metadata:   "DescribeKey GetPublicKey GetKeyPolicy GetKeyRotationStatus ListGrants ListKeyPolicies ListResourceTags Verify VerifyMac ListAliases ListKeyRotations GetParametersForImport",
	},
	"lambda": {
		Invoke: "InvokeFunction InvokeFunctionUrl InvokeAsync", Read: "GetFunction GetLayerVersion",
		Write: "UpdateFunctionCode PublishVersion", Delete: "DeleteFunction DeleteLayerVersion",
		Administer: "AddPermission RemovePermission UpdateFunctionConfiguration CreateFunctionUrlConfig UpdateFunctionUrlConfig PutFunctionConcurrency CreateAlias UpdateAlias AddLayerVersionPermission RemoveLayerVersionPermission",
		Metadata:   "GetFunctionConfiguration GetPolicy GetAlias ListAliases ListVersionsByFunction GetFunctionUrlConfig",
	},
	"secretsmanager": {
		Read: "GetSecretValue BatchGetSecretValue", Write: "PutSecretValue UpdateSecret UpdateSecretVersionStage RotateSecret",
		Delete: "DeleteSecret", Administer: "PutResourcePolicy DeleteResourcePolicy ReplicateSecretToRegions",
		Metadata: "DescribeSecret ListSecretVersionIds GetResourcePolicy",
	},
	"ecr": {
		Read: "BatchGetImage GetDownloadUrlForLayer", List: "ListImages DescribeImages",
		Write: "PutImage InitiateLayerUpload UploadLayerPart CompleteLayerUpload ReplicateImage", Delete: "BatchDeleteImage DeleteRepository",
		Administer: "SetRepositoryPolicy DeleteRepositoryPolicy PutLifecyclePolicy DeleteLifecyclePolicy PutImageTagMutability",
		Metadata:   "BatchCheckLayerAvailability DescribeRepositories GetRepositoryPolicy GetLifecyclePolicy ListTagsForResource DescribeImageScanFindings",
	},
	"dynamodb": {
		Read: "GetItem BatchGetItem Query Scan PartiQLSelect GetRecords ExportTableToPointInTime", Write: "PutItem UpdateItem BatchWriteItem PartiQLInsert PartiQLUpdate",
		Delete: "DeleteItem DeleteTable PartiQLDelete", Administer: "PutResourcePolicy DeleteResourcePolicy UpdateTable",
		Metadata: "DescribeTable DescribeStream GetShardIterator GetResourcePolicy",
	},
	"kinesis": {
		Read: "GetRecords SubscribeToShard", Write: "PutRecord PutRecords", Delete: "DeleteStream",
		Administer: "PutResourcePolicy DeleteResourcePolicy", Metadata: "DescribeStream DescribeStreamSummary GetShardIterator ListShards",
	},
	"elasticfilesystem": {
		Read: "ClientMount", Write: "ClientWrite", Administer: "ClientRootAccess PutFileSystemPolicy DeleteFileSystemPolicy", Delete: "DeleteFileSystem",
	},
	"events": {
		Send: "PutEvents", Write: "PutRule PutTargets", Delete: "DeleteRule RemoveTargets", Administer: "PutPermission RemovePermission", Metadata: "DescribeRule ListRules",
	},
	"backup": {
		Write: "CopyIntoBackupVault StartBackupJob", Read: "StartRestoreJob", Delete: "DeleteRecoveryPoint DeleteBackupVault",
		Administer: "PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy PutBackupVaultLockConfiguration", Metadata: "DescribeBackupVault ListRecoveryPointsByBackupVault",
	},
	"es": {
		Read: "ESHttpGet ESHttpHead", Write: "ESHttpPost ESHttpPut ESHttpPatch", Delete: "ESHttpDelete DeleteDomain", Administer: "UpdateDomainConfig UpdateElasticsearchDomainConfig",
		Metadata: "DescribeDomain DescribeElasticsearchDomain",
	},
	"execute-api": {Invoke: "Invoke", Write: "ManageConnections", Administer: "InvalidateCache"},
	"sts":         {Assume: "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity", Metadata: "TagSession SetSourceIdentity SetContext"},
}

type knownAction struct {
	name       string // lower case, with service
	capability Capability
	object     bool // an S3 action on objects
	bucket     bool // an S3 action on the bucket
}

var actionsByService = buildActions()

func buildActions() map[string][]knownAction {
	out := map[string][]knownAction{}
	for service, rows := range actionTable {
		for c, names := range rows {
			for _, n := range strings.Fields(names) {
				name, kind, _ := strings.Cut(n, "/")
				out[service] = append(out[service], knownAction{strings.ToLower(service + ":" + name), c, kind == "o", kind == "b"})
			}
		}
		slices.SortFunc(out[service], func(a, b knownAction) int { return strings.Compare(a.name, b.name) })
	}
	return out
}

// notOnBuckets are S3 actions that work on the account or another resource
// than a bucket and its objects.
var notOnBuckets = map[string]bool{
	"s3:listallmybuckets": true, "s3:createbucket": true, "s3:getaccountpublicaccessblock": true, "s3:putaccountpublicaccessblock": true,
	"s3:listaccesspoints": true, "s3:listjobs": true, "s3:createjob": true, "s3:listmultiregionaccesspoints": true, "s3:liststoragelensconfigurations": true,
	"s3:listaccessgrantsinstances": true, "s3:createaccesspoint": true, "s3:describejob": true,
}

// anonymousServices are those that accept requests without a signature at all.
var anonymousServices = map[string]bool{
	"s3": true, "sqs": true, "sns": true, "execute-api": true, "es": true, "elasticfilesystem": true, "s3-object-lambda": true,
	"mediastore": true, "vpc-lattice-svcs": true, "iot": true,
}

func acceptsAnonymous(service, action string) bool {
	return anonymousServices[service] || action == "lambda:invokefunctionurl"
}

// verbs classify an action that is in no table, by how its name begins.
var verbs = []struct {
	prefix     string
	capability Capability
}{
	{"describe", Metadata},
	{"getpolicy", Metadata},
	{"getresourcepolicy", Metadata},
	{"check", Metadata},
	{"decrypt", Decrypt},
	{"assume", Assume},
	{"invoke", Invoke},
	{"send", Send},
	{"publish", Send},
	{"receive", Receive},
	{"subscribe", Receive},
	{"consume", Receive},
	{"get", Read},
	{"batchget", Read},
	{"read", Read},
	{"download", Read},
	{"query", Read},
	{"scan", Read},
	{"select", Read},
	{"export", Read},
	{"copy", Read},
	{"search", Read},
	{"list", List},
	{"delete", Delete},
	{"remove", Delete},
	{"purge", Delete},
	{"batchdelete", Delete},
}

// CapabilityOf classifies an action; case does not matter.
func CapabilityOf(action string) Capability {
	a := strings.ToLower(action)
	service, name, _ := strings.Cut(a, ":")
	for _, k := range actionsByService[service] {
		if k.name == a {
			return k.capability
		}
	}
	if !strings.HasPrefix(name, "get") && !strings.HasPrefix(name, "describe") && !strings.HasPrefix(name, "list") &&
		(strings.HasSuffix(name, "policy") || strings.HasSuffix(name, "permission") || strings.HasSuffix(name, "acl")) {
		return Administer
	}
	for _, v := range verbs {
		if strings.HasPrefix(name, v.prefix) {
			return v.capability
		}
	}
	return Write
}

// sampleActions stand for a service that is in no table.
var sampleActions = []string{"GetAny0", "ListAny0", "PutAny0", "DeleteAny0", "PutResourcePolicy", "InvokeAny0"}

// exposing are the known actions of each service that give a capability.
var exposing = func() map[string][]knownAction {
	out := make(map[string][]knownAction, len(actionsByService))
	for service, all := range actionsByService {
		out[service] = giving(all)
	}
	return out
}()

func giving(all []knownAction) []knownAction {
	return slices.DeleteFunc(slices.Clone(all), func(k knownAction) bool { return k.capability == Metadata })
}

// exposingActions are those of actionsToTry that give a capability. The slice
// must not be changed.
func exposingActions(service string, p *Policy) []knownAction {
	known := exposing[service]
	if known == nil {
		return giving(actionsToTry(service, p))
	}
	return append(known[:len(known):len(known)], giving(furtherActions(service, p, actionsByService[service]))...)
}

// actionsToTry are the actions of a service that a question looks at: those in
// the table, and those that the policy names.
func actionsToTry(service string, p *Policy) []knownAction {
	out := slices.Clone(actionsByService[service])
	if out == nil {
		for _, n := range sampleActions {
			a := strings.ToLower(service + ":" + n)
			out = append(out, knownAction{name: a, capability: CapabilityOf(n)})
		}
	}
	return append(out, furtherActions(service, p, out)...)
}

// furtherActions are the actions of the service that the policy names beside
// those that are known.
func furtherActions(service string, p *Policy, known []knownAction) []knownAction {
	var out []knownAction
	inTable := actionsByService[service] != nil
	for i := range p.statements {
		for _, g := range p.statements[i].actions {
			if inTable && !g.literal() {
				continue
			}
			a := example(g)
			if of, _, ok := strings.Cut(a, ":"); !ok || of != service || (service == "s3" && notOnBuckets[a]) {
				continue
			}
			named := func(k knownAction) bool { return k.name == a }
			if !slices.ContainsFunc(known, named) && !slices.ContainsFunc(out, named) {
				out = append(out, knownAction{name: a, capability: CapabilityOf(a)})
			}
		}
	}
	return out
}
