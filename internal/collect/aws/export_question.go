package aws

import (
	"reflect"
	"slices"
)

// question is what a call asks for, as far as outputs of the command line can
// answer it.
type question struct {
	// about are the names by which it asks about one asset, sorted; none where it
	// asks for a whole region or account.
	about []string
	// narrow leaves out of an answer what the call does not ask for; false says
	// that the answer lacks something that it does.
	narrow []func(doc map[string]any) (map[string]any, bool)
}

// sizes are members of inputs that say how much to return, not what.
var sizes = []string{"MaxResults", "MaxItems", "MaxRecords", "MaxBuckets", "Limit", "PageSize"}

// widening are members of inputs that ask for more than the default: the command
// line's user may have asked for less, which no output tells.
var widening = []string{"AllRegions", "IncludeShadowTrails", "AlarmTypes", "Versions"}

// newQuestion reads an input; false when it asks for something that outputs do
// not tell of.
func newQuestion(input any, account string) (q question, ok bool) {
	v := reflect.ValueOf(input).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() || slices.Contains(sizes, f.Name) || slices.Contains(widening, f.Name) {
			continue
		}
		if !q.add(f.Name, reflect.Indirect(v.Field(i)), account) {
			return question{}, false
		}
	}
	slices.Sort(q.about)
	return q, true
}

func (q *question) add(member string, value reflect.Value, account string) bool {
	texts := textsOf(value)
	one := ""
	if len(texts) == 1 {
		one = texts[0]
	}
	switch {
	case (member == "Owners" || member == "OwnerIds") && one == "self":
		q.only("OwnerId", account)
	case member == "SnapshotType" && one != "":
		q.only("SnapshotType", one)
	case member == "AccountId" && one == account,
		member == "Filter" && value.Kind() == reflect.Slice && texts != nil,                    // of authorization details: all that there are
		member == "AttributeNames" && one == "All", member == "PolicyName" && one == "default": // the command line's own default
	case member == "Scope" && one == "REGIONAL": // of web ACLs; those for CloudFront are an output of their own
	case member == "Source" && one != "": // of parameters of databases
		q.only("Source", one)
	case member == "Filters":
		return q.filters(value)
	case member == "ResourceArns" && texts != nil: // of tags
		q.narrow = append(q.narrow, func(doc map[string]any) (map[string]any, bool) { return onlyTagged(doc, "ResourceArn", texts) })
	case member == "LoadBalancerNames" && texts != nil: // of tags of classic load balancers
		q.narrow = append(q.narrow, func(doc map[string]any) (map[string]any, bool) { return onlyTagged(doc, "LoadBalancerName", texts) })
	case one != "":
		q.about = append(q.about, one)
	default:
		return false
	}
	return true
}

// textsOf returns a text, or the texts of a list; nil where it is neither.
func textsOf(v reflect.Value) []string {
	switch {
	case v.Kind() == reflect.String:
		return []string{v.String()}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		out := make([]string, v.Len())
		for i := range out {
			out[i] = v.Index(i).String()
		}
		return out
	}
	return nil
}

func (q *question) only(member string, wanted ...string) {
	q.narrow = append(q.narrow, func(doc map[string]any) (map[string]any, bool) { return onlyItems(doc, member, wanted...), true })
}

// filters reads filters by the names of parameters, which are the only ones that
// a scan asks by.
func (q *question) filters(v reflect.Value) bool {
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct {
		return false
	}
	for i := range v.Len() {
		name, values := v.Index(i).FieldByName("Name"), v.Index(i).FieldByName("Values")
		if !name.IsValid() || !values.IsValid() || name.IsZero() || reflect.Indirect(name).String() != "parameter-name" {
			return false
		}
		q.only("ParameterName", textsOf(values)...)
	}
	return true
}

// answered returns what of an output is the answer.
func (q *question) answered(doc map[string]any) (map[string]any, bool) {
	for _, narrow := range q.narrow {
		var ok bool
		if doc, ok = narrow(doc); !ok {
			return nil, false
		}
	}
	return doc, true
}

// onlyItems leaves out the items of lists that have another value of a member. The
// command line's default is more than what a live scan asks for.
func onlyItems(doc map[string]any, member string, wanted ...string) map[string]any {
	out := make(map[string]any, len(doc))
	for name, v := range doc {
		items, ok := v.([]any)
		if !ok {
			out[name] = v
			continue
		}
		kept := []any{}
		for _, item := range items {
			m, _ := item.(map[string]any)
			if got, ok := m[member].(string); !ok || slices.Contains(wanted, got) {
				kept = append(kept, item)
			}
		}
		out[name] = kept
	}
	return out
}

// onlyTagged keeps the tags of some assets, which member names; all of them must
// be there.
func onlyTagged(doc map[string]any, member string, names []string) (map[string]any, bool) {
	items, _ := doc["TagDescriptions"].([]any)
	kept := []any{}
	for _, item := range items {
		m, _ := item.(map[string]any)
		if name, _ := m[member].(string); slices.Contains(names, name) {
			kept = append(kept, item)
		}
	}
	return map[string]any{"TagDescriptions": kept}, len(kept) >= len(names)
}
