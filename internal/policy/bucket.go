package policy

import (
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stance-sec/stance/internal/iam/aws"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/truth"
)

// bucketPublic gathers every gate of a bucket and asks the engine whether they
// together open it for one of the capabilities.
func (a *assetRef) bucketPublic(gives []string) ref.Val {
	var gaps []*model.Gap
	read := func(owner *model.Asset, name string) (any, string) {
		v, gap := member(owner, name)
		if gap == nil {
			return v, ""
		}
		gaps = append(gaps, gap)
		return nil, gap.Operation + " " + string(gap.Reason)
	}
	s := aws.S3Access{PublicQuery: a.st.publicQuery(a.asset)}
	doc, missing := read(a.asset, "Policy")
	s.PolicyMissing = missing
	if doc != nil {
		s.Policy = aws.Parse(doc, aws.KindResource)
	}
	acl, missing := read(a.asset, "Acl")
	s.ACLMissing = missing
	grants, _ := acl.(map[string]any)
	for _, g := range items(grants["Grants"]) {
		who, _ := g["Grantee"].(map[string]any)
		uri, _ := who["URI"].(string)
		permission, _ := g["Permission"].(string)
		s.ACL = append(s.ACL, aws.ACLGrant{Grantee: uri, Permission: permission})
	}
	controls, missing := read(a.asset, "OwnershipControls")
	s.OwnershipMissing = missing
	rules, _ := controls.(map[string]any)
	for _, r := range items(rules["Rules"]) {
		s.Ownership, _ = r["ObjectOwnership"].(string)
	}
	s.Blocks = a.blocks(read, &gaps)
	opens := a.bucketOpens(s, gives)
	if odd := notUnderstood(s.Policy); len(odd) > 0 && opens == aws.False {
		gaps = append(gaps, &model.Gap{
			Scope: a.asset.Scope, Type: a.asset.Type, Asset: a.asset.ID, Path: "Policy", Reason: model.Unresolved, Detail: strings.Join(odd, "; "),
		})
		s.PolicyMissing = "not understood"
		opens = a.bucketOpens(s, gives)
	}
	switch opens {
	case aws.True:
		return types.True
	case aws.False:
		return types.False
	}
	for _, g := range gaps {
		a.st.hit(g)
	}
	return unknown
}

// bucketOpens asks about the policy and the access control list apart: what the
// one is known to open says nothing about what the other may.
func (a *assetRef) bucketOpens(s aws.S3Access, gives []string) aws.Truth {
	byPolicy, byACL := s, s
	byPolicy.ACL, byPolicy.ACLMissing, byPolicy.Ownership, byPolicy.OwnershipMissing = nil, "", "BucketOwnerEnforced", ""
	byACL.Policy, byACL.PolicyMissing = aws.Policy{}, ""
	const byACLGate = "public by ACL"
	opens := aws.False
	for _, gate := range []struct {
		name string
		part aws.S3Access
	}{{"public by policy", byPolicy}, {byACLGate, byACL}} {
		ans := aws.S3Public(gate.part)
		open := false
		for _, g := range gives {
			open = open || ans.Capabilities[aws.Capability(g)] >= aws.AnyAuthenticated
		}
		level := ans.Level.String()[len("E0 "):]
		if ans.Value == aws.Unknown {
			level = ans.Value.String()
		}
		why := []string{strings.Join(ans.Missing, ", ")}
		for i, c := range ans.Because {
			// That ACLs are off says nothing about the policy.
			if i < maxReasons && (gate.name == byACLGate || c.Policy != "ownership") {
				why = append(why, c.String())
			}
		}
		for _, w := range why {
			if w != "" {
				a.st.note(model.Evidence{Asset: a.asset.ID, Path: gate.name, Value: level, Note: w})
			}
		}
		switch {
		case open && ans.Value == aws.True:
			opens = aws.True
		case ans.Value == aws.Unknown && opens == aws.False:
			opens = aws.Unknown
		}
	}
	return opens
}

// blocks returns the settings of Block Public Access of the bucket and of its
// account.
func (a *assetRef) blocks(read func(*model.Asset, string) (any, string), gaps *[]*model.Gap) []aws.PublicAccessBlock {
	setting := func(owner *model.Asset) aws.PublicAccessBlock {
		v, missing := read(owner, "PublicAccessBlockConfiguration")
		if missing != "" {
			return aws.PublicAccessBlock{}
		}
		m, ok := v.(map[string]any)
		if !ok {
			return aws.NoBlock
		}
		flag := func(name string) aws.Truth {
			on, isBool := m[name].(bool)
			if !isBool {
				return aws.Unknown
			}
			return truth.Of(on)
		}
		return aws.PublicAccessBlock{
			BlockPublicAcls: flag("BlockPublicAcls"), IgnorePublicAcls: flag("IgnorePublicAcls"),
			BlockPublicPolicy: flag("BlockPublicPolicy"), RestrictPublicBuckets: flag("RestrictPublicBuckets"),
		}
	}
	out := []aws.PublicAccessBlock{setting(a.asset)}
	x := a.st.view.inv.types[accountBlockType]
	if x == nil {
		return out
	}
	found := false
	for _, block := range x.assets {
		if block.Scope.Account == a.asset.Scope.Account {
			out, found = append(out, setting(block)), true
		}
	}
	if !found && len(x.gaps) > 0 {
		*gaps = append(*gaps, x.gaps[0])
		out = append(out, aws.PublicAccessBlock{})
	}
	return out
}

// logTargets are the buckets into which others write their access logs.
type logTargets struct {
	once    sync.Once
	writers map[string][]*model.Asset // by the name of the target
	unread  []*model.Asset            // whose logging could not be read
}

// targets builds the index once for all evaluations of the inventory.
func (x *typeIndex) targets() *logTargets {
	x.logs.once.Do(func() {
		x.logs.writers = map[string][]*model.Asset{}
		for _, b := range x.assets {
			v, gap := member(b, "LoggingEnabled")
			if gap != nil {
				x.logs.unread = append(x.logs.unread, b)
				continue
			}
			logging, _ := v.(map[string]any)
			if target, _ := logging["TargetBucket"].(string); target != "" {
				x.logs.writers[target] = append(x.logs.writers[target], b)
			}
		}
	})
	return &x.logs
}

// isLogTarget says whether another bucket writes its access logs into this one.
func (a *assetRef) isLogTarget() ref.Val {
	if a.gap != nil {
		a.st.hit(a.gap)
		return unknown
	}
	x := a.st.view.inv.types[bucketType]
	if x == nil {
		return types.False
	}
	logs := x.targets()
	for _, b := range logs.writers[a.asset.Name] {
		if b != a.asset && b.ID != a.asset.ID {
			a.st.note(model.Evidence{Asset: b.ID, Path: "LoggingEnabled.TargetBucket", Value: a.asset.Name})
			return types.True
		}
	}
	for _, b := range logs.unread {
		if b.ID != a.asset.ID {
			_, gap := member(b, "LoggingEnabled")
			a.st.hit(gap)
			return unknown
		}
	}
	if len(x.gaps) > 0 {
		a.st.hit(x.gaps[0])
		return unknown
	}
	return types.False
}
