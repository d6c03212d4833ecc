package aws

import (
	"context"
	"reflect"

	"github.com/stance-sec/stance/internal/model"
)

// collected reads all pages of a listing below a parent, for hooks that put the
// items into the parent's document.
func collected(ctx context.Context, s *Session, region string, l *List, parent *model.Asset) ([]any, error) {
	items := []any{}
	err := l.page(ctx, s, region, parent, func(page []model.Document) bool {
		for _, doc := range page {
			items = append(items, map[string]any(doc))
		}
		return true
	})
	if err != nil {
		return nil, &opError{l.op, err}
	}
	return items, nil
}

// listOf returns the shape of a list of SDK values.
func listOf[T any]() *model.Schema {
	return &model.Schema{Kind: model.List, Elem: schemaOf(reflect.TypeFor[T]())}
}
