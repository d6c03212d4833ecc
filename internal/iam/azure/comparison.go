package azure

import (
	"regexp"
	"slices"
	"strings"
)

// comparison is one comparison of a condition: an attribute with values.
// https://learn.microsoft.com/azure/role-based-access-control/conditions-format#operators
type comparison struct {
	source, attribute string // "request", "microsoft.authorization/roleassignments:principalid"
	operator          string // "guidequals"
	every             bool   // all of the values are compared, not any of them
	values            []string
}

var (
	comparisonForm = regexp.MustCompile(`(?is)^@(Request|Resource|Principal|Environment)\s*\[([^\]]+)\]\s+(?:For(?:Any|All)Of(Any|All)Values\s*:\s*)?([A-Za-z]+)\s+(.+)$`)
	guidForm       = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// readComparison reads the text of a comparison; not ok when it has another form.
func readComparison(text string) (comparison, bool) {
	m := comparisonForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return comparison{}, false
	}
	c := comparison{
		source: strings.ToLower(m[1]), attribute: strings.ToLower(strings.TrimSpace(m[2])), every: strings.EqualFold(m[3], "All"), operator: strings.ToLower(m[4]),
	}
	list := strings.TrimSpace(m[5])
	if inner, ok := strings.CutPrefix(list, "{"); ok {
		if inner, ok = strings.CutSuffix(inner, "}"); !ok {
			return comparison{}, false
		}
		list = inner
	} else if strings.Contains(list, ",") {
		return comparison{}, false
	}
	for v := range strings.SplitSeq(list, ",") {
		v = strings.TrimSpace(v)
		if quoted, ok := strings.CutPrefix(v, "'"); ok {
			if v, ok = strings.CutSuffix(quoted, "'"); !ok {
				return comparison{}, false
			}
		}
		if v == "" || strings.ContainsAny(v, "'{}") {
			return comparison{}, false
		}
		c.values = append(c.values, v)
	}
	return c, true
}

// holds compares one value of the attribute, as request attributes of role
// assignments have. It is Unknown with an operator that is not known.
func (c comparison) holds(value string) Truth {
	equal, negative := strings.EqualFold, false
	switch c.operator {
	case "guidequals":
		if slices.ContainsFunc(c.values, func(v string) bool { return !guidForm.MatchString(strings.ToLower(v)) }) {
			return Unknown
		}
	case "guidnotequals":
		negative = true
		if slices.ContainsFunc(c.values, func(v string) bool { return !guidForm.MatchString(strings.ToLower(v)) }) {
			return Unknown
		}
	case "stringequalsignorecase":
	case "stringnotequalsignorecase":
		negative = true
	case "stringequals":
		equal = func(a, b string) bool { return a == b }
	case "stringnotequals":
		equal, negative = func(a, b string) bool { return a == b }, true
	default:
		return Unknown
	}
	any, all := false, true
	for _, v := range c.values {
		holds := equal(v, value) != negative
		any, all = any || holds, all && holds
	}
	if c.every {
		return truthOf(all)
	}
	return truthOf(any)
}

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}
