package network

// cell gives the closed interval lo..hi of an axis one value.
type cell[V any] struct {
	lo, hi int
	val    V
}

// axis is a function from numbers to values, as sorted disjoint cells; numbers
// outside the cells have the zero value. It is canonical when no cell is empty
// and no two adjacent cells are equal.
type axis[V any] []cell[V]

// algebra is what overlay needs to know about values. It has the operation in
// it, so that nested axes combine by nesting algebras.
type algebra[V any] struct {
	combine func(a, b V) V
	empty   func(V) bool
	equal   func(a, b V) bool
}

// overlay combines two canonical axes point by point. The combination of two
// zero values must be empty.
func (op algebra[V]) overlay(a, b axis[V]) axis[V] {
	var out axis[V]
	var zero V
	i, j, at := 0, 0, 0
	for i < len(a) || j < len(b) {
		// Where the next value begins, and what each side has from there.
		at = max(at, nextStart(a, b, i, j, at))
		x, endX := valueAt(a, i, at)
		y, endY := valueAt(b, j, at)
		end := min(endX, endY)
		xv, yv := zero, zero
		if x != nil {
			xv = *x
		}
		if y != nil {
			yv = *y
		}
		out = op.push(out, cell[V]{at, end, op.combine(xv, yv)})
		at = end + 1
		for i < len(a) && a[i].hi < at {
			i++
		}
		for j < len(b) && b[j].hi < at {
			j++
		}
	}
	return out
}

// push appends a cell, dropping an empty one and joining an equal neighbour.
func (op algebra[V]) push(out axis[V], c cell[V]) axis[V] {
	if op.empty(c.val) {
		return out
	}
	if n := len(out) - 1; n >= 0 && out[n].hi+1 == c.lo && op.equal(out[n].val, c.val) {
		out[n].hi = c.hi
		return out
	}
	return append(out, c)
}

func (op algebra[V]) same(a, b axis[V]) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].lo != b[i].lo || a[i].hi != b[i].hi || !op.equal(a[i].val, b[i].val) {
			return false
		}
	}
	return true
}

// nextStart returns the first number from at on that lies in a cell.
func nextStart[V any](a, b axis[V], i, j, at int) int {
	next := -1
	if i < len(a) {
		next = max(at, a[i].lo)
	}
	if j < len(b) {
		if n := max(at, b[j].lo); next < 0 || n < next {
			next = n
		}
	}
	return next
}

// valueAt returns the value of the axis at a number and the last number up to
// which it holds; i is the first cell that ends at or after the number.
func valueAt[V any](a axis[V], i, at int) (*V, int) {
	switch {
	case i >= len(a):
		return nil, maxAxis
	case a[i].lo > at:
		return nil, a[i].lo - 1
	}
	return &a[i].val, a[i].hi
}

// maxAxis is beyond the end of both axes in use (protocols and ports).
const maxAxis = 1 << 20
