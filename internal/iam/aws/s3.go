package aws

import "github.com/stance-sec/stance/internal/truth"

import "slices"

// S3PolicyStatusPublic reports whether S3 itself calls a bucket policy public,
// which decides RestrictPublicBuckets and BlockPublicPolicy. It is narrower in
// method and wider in result than Public: each Allow statement counts by itself,
// for any action and resource, and Deny statements do not count.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
func S3PolicyStatusPublic(p Policy) Answer {
	allows := p
	allows.statements = nil
	for _, s := range p.statements {
		if s.Allow {
			allows.statements = append(allows.statements, s)
		}
	}
	x := newExposure(allows, PublicQuery{})
	x.service = "s3"
	x.actions = actionsToTry("s3", &allows)
	for _, c := range []caller{anonymousCaller(&allows, x.zone), strangerCaller(&allows, x.zone), anyServiceCaller(&allows, x.zone)} {
		x.try(&c)
	}
	a := x.answer
	a.Value = truth.Of(a.Level >= AnyAuthenticated)
	if x.incomplete && a.Value == False {
		a.Value = Unknown
	}
	a.finish()
	return a
}

// PublicAccessBlock is the S3 setting of a bucket, an account or an
// organization. The zero value is a setting that could not be read; NoBlock is
// one that is not set.
type PublicAccessBlock struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets Truth
}

// NoBlock is the setting that is absent, and FullBlock the one that is on.
var (
	NoBlock   = PublicAccessBlock{False, False, False, False}
	FullBlock = PublicAccessBlock{True, True, True, True}
)

// Or returns the setting that is in force where both bear on a bucket.
func (b PublicAccessBlock) Or(c PublicAccessBlock) PublicAccessBlock {
	return PublicAccessBlock{
		b.BlockPublicAcls.Or(c.BlockPublicAcls), b.IgnorePublicAcls.Or(c.IgnorePublicAcls),
		b.BlockPublicPolicy.Or(c.BlockPublicPolicy), b.RestrictPublicBuckets.Or(c.RestrictPublicBuckets),
	}
}

// The groups of S3 access control lists.
const (
	AllUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	AuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
)

// ACLGrant is one grant of an access control list: a group's URI or a canonical
// id, and READ, WRITE, READ_ACP, WRITE_ACP or FULL_CONTROL.
type ACLGrant struct {
	Grantee, Permission string
	// Object says that the list is an object's.
	Object bool
}

// capabilities are what the permission gives.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
func (g ACLGrant) capabilities() []Capability {
	switch g.Permission {
	case "READ":
		if g.Object {
			return []Capability{Read}
		}
		return []Capability{List}
	case "WRITE":
		if g.Object {
			return nil
		}
		return []Capability{Write, Delete}
	case "READ_ACP":
		// It shows who has access and no data, but S3 calls a list public that grants
		// anything to everybody, and so does its console.
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
		return []Capability{List}
	case "WRITE_ACP":
		return []Capability{Administer}
	case "FULL_CONTROL":
		if g.Object {
			return []Capability{Read, Administer}
		}
		return []Capability{List, Write, Delete, Administer}
	}
	return nil
}

// S3Access is everything that decides who reaches a bucket. A part whose
// Missing text is set could not be read.
type S3Access struct {
	PublicQuery
	// Policy is the bucket policy; the zero Policy is none.
	Policy        Policy
	PolicyMissing string
	// ACL are the grants of the bucket and, where known, of its objects.
	ACL        []ACLGrant
	ACLMissing string
	// Ownership is the ObjectOwnership setting, "" if there is none.
	Ownership        string
	OwnershipMissing string
	// Blocks are the settings that bear on the bucket, of bucket, account and
	// organization; their OR is in force. None means that no setting is known.
	Blocks []PublicAccessBlock
	// KMSOnly says that the objects are encrypted under a KMS key that outside
	// callers cannot use: reading is then latent.
	KMSOnly bool
}

// S3Public reports how far a bucket is open, by policy and access control list,
// under the block settings. Parts that could not be read make it unknown unless
// the others decide; a setting that is on at one level decides even when
// another level cannot be read.
func S3Public(s S3Access) Answer {
	var block PublicAccessBlock
	for i, b := range s.Blocks {
		if i == 0 {
			block = b
			continue
		}
		block = block.Or(b)
	}
	byPolicy := s.byPolicy(block)
	byACL := s.byACL(block)
	a := Answer{Value: byPolicy.Value.Or(byACL.Value), Capabilities: map[Capability]Level{}}
	for _, part := range []Answer{byPolicy, byACL} {
		a.because(part.Because...)
		a.Latent = a.Latent || part.Latent
		a.Networks = append(a.Networks, part.Networks...)
		a.Resources = append(a.Resources, part.Resources...)
		if a.Value == Unknown {
			a.Missing = append(a.Missing, part.Missing...)
		}
		for c, l := range part.Capabilities {
			a.Capabilities[c] = max(a.Capabilities[c], l)
		}
		a.Level = max(a.Level, part.Level)
	}
	a.finish()
	return a
}

