package aws

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

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
	// Global types are read once per account, in the partition's home region; in
	// the partition aws in Home, where that is another one.
	Global bool
	Home   string

	// List discovers the assets. Where a service does not fit, Custom does, and
	// may yield further types, which it names in Yields.
	List   *List
	Custom *Custom
	// Item is a zero value of the SDK struct that gives the shape of documents
	// from a hook; nil when Shape gives it.
	Item any

	// Root, when set, completes the listed item by the answer of a describe
	// call; without its answer the whole document is a gap.
	Root *Read
	// Side are further reads per asset, in order.
	Side []Read
	// Children are types that are listed per asset of this one.
	Children []Type

	// ID, Label, Region and Created are templates over the document:
	// "arn:{partition}:s3:::{Name}", "{CreationDate}". ID must give the
	// vendor's identifier; " | " separates it from the one to use while
	// members that it names are not there.
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
	// Always are members that the vendor always sends, by their paths, such as
	// "Rules[].Enabled": one that is missing was not read, and is a gap.
	Always []string
	// Inherit are members that a child takes from its parent's document, by
	// their names there.
	Inherit map[string]string
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
	Service string   // "s3"
	Name    string   // "GetBucketPolicy"
	Action  string   // "s3:GetBucketPolicy"
	answers []string // error codes that tell about the asset, not the operation
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
	"networkfirewall":        "network-firewall",
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
	always bool
	member string // see within
	page   func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error
}

// list declares a listing. in makes the input of the first page; items are
// those of one page, as the output holds them. Tokens are found by their names
// in input and output.
func list[C, In, Out, Item, Opt any](
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(parent *model.Asset) *In,
	items func(*Out) []Item,
) *List {
	return listFor(client, call, func(_ *Session, parent *model.Asset) *In { return in(parent) }, items)
}

