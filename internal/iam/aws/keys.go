package aws

import "strings"

// KeyClass says who or what decides the value of a condition key.
type KeyClass string

// The classes of condition keys.
const (
	// KeyKnown follows from the principal, the resource or the inventory.
	KeyKnown KeyClass = "known"
	// KeyCaller is chosen by the caller.
	KeyCaller KeyClass = "caller-chosen"
	// KeyTopology follows from the network that the request takes.
	KeyTopology KeyClass = "topology"
	// KeyAuthentication follows from how the caller signed in.
	KeyAuthentication KeyClass = "authentication"
	// KeyFact is any other fact that has to be looked up.
	KeyFact KeyClass = "unknown-fact"
)

// ClassOf is the class of a condition key; case does not matter.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func ClassOf(key string) KeyClass {
	k := strings.ToLower(key)
	if c, ok := keyClasses[k]; ok {
		return c
	}
	for prefix, c := range keyPrefixes {
		if strings.HasPrefix(k, prefix) {
			return c
		}
	}
	if _, name, ok := strings.Cut(k, ":"); ok {
		switch {
		case strings.HasPrefix(name, "resourcetag/"), name == "existingobjecttag", strings.HasPrefix(name, "existingobjecttag/"):
			return KeyKnown
		case strings.HasPrefix(name, "requesttag/"), strings.HasPrefix(name, "requestobjecttag/"):
			return KeyCaller
		}
	}
	return KeyFact
}

var keyClasses = map[string]KeyClass{
	"aws:principalarn": KeyKnown, "aws:principalaccount": KeyKnown, "aws:principalorgid": KeyKnown,
	"aws:principalorgpaths": KeyKnown, "aws:principaltype": KeyKnown, "aws:userid": KeyKnown, "aws:username": KeyKnown,
	"aws:principalisawsservice": KeyKnown, "aws:principalservicename": KeyKnown, "aws:principalservicenameslist": KeyKnown,
	"aws:resourceaccount": KeyKnown, "aws:resourceorgid": KeyKnown, "aws:resourceorgpaths": KeyKnown,
	"aws:currenttime": KeyKnown, "aws:epochtime": KeyKnown, "kms:calleraccount": KeyKnown,
	"s3:resourceaccount": KeyKnown, "iam:resourcetag": KeyKnown,

	"aws:useragent": KeyCaller, "aws:referer": KeyCaller, "aws:securetransport": KeyCaller, "aws:tagkeys": KeyCaller,
	"aws:requestedregion": KeyCaller, "sts:externalid": KeyCaller, "sts:rolesessionname": KeyCaller, "sts:sourceidentity": KeyCaller,
	"sts:transitivetagkeys": KeyCaller, "sts:durationseconds": KeyCaller,
	"s3:prefix": KeyCaller, "s3:delimiter": KeyCaller, "s3:max-keys": KeyCaller, "s3:tlsversion": KeyCaller,
	"s3:authtype": KeyCaller, "s3:signatureversion": KeyCaller, "s3:signatureage": KeyCaller, "s3:versionid": KeyCaller,
	"s3:object-storage-class": KeyCaller, "s3:locationconstraint": KeyCaller,
	"sns:protocol": KeyCaller, "sns:endpoint": KeyCaller, "kms:encryptioncontextkeys": KeyCaller,
	"kms:encryptionalgorithm": KeyCaller, "kms:granttype": KeyCaller, "kms:grantoperations": KeyCaller,
	"kms:keyorigin": KeyFact, "kms:keyspec": KeyFact, "kms:viaservice": KeyCaller, "kms:grantisforawsresource": KeyCaller,
	"lambda:functionurlauthtype": KeyFact, "lambda:invokedviafunctionurl": KeyCaller, "lambda:eventsourcetoken": KeyFact,
	"iam:passedtoservice": KeyCaller, "iam:policyarn": KeyCaller, "iam:permissionsboundary": KeyCaller,
	"iam:associatedresourcearn": KeyCaller, "iam:awsservicename": KeyCaller,
	"ec2:instancetype": KeyCaller, "dynamodb:leadingkeys": KeyCaller, "dynamodb:attributes": KeyCaller, "dynamodb:select": KeyCaller,
	"secretsmanager:versionstage": KeyCaller, "secretsmanager:versionid": KeyCaller,

	"aws:sourceip": KeyTopology, "aws:sourcevpc": KeyTopology, "aws:sourcevpce": KeyTopology, "aws:vpcsourceip": KeyTopology,
	"aws:sourcevpcarn": KeyTopology, "aws:vpceaccount": KeyTopology, "aws:vpceorgid": KeyTopology, "aws:vpceorgpaths": KeyTopology,
	"aws:ec2instancesourcevpc": KeyTopology, "aws:ec2instancesourceprivateipv4": KeyTopology,
	"s3:accesspointnetworkorigin": KeyTopology,

	"aws:multifactorauthpresent": KeyAuthentication, "aws:multifactorauthage": KeyAuthentication,
	"aws:tokenissuetime": KeyAuthentication, "aws:federatedprovider": KeyAuthentication, "aws:sourceidentity": KeyAuthentication,
	"ec2:sourceinstancearn": KeyAuthentication, "lambda:sourcefunctionarn": KeyAuthentication, "ec2:roledelivery": KeyAuthentication,
	"aws:viaawsservice": KeyAuthentication, "aws:calledvia": KeyAuthentication, "aws:calledviafirst": KeyAuthentication,
	"aws:calledvialast": KeyAuthentication, "aws:assumedroot": KeyAuthentication,
	"aws:chatbotsourcearn": KeyAuthentication, "identitystore:userid": KeyAuthentication,
}

