package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
)

// ownCanonical returns the canonical user id of the account that owns a
// bucket: the owner in its access control list. It is empty where that is not
// known, with the gap if there is one.
func ownCanonical(bucket *model.Asset) (string, *model.Gap) {
	acl, gap := member(bucket, "Acl")
	m, _ := acl.(map[string]any)
	owner, _ := m["Owner"].(map[string]any)
	id, _ := owner["ID"].(string)
	return id, gap
}

// withCanonical adds to a query what is known of the owner's canonical user id.
// Where it is not known, every such id may be the own one, or none: the second
// query takes the other view.
func withCanonical(q aws.PublicQuery, own string) (q1, q2 aws.PublicQuery) {
	q1, q2 = q, q
	if own != "" {
		q1.CanonicalIDs = []string{own}
		return q1, q1
	}
	q2.AnyCanonical = true
	return q1, q2
}

// controlledByOthers says whether an account outside may change who may use
// the asset.
func (q question) controlledByOthers() ref.Val {
	level := func(ans aws.Answer) aws.Level { return ans.Capabilities[aws.Administer] }
	answer := func(ans aws.Answer) ref.Val {
		v := q.capable(ans, aws.ExternalLevel, []string{string(aws.Administer)})
		return q.unlessOwn(v, level(ans) == aws.ExternalLevel)
	}
	if q.asked.Type != bucketType {
		return answer(q.public())
	}
	own, gap := ownCanonical(q.asked)
	q1, q2 := withCanonical(q.query, own)
	ans := aws.Public(q.resource(), q1)
	if own != "" || level(ans) < aws.ExternalLevel {
		return answer(ans)
	}
	if other := aws.Public(q.resource(), q2); level(other) >= aws.ExternalLevel {
		return answer(other)
	}
	return q.ownerUnknown(gap)
}

// ownerUnknown is unknown because nobody knows whether a canonical user id is
// the owner's.
func (q question) ownerUnknown(gap *model.Gap) ref.Val {
	if gap == nil {
		return q.undecided("it names a canonical user id, and the bucket's own is not known")
	}
	q.st.hit(gap)
	return unknown
}

// bucketExternal says whether policy and access control list of a bucket let in
// an account outside that is not trusted. What they open to everyone counts
// only where Block Public Access does not shut it; what they give to named
// accounts counts always.
func (a *assetRef) bucketExternal(trusted []string) ref.Val {
	var gaps []*model.Gap
	read := func(owner *model.Asset, name string) (any, string) {
		v, gap := member(owner, name)
		if gap == nil {
			return v, ""
		}
		gaps = append(gaps, gap)
		return nil, gap.Operation
	}
	t := bucketTrust{a: a, trusted: trusted, query: a.st.publicQuery(a.asset)}
	t.own, t.ownGap = ownCanonical(a.asset)
	for i, b := range a.blocks(read, &gaps) {
		if i == 0 {
			t.block = b
			continue
		}
		t.block = t.block.Or(b)
	}
	doc, missing := read(a.asset, "Policy")
	if missing != "" {
		t.unsure = true
	} else if doc != nil {
		t.byPolicy(aws.Parse(doc, aws.KindResource))
	}
	controls, missing := read(a.asset, "OwnershipControls")
	ownership := ""
	rules, _ := controls.(map[string]any)
	for _, r := range items(rules["Rules"]) {
		ownership, _ = r["ObjectOwnership"].(string)
	}
	if ownership != "BucketOwnerEnforced" {
		acl, unread := read(a.asset, "Acl")
		t.byACL(acl, unread != "", missing != "")
	}
	switch {
	case len(t.outside) > 0:
		return t.decided()
	case !t.unsure:
		return types.False
	}
	for _, g := range append(gaps, t.gaps...) {
		a.st.hit(g)
	}
	if len(gaps)+len(t.gaps) == 0 {
		a.st.hit(t.unresolved("Acl", "it names a canonical user id, and the bucket's own is not known"))
	}
	return unknown
}

// bucketTrust gathers who is let in.
type bucketTrust struct {
	a       *assetRef
	query   aws.PublicQuery
	trusted []string
	own     string     // canonical user id
	ownGap  *model.Gap // that keeps it from being known
	block   aws.PublicAccessBlock

	outside []string
	unsure  bool // somebody more may be let in
	gaps    []*model.Gap
}

