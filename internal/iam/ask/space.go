package ask

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// maxCombinations bounds the requests that one question tries. A policy beyond
// it is not decided; none that people write comes near.
const maxCombinations = 20000

// space enumerates the values that matter of each condition key which a caller
// is free in. The constants of the policies cut the domain of a key into
// finitely many parts in which no condition tells two values apart; one value
// of each part is enough.
type space struct {
	keys   []string
	values map[string][][]string // nil stands for absent
}

// fixed says what a question knows of a key: the values to try, nil for absent.
// ok is false where the caller is free.
type fixed func(key string) (options [][]string, ok bool)

func newSpace(policies []Policy, know fixed) space {
	sp := space{values: map[string][][]string{}}
	constants := map[string][]Condition{}
	for i := range policies {
		for j := range policies[i].Statements {
			for _, c := range policies[i].Statements[j].Conditions {
				constants[c.Key] = append(constants[c.Key], c)
			}
		}
	}
	for key, conds := range constants {
		if v, ok := know(key); ok {
			sp.values[key] = v
		} else {
			sp.values[key] = candidates(key, conds)
		}
		sp.keys = append(sp.keys, key)
	}
	slices.Sort(sp.keys)
	return sp
}

// each calls do with every combination until it returns false. It reports
// whether all combinations fit into the bound.
func (sp *space) each(do func(Context) bool) bool {
	total := 1
	for _, k := range sp.keys {
		if total *= max(1, len(sp.values[k])); total > maxCombinations {
			return false
		}
	}
	ctx := Context{}
	var walk func(int) bool
	walk = func(i int) bool {
		if i == len(sp.keys) {
			return do(ctx)
		}
		k := sp.keys[i]
		for _, v := range sp.values[k] {
			if v == nil {
				delete(ctx, k)
			} else {
				ctx[k] = v
			}
			if !walk(i + 1) {
				return false
			}
		}
		delete(ctx, k)
		return true
	}
	walk(0)
	return true
}

// candidates returns one value of each part of a key's domain, and absence.
func candidates(key string, conds []Condition) [][]string {
	out := [][]string{nil}
	seen := map[string]bool{}
	add := func(v string) {
		if !seen[v] {
			seen[v] = true
			out = append(out, []string{v})
		}
	}
	for _, c := range conds {
		switch {
		case c.Op == "bool":
			add("true")
			add("false")
		case c.Op == "null":
			add("x")
		case strings.HasPrefix(c.Op, "numeric"):
			for _, v := range c.Values {
				if f, err := strconv.ParseFloat(v, 64); err == nil {
					for _, d := range []float64{-1, 0, 1} {
						add(strconv.FormatFloat(f+d, 'g', -1, 64))
					}
				}
			}
		case strings.HasPrefix(c.Op, "date"):
			for _, v := range c.Values {
				if f, ok := instant(v); ok {
					for _, d := range []float64{-1, 0, 1} {
						add(strconv.FormatFloat(f+d, 'f', 0, 64))
					}
				}
			}
		case c.Op == "ipaddress" || c.Op == "notipaddress":
			for _, a := range cuts(c.Values) {
				add(a)
			}
		default:
			for _, v := range c.Values {
				for _, w := range instances(v) {
					add(w)
				}
			}
			add(fresh)
		}
	}
	if multivalued[key] {
		// Sets: nothing, one of each, and everything together.
		all := []string{}
		for _, v := range out[1:] {
			all = append(all, v[0])
		}
		if len(all) > 1 {
			out = append(out, all)
		}
	}
	return out
}

// fresh is a value that no policy names.
const fresh = "zz-stance-unnamed"

// instances returns values that a pattern matches, different at the stars.
func instances(pattern string) []string {
	if strings.Contains(pattern, "${") {
		return []string{pattern}
	}
	if !strings.ContainsAny(pattern, "*?") {
		return []string{pattern, strings.ToUpper(pattern)}
	}
	filled := strings.ReplaceAll(pattern, "?", "q")
	return []string{strings.ReplaceAll(filled, "*", ""), strings.ReplaceAll(filled, "*", "zz")}
}

// cuts returns an address of each part into which prefixes cut the space.
func cuts(values []string) []string {
	var out []string
	for _, v := range values {
		p, err := prefix(v)
		if err != nil {
			continue
		}
		out = append(out, p.Addr().String())
		if next := last(p).Next(); next.IsValid() {
			out = append(out, next.String())
		}
		if before := p.Addr().Prev(); before.IsValid() {
			out = append(out, before.String())
		}
	}
	return out
}

// last returns the last address of a prefix.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
