package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Export is a file that a vendor's tool wrote.
type Export struct {
	Path string
	Form collect.Form
	// Members are the members of an output of the AWS CLI, which say what it is
	// the output of.
	Members []string
	// Partial is why the file does not hold all that its writer was asked for.
	Partial string
	// Failure is set where the file holds no output of a command, but what the
	// command said when it was refused.
	Failure *collect.Failure

	list string // the member that holds the items; "" for a list or lines
	bare byte   // what the file begins with: '[' or '{'
}

// ErrUnrecognized says that a file is in no form that is known.
var ErrUnrecognized = errors.New("not recognized")

// known names the forms, for errors.
const known = "a Stance snapshot; an AWS Config snapshot (configurationItems) or advanced-query result (Results); " +
	"output of the AWS CLI, such as describe-instances or get-account-authorization-details; " +
	"az graph query, az resource list or show; gcloud asset export, list or search-all-resources"

// Recognize looks into a file and says what it holds. An error that wraps
// ErrUnrecognized says what was looked for.
func Recognize(path string) (*Export, error) {
	e := &Export{Path: path}
	snapshot, err := e.open(func(s *scanner) error { return e.look(s) })
	if snapshot {
		e.Form = collect.StanceSnapshot
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// strange is the error of a file in no known form.
type strange struct{ what string }

// Error implements error.
func (s *strange) Error() string {
	return fmt.Sprintf("%v: %s. Known are: %s", ErrUnrecognized, s.what, known)
}

// Unwrap lets the error be told from one of a known form that is broken.
func (*strange) Unwrap() []error { return []error{ErrUnrecognized, model.ErrInvalid} }

func unrecognized(what string) error { return &strange{what} }

var (
	gzipMagic   = []byte{0x1f, 0x8b}
	zstdMagic   = []byte{0x28, 0xb5, 0x2f, 0xfd}
	utf8Mark    = []byte{0xef, 0xbb, 0xbf}
	utf16Little = []byte{0xff, 0xfe}
	utf16Big    = []byte{0xfe, 0xff}
)

// open hands the plain text of the file over; snapshot says that it is no text,
// but has the mark of a snapshot.
func (e *Export) open(do func(*scanner) error) (snapshot bool, err error) {
	f, err := os.Open(e.Path)
	if err != nil {
		return false, fmt.Errorf("read export: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var in io.Reader
	head := bufio.NewReaderSize(f, 1<<16)
	mark, _ := head.Peek(4)
	switch {
	case bytes.HasPrefix(mark, zstdMagic):
		return true, nil
	case bytes.HasPrefix(mark, gzipMagic):
		z, err := gzip.NewReader(head)
		if err != nil {
			return false, fmt.Errorf("%s: %w gzip: %w", e.Path, model.ErrInvalid, err)
		}
		head = bufio.NewReaderSize(z, 1<<16)
		mark, _ = head.Peek(4)
	}
	in = head
	switch {
	case bytes.HasPrefix(mark, utf8Mark):
		_, _ = head.Discard(len(utf8Mark))
	case bytes.HasPrefix(mark, utf16Little):
		_, _ = head.Discard(len(utf16Little))
		in = &utf16Reader{r: head, order: binary.LittleEndian}
	case bytes.HasPrefix(mark, utf16Big):
		_, _ = head.Discard(len(utf16Big))
		in = &utf16Reader{r: head, order: binary.BigEndian}
	}
	if err := do(newScanner(in)); err != nil {
		return false, fmt.Errorf("%s: %w", e.Path, err)
	}
	return false, nil
}

// outline is what a first look at an object tells.
type outline struct {
	names []string
	of    map[string]part
}

type part struct {
	kind  byte           // the value's first byte
	first map[string]any // the first item of a list, or what stands there
	items bool           // the list has items
	raw   any            // a scalar's value, or that of the first item
}

func (o *outline) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { _, ok := o.of[n]; return !ok })
}

func (o *outline) list(name string) (part, bool) {
	p, ok := o.of[name]
	return p, ok && p.kind == '['
}

// set says whether a member is there and neither null, false nor empty.
func (o *outline) set(name string) bool {
	p := o.of[name]
	return p.raw != nil && p.raw != false && p.raw != ""
}

func (e *Export) look(s *scanner) error {
	b, err := s.next()
	if err != nil {
		return err
	}
	e.bare = b
	switch b {
	case 0:
		return unrecognized("it is empty")
	case '[':
		return e.lookList(s)
	case '{':
		return e.lookObject(s)
	}
	if e.Failure = s.failure(); e.Failure != nil {
		e.Form = collect.CLIOutput
		return nil
	}
	return unrecognized("it is not JSON: it begins with neither { nor [")
}

func (e *Export) lookList(s *scanner) error {
	var first any
	err := s.items(func() error {
		var err error
		if first, err = s.decoded(); err != nil {
			return err
		}
		return errDone
	})
	if err != nil && !errors.Is(err, errDone) {
		return err
	}
	m, _ := first.(map[string]any)
	if m == nil {
		return unrecognized("a list without objects, which does not say what it is of")
	}
	if e.Form = formOf(m); e.Form == "" {
		return unrecognized("a list of objects that have neither name and assetType, nor id and type, nor resourceType and configuration")
	}
	if e.Form == collect.GraphRows {
		e.Partial = rowsUncounted
	}
	return nil
}

// formOf recognizes an item by its members.
func formOf(m map[string]any) collect.Form {
	has := func(name string) bool { _, ok := m[name]; return ok }
	text := func(name string) string { t, _ := m[name].(string); return t }
	id, typ := text("id"), text("type")
	switch {
	case text("name") != "" && (text("assetType") != "" || text("asset_type") != ""):
		content := slices.ContainsFunc([]string{"resource", "iamPolicy", "iam_policy", "orgPolicy", "org_policy", "accessPolicy", "access_policy", "accessLevel", "access_level", "servicePerimeter", "service_perimeter", "ancestors"}, has)
		if !content && (has("project") || has("displayName") || has("parentFullResourceName") || has("organization") || has("location")) {
			return collect.InventorySearch
		}
		return collect.InventoryAssets
	case text("resource") != "" && (text("assetType") != "" || text("asset_type") != "") && has("policy"):
		return collect.InventoryAssets // of search-all-iam-policies
	case strings.HasPrefix(id, "/") && strings.Contains(typ, "/"):
		if has("subscriptionId") || has("tenantId") {
			return collect.GraphRows
		}
		return collect.ARMDocuments
	case text("resourceType") != "" && (has("configuration") || has("configurationItemStatus")):
		return collect.ConfigItems
	}
	return ""
}

func (e *Export) lookObject(s *scanner) error {
	o := &outline{of: map[string]part{}}
	if err := s.members(func(name string) error { return o.look(s, name) }); err != nil {
		return err
	}
	whole := map[string]any{}
	for name, p := range o.of {
		whole[name] = p.raw
		if p.kind == '{' || p.kind == '[' {
			whole[name] = p.first
		}
	}
	if e.Form = formOf(whole); e.Form != "" { // an object alone, or one of many lines
		if e.Form == collect.GraphRows {
			e.Partial = rowsUncounted
		}
		return nil
	}
	more, err := s.next()
	if err != nil {
		return err
	}
	if more != 0 {
		return unrecognized("several documents one after another, which have neither name and asset_type nor id and type: write each output into a file of its own")
	}
	return e.lookLists(o)
}

// look takes one member of the object.
func (o *outline) look(s *scanner, name string) error {
	b, err := s.next()
	if err != nil {
		return err
	}
	p := part{kind: b}
	switch b {
	case '[':
		err = s.items(func() error {
			if p.items {
				_, err := s.value(false)
				return err
			}
			p.items = true
			v, err := s.decoded()
			p.raw = v
			p.first, _ = v.(map[string]any)
			return err
		})
	case '{':
		_, err = s.value(false)
		p.first = map[string]any{}
	default:
		p.raw, err = s.decoded()
	}
	o.names = append(o.names, name)
	o.of[name] = p
	return err
}

// lookLists recognizes what holds its items in a member.
func (e *Export) lookLists(o *outline) error {
	for _, name := range []string{"configurationItems", "baseConfigurationItems"} {
		if _, ok := o.list(name); ok {
			e.Form, e.list = collect.ConfigItems, name
			return nil
		}
	}
	if p, ok := o.list("Results"); ok && (o.has("QueryInfo") || strings.HasPrefix(textOf(p.raw), "{")) {
		e.Form, e.list = collect.ConfigQuery, "Results"
		if o.set("NextToken") {
			e.Partial = "it has a token for a next page"
		}
		return nil
	}
	if p, ok := o.list("data"); ok && (o.has("count") || o.has("total_records") || o.has("totalRecords")) {
		return e.lookGraph(o, p)
	}
	for _, name := range []string{"assets", "results", "value"} {
		p, ok := o.list(name)
		if !ok || p.first == nil {
			continue
		}
		if form := formOf(p.first); form != "" {
			e.Form, e.list = form, name
			if o.set("nextPageToken") || o.set("nextLink") {
				e.Partial = "it has a token for a next page"
			}
			return nil
		}
	}
	e.Form, e.Members = collect.CLIOutput, slices.Sorted(slices.Values(o.names))
	if o.set("NextToken") || o.set("nextToken") || o.set("Marker") || o.set("NextMarker") || o.set("IsTruncated") {
		e.Partial = "it has a token for a next page"
	}
	return nil
}

// rowsUncounted says of rows that a query gives the first 100 or 1,000 of them.
const rowsUncounted = "it does not say how many rows there are"

// lookGraph says whether the rows are all of the query. The tools write what the
// service answered in two spellings.
func (e *Export) lookGraph(o *outline, p part) error {
	e.Form, e.list = collect.GraphRows, "data"
	if p.items && formOf(p.first) == "" {
		return unrecognized("rows of a query without id and type: let it return whole rows, without summarize")
	}
	number := func(names ...string) (int64, bool) {
		for _, n := range names {
			if v, ok := o.of[n].raw.(int64); ok {
				return v, true
			}
		}
		return 0, false
	}
	count, counted := number("count")
	total, known := number("total_records", "totalRecords")
	switch {
	case o.set("skip_token") || o.set("$skipToken") || o.set("skipToken"):
		e.Partial = "it has a token for a next page"
	case known && counted && count < total:
		e.Partial = fmt.Sprintf("it holds %d of %d rows", count, total)
	case !known:
		e.Partial = rowsUncounted
	case textOf(o.of["result_truncated"].raw) == "true" || textOf(o.of["resultTruncated"].raw) == "true":
		e.Partial = "the service cut the rows"
	}
	return nil
}

func textOf(v any) string { t, _ := v.(string); return t }

// Unrecognized is the error of a file that is in no known form, and what was
// found instead.
func Unrecognized(what string) error { return unrecognized(what) }

// Names lists the first members of an object, for errors.
func Names(members []string) string {
	const most = 8
	if len(members) > most {
		return strings.Join(members[:most], ", ") + ", …"
	}
	return strings.Join(members, ", ")
}
