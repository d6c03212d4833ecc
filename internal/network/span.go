package network

import "slices"

// canonical sorts spans and joins those that overlap or touch. It may reuse the
// slice.
func canonical(spans []span) []span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b span) int { return a.lo.cmp(b.lo) })
	out := spans[:1]
	for _, sp := range spans[1:] {
		out = appendSpan(out, sp)
	}
	return out
}

// appendSpan adds a span that does not start before the last one of out.
func appendSpan(out []span, sp span) []span {
	if len(out) == 0 {
		return append(out, sp)
	}
	last := &out[len(out)-1]
	if last.hi == max6 || !last.hi.next().less(sp.lo) {
		if last.hi.less(sp.hi) {
			last.hi = sp.hi
		}
		return out
	}
	return append(out, sp)
}

func unionSpans(a, b []span) []span {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	out := make([]span, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].lo.less(b[0].lo) {
			out, a = appendSpan(out, a[0]), a[1:]
		} else {
			out, b = appendSpan(out, b[0]), b[1:]
		}
	}
	for _, sp := range a {
		out = appendSpan(out, sp)
	}
	for _, sp := range b {
		out = appendSpan(out, sp)
	}
	return out
}

func intersectSpans(a, b []span) []span {
	var out []span
	for len(a) > 0 && len(b) > 0 {
		lo, hi := a[0].lo, a[0].hi
		if lo.less(b[0].lo) {
			lo = b[0].lo
		}
		if b[0].hi.less(hi) {
			hi = b[0].hi
		}
		if !hi.less(lo) {
			out = append(out, span{lo, hi})
		}
		if a[0].hi.less(b[0].hi) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

func subtractSpans(a, b []span) []span {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	var out []span
	for _, sp := range a {
		for len(b) > 0 && b[0].hi.less(sp.lo) {
			b = b[1:]
		}
		lo, whole := sp.lo, true
		for _, cut := range b {
			if sp.hi.less(cut.lo) {
				break
			}
			if lo.less(cut.lo) {
				out = append(out, span{lo, cut.lo.prev()})
			}
			if !cut.hi.less(sp.hi) {
				whole = false
				break
			}
			lo = cut.hi.next()
		}
		if whole {
			out = append(out, span{lo, sp.hi})
		}
	}
	return out
}

// count returns the number of addresses of canonical spans. It is exact below
// 2^128; the full IPv6 space counts as 2^128-1.
func count(spans []span) u128 {
	var n u128
	for _, sp := range spans {
		if sp.lo == (u128{}) && sp.hi == max6 {
			return max6
		}
		n = n.add(sp.hi.sub(sp.lo).next())
	}
	return n
}
