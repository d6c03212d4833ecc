package aws

import (
	"context"
	"slices"
	"sync"

	"github.com/stance-sec/stance/internal/model"
)

// One call to load balancing gives the tags of up to 20 assets.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
const elbTagsPerCall = 20

// tagsByName are the tags of assets by the name that the call has for them.
type tagsByName map[string][]any

// batchedTags reads tags for several assets by one call.
type batchedTags struct {
	op    operation
	shape *model.Schema
	// get makes the call; the answer lacks what the vendor does not name.
	get func(ctx context.Context, s *Session, region string, names ...string) (tagsByName, error)
}

func (b *batchedTags) key(region, name string) string {
	return b.op.String() + " " + region + " " + name
}

// of cuts each page of a listing into batches, and prepares one call for the
// tags of each; member holds an asset's name. The first of a batch whose tags
// are read makes the call.
func (b *batchedTags) of(member string, l *List) *List {
	page := l.page
	l.page = func(ctx context.Context, s *Session, region string, parent *model.Asset, yield func([]model.Document) bool) error {
		return page(ctx, s, region, parent, func(docs []model.Document) bool {
			for batch := range slices.Chunk(docs, elbTagsPerCall) {
				var names []string
				for _, doc := range batch {
					if name, _ := doc[member].(string); name != "" {
						names = append(names, name)
					}
				}
				get := sync.OnceValues(func() (tagsByName, error) { return b.get(ctx, s, region, names...) })
				for _, name := range names {
					s.memo.Store(b.key(region, name), get)
				}
			}
			return yield(docs)
		})
	}
	return l
}

// read declares the tags of an asset of a listing that of prepared.
func (b *batchedTags) read(member string) Read {
	return compute("Tags", b.shape, []operation{b.op}, func(ctx context.Context, s *Session, region string, a *model.Asset) (any, error) {
		name := *str(a, member)
		get := func() (tagsByName, error) { return b.get(ctx, s, region, name) }
		tags, err := shared(s, b.key(region, name), get)
		if hasCode(err, vanishedCodes) {
			tags, err = get() // it may be another one of the batch that is gone
		}
		if err != nil {
			return nil, err
		}
		if tags[name] == nil {
			return nil, lacks("Tags")
		}
		return tags[name], nil
	})
}

// tagsBy reads the tags out of an answer: member holds an asset's name.
func tagsBy(member string, out any) tagsByName {
	tags := tagsByName{}
	described, _ := toDocument(out)["TagDescriptions"].([]any)
	for _, d := range described {
		m, _ := d.(map[string]any)
		name, _ := m[member].(string)
		tags[name], _ = m["Tags"].([]any)
	}
	return tags
}