var keyPrefixes = map[string]KeyClass{
	"aws:principaltag/": KeyKnown, "aws:resourcetag/": KeyKnown, "aws:requesttag/": KeyCaller,
	"kms:encryptioncontext:": KeyCaller, "s3:x-amz-": KeyCaller, "saml:": KeyAuthentication,
}

// multiValued are the keys whose value is a set.
var multiValued = map[string]bool{
	"aws:tagkeys": true, "aws:principalorgpaths": true, "aws:resourceorgpaths": true, "aws:sourceorgpaths": true,
	"aws:vpceorgpaths": true, "aws:calledvia": true, "aws:principalservicenameslist": true,
	"sts:transitivetagkeys": true, "sts:requestcontextproviders": true,
	"dynamodb:leadingkeys": true, "dynamodb:attributes": true,
	"kms:encryptioncontextkeys": true, "kms:grantoperations": true, "kms:resourcealiases": true,
	"cognito-identity.amazonaws.com:amr": true, "saml:edupersonaffiliation": true, "saml:edupersonentitlement": true,
	"secretsmanager:addreplicaregions": true, "route53:changeresourcerecordsetsactions": true,
	"route53:changeresourcerecordsetsnormalizedrecordnames": true, "route53:changeresourcerecordsetsrecordtypes": true,
	"ssm:sourceinstancearn": false, "lambda:layer": true, "lambda:securitygroupids": true, "lambda:subnetids": true,
	"iam:fido-certification": false, "codebuild:vpcconfig.subnets": true, "elasticloadbalancing:subnet": true,
	"elasticloadbalancing:securitygroup": true, "elasticloadbalancing:listenerprotocol": true, "elasticloadbalancing:scheme": true,
}

// singleValued says that the key is known to hold one value.
func singleValued(key string) bool {
	if multiValued[key] {
		return false
	}
	if _, known := keyClasses[key]; known {
		return true
	}
	if _, bounds := boundingKeys[key]; bounds {
		return true
	}
	for prefix := range keyPrefixes {
		if strings.HasPrefix(key, prefix) && prefix != "saml:" {
			return true
		}
	}
	return false
}