func (t *bucketTrust) unresolved(path, detail string) *model.Gap {
	b := t.a.asset
	return &model.Gap{Scope: b.Scope, Type: b.Type, Asset: b.ID, Path: path, Reason: model.Unresolved, Detail: detail}
}

// open counts what is open to everyone, as far as a switch leaves it open.
func (t *bucketTrust) open(path, name string, shut aws.Truth) {
	switch shut {
	case aws.True:
		t.a.st.note(model.Evidence{Asset: t.a.asset.ID, Path: path, Value: "shut", Note: name + " shuts what is open to everyone"})
	case aws.Unknown:
		t.unsure = true
	default:
		t.outside = append(t.outside, "*")
		t.a.st.note(model.Evidence{Asset: t.a.asset.ID, Path: path, Value: "*", Note: "lets in any account"})
	}
}

// named counts accounts, organizations and canonical user ids.
func (t *bucketTrust) named(path string, who []string) {
	for i, text := range accountsText(who) {
		t.outside = append(t.outside, who[i])
		t.a.st.note(model.Evidence{Asset: t.a.asset.ID, Path: path, Value: who[i], Note: text})
	}
}

func (t *bucketTrust) untrusted(who []string) []string {
	return slices.DeleteFunc(who, func(s string) bool { return s == "*" || slices.Contains(t.trusted, s) })
}

func (t *bucketTrust) byPolicy(p aws.Policy) {
	q1, q2 := withCanonical(t.query, t.own)
	who, known := aws.OutsideAccounts(p, q1)
	odd := notUnderstood(p)
	if len(odd) > 0 || known != aws.True {
		if len(odd) == 0 {
			odd = []string{"the policy has too many conditions to be decided"}
		}
		t.unsure = true
		t.gaps = append(t.gaps, t.unresolved("Policy", strings.Join(odd, "; ")))
	}
	if slices.Contains(who, "*") {
		t.open("Policy", "RestrictPublicBuckets", aws.S3PolicyStatusPublic(p).Value.And(t.block.RestrictPublicBuckets))
	}
	sure := who
	if t.own == "" {
		sure, _ = aws.OutsideAccounts(p, q2)
		sure = slices.Clone(sure)
	}
	if len(t.untrusted(slices.Clone(who))) > len(t.untrusted(slices.Clone(sure))) {
		t.unsure = true // canonical user ids of which one may be the own
		if t.ownGap != nil {
			t.gaps = append(t.gaps, t.ownGap)
		} else {
			t.gaps = append(t.gaps, t.unresolved("Policy", "it names a canonical user id, and the bucket's own is not known"))
		}
	}
	t.named("Policy", t.untrusted(sure))
}

func (t *bucketTrust) byACL(acl any, unread, ownershipUnread bool) {
	if unread {
		t.unsure = true
		return
	}
	m, _ := acl.(map[string]any)
	var grants []aws.ACLGrant
	for _, g := range items(m["Grants"]) {
		who, _ := g["Grantee"].(map[string]any)
		id, _ := who["URI"].(string)
		if id == "" {
			id, _ = who["ID"].(string)
		}
		permission, _ := g["Permission"].(string)
		grants = append(grants, aws.ACLGrant{Grantee: id, Permission: permission})
	}
	q1, _ := withCanonical(t.query, t.own)
	named, public := aws.OutsideGrantees(grants, q1)
	named = t.untrusted(named)
	switch {
	case public && ownershipUnread: // lists may be off
		t.unsure = t.unsure || t.block.IgnorePublicAcls != aws.True
	case public:
		t.open("Acl", "IgnorePublicAcls", t.block.IgnorePublicAcls)
	}
	if ownershipUnread || t.own == "" { // or an id may be the own one
		t.unsure = t.unsure || len(named) > 0
		return
	}
	t.named("Acl", named)
}

// decided is true, unless all outsiders are named accounts that may be the
// organization's own.
func (t *bucketTrust) decided() ref.Val {
	q := question{blob: &blob{st: t.a.st}}
	return q.unlessOwn(types.True, !slices.Contains(t.outside, "*"))
}
