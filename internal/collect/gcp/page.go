package gcp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
)

// pages reads a listing page by page. A token that repeats, a page that is not
// complete and one that page refuses end it with an error; what came before was
// delivered. A token that expired starts it again once: pages that come again as
// they were are passed over.
func (s *Session) pages(ctx context.Context, r *request, c *Call, page func(items []any) error) error {
	p := pager{seen: map[uint64]bool{}}
	err := s.walk(ctx, r, c, &p, page)
	if err == nil || p.token == "" || !isExpiredToken(err) {
		return err
	}
	return s.walk(ctx, r, c, &pager{seen: map[uint64]bool{}, before: p.hashes}, page)
}

// pager is the state of one walk through a listing.
type pager struct {
	token  string
	seen   map[uint64]bool // tokens
	hashes []uint64        // of the pages that were delivered
	before []uint64        // those of an earlier walk
}

func (s *Session) walk(ctx context.Context, r *request, c *Call, p *pager, page func(items []any) error) error {
	for {
		next := *r
		next.query = cloneValues(r.query)
		if p.token != "" {
			next.setToken(cmp.Or(c.Token, "pageToken"), p.token)
		}
		doc, err := s.call(ctx, &next)
		if err != nil {
			return err
		}
		items, err := itemsOf(doc, c.Items)
		if err != nil {
			return fmt.Errorf("%s: %w", r.operation(), err)
		}
		hash := hashOf(items)
		again := len(p.before) > len(p.hashes)
		if again && p.before[len(p.hashes)] != hash {
			return fmt.Errorf("%s: %w", r.operation(), errChanged)
		}
		p.hashes = append(p.hashes, hash)
		if !again {
			if err := page(items); err != nil {
				return err
			}
		}
		if why := incomplete(doc); why != "" {
			return fmt.Errorf("%s: %w", r.operation(), flaw(why))
		}
		token, _ := doc["nextPageToken"].(string)
		if token == "" {
			return nil
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(token))
		if p.seen[h.Sum64()] {
			return fmt.Errorf("%s: %w", r.operation(), errRepeated)
		}
		p.seen[h.Sum64()], p.token = true, token
	}
}

// flaw is what is wrong with a listing whose every call was answered.
type flaw string

// Error implements error.
func (f flaw) Error() string { return string(f) }

const (
	errRepeated flaw = "a page token repeats"
	errChanged  flaw = "the listing changed while it was read again"
)

// setToken asks for the next page: in the query, or in the body of a POST.
func (r *request) setToken(name, token string) {
	if !r.post {
		r.query.Set(name, token)
		return
	}
	body := map[string]any{}
	if m, ok := r.body.(map[string]any); ok {
		for k, v := range m {
			body[k] = v
		}
	}
	body[name] = token
	r.body = body
}

func cloneValues(in map[string][]string) map[string][]string {
	out := make(map[string][]string, len(in)+1)
	for k, v := range in {
		out[k] = v
	}
	return out
}

// itemsOf returns the items of a page. Google's APIs leave an empty list out. A
// path with a dot goes through objects, and "*" through all members of one:
// "items.*.instances" of an aggregated list.
func itemsOf(doc map[string]any, path string) ([]any, error) {
	if path == "" {
		return []any{doc}, nil
	}
	return gather(doc, strings.Split(path, "."))
}

func gather(doc map[string]any, path []string) ([]any, error) {
	if len(path) > 1 && path[0] == "*" {
		var out []any
		for _, key := range sortedKeys(doc) {
			m, ok := doc[key].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%w: %s is no object", errShort, key)
			}
			if why := incomplete(m); why != "" {
				return nil, fmt.Errorf("%s: %w", key, flaw(key+": "+why))
			}
			items, err := gather(m, path[1:])
			if err != nil {
				return nil, err
			}
			out = append(out, items...)
		}
		return out, nil
	}
	v := doc[path[0]]
	if v == nil {
		return nil, nil
	}
	if len(path) > 1 {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%w: %s is no object", errShort, path[0])
		}
		return gather(m, path[1:])
	}
	items, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: %s is no list", errShort, path[0])
	}
	return items, nil
}

// isExpiredToken recognizes the refusal of a page token.
func isExpiredToken(err error) bool {
	var api *apiError
	return errors.As(err, &api) && api.status == http.StatusBadRequest &&
		strings.Contains(strings.ToLower(strings.NewReplacer("_", "", " ", "").Replace(api.message)), "pagetoken")
}
