package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/stance-sec/stance/internal/model"
)

// Some SDK structs hold booleans and numbers as plain values, and fill in the
// zero where the answer had none. A missing boolean must not read as false, so
// the text of each answer is kept beside the SDK's output, and a zero whose
// name does not stand there is left out of the document.

// textKey is the key of an answer's text in an output's ResultMetadata.
type textKey struct{}

// keepText adds the step that keeps the text of an answer.
func keepText(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("StanceKeepText",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			resp, ok := out.RawResponse.(*smithyhttp.Response)
			if err != nil || !ok || resp.Body == nil {
				return out, metadata, err
			}
			text, err := io.ReadAll(resp.Body)
			if closeErr := resp.Body.Close(); err == nil {
				err = closeErr
			}
			if err != nil {
				return out, metadata, fmt.Errorf("%w: %w", errShort, err)
			}
			// Every read of every protocol answers with a document, be it an
			// empty one: nothing at all would read as "there is none".
			if len(text) == 0 && resp.StatusCode == http.StatusOK {
				return out, metadata, errShort
			}
			resp.Body = io.NopCloser(bytes.NewReader(text))
			metadata.Set(textKey{}, text)
			return out, metadata, nil
		}), middleware.After)
}

// answer is the output of a call, for turning parts of it into documents.
type answer struct {
	// unsent holds pointers to the plain members that the answer did not send.
	unsent map[any]bool
}

// answerOf looks through an output, a pointer to an SDK struct. Parts that are
// turned into documents must be pointed to inside of it, not copied.
func answerOf(out any) answer {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct || !hasPlain(v.Type().Elem()) {
		return answer{}
	}
	field := v.Elem().FieldByName("ResultMetadata")
	if !field.IsValid() {
		return answer{}
	}
	meta, _ := field.Interface().(middleware.Metadata)
	text, ok := meta.Get(textKey{}).([]byte)
	if !ok {
		return answer{}
	}
	root := parseText(text)
	if root == nil {
		return answer{}
	}
	a := answer{unsent: map[any]bool{}}
	a.compare(v.Elem(), root)
	return a
}

// document returns the document of the output or of a part of it.
func (a answer) document(part any) model.Document {
	d, _ := a.value(reflect.ValueOf(part)).(map[string]any)
	return d
}

// compare walks an SDK value along the answer that it was made of. Where the
// two have different shapes it knows nothing and stops.
func (a answer) compare(v reflect.Value, n *node) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		member := v.Field(i)
		sent := n.members[strings.ToLower(f.Name)]
		if isPlain(f.Type) {
			if len(sent) == 0 && member.IsZero() {
				a.unsent[member.Addr().Interface()] = true
			}
			continue
		}
		if len(sent) == 0 || !hasPlain(f.Type) {
			continue
		}
		if member.Kind() == reflect.Pointer {
			member = member.Elem()
		}
		switch member.Kind() {
		case reflect.Struct:
			a.compare(member, sent[0])
		case reflect.Slice:
			items := itemsOf(sent, member.Type().Elem())
			for j := range member.Len() {
				if len(items) == member.Len() && member.Index(j).Kind() == reflect.Struct {
					a.compare(member.Index(j), items[j])
				}
			}
		}
	}
}

// itemsOf returns the items of a list: those of a JSON array, the elements below
// one XML element, or XML elements that repeat.
func itemsOf(sent []*node, item reflect.Type) []*node {
	if sent[0].items != nil {
		return sent[0].items
	}
	if item.Kind() != reflect.Struct || len(sent) > 1 || len(sent[0].members) != 1 {
		return sent
	}
	for name, items := range sent[0].members {
		isMember := func(of string) bool { return strings.EqualFold(of, name) }
		if _, found := item.FieldByNameFunc(isMember); !found {
			return items
		}
	}
	return sent
}

// node is a part of an answer's text: what members it has, in small letters.
type node struct {
	members map[string][]*node
	items   []*node
}

// parseText reads JSON or XML; nil for anything else. XML's outer elements,
// which the SDK's outputs leave out, are looked through.
func parseText(text []byte) *node {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return &node{}
	case text[0] == '{':
		var v any
		if json.Unmarshal(text, &v) != nil {
			return nil
		}
		return jsonNode(v)
	case text[0] != '<':
		return nil
	}
	doc := &node{}
	stack := []*node{doc}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		t, err := d.Token()
		if err == io.EOF { //nolint:errorlint // Token returns it bare
			break
		}
		if err != nil {
			return nil
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{}
			stack[len(stack)-1].add(t.Name.Local, n)
			for _, attr := range t.Attr {
				n.add(attr.Name.Local, &node{})
			}
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
	for outer := doc; ; {
		var inner *node
		for name, nodes := range outer.members {
			if outer == doc || strings.HasSuffix(name, "result") {
				inner = nodes[0]
			}
		}
		if inner == nil {
			return doc
		}
		for name, nodes := range inner.members {
			if doc.members[name] == nil {
				doc.members[name] = nodes
			}
		}
		outer = inner
	}
}

func (n *node) add(name string, child *node) {
	if n.members == nil {
		n.members = map[string][]*node{}
	}
	name = strings.ToLower(name)
	n.members[name] = append(n.members[name], child)
}

func jsonNode(v any) *node {
	n := &node{}
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if e != nil {
				n.add(name, jsonNode(e))
			}
		}
	case []any:
		n.items = make([]*node, len(v))
		for i, e := range v {
			n.items[i] = jsonNode(e)
		}
	}
	return n
}

func isPlain(t reflect.Type) bool {
	return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Float64
}

var plainTypes sync.Map // reflect.Type to bool

// hasPlain says whether a type has plain members somewhere. Those in maps and
// unions are not looked for.
func hasPlain(t reflect.Type) bool {
	if known, ok := plainTypes.Load(t); ok {
		return known.(bool) //nolint:forcetypeassert // nothing else is stored
	}
	found := findPlain(t, map[reflect.Type]bool{})
	plainTypes.Store(t, found)
	return found
}

func findPlain(t reflect.Type, seen map[reflect.Type]bool) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType || seen[t] {
		return false
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && f.Name != "ResultMetadata" && (isPlain(f.Type) || findPlain(f.Type, seen)) {
			return true
		}
	}
	return false
}
