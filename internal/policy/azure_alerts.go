package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/stance-sec/stance/internal/truth"
)

func init() { families = append(families, activityAlertFunctions) }

// activityAlertFunctions are the questions about alerts of Azure's activity log:
//
//	alert_covers(condition, event)   does the condition of an alert hold for every
//	    event of the activity log that has these fields?
func activityAlertFunctions() []cel.EnvOption {
	event := cel.MapType(cel.StringType, cel.StringType)
	return []cel.EnvOption{
		cel.Function("alert_covers", cel.Overload("alert_covers_dyn_map", []*cel.Type{cel.DynType, event}, cel.BoolType,
			cel.BinaryBinding(func(condition, event ref.Val) ref.Val {
				doc, ok := condition.(*blob)
				if !ok {
					return types.NewErr("alert_covers() takes the condition of an alert")
				}
				fields, err := eventFields(event)
				if err != nil {
					return types.WrapErr(err)
				}
				switch answer, err := alertCovers(doc.value, fields); answer {
				case truth.True:
					return types.True
				case truth.False:
					return types.False
				default:
					return types.WrapErr(fmt.Errorf("whether the alert covers %s: %w", strings.Join(slices.Sorted(maps.Values(fields)), ", "), err))
				}
			}))),
	}
}

// eventFields are the fields of an event by name, all in lower case. The name of
// an operation says which provider and type it is about.
// https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
func eventFields(v ref.Val) (map[string]string, error) {
	m, ok := v.(traits.Mapper)
	if !ok {
		return nil, errors.New("alert_covers() takes an event as a map of its fields")
	}
	fields := map[string]string{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, isText := key.(types.String)
		value, isValue := m.Get(key).(types.String)
		if !isText || !isValue {
			return nil, errors.New("alert_covers(): fields of an event are strings")
		}
		fields[strings.ToLower(string(name))] = strings.ToLower(string(value))
	}
	operation := fields["operationname"]
	if typ, _, ok := cutLast(operation, "/"); ok {
		provider, _, _ := strings.Cut(typ, "/")
		for name, value := range map[string]string{"resourcetype": typ, "resourceprovider": provider} {
			if fields[name] == "" {
				fields[name] = value
			}
		}
	}
	return fields, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// alertCovers says whether a condition holds for every event with these fields.
// All members of allOf must hold, of a nested anyOf one. What is asked of a field
// that the event leaves open narrows the alert: some events are not told of. A
// condition in another form is not understood, and so unknown.
// https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/create-or-update#alertruleallofcondition
func alertCovers(condition any, event map[string]string) (truth.Truth, error) {
	if condition == nil {
		return truth.False, nil // no condition was set, so nothing is told
	}
	doc, _ := condition.(map[string]any)
	all, ok := doc["allOf"].([]any)
	if !ok || len(all) == 0 {
		return truth.Unknown, errors.New("its condition has no list allOf")
	}
	out, problem := truth.True, error(nil)
	for _, member := range all {
		holds, err := alertMember(member, event)
		if err != nil {
			problem = err
		}
		out = out.And(holds)
	}
	return out, problem
}

func alertMember(member any, event map[string]string) (truth.Truth, error) {
	m, _ := member.(map[string]any)
	leaves, nested := m["anyOf"].([]any)
	if !nested {
		return alertLeaf(m, event)
	}
	out, problem := truth.False, error(nil)
	for _, leaf := range leaves {
		l, _ := leaf.(map[string]any)
		holds, err := alertLeaf(l, event)
		if err != nil {
			problem = err
		}
		out = out.Or(holds)
	}
	return out, problem
}

// alertLeaf compares one field, whatever the case of its name and its values.
func alertLeaf(leaf map[string]any, event map[string]string) (truth.Truth, error) {
	field, _ := leaf["field"].(string)
	if field == "" {
		return truth.Unknown, errors.New("a part of its condition names no field")
	}
	values, _ := leaf["containsAny"].([]any)
	if v, ok := leaf["equals"]; ok && v != nil {
		values = append(slices.Clone(values), v)
	}
	if len(values) == 0 {
		return truth.Unknown, fmt.Errorf("its condition compares %s with nothing", field)
	}
	have, given := event[strings.ToLower(field)]
	if !given {
		return truth.False, nil
	}
	return truth.Of(slices.ContainsFunc(values, func(v any) bool {
		s, ok := v.(string)
		return ok && strings.EqualFold(s, have)
	})), nil
}
