package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// coreFunctions are what every control may use beside CEL's standard library.
func coreFunctions() []cel.EnvOption {
	a := cel.TypeParamType("A")
	return []cel.EnvOption{
		cel.Function(presentFunction, cel.Overload("present", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(o, member ref.Val) ref.Val {
				switch x := o.(type) {
				case *object:
					set, why := x.has(string(member.(types.String)))
					return value(types.Bool(set), why)
				case *assetRef:
					if x.gap != nil {
						return unknown
					}
					return types.True
				}
				return types.NewErr("has() of %s", o.Type().TypeName())
			}))),
		// days(90) is a duration of 90 days.
		cel.Function("days", cel.Overload("days_int", []*cel.Type{cel.IntType}, cel.DurationType,
			cel.UnaryBinding(func(n ref.Val) ref.Val {
				return types.Duration{Duration: time.Duration(n.(types.Int)) * 24 * time.Hour}
			}))),
		// assets("T").named(key) is the asset that an id, a name or a bare id
		// names; unknown when the inventory does not hold it.
		cel.Function("named", cel.MemberOverload("assets_named", []*cel.Type{cel.ListType(a), cel.StringType}, a,
			cel.BinaryBinding(func(l, key ref.Val) ref.Val {
				if list, ok := l.(*assetList); ok {
					return list.named(string(key.(types.String)))
				}
				return types.NewErr("named() takes assets(…)")
			}))),
		// assets("T").has_named(key) says whether the inventory holds it.
		cel.Function("has_named", cel.MemberOverload("assets_has_named", []*cel.Type{cel.ListType(a), cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(l, key ref.Val) ref.Val {
				if list, ok := l.(*assetList); ok {
					return list.hasNamed(string(key.(types.String)))
				}
				return types.NewErr("has_named() takes assets(…)")
			}))),
		// same("Disabled", "disabled") compares names whose case does not count, as
		// that of ids and states of Azure.
		cel.Function("same", cel.Overload("same_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				return types.Bool(strings.EqualFold(string(a.(types.String)), string(b.(types.String))))
			}))),
		// wildcard("prod-*", name) says whether a pattern in which * is any text
		// covers all of the name.
		cel.Function("wildcard", cel.Overload("wildcard_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(pattern, name ref.Val) ref.Val {
				return types.Bool(covers(string(pattern.(types.String)), string(name.(types.String))))
			}))),
		// undecided("whether …") is neither true nor false: what is asked cannot be
		// told by what the vendor says.
		cel.Function("undecided", cel.Overload("undecided_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(why ref.Val) ref.Val { return types.NewErr("%s", string(why.(types.String))) }))),
		// version_at_least("1.10", "1.9") compares dotted numbers one by one.
		cel.Function("version_at_least", cel.Overload("version_at_least_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(have, want ref.Val) ref.Val {
				h, w := string(have.(types.String)), string(want.(types.String))
				ok, err := versionAtLeast(h, w)
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(ok)
			}))),
		// time("2026-01-02T15:04:05Z") is the time that a string of the vendor
		// writes; a string that is none is an error.
		cel.Function("time", cel.Overload("time_string", []*cel.Type{cel.StringType}, cel.TimestampType,
			cel.UnaryBinding(func(s ref.Val) ref.Val {
				text := string(s.(types.String))
				// EC2 says why an instance stopped, and when: "User initiated (2026-01-02 15:04:05 GMT)".
				if i := strings.LastIndexByte(text, '('); i >= 0 && (strings.HasSuffix(text, " GMT)") || strings.HasSuffix(text, " UTC)")) {
					text = text[i+1 : len(text)-len(" GMT)")]
				}
				for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000-0700", "2006-01-02 15:04:05", "2006-01-02"} {
					if t, err := time.Parse(layout, text); err == nil {
						return types.Timestamp{Time: t.UTC()}
					}
				}
				return types.NewErr("%q is no time", text)
			}))),
	}
}

// covers matches a pattern in which * is any text, also none.
func covers(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}

// versionAtLeast compares the leading numbers of two dotted versions.
func versionAtLeast(have, want string) (bool, error) {
	h, w := strings.Split(have, "."), strings.Split(want, ".")
	for i := range w {
		wn, err := strconv.Atoi(w[i])
		if err != nil {
			return false, fmt.Errorf("version %q: %q is no number", want, w[i])
		}
		hn := 0
		if i < len(h) {
			if hn, err = strconv.Atoi(h[i]); err != nil {
				return false, fmt.Errorf("version %q: %q is no number", have, h[i])
			}
		}
		if hn != wn {
			return hn > wn, nil
		}
	}
	return true, nil
}