func (s S3Access) byPolicy(block PublicAccessBlock) Answer {
	if s.PolicyMissing != "" {
		a := Answer{Value: Unknown, Missing: []string{"bucket policy: " + s.PolicyMissing}}
		if block.RestrictPublicBuckets == True {
			a = Answer{Value: False}
			a.because(Cite{Policy: "public access block", Why: "RestrictPublicBuckets closes any public policy"})
		}
		return a
	}
	a := Public(s.Policy, s.PublicQuery)
	a.lower(s.KMSOnly)
	if a.Level <= Private {
		return a
	}
	if a.Value == False && a.Level < ExternalLevel {
		return a
	}
	if S3PolicyStatusPublic(s.Policy).Value == False {
		return a
	}
	return a.closedBy(block.RestrictPublicBuckets, "RestrictPublicBuckets")
}

// lower takes reading away from outside callers that cannot decrypt.
func (a *Answer) lower(kmsOnly bool) {
	if !kmsOnly || a.Capabilities[Read] < AnyAuthenticated {
		return
	}
	delete(a.Capabilities, Read)
	a.because(Cite{Policy: "encryption", Why: "outside callers cannot decrypt what they read"})
	a.Latent = true
	a.Level = Private
	for _, l := range a.Capabilities {
		a.Level = max(a.Level, l)
	}
	a.Value = truth.Of(a.Level >= AnyAuthenticated)
}

// closedBy applies a switch that removes all outside callers.
func (a Answer) closedBy(sw Truth, name string) Answer {
	switch sw {
	case True:
		a.because(Cite{Policy: "public access block", Why: name + " is on"})
		return Answer{Value: False, Latent: a.Value == True || a.Latent, Because: a.Because, Resources: a.Resources}
	case Unknown:
		if a.Value != False {
			a.Value = Unknown
		}
		a.Missing = append(a.Missing, "public access block: "+name)
	}
	return a
}

func (s S3Access) byACL(block PublicAccessBlock) Answer {
	if s.Ownership == "BucketOwnerEnforced" {
		a := Answer{Value: False}
		a.because(Cite{Policy: "ownership", Why: "BucketOwnerEnforced disables access control lists"})
		return a
	}
	var a Answer
	switch {
	case s.ACLMissing == "":
		grants, fenced := s.unfenced()
		a = aclLevel(grants)
		a.lower(s.KMSOnly)
		if a.Value == False && fenced {
			a.Latent = true
			a.because(Cite{Policy: "guardrail", Why: "closes what the access control list opens"})
		}
	case block.IgnorePublicAcls == True:
		a.Value = False
		a.because(Cite{Policy: "public access block", Why: "IgnorePublicAcls closes any public list"})
		return a
	default:
		a.Missing = []string{"access control list: " + s.ACLMissing}
	}
	if a.Value == False {
		return a
	}
	if s.OwnershipMissing != "" && block.IgnorePublicAcls != True {
		a.Value = Unknown
		a.Missing = append(a.Missing, "object ownership: "+s.OwnershipMissing)
	}
	return a.closedBy(block.IgnorePublicAcls, "IgnorePublicAcls")
}

func aclLevel(grants []ACLGrant) Answer {
	a := Answer{Value: False, Capabilities: map[Capability]Level{}}
	for _, g := range grants {
		var level Level
		switch g.Grantee {
		case AllUsers:
			level = AnonymousLevel
		case AuthenticatedUsers:
			level = AnyAuthenticated
		default:
			continue
		}
		for _, c := range g.capabilities() {
			a.Capabilities[c] = max(a.Capabilities[c], level)
			a.Level = max(a.Level, level)
			a.Value = True
			a.because(Cite{Policy: "access control list", Why: "grants " + g.Permission + " to " + g.Grantee[len("http://acs.amazonaws.com/groups/global/"):]})
		}
	}
	slices.SortFunc(a.Because, func(x, y Cite) int { return slices.Compare([]byte(x.Why), []byte(y.Why)) })
	return a
}
