package aws

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stance-sec/stance/internal/model"
)

// Collector is one service's declaration: one file, registered in its init.
type Collector struct {
	// Name is the name by which --services selects it, and that of its
	// testdata/<name>.txtar.
	Name  string
	Types []Type
}

// Type declares one asset type.
type Type struct {
	Name  string
	Class model.Class
	// Global types are read once per account, in the partition's home region.
	Global bool

	// List discovers the assets. Where a service does not fit, Custom does, and
	// may yield further types, which it names in Yields.
	List   *List
	Custom *Custom

	// Root, when set, replaces the listed item by the answer of a describe
	// call; without its answer the whole document is a gap.
	Root *Read
	// Side are further reads per asset, in order.
	Side []Read
	// Children are types that are listed per asset of this one.
	Children []Type

	// ID, Label, Region and Created are templates over the document:
	// "arn:{partition}:s3:::{Name}", "{CreationDate}". ID must give the
	// vendor's identifier.
	ID      string
	Label   string
	Region  string
	Created string

	// JSON are paths of strings that hold JSON documents, percent-encoded or
	// not; they are stored decoded: "RolePolicyList[].PolicyDocument".
	JSON []string
	// Secret are paths whose values never enter a document; names, lengths,
	// hashes and what was detected in them do.
	Secret []string
	// Keys declares the keys of string maps that act as structs, by path:
	// {"Attributes": {"Policy", "KmsMasterKeyId"}}.
	Keys map[string][]string
	// Always are members that the vendor always sends: one that is missing was
	// not read, and is a gap.
	Always []string
	// Managed says that an asset belongs to AWS.
	Managed func(doc model.Document) bool
	// Fix adjusts a document where the vendor's answer is not its own shape.
	Fix func(s *Session, a *model.Asset)
	// Shape adjusts the schema for what Fix does.
	Shape func(s *model.Schema)
}

// registry holds the collectors of the package, filled by init functions.
var registry []Collector

func register(c Collector) { registry = append(registry, c) }

// Collectors returns the declared collectors, sorted by name.
func Collectors() []Collector {
	out := slices.Clone(registry)
	slices.SortFunc(out, func(a, b Collector) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// operation names one API call and the IAM action that it needs.
type operation struct {
	Service string // "s3"
	Name    string // "GetBucketPolicy"
	Action  string // "s3:GetBucketPolicy"
}

// String returns service and operation: "s3:GetBucketPolicy".
func (op operation) String() string { return op.Service + ":" + op.Name }

// prefixes are the IAM prefixes of services whose Go package is named otherwise.
var prefixes = map[string]string{
	"accessanalyzer":         "access-analyzer",
	"cloudwatchlogs":         "logs",
	"configservice":          "config",
	"efs":                    "elasticfilesystem",
	"elasticloadbalancingv2": "elasticloadbalancing",
	"s3control":              "s3",
}

// operationOf derives the operation from the SDK's input type.
func operationOf[In any]() operation {
	t := reflect.TypeFor[In]()
	pkg := t.PkgPath()
	service := pkg[strings.LastIndexByte(pkg, '/')+1:]
	name := strings.TrimSuffix(t.Name(), "Input")
	prefix := cmp.Or(prefixes[service], service)
	return operation{Service: service, Name: name, Action: prefix + ":" + name}
}

// List is a listing with all its pages.
type List struct {
	op     operation
	item   reflect.Type
	out    reflect.Type
	absent []string
	page   func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]any) bool) error
}

// list declares a listing. in makes the input of the first page; items are
// those of one page. Tokens are found by their names in input and output.
func list[C, In, Out, Item, Opt any](
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(parent *model.Asset) *In,
	items func(*Out) []Item,
) *List {
	l := &List{op: operationOf[In](), item: reflect.TypeFor[Item](), out: reflect.TypeFor[Out]()}
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]any) bool) error {
		c := clientFor(s, region, client)
		input := in(parent)
		for turn := newPager(); ; {
			out, err := invoke(ctx, s, region, l.op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
			if err != nil {
				return err
			}
			page := items(out)
			docs := make([]any, len(page))
			for i := range page {
				docs[i] = page[i]
			}
			if !yield(docs) {
				return nil
			}
			more, err := turn.next(input, out)
			if err != nil {
				return err
			}
			if !more {
				return nil
			}
		}
	}
	return l
}

