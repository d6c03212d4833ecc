package aws

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
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
	o, doc := a.export.answer(service+":"+strings.TrimSuffix(t.Name(), "Input"), awsmiddleware.GetRegion(ctx), in.Parameters)
	if o == nil {
		return out, meta, collect.NotExported()
	}
	if o.failure != nil {
		return out, meta, &smithy.GenericAPIError{Code: o.failure.Code, Message: o.failure.Message}
	}
	result := reflect.New(o.op.out)
	if err := decode(result.Elem(), doc); err != nil {
		return out, meta, &model.Gap{Reason: model.Failed, Detail: o.file + ": " + err.Error()}
	}
	meta.Set(textKey{}, model.Document(doc).Canonical())
	out.Result = result.Interface()
	return out, meta, nil
}

// answer finds the output that answers a call, and what of it does; nil where
// there is none.
func (x *exported) answer(op, region string, input any) (*output, map[string]any) {
	q, ok := newQuestion(input, x.account)
	if !ok {
		return nil, nil
	}
	if len(q.about) > 0 {
		o := x.about(op, region, q.about)
		if o == nil {
			return nil, nil
		}
		doc, ok := q.answered(o.doc)
		if !ok {
			return nil, nil
		}
		return o, doc
	}
	byRegion := x.answers[op]
	o := byRegion[region]
	if o == nil {
		o = byRegion[""]
	}
	if o == nil {
		return nil, nil
	}
	doc, ok := q.answered(o.doc)
	if !ok {
		return nil, nil
	}
	return o, doc
}

// output is what one command printed, or several of the same command.
type output struct {
	file, path string
	partial    string
	op         *readable
	doc        map[string]any
	failure    *collect.Failure // instead of doc
	// alike are the operations of which one printed it, where it is about one
	// asset: the asset tells which.
	alike []*readable
	named exportName

	account, partition, region string
	homes                      []string // see readable
}

// add takes a member or one of its items.
func (o *output) add(x *collect.Exported) error {
	switch {
	case x.Failure != nil:
		o.failure = x.Failure
	case x.Member == "": // an object without members
	case x.Whole:
		o.doc[x.Member] = x.Value
	default:
		list, _ := o.doc[x.Member].([]any)
		o.doc[x.Member] = append(list, x.Value)
	}
	return nil
}

// join adds the lists of another output of the same command in the same place.
func (o *output) join(other *output) error {
	differ := fmt.Errorf("%s and %s: %w: both are the output of %s in one place, and differ", o.file, other.file, model.ErrInvalid, o.op.name)
	if (o.failure == nil) != (other.failure == nil) {
		return differ
	}
	for name, v := range other.doc {
		mine, isList := o.doc[name].([]any)
		list, ok := v.([]any)
		switch {
		case o.doc[name] == nil:
			o.doc[name] = v
		case isList && ok:
			o.doc[name] = append(mine, list...)
		case !isList && !ok && reflect.DeepEqual(o.doc[name], v), ignored[strings.ToLower(name)]:
		default:
			return differ
		}
	}
	o.file += ", " + other.file
	if o.partial == "" {
		o.partial = other.partial
	}
	return nil
}
