package normalize

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// shape is an asset while its facts and relations are derived.
type shape struct{ *model.Asset }

// on registers what derives the facts and relations of asset types. Relations
// are made anew: an asset that was derived before gives the same again.
func on(do func(shape), types ...string) {
	for _, t := range types {
		if derive[t] != nil {
			panic("normalize: " + t + " is derived twice")
		}
		derive[t] = func(a *model.Asset) {
			a.Relations = nil
			do(shape{a})
		}
	}
}

// fact sets a fact.
func (s shape) fact(name string, value any) {
	if s.Facts == nil {
		s.Facts = model.Facts{}
	}
	s.Facts[name] = value
}

// The facts that raise the risk of findings.
func (s shape) holdsData()           { s.fact("holds_data", true) }
func (s shape) privileged()          { s.fact("privileged", true) }
func (s shape) exposed(how string)   { s.fact("exposed_by", how) }
func (s shape) text(p string) string { return text(map[string]any(s.Config), p) }
func (s shape) list(p string) []any  { return list(map[string]any(s.Config), p) }

// to adds a relation to each target that is named; typ is their asset type, ""
// where the document does not tell. What is not there gives no relation.
func (s shape) to(kind model.RelationKind, typ string, targets ...string) {
	for _, t := range targets {
		r := model.Relation{Kind: kind, To: t, Type: typ}
		if t != "" && t != s.ID && !slices.Contains(s.Relations, r) {
			s.Relations = append(s.Relations, r)
		}
	}
}

// toEach adds a relation for each item of a list: the item itself, or its member.
func (s shape) toEach(kind model.RelationKind, typ, path, member string) {
	for _, e := range s.list(path) {
		s.to(kind, typ, itemText(e, member))
	}
}

// at returns what stands at a dotted path of objects, nil when nothing does.
func at(doc map[string]any, path string) any {
	var v any = doc
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func text(doc map[string]any, path string) string {
	s, _ := at(doc, path).(string)
	return s
}

// list returns the list at a path; a single value is a list of one, as policy
// documents have them.
func list(doc map[string]any, path string) []any {
	switch v := at(doc, path).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// itemText returns a member of an item; the item itself when member is empty.
func itemText(item any, member string) string {
	if member == "" {
		s, _ := item.(string)
		return s
	}
	m, _ := item.(map[string]any)
	return text(m, member)
}

// attribute returns the value of a list of keys and values.
func (s shape) attribute(path, key string) string {
	for _, e := range s.list(path) {
		if itemText(e, "Key") == key {
			return itemText(e, "Value")
		}
	}
	return ""
}

// typeOf tells the asset type from an ARN, "" when it is none of those that
// documents refer to without saying what they are.
func typeOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	switch parts[2] {
	case "s3":
		return "AWS::S3::Bucket"
	case "sns":
		return "AWS::SNS::Topic"
	case "sqs":
		return "AWS::SQS::Queue"
	case "lambda":
		return "AWS::Lambda::Function"
	case "logs":
		return "AWS::Logs::LogGroup"
	case "dynamodb":
		return "AWS::DynamoDB::Table"
	case "kms":
		return "AWS::KMS::Key"
	case "iam":
		return map[string]string{
			"role": "AWS::IAM::Role", "user": "AWS::IAM::User", "saml-provider": "AWS::IAM::SAMLProvider", "oidc-provider": "AWS::IAM::OIDCProvider",
		}[kind]
	}
	return ""
}