// listFor is list for inputs that need to know the account.
func listFor[C, In, Out, Item, Opt any](
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(s *Session, parent *model.Asset) *In,
	items func(*Out) []Item,
) *List {
	l := &List{op: operationOf[In](), item: reflect.TypeFor[Item](), out: reflect.TypeFor[Out]()}
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		c := clientFor(s, region, client)
		input := in(s, parent)
		for turn := newPager(); ; {
			out, err := invoke(ctx, s, region, l.op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
			if err != nil {
				return err
			}
			sent, page := answerOf(out), items(out)
			if l.always && page == nil {
				return lacks("its list")
			}
			docs := make([]model.Document, len(page))
			for i := range page {
				docs[i] = sent.document(&page[i])
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

// one lists a single asset, of which nothing is known until its reads: the
// settings of an account or of a region of it.
func one() *List {
	return &List{page: func(_ context.Context, _ *Session, _ string, _ *model.Asset, yield func([]model.Document) bool) error {
		yield([]model.Document{{}})
		return nil
	}}
}

// within lists the items of a member of the parent's document, which was read
// for the parent already. When the parent has a gap there, so has the listing.
func within[Item any](member string) *List {
	l := &List{item: reflect.TypeFor[Item](), member: member}
	l.page = func(_ context.Context, _ *Session, _ string, parent *model.Asset, yield func([]model.Document) bool) error {
		for i := range parent.Gaps {
			if parent.Gaps[i].Path == member {
				return &parent.Gaps[i]
			}
		}
		items, _ := parent.Config[member].([]any)
		docs := make([]model.Document, 0, len(items))
		for _, item := range items {
			if m, ok := item.(map[string]any); ok {
				docs = append(docs, maps.Clone(m))
			}
		}
		yield(docs)
		return nil
	}
	return l
}

// action sets the IAM action where it is not named like the operation.
func (l *List) action(name string) *List { l.op.Action = name; return l }

// empty names error codes that mean that there is nothing to list.
func (l *List) empty(codes ...string) *List {
	l.absent, l.op.answers = codes, codes
	return l
}

// sends says that the vendor sends the list even when it is empty: an answer
// without it is not the answer to this call, and no proof that there is nothing.
func (l *List) sends() *List { l.always = true; return l }

// kept makes a listing keep its items for the scan, for other types whose
// members come from them. It has no parent.
func (l *List) kept() *List {
	k := *l
	k.page = func(ctx context.Context, s *Session, region string, _ *model.Asset, yield func([]model.Document) bool) error {
		docs, err := shared(s, l.op.String()+" "+region, func() ([]model.Document, error) { return l.all(ctx, s, region) })
		if err != nil {
			return err
		}
		items := make([]model.Document, len(docs))
		for i := range docs {
			items[i] = maps.Clone(docs[i])
		}
		yield(items)
		return nil
	}
	return &k
}

// all returns the items of all pages. Its error names the operation.
func (l *List) all(ctx context.Context, s *Session, region string) ([]model.Document, error) {
	var out []model.Document
	err := l.page(ctx, s, region, nil, func(docs []model.Document) bool {
		out = append(out, docs...)
		return true
	})
	if err != nil {
		return nil, &opError{l.op, err}
	}
	return out, nil
}

// all returns an input maker for listings that need no parent.
func all[In any](in In) func(*model.Asset) *In {
	return func(*model.Asset) *In { copied := in; return &copied }
}

// Read is one call that fills a member of a document.
type Read struct {
	// Member is where the answer goes: an output member of that name, or the
	// whole output under that name; "A.B" goes below A. Empty for a Root of
	// several members.
	Member   string
	op       operation
	out      reflect.Type
	source   string // see from
	absent   []string
	vanished []string // see gone
	optional bool
	always   []string
	flag     string
	shape    *model.Schema // of what compute finds
	more     []operation   // that compute makes beside op
	when     func(*model.Asset) bool
	after    func(*model.Asset)
	run      func(ctx context.Context, s *Session, region string, rd *Read, a *model.Asset) (any, error)
}

// read declares a side read, or the root of a document.
func read[C, In, Out, Opt any](
	member string,
	client func(aws.Config, ...func(*Opt)) C,
	call func(C, context.Context, *In, ...func(*Opt)) (*Out, error),
	in func(*model.Asset) *In,
) Read {
	return Read{
		Member: member, op: operationOf[In](), out: reflect.TypeFor[Out](),
		run: func(ctx context.Context, s *Session, region string, rd *Read, a *model.Asset) (any, error) {
			c := clientFor(s, region, client)
			input := in(a)
			out, err := invoke(ctx, s, region, rd.op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
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
	r.run = func(ctx context.Context, s *Session, region string, rd *Read, a *model.Asset) (any, error) {
		c := clientFor(s, region, client)
		input := in(a)
		joined := []any{}
		for turn := newPager(); ; {
			out, err := invoke(ctx, s, region, rd.op, func(ctx context.Context) (*Out, error) { return call(c, ctx, input) })
			if err != nil {
				return nil, err
			}
			sent := answerOf(out)
			v := reflect.ValueOf(out).Elem().FieldByName(cmp.Or(rd.source, rd.Member))
			if v.IsNil() && slices.Contains(rd.always, rd.Member) {
				return nil, lacks(rd.Member)
			}
			for i := range v.Len() {
				joined = append(joined, sent.value(v.Index(i)))
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

// lacks is the error of an answer without a member that the vendor always sends.
func lacks(member string) error {
	return &model.Gap{Reason: model.Failed, Detail: "the answer lacks " + member}
}

// action sets the IAM action where it is not named like the operation.
func (r Read) action(name string) Read { r.op.Action = name; return r }

// missing names the error codes that mean "not set".
func (r Read) missing(codes ...string) Read {
	r.absent, r.op.answers = codes, slices.Concat(r.op.answers, codes)
	return r
}

// gone names the error codes that mean that the asset was deleted after it was
// listed, beside those of vanishedCodes, which mean it wherever they come from.
func (r Read) gone(codes ...string) Read {
	r.vanished, r.op.answers = codes, slices.Concat(r.op.answers, codes)
	return r
}

// flagged adds a member of Stance's own that says whether there is anything:
// true with an answer, false with a code of missing or when the service is not
// enabled, and not there behind a gap.
func (r Read) flagged(member string) Read { r.flag = member; return r }

// maybe says that the vendor leaves the member out when it is not set.
func (r Read) maybe() Read { r.optional = true; return r }

// from names the member of the output where the document calls it otherwise.
func (r Read) from(member string) Read { r.source = member; return r }

// sends names members of the answer that the vendor always sends; of a readAll,
// the member itself.
func (r Read) sends(members ...string) Read { r.always = members; return r }

// then runs after the read, before the next one: for what later reads need.
func (r Read) then(do func(*model.Asset)) Read { r.after = do; return r }

// only limits the read to assets for which it makes sense.
func (r Read) only(when func(*model.Asset) bool) Read { r.when = when; return r }

// compute declares a member that a function finds out, for what one call per
// asset does not give: what was listed once for all (see shared), or joined. A
// nil value is absent; an error is a gap. ops are the calls it may make.
func compute(
	member string, shape *model.Schema, ops []operation,
	run func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error),
) Read {
	return Read{
		Member: member, shape: shape, op: ops[0], more: ops[1:],
		run: func(ctx context.Context, s *Session, region string, _ *Read, a *model.Asset) (any, error) {
			return run(ctx, s, region, a)
		},
	}
}

// listed declares a member that is a whole listing, one that is kept.
func listed(member string, l *List) Read {
	shape := &model.Schema{Kind: model.List, Elem: schemaOf(l.item)}
	return compute(member, shape, []operation{l.op}, func(ctx context.Context, s *Session, region string, _ *model.Asset) (any, error) {
		docs, err := l.all(ctx, s, region)
		out := make([]any, len(docs))
		for i := range docs {
			out[i] = map[string]any(docs[i])
		}
		return out, err
	})
}

// joined declares a member that stands in another listing of the same assets,
// which is read once for all of them; key is the member that both have.
func joined(member string, l *List, key string) Read {
	f, _ := l.item.FieldByName(member)
	return compute(member, schemaOf(f.Type), []operation{l.op}, func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error) {
		rows, err := shared(s, l.op.String()+" by "+key+" "+region, func() (map[any]model.Document, error) {
			docs, err := l.all(ctx, s, region)
			rows := make(map[any]model.Document, len(docs))
			for _, d := range docs {
				rows[d[key]] = d
			}
			return rows, err
		})
		if err != nil {
			return nil, err
		}
		row, ok := rows[a.Config[key]]
		if !ok {
			return nil, &model.Gap{Reason: model.Failed, Detail: "not in the listing"}
		}
		return row[member], nil
	})
}

// shared gets a value once per scan, whoever asks for it first. Others wait and
// get the same value or error.
func shared[T any](s *Session, key string, get func() (T, error)) (T, error) {
	f, _ := s.memo.LoadOrStore(key, sync.OnceValues(get))
	return f.(func() (T, error))() //nolint:forcetypeassert // the key names the type
}

// Custom is a hook for services that do not fit List.
type Custom struct {
	// Ops are the calls that Run makes.
	Ops []operation
	// Yields are the types that Run yields beside the declaring one; each is
	// declared as a Type of its own in the same collector, without List.
	Yields []string
	// Beyond says that Run, in the first of the scanned regions, also yields what
	// stands in regions that are not scanned.
	Beyond bool
	// Run yields documents by type. An error is a gap for the declaring type
	// and those in Yields; what was yielded before stands.
	Run func(ctx context.Context, s *Session, region string, yield Yield) error
}

// Yield takes a document of a hook. Members that could not be read come with
// it and become gaps of the asset. It returns false when the hook shall end.
type Yield func(typ string, doc model.Document, unread ...Unread) bool

// Unread is a member of a document that a hook could not read, and the error of
// the call that would have given it, as returned by hooked.
type Unread struct {
	Path string
	Err  error
}

// str returns a string member of an asset's document.
func str(a *model.Asset, member string) *string {
	v, _ := a.Config[member].(string)
	return &v
}
