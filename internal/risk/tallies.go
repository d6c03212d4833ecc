package risk

import "github.com/stance-sec/stance/internal/model"

// Tallies are the verdicts of controls, by provider and control: a control on a
// class judges assets of several clouds, and the framework of one cloud asks only
// about that one's.
type Tallies map[string]map[string]Tally

// Add counts one verdict of a control on an asset of a provider.
func (all Tallies) Add(provider, control string, v model.Verdict) {
	of := all.of(provider)
	t := of[control]
	t.Add(v)
	of[control] = t
}

func (all Tallies) of(provider string) map[string]Tally {
	of := all[provider]
	if of == nil {
		of = map[string]Tally{}
		all[provider] = of
	}
	return of
}

// MarkUnlisted marks the controls of each provider whose assets could not be
// listed there; see the function of that name.
func (all Tallies) MarkUnlisted(controls map[string]model.Control, gaps []model.Gap) {
	by := map[string][]model.Gap{}
	for _, g := range gaps {
		provider := g.Scope.Provider
		if provider == "" {
			provider = model.ProviderOf(g.Type)
		}
		by[provider] = append(by[provider], g)
	}
	for provider, of := range by {
		MarkUnlisted(all.of(provider), controls, of, nil)
	}
}

// For returns the tallies that a framework asks about: those of its provider, or
// the sums over all where it names none.
func (all Tallies) For(f *model.Framework) map[string]Tally {
	if f.Provider != "" {
		return all[f.Provider]
	}
	out := map[string]Tally{}
	for _, of := range all {
		for control, t := range of {
			out[control] = out[control].Plus(t)
		}
	}
	return out
}
