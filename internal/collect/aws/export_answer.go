package aws

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// answerer answers the calls of an SDK client from outputs of the command line.
type answerer struct{ export *exported }

// ID implements middleware.InitializeMiddleware.
func (*answerer) ID() string { return "StanceExport" }

// putFirst puts a step before all others of a call, but for the one by which some
// services tell the region.
func putFirst(stack *middleware.Stack, m middleware.InitializeMiddleware) error {
	const tells = "RegisterServiceMetadata"
	if _, ok := stack.Initialize.Get(tells); ok {
		return stack.Initialize.Insert(m, tells, middleware.After) //nolint:wrapcheck // it is there
	}
	return stack.Initialize.Add(m, middleware.Before) //nolint:wrapcheck // its name is its own
}

// HandleInitialize implements middleware.InitializeMiddleware: nothing after it
// is run.
func (a *answerer) HandleInitialize(ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	var out middleware.InitializeOutput
	var meta middleware.Metadata
	t := reflect.TypeOf(in.Parameters).Elem()
	service := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
	byRegion := a.export.answers[service+":"+strings.TrimSuffix(t.Name(), "Input")]
	o := byRegion[awsmiddleware.GetRegion(ctx)]
	if o == nil {
		o = byRegion[""]
	}
	if o == nil {
		return out, meta, collect.NotExported()
	}
	doc, ok := a.export.asked(in.Parameters, o.doc)
	if !ok {
		return out, meta, collect.NotExported()
	}
	result := reflect.New(o.op.out)
	if err := decode(result.Elem(), doc); err != nil {
		return out, meta, &model.Gap{Reason: model.Failed, Detail: o.file + ": " + err.Error()}
	}
	meta.Set(textKey{}, model.Document(doc).Canonical())
	out.Result = result.Interface()
	return out, meta, nil
}

// sizes are members of inputs that say how much to return, not what.
var sizes = []string{"MaxResults", "MaxItems", "MaxRecords", "MaxBuckets", "Limit", "PageSize"}

// widening are members of inputs that ask for more than the default: the command
// line's user may have asked for less, which no output tells.
var widening = []string{"AllRegions", "IncludeShadowTrails", "AlarmTypes", "Versions"}

// asked returns what of an output answers an input; false when the input asks for
// something that outputs do not tell of, such as one asset by its name.
func (x *exported) asked(input any, doc map[string]any) (map[string]any, bool) {
	v := reflect.ValueOf(input).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() || slices.Contains(sizes, f.Name) || slices.Contains(widening, f.Name) {
			continue
		}
		value := reflect.Indirect(v.Field(i))
		switch {
		case (f.Name == "Owners" || f.Name == "OwnerIds") && value.Len() == 1 && value.Index(0).String() == "self":
			doc = onlyItems(doc, "OwnerId", x.account)
		case f.Name == "SnapshotType" && value.Kind() == reflect.String:
			doc = onlyItems(doc, "SnapshotType", value.String())
		case f.Name == "AccountId" && value.Kind() == reflect.String && value.String() == x.account:
		case f.Name == "Filter" && value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.String:
		default:
			return nil, false
		}
	}
	return doc, true
}

// onlyItems leaves out the items of lists that have another value of a member. The
// command line's default is more than what a live scan asks for.
func onlyItems(doc map[string]any, member, want string) map[string]any {
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
			if got, ok := m[member].(string); !ok || got == want {
				kept = append(kept, item)
			}
		}
		out[name] = kept
	}
	return out
}

// output is what one command printed, or several of the same command.
type output struct {
	file    string
	partial string
	op      *readable
	doc     map[string]any

	account, partition, region string
	homes                      []string // see readable
}

// add takes a member or one of its items.
func (o *output) add(x *collect.Exported) error {
	if x.Whole {
		o.doc[x.Member] = x.Value
		return nil
	}
	list, _ := o.doc[x.Member].([]any)
	o.doc[x.Member] = append(list, x.Value)
	return nil
}

// join adds the lists of another output of the same command in the same place.
func (o *output) join(other *output) error {
	for name, v := range other.doc {
		mine, isList := o.doc[name].([]any)
		list, ok := v.([]any)
		switch {
		case o.doc[name] == nil:
			o.doc[name] = v
		case isList && ok:
			o.doc[name] = append(mine, list...)
		case !isList && !ok:
		default:
			return fmt.Errorf("%s and %s: %w: both are the output of %s in one place, and differ", o.file, other.file, model.ErrInvalid, o.op.name)
		}
	}
	o.file += ", " + other.file
	if o.partial == "" {
		o.partial = other.partial
	}
	return nil
}
