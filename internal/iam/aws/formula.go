package aws

import (
	"slices"
	"strings"
)

type formulaKind uint8

const (
	formulaTrue formulaKind = iota
	formulaFalse
	formulaAnd
	formulaOr
	formulaAtom
)

// Formula is what remains of a decision when some condition keys are not known:
// atoms joined by and, or and not. The zero Formula is true. It is immutable.
type Formula struct {
	kind formulaKind
	kids []Formula
	atom *Atom
	not  bool
}

// Atom is one condition that could not be decided.
type Atom struct {
	// Operator, Key and Values are as the document has them, variables put in
	// place where they were known. For an unreadable policy the operator is
	// "Unreadable", the key names the policy and the values say why.
	Operator string
	Key      string
	Values   []string
	// Class says who decides the key's value.
	Class KeyClass
	// Cite is the statement that the condition stands in.
	Cite Cite

	dim    string // what the atom is about, in lower case
	cond   *condition
	opaque bool // cannot be solved for: a variable's value is not known
}

func (a *Atom) missing() bool { return a.Operator == unreadable }

const unreadable = "Unreadable"

// String is the atom as in a policy: `StringEquals aws:SourceVpce [vpce-1]`.
func (a *Atom) String() string {
	return a.Operator + " " + a.Key + " [" + strings.Join(a.Values, " ") + "]"
}

var (
	always = Formula{}
	never  = Formula{kind: formulaFalse}
)

func constantOf(b bool) Formula {
	if b {
		return always
	}
	return never
}

func atomOf(a *Atom) Formula { return Formula{kind: formulaAtom, atom: a} }

// True reports whether the formula holds for every request.
func (f Formula) True() bool { return f.kind == formulaTrue }

// False reports whether the formula holds for no request.
func (f Formula) False() bool { return f.kind == formulaFalse }

func and(fs ...Formula) Formula { return join(formulaAnd, formulaTrue, formulaFalse, fs) }
func or(fs ...Formula) Formula  { return join(formulaOr, formulaFalse, formulaTrue, fs) }

func join(kind, neutral, decisive formulaKind, fs []Formula) Formula {
	var kids []Formula
	for i := range fs {
		switch fs[i].kind {
		case neutral:
		case decisive:
			return Formula{kind: decisive}
		case kind:
			kids = append(kids, fs[i].kids...)
		default:
			kids = append(kids, fs[i])
		}
	}
	switch len(kids) {
	case 0:
		return Formula{kind: neutral}
	case 1:
		return kids[0]
	}
	return Formula{kind: kind, kids: kids}
}

func not(f Formula) Formula {
	switch f.kind {
	case formulaTrue:
		return never
	case formulaFalse:
		return always
	case formulaAtom:
		f.not = !f.not
		return f
	}
	kids := make([]Formula, len(f.kids))
	for i, k := range f.kids {
		kids[i] = not(k)
	}
	if f.kind == formulaAnd {
		return Formula{kind: formulaOr, kids: kids}
	}
	return Formula{kind: formulaAnd, kids: kids}
}

// sorted puts the parts in one order and drops the ones that repeat, so that
// equal formulas print alike.
func (f Formula) sorted() Formula {
	if f.kind != formulaAnd && f.kind != formulaOr {
		return f
	}
	type named struct {
		name string
		f    Formula
	}
	parts := make([]named, 0, len(f.kids))
	for _, k := range f.kids {
		k = k.sorted()
		parts = append(parts, named{k.String(), k})
	}
	slices.SortStableFunc(parts, func(a, b named) int { return strings.Compare(a.name, b.name) })
	parts = slices.CompactFunc(parts, func(a, b named) bool { return a.name == b.name })
	kids := make([]Formula, len(parts))
	for i, p := range parts {
		kids[i] = p.f
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return Formula{kind: f.kind, kids: kids}
}

// String writes the formula with "and", "or" and "not".
func (f Formula) String() string {
	switch f.kind {
	case formulaTrue:
		return "true"
	case formulaFalse:
		return "false"
	case formulaAtom:
		if f.not {
			return "not (" + f.atom.String() + ")"
		}
		return f.atom.String()
	}
	word := " and "
	if f.kind == formulaOr {
		word = " or "
	}
	parts := make([]string, len(f.kids))
	for i, k := range f.kids {
		parts[i] = k.String()
		if k.kind == formulaAnd || k.kind == formulaOr {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, word)
}

// Atoms returns the atoms in the order in which String writes them.
func (f Formula) Atoms() []*Atom {
	if f.kind == formulaAtom {
		return []*Atom{f.atom}
	}
	var out []*Atom
	for _, k := range f.kids {
		out = append(out, k.Atoms()...)
	}
	return out
}

// Under puts what the context knows in place of the atoms. Keys that the
// context lacks stay open.
func (f Formula) Under(ctx Context) Formula { return f.under(ctx.lower()) }

func (f Formula) under(ctx Context) Formula {
	switch f.kind {
	case formulaAtom:
		v, ok := ctx[f.atom.dim]
		if !ok || v.State == Free || v.State == Unfetched || f.atom.cond == nil || f.atom.opaque {
			return f
		}
		holds := f.atom.cond.holds(v.State == Present, v.Values, isMulti(f.atom.dim, v.Values))
		return constantOf(holds != f.not)
	case formulaAnd, formulaOr:
		kids := make([]Formula, len(f.kids))
		for i, k := range f.kids {
			kids[i] = k.under(ctx)
		}
		if f.kind == formulaAnd {
			return and(kids...)
		}
		return or(kids...)
	}
	return f
}

func isMulti(key string, values []string) bool { return multiValued[key] || len(values) > 1 }
