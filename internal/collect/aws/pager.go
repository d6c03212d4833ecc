package aws

import (
	"fmt"
	"reflect"

	"github.com/stance-sec/stance/internal/model"
)

// tokens are the pairs of output and input members by which services page.
var tokens = [][2]string{
	{"NextToken", "NextToken"},
	{"NextMarker", "Marker"},
	{"NextMarker", "NextMarker"},
	{"Marker", "Marker"},
	{"ContinuationToken", "ContinuationToken"},
	{"LastEvaluatedTableName", "ExclusiveStartTableName"},
	{"NextPageToken", "NextPageToken"},
}

// pager moves the token of an answer into the next input. A token that comes
// back a second time ends the listing as failed: it would never end otherwise,
// and what was read may not be all.
type pager struct {
	seen map[string]bool
}

func newPager() *pager { return &pager{seen: map[string]bool{}} }

// next prepares in for the page after out and says whether there is one.
func (p *pager) next(in, out any) (bool, error) {
	i, o := reflect.ValueOf(in).Elem(), reflect.ValueOf(out).Elem()
	for _, pair := range tokens {
		from, to := o.FieldByName(pair[0]), i.FieldByName(pair[1])
		if !from.IsValid() || !to.IsValid() || from.Kind() != reflect.Pointer || from.Type() != to.Type() {
			continue
		}
		if truncated := o.FieldByName("IsTruncated"); truncated.IsValid() && !isTrue(truncated) {
			return false, nil
		}
		if from.IsNil() || from.Elem().String() == "" {
			return false, nil
		}
		token := from.Elem().String()
		if p.seen[token] {
			return false, fmt.Errorf("page token repeats: %w answer", model.ErrInvalid)
		}
		p.seen[token] = true
		to.Set(from)
		return true, nil
	}
	return false, nil
}

func isTrue(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		return !v.IsNil() && v.Elem().Bool()
	}
	return v.Kind() == reflect.Bool && v.Bool()
}
