package aws

import "maps"

// solution is a set of literals per dimension that can all hold at once.
type solution map[string][]literal

// solver searches for requests that make a formula true: it picks a branch of
// each "or", collects the literals per dimension, and lets feasible decide each
// dimension. Dimensions are independent of each other but for the facts in
// compatible.
type solver struct {
	domains func(key string) domain
	// found is called for each solution; false ends the search.
	found func(solution) bool

	steps    int
	complete bool
}

// maxSteps bounds the search; a question that runs into it is unknown.
const maxSteps = 50000

// solve reports whether some solution was found, and whether the search was
// complete.
func solve(f Formula, domains func(string) domain, found func(solution) bool) (complete bool) {
	s := &solver{domains: domains, found: found, complete: true}
	s.run([]Formula{f}, solution{})
	return s.complete
}

// satisfiable reports whether the formula can be true; a search that gave up
// counts as yes.
func satisfiable(f Formula, domains func(string) domain) bool {
	if f.True() || f.False() {
		return f.True()
	}
	ok := false
	complete := solve(f, domains, func(solution) bool { ok = true; return false })
	return ok || !complete
}

// run returns false when the search is over.
func (s *solver) run(pending []Formula, have solution) bool {
	if s.steps++; s.steps > maxSteps {
		s.complete = false
		return false
	}
	choices, ok := s.take(pending, have)
	if !ok {
		return true
	}
	for {
		best, forced := -1, false
		for i := 0; i < len(choices); i++ {
			choices[i] = s.prune(choices[i], have)
			switch n := len(choices[i].kids); {
			case choices[i].False():
				return true
			case choices[i].kind != formulaOr:
				best, forced = i, true
			case best < 0 || (!forced && n < len(choices[best].kids)):
				best = i
			}
			if forced {
				break
			}
		}
		if best < 0 {
			if !s.compatible(have) {
				return true
			}
			return s.found(have)
		}
		rest := make([]Formula, 0, len(choices)-1)
		rest = append(append(rest, choices[:best]...), choices[best+1:]...)
		pick := choices[best]
		if forced {
			more, ok := s.take([]Formula{pick}, have)
			if !ok {
				return true
			}
			choices = append(rest, more...)
			continue
		}
		for _, k := range pick.kids {
			next := append([]Formula{k}, rest...)
			if !s.run(next, maps.Clone(have)) {
				return false
			}
		}
		return true
	}
}

// take adds what has to hold to the solution and returns the open choices; ok
// is false if something cannot hold.
func (s *solver) take(fs []Formula, have solution) (choices []Formula, ok bool) {
	for i := 0; i < len(fs); i++ {
		switch f := fs[i]; f.kind {
		case formulaFalse:
			return nil, false
		case formulaAnd:
			fs = append(fs[:len(fs):len(fs)], f.kids...)
		case formulaOr:
			choices = append(choices, f)
		case formulaAtom:
			if !s.add(f, have) {
				return nil, false
			}
		}
	}
	return choices, true
}

func (s *solver) add(f Formula, have solution) bool {
	key, l := f.atom.dim, literal{f.atom, !f.not}
	lits := have[key]
	lits = append(lits[:len(lits):len(lits)], l)
	if !s.holds(key, lits) {
		return false
	}
	have[key] = lits
	return true
}

func (s *solver) holds(key string, lits []literal) bool {
	if lits[0].atom.opaque {
		for _, l := range lits {
			if l.want != lits[0].want {
				return false
			}
		}
		return true
	}
	_, ok := feasible(key, lits, s.domains(key))
	return ok
}

// prune drops the branches that cannot hold beside what is there, and the whole
// choice when one branch holds already.
func (s *solver) prune(f Formula, have solution) Formula {
	if f.kind != formulaOr {
		return f
	}
	kids := make([]Formula, 0, len(f.kids))
	for _, k := range f.kids {
		if s.possible(k, have) {
			kids = append(kids, k)
		}
	}
	return or(kids...)
}

func (s *solver) possible(f Formula, have solution) bool {
	switch f.kind {
	case formulaFalse:
		return false
	case formulaAtom:
		lits := have[f.atom.dim]
		return s.holds(f.atom.dim, append(lits[:len(lits):len(lits)], literal{f.atom, !f.not}))
	case formulaAnd:
		for _, k := range f.kids {
			if k.kind == formulaAtom && !s.possible(k, have) {
				return false
			}
		}
	}
	return true
}

// The keys of requests that come through a VPC endpoint; those carry no
// aws:SourceIp.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
const keySourceIP = "aws:sourceip"

var endpointKeys = []string{"aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}

// compatible checks the facts that tie dimensions together.
func (s *solver) compatible(have solution) bool {
	if absentOK(have[keySourceIP], s.domains(keySourceIP)) {
		return true
	}
	for _, k := range endpointKeys {
		if lits := have[k]; len(lits) > 0 && !lits[0].atom.opaque && !absentOK(lits, s.domains(k)) {
			return false
		}
	}
	return true
}

// witness is a value for each dimension of the solution.
func witness(have solution, domains func(string) domain) map[string]Value {
	out := make(map[string]Value, len(have))
	for k, lits := range have {
		if lits[0].atom.opaque {
			continue
		}
		if v, ok := feasible(k, lits, domains(k)); ok {
			out[k] = v
		}
	}
	return out
}