// action sets the IAM action where it is not named like the operation.
func (l *List) action(name string) *List { l.op.Action = name; return l }

// empty names error codes that mean that there is nothing to list.
func (l *List) empty(codes ...string) *List { l.absent = codes; return l }

// all returns an input maker for listings that need no parent.
func all[In any](in In) func(*model.Asset) *In {
	return func(*model.Asset) *In { copied := in; return &copied }
}

// Read is one call that fills a member of a document.
type Read struct {
	// Member is where the answer goes: an output member of that name, or the
	// whole output under that name. Empty for a Root of several members.
	Member   string
	op       operation
	out      reflect.Type
	list     bool
	rootList bool
	absent   []string
	optional bool
	always   []string
	when     func(*model.Asset) bool
	after    func(*model.Asset)
	run      func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error)
}

// read declares a side read, or the root of a document.
func read[C, In, Out, Opt any](
	member string,
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(*model.Asset) *In,
) Read {
	op := operationOf[In]()
	return Read{
		Member: member, op: op, out: reflect.TypeFor[Out](),
		run: func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error) {
			c := clientFor(s, region, client)
			input := in(a)
			out, err := invoke(ctx, s, region, op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// readAll declares a side read of several pages; the lists of the member are
// joined.
func readAll[C, In, Out, Opt any](
	member string,
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(*model.Asset) *In,
) Read {
	r := read(member, client, call, in)
	r.list = true
	r.run = func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error) {
		c := clientFor(s, region, client)
		input := in(a)
		joined := []any{}
		for turn := newPager(); ; {
			out, err := invoke(ctx, s, region, r.op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
			if err != nil {
				return nil, err
			}
			v := reflect.ValueOf(out).Elem().FieldByName(member)
			for i := range v.Len() {
				joined = append(joined, value(v.Index(i)))
			}
			more, err := turn.next(input, out)
			if err != nil {
				return nil, err
			}
			if !more {
				return joined, nil
			}
		}
	}
	return r
}

// action sets the IAM action where it is not named like the operation.
func (r Read) action(name string) Read { r.op.Action = name; return r }

// missing names the error codes that mean "not set".
func (r Read) missing(codes ...string) Read { r.absent = codes; return r }

// maybe says that the vendor leaves the member out when it is not set.
func (r Read) maybe() Read { r.optional = true; return r }

// sends names members of the answer that the vendor always sends.
func (r Read) sends(members ...string) Read { r.always = members; return r }

// first says that the member is a list of one, of which the document is the
// only item: a describe call for one name.
func (r Read) first() Read { r.rootList = true; return r }

// then runs after the read, before the next one: for what later reads need.
func (r Read) then(do func(*model.Asset)) Read { r.after = do; return r }

// only limits the read to assets for which it makes sense.
func (r Read) only(when func(*model.Asset) bool) Read { r.when = when; return r }

// Custom is a hook for services that do not fit List.
type Custom struct {
	// Ops are the calls that Run makes.
	Ops []operation
	// Yields are the types that Run yields beside the declaring one; each is
	// declared as a Type of its own in the same collector, without List.
	Yields []string
	// Item is a zero value of the SDK struct that gives the document's shape;
	// nil when Shape gives it.
	Item any
	// Run yields documents by type. An error is a gap for the declaring type
	// and those in Yields.
	Run func(ctx context.Context, s *Session, region string, yield func(typ string, doc model.Document) bool) error
}

// str returns a string member of an asset's document.
func str(a *model.Asset, member string) *string {
	v, _ := a.Config[member].(string)
	return &v
}
