package gcp

import (
	"fmt"
	"strings"
)

// DenyPolicy is a compiled deny policy. It is immutable.
// https://cloud.google.com/iam/docs/deny-overview
type DenyPolicy struct {
	Name     string
	Rules    []DenyRule
	Problems []string
}

// DenyRule takes permissions from principals; the exceptions of either win.
type DenyRule struct {
	// Index counts the rules of the document from 0.
	Index                      int
	Principals, Excepted       []string
	Permissions, ExceptedPerms []string
	Condition                  *Condition
}

// ParseDeny compiles the document of a deny policy, the v2 form with the member
// rules.
func ParseDeny(doc any) DenyPolicy {
	m, ok := doc.(map[string]any)
	if !ok {
		return DenyPolicy{Problems: []string{"the deny policy is no object"}}
	}
	var d DenyPolicy
	d.Name, _ = m["name"].(string)
	list, ok := m["rules"].([]any)
	if !ok && m["rules"] != nil {
		d.Problems = append(d.Problems, "rules is no list")
	}
	for i, e := range list {
		m, _ := e.(map[string]any)
		r, ok := m["denyRule"].(map[string]any)
		if !ok {
			d.Problems = append(d.Problems, fmt.Sprintf("rules[%d] has no denyRule", i))
			continue
		}
		texts := func(member string) []string {
			return d.texts(r[member], fmt.Sprintf("rules[%d].denyRule.%s", i, member))
		}
		rule := DenyRule{
			Index: i, Principals: texts("deniedPrincipals"), Excepted: texts("exceptionPrincipals"),
			Permissions: texts("deniedPermissions"), ExceptedPerms: texts("exceptionPermissions"),
		}
		switch c := r["denialCondition"].(type) {
		case nil:
		case map[string]any:
			text, _ := c["expression"].(string)
			title, _ := c["title"].(string)
			if text != "" || title != "" {
				rule.Condition = ParseCondition(text, title)
			}
		default:
			rule.Condition = ParseCondition("", "")
		}
		d.Rules = append(d.Rules, rule)
	}
	return d
}

func (d *DenyPolicy) texts(v any, at string) []string {
	list, ok := v.([]any)
	if !ok && v != nil {
		d.Problems = append(d.Problems, at+" is no list")
	}
	var out []string
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			d.Problems = append(d.Problems, fmt.Sprintf("%s[%d] is no text", at, i))
			continue
		}
		out = append(out, s)
	}
	return out
}

// hits says whether the policy denies the request.
func (d DenyPolicy) hits(q Request) Answer {
	out := Answer{Value: False}
	for _, r := range d.Rules {
		value := q.among(r.Principals).And(q.among(r.Excepted).Not()).
			And(denies(r.Permissions, q.Permission)).And(denies(r.ExceptedPerms, q.Permission).Not())
		if r.Condition != nil {
			value = value.And(r.Condition.Holds(q.Context))
		}
		at := fmt.Sprintf("%s rules[%d] denies %s", d.Name, r.Index, q.Permission)
		switch value {
		case True:
			out.or(Answer{Value: True, Because: []string{at}})
		case Unknown:
			out.or(Answer{Value: Unknown, Missing: []string{at + ", perhaps"}})
		}
	}
	for _, p := range d.Problems {
		out.Value = Unknown // what was not understood may deny, or except
		out.Missing = append(out.Missing, d.Name+": "+p)
	}
	return out
}

// longServices are the services whose name in deny policies is not their prefix
// in permissions with ".googleapis.com".
var longServices = map[string]string{"resourcemanager": "cloudresourcemanager"}

// denies says whether one of the patterns covers a permission in short form.
// Patterns are "service/resource.verb" with a star for all after the service,
// for all verbs of a resource, or for a verb of all resources.
// https://cloud.google.com/iam/docs/deny-permissions-support
func denies(patterns []string, permission string) Truth {
	service, rest, ok := strings.Cut(permission, ".")
	if !ok {
		return Unknown
	}
	if long, ok := longServices[service]; ok {
		service = long
	}
	resource, verb := rest, ""
	if i := strings.LastIndexByte(rest, '.'); i >= 0 {
		resource, verb = rest[:i], rest[i+1:]
	}
	for _, p := range patterns {
		host, of, ok := strings.Cut(p, "/")
		if !ok || host != service+".googleapis.com" {
			continue
		}
		if of == "*" || of == rest || of == resource+".*" || verb != "" && of == "*."+verb {
			return True
		}
	}
	return False
}
