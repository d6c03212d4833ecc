package policy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

func init() { families = append(families, organizationFunctions) }

// organizationFunctions are questions about the management policies of an
// organization of AWS.
//
//	opts_out_of_ai(doc)  an opt-out policy for AI services, attached to the root,
//	                     opts out of all of them for good
func organizationFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("opts_out_of_ai", cel.Overload("doc_opts_out_of_ai", []*cel.Type{blobType}, cel.BoolType,
			cel.UnaryBinding(func(d ref.Val) ref.Val {
				b, ok := d.(*blob)
				if !ok {
					return types.NewErr("no policy document")
				}
				return types.Bool(optsOutOfAI(b.value))
			}))),
	}
}

// optsOutOfAI says whether an opt-out policy for AI services opts out by default,
// opts in nowhere, and leaves policies below it neither the default nor services
// of their own to choose.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
func optsOutOfAI(doc any) bool {
	services := below(doc, "services")
	choice := below(services, "default", "opt_out_policy")
	if !final(services) || !final(choice) || choice["@@assign"] != "optOut" {
		return false
	}
	for name, service := range services {
		if !strings.HasPrefix(name, "@@") && below(service, "opt_out_policy")["@@assign"] != "optOut" {
			return false
		}
	}
	return true
}

// below goes down the members of a document, nil where one is no object.
func below(doc any, path ...string) map[string]any {
	m, _ := doc.(map[string]any)
	for _, name := range path {
		m, _ = m[name].(map[string]any)
	}
	return m
}

// final says that policies below may change nothing at a key.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
func final(key map[string]any) bool {
	const none = "@@none"
	allowed := key["@@operators_allowed_for_child_policies"]
	list, _ := allowed.([]any)
	return allowed == none || len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { return v != none })
}
