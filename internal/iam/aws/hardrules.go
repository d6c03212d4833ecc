package aws

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// hardRules are decided before any policy.
func (d *decider) hardRules() (Decision, bool) {
	kind := d.r.Principal.Kind
	a := d.env.action
	deny := func(why string) (Decision, bool) {
		return Decision{Outcome: Deny, Step: StepHardRule, Detail: why}, true
	}
	switch {
	case a == "sts:getcalleridentity" && d.hasIdentity():
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
		return Decision{Outcome: Allow, Step: StepHardRule, Detail: "needs no permission"}, true
	case d.service == "iam" && writes(a) && awsManaged(d.r.Resource):
		return deny("the policy belongs to AWS")
	case d.service == "iam" && a != "iam:passrole" && writes(a) && strings.Contains(d.r.Resource, ":role/aws-reserved/"):
		return deny("the role is managed by AWS")
	case d.service == "kms" && writes(a) && strings.Contains(d.r.Resource, ":alias/aws/"):
		return deny("the key is managed by AWS")
	case kind == Root && a == "sts:assumerole":
		return deny("a root user cannot assume roles")
	case kind == RoleSession && (a == "sts:getfederationtoken" || a == "sts:getsessiontoken"):
		return deny("a role session cannot ask for this token")
	case d.r.Principal.SessionToken && d.barsSessionToken(a):
		return deny("credentials of GetSessionToken cannot call this")
	case kind == FederatedUser && (d.service == "iam" || (d.service == "sts" && a != "sts:getcalleridentity")):
		return deny("a federated-user session cannot call this")
	case kind == Federated && !strings.HasPrefix(a, "sts:assumerolewith") && a != "sts:tagsession" && a != "sts:setsourceidentity":
		return deny("a token holder can only assume a role")
	case d.service == "kms" && d.hasIdentity() && !d.same && d.owner != "" && !kmsCrossAccount[a]:
		return deny("the operation cannot be used from another account")
	}
	if kind == Root && d.same && s3PolicyRepair[a] {
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
		d.skipResource = true
	}
	return Decision{}, false
}

func (d *decider) barsSessionToken(a string) bool {
	if d.service == "iam" {
		return !d.r.Principal.MFA
	}
	return d.service == "sts" && a != "sts:assumerole" && a != "sts:getcalleridentity"
}

func awsManaged(arn string) bool {
	a, ok := splitARN(arn)
	return ok && a.service == "iam" && a.account == "aws" && strings.HasPrefix(a.resource, "policy/")
}

// writes reports whether the verb of a lower-case action changes something.
func writes(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	for _, v := range []string{"get", "list", "describe", "simulate", "generate", "decrypt", "encrypt", "sign", "verify"} {
		if strings.HasPrefix(name, v) {
			return false
		}
	}
	return true
}

var s3PolicyRepair = map[string]bool{"s3:getbucketpolicy": true, "s3:putbucketpolicy": true, "s3:deletebucketpolicy": true}

// kmsCrossAccount are the operations that KMS marks for use across accounts.
// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
var kmsCrossAccount = map[string]bool{
	"kms:creategrant": true, "kms:decrypt": true, "kms:describekey": true, "kms:encrypt": true,
	"kms:generatedatakey": true, "kms:generatedatakeypair": true, "kms:generatedatakeypairwithoutplaintext": true,
	"kms:generatedatakeywithoutplaintext": true, "kms:generatemac": true, "kms:getkeyrotationstatus": true,
	"kms:getpublickey": true, "kms:listgrants": true, "kms:listretirablegrants": true, "kms:reencryptfrom": true,
	"kms:reencryptto": true, "kms:retiregrant": true, "kms:revokegrant": true, "kms:sign": true, "kms:verify": true,
	"kms:verifymac": true, "kms:derivesharedsecret": true,
}
