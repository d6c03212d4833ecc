package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// vanishedCodes say that an asset was deleted after it was listed.
var vanishedCodes = []string{
	"NoSuchBucket", "InvalidInstanceID.NotFound", "InvalidSnapshot.NotFound", "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable",
	"InvalidVpcID.NotFound", "InvalidLaunchTemplateId.NotFound", "DBInstanceNotFound", "DBSnapshotNotFound",
	"DBClusterSnapshotNotFoundFault", "LoadBalancerNotFound", "NoSuchEntity", "QueueDoesNotExist",
	"AWS.SimpleQueueService.NonExistentQueue", "RepositoryNotFoundException", "FileSystemNotFound",
	"TargetGroupNotFound", "ListenerNotFound", "InvalidVpcEndpointServiceId.NotFound", "InvalidPrefixListID.NotFound",
}

// asset builds an asset from its document and the type's templates.
func (r *run) asset(t *Type, doc model.Document, parent *model.Asset) model.Asset {
	if doc == nil {
		doc = model.Document{}
	}
	a := model.Asset{Type: t.Name, Class: t.Class, Config: doc, Scope: r.Scope(), Origin: model.Origin{Kind: model.OriginLive}}
	if parent != nil {
		a.Scope = parent.Scope
		for member, from := range t.Inherit {
			doc[member] = parent.Config[from]
		}
	}
	r.identify(t, &a)
	return a
}

// identify fills id, name and region from the document as far as it is known.
func (r *run) identify(t *Type, a *model.Asset) {
	if t.Region != "" {
		if region := expand(t.Region, r.Session, a); region != "" {
			a.Scope.Region = region
		}
	}
	for id := range strings.SplitSeq(t.ID, " | ") {
		var complete bool
		if a.ID, complete = fill(id, r.Session, a); complete {
			break
		}
	}
	a.Name = strings.TrimSpace(expand(t.Label, r.Session, a))
	if t.Managed != nil && t.Managed(a.Config) {
		a.ManagedBy = "aws"
	}
}

// finish decodes, redacts, tags and dates a complete document.
func (r *run) finish(t *Type, a *model.Asset) {
	for _, path := range t.JSON {
		rewrite(map[string]any(a.Config), path, decodePolicy)
	}
	for _, path := range t.Secret {
		redact(a.Config, path)
	}
	for _, member := range t.Always {
		if lacking(map[string]any(a.Config), member) {
			a.Gaps = append(a.Gaps, model.Gap{
				Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: member, Reason: model.Failed,
				Operation: cmp.Or(t.operationFor(member), r.typ.operationFor(member)), Detail: "the answer lacks " + member,
			})
		}
	}
	if t.Fix != nil {
		t.Fix(r.Session, a)
	}
	r.identify(t, a)
	for i := range a.Gaps {
		a.Gaps[i].Asset, a.Gaps[i].Scope = a.ID, a.Scope // as far as they are known now
	}
	a.Tags = tagsOf(a.Config)
	if a.Name == "" {
		a.Name = a.Tags["Name"]
	}
	if a.Name == "" {
		a.Name = a.ID[strings.LastIndexAny(a.ID, "/:")+1:]
	}
	if t.Created != "" {
		if created, err := time.Parse(time.RFC3339Nano, expand(t.Created, r.Session, a)); err == nil {
			a.CreatedAt = created
		}
	}
}

// lacking says whether an object lacks the member at a path. What stands above
// it may be absent: then there is nothing to lack it.
func lacking(in any, path string) bool {
	m, ok := in.(map[string]any)
	if !ok {
		return false
	}
	head, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(head, "[]")
	switch {
	case !more:
		return m[name] == nil
	case isList:
		items, _ := m[name].([]any)
		return slices.ContainsFunc(items, func(item any) bool { return lacking(item, rest) })
	}
	return lacking(m[name], rest)
}

// operationFor names the call that gives a member of a type's documents.
func (t *Type) operationFor(member string) string {
	top, _ := strings.CutSuffix(topMember(member), "[]")
	for i := range t.Side {
		if t.Side[i].Member == top {
			return t.Side[i].op.String()
		}
	}
	switch {
	case t.Root != nil:
		return t.Root.op.String()
	case t.List != nil:
		return t.List.op.String()
	case t.Custom != nil && len(t.Custom.Ops) > 0:
		return t.Custom.Ops[0].String()
	}
	return ""
}

// expand fills a template: {partition}, {account}, {region} and {Member.Path}.
func expand(template string, s *Session, a *model.Asset) string {
	text, _ := fill(template, s, a)
	return text
}

// fill expands a template and says whether all that it names was there.
func fill(template string, s *Session, a *model.Asset) (string, bool) {
	var b strings.Builder
	complete := true
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), complete
		}
		name, after, _ := strings.Cut(rest, "}")
		switch name {
		case "partition":
			b.WriteString(s.Partition)
		case "account":
			b.WriteString(s.Account)
		case "region":
			b.WriteString(a.Scope.Region)
		default:
			var v any = map[string]any(a.Config)
			for member := range strings.SplitSeq(name, ".") {
				m, _ := v.(map[string]any)
				v = m[member]
			}
			if v != nil {
				fmt.Fprint(&b, v)
			}
			complete = complete && v != nil
		}
		template = after
	}
}
