package azure

import "strings"

const groupPrefix = "/providers/microsoft.management/managementgroups/"

// segments splits a scope at its slashes, in lower case; the root has none.
func segments(scope string) []string {
	scope = strings.Trim(strings.ToLower(strings.TrimSpace(scope)), "/")
	if scope == "" {
		return nil
	}
	return strings.Split(scope, "/")
}

// Covers says whether a scope holds another one: itself and what lies below by
// segments of the path, so that "rg1" does not cover "rg10". Groups are the
// management groups above the target, by name or id; groupsRead says that the
// list is complete.
func Covers(scope, target string, groups []string, groupsRead bool) Truth {
	if strings.TrimSpace(scope) == "" {
		return Unknown
	}
	have, want := segments(scope), segments(target)
	if len(have) <= len(want) {
		same := true
		for i := range have {
			same = same && have[i] == want[i]
		}
		if same {
			return True
		}
	}
	name, ok := groupName(scope)
	if !ok {
		return False
	}
	for _, g := range groups {
		if above, isID := groupName(g); strings.EqualFold(g, name) || isID && above == name {
			return True
		}
	}
	if groupsRead {
		return False
	}
	return Unknown
}

// groupName returns the name of the management group that a scope is, in lower
// case.
func groupName(scope string) (string, bool) {
	name, ok := strings.CutPrefix("/"+strings.Join(segments(scope), "/"), groupPrefix)
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// broad says whether a scope is a subscription, a management group or the root.
func broad(scope string) bool {
	s := segments(scope)
	if _, ok := groupName(scope); ok {
		return true
	}
	return len(s) == 0 && strings.TrimSpace(scope) != "" || len(s) == 2 && s[0] == "subscriptions"
}
