package drift

import (
	"cmp"
	"fmt"
	"iter"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// Assets compares the assets of two moments and yields those that were added,
// changed (another version) and removed, in order. Both sequences must be in
// the order of a store: provider, account, type, id; neither is held in
// memory. An error of a sequence, or one that is out of order, ends the
// iteration.
func Assets(prev, now iter.Seq2[model.Asset, error], scan string, at time.Time) iter.Seq2[model.Change, error] {
	at = at.UTC()
	return func(yield func(model.Change, error) bool) {
		before, after := pull("earlier", prev), pull("present", now)
		defer before.stop()
		defer after.stop()
		for {
			kind, asset, err := step(before, after)
			switch {
			case err != nil:
				yield(model.Change{}, err)
				return
			case asset == nil:
				return
			case kind == "":
				continue
			}
			if !yield(model.Change{
				ID: ChangeID(asset.ID, scan, kind), Kind: kind, At: at, Scan: scan, Asset: asset.Ref(),
			}, nil) {
				return
			}
		}
	}
}

// step takes the lesser of the two heads, or both when they are equal, and
// says what it means. The asset is nil at the end.
func step(before, after *cursor) (model.ChangeKind, *model.Asset, error) {
	b, err := before.peek()
	if err != nil {
		return "", nil, err
	}
	a, err := after.peek()
	if err != nil {
		return "", nil, err
	}
	switch {
	case a == nil && b == nil:
		return "", nil, nil
	case b == nil || (a != nil && compare(a, b) < 0):
		after.take()
		return model.AssetAdded, a, nil
	case a == nil || compare(a, b) > 0:
		before.take()
		return model.AssetRemoved, b, nil
	}
	before.take()
	after.take()
	if a.Version != b.Version {
		return model.AssetChanged, a, nil
	}
	return "", a, nil
}

func compare(a, b *model.Asset) int {
	return cmp.Or(
		cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.Account, b.Scope.Account),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// cursor reads a sequence one element ahead and checks its order.
type cursor struct {
	name       string
	next       func() (model.Asset, error, bool)
	stop       func()
	head, last *model.Asset
	done       bool
}

func pull(name string, seq iter.Seq2[model.Asset, error]) *cursor {
	next, stop := iter.Pull2(seq)
	return &cursor{name: name, next: next, stop: stop}
}

// peek returns the head without taking it, nil at the end.
func (c *cursor) peek() (*model.Asset, error) {
	if c.head != nil || c.done {
		return c.head, nil
	}
	a, err, ok := c.next()
	switch {
	case !ok:
		c.done = true
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s assets: %w", c.name, err)
	case c.last != nil && compare(c.last, &a) >= 0:
		return nil, fmt.Errorf("%w order of %s assets: %s comes after %s", model.ErrInvalid, c.name, a.ID, c.last.ID)
	}
	c.head = &a
	return c.head, nil
}

func (c *cursor) take() { c.last, c.head = c.head, nil }
