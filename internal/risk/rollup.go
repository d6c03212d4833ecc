package risk

import (
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// Tally counts one control's verdicts over a set of assets.
type Tally struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
	Manual        int `json:"manual"`
	// Unlisted says that assets of the control's type may exist that no
	// listing showed (see MarkUnlisted). A control with it is never passed.
	Unlisted bool `json:"unlisted,omitempty"`
}

// Add counts one verdict.
func (t *Tally) Add(v model.Verdict) {
	switch v {
	case model.Pass:
		t.Pass++
	case model.Fail:
		t.Fail++
	case model.Unknown:
		t.Unknown++
	case model.NotApplicable:
		t.NotApplicable++
	case model.Manual:
		t.Manual++
	}
}

// Plus returns the sum of both; one unlisted part makes the sum unlisted.
func (t Tally) Plus(o Tally) Tally {
	return Tally{
		Pass: t.Pass + o.Pass, Fail: t.Fail + o.Fail, Unknown: t.Unknown + o.Unknown,
		NotApplicable: t.NotApplicable + o.NotApplicable, Manual: t.Manual + o.Manual,
		Unlisted: t.Unlisted || o.Unlisted,
	}
}

// Evaluated returns the number of verdicts that say something about an asset:
// pass, fail and unknown.
func (t Tally) Evaluated() int { return t.Pass + t.Fail + t.Unknown }

// Status returns the verdict on the whole: fail if one fails, else unknown if
// one is unknown or assets may be missing, else pass if one passes, else
// manual if one is, else not applicable. It is not applicable when empty.
func (t Tally) Status() model.Verdict {
	switch {
	case t.Fail > 0:
		return model.Fail
	case t.Unknown > 0 || t.Unlisted:
		return model.Unknown
	case t.Pass > 0:
		return model.Pass
	case t.Manual > 0:
		return model.Manual
	}
	return model.NotApplicable
}

// MarkUnlisted sets Unlisted on the tallies of the controls whose asset type
// could not be listed somewhere, adding tallies where there are none: without
// it, a listing that was denied looks like an account without such assets.
// Controls on a class are marked for each of their types, and for those that
// typesOf names, which may be nil.
func MarkUnlisted(perControl map[string]Tally, controls map[string]model.Control, gaps []model.Gap, typesOf func(model.Class) []string) {
	missing := map[string]bool{}
	for i := range gaps {
		if g := &gaps[i]; g.Asset == "" && g.Path == "" {
			missing[g.Type] = true
		}
	}
	if len(missing) == 0 {
		return
	}
	for id, c := range controls {
		hit := c.Type != "" && missing[c.Type] || slices.ContainsFunc(c.Types, func(typ string) bool { return missing[typ] })
		if c.Class != "" && typesOf != nil {
			for _, t := range typesOf(c.Class) {
				hit = hit || missing[t]
			}
		}
		if hit {
			t := perControl[id]
			t.Unlisted = true
			perControl[id] = t
		}
	}
}

// RequirementStatus is where one requirement of a framework stands.
type RequirementStatus struct {
	model.Requirement
	Status model.Verdict `json:"status"`
	// Mapped says that at least one control answers the requirement; Evaluated
	// counts the mapped controls that have a verdict on at least one asset.
	Mapped    bool `json:"mapped"`
	Evaluated int  `json:"controls_evaluated"`
	// Partial says that the controls prove only a part and a person must look
	// at the rest, which nobody has attested.
	Partial bool  `json:"partial,omitempty"`
	Tally   Tally `json:"tally"`
	// Attestations are the entries of the record that count, Expired those
	// that did, and Unattested the accounts that entries for others leave out.
	Attestations []model.Attestation `json:"attestations,omitempty"`
	Expired      []model.Attestation `json:"expired,omitempty"`
	Unattested   []string            `json:"unattested,omitempty"`
}

// Rollup returns the status of each requirement of the framework, in its
// order, from the verdicts of each control and from what people attested. A
// requirement without a control is manual; one whose controls met no asset is
// not applicable, or manual when it says what a person must look at. The
// record speaks for what a person must look at, and for nothing else: an
// attestation never outweighs a control.
func Rollup(fw model.Framework, perControl map[string]Tally, record Record) []RequirementStatus {
	out := make([]RequirementStatus, 0, len(fw.Requirements))
	for _, r := range fw.Requirements {
		s := RequirementStatus{Requirement: r, Mapped: len(r.Controls) > 0}
		for _, id := range r.Controls {
			t := perControl[id]
			if t.Evaluated() > 0 {
				s.Evaluated++
			}
			s.Tally = s.Tally.Plus(t)
		}
		s.Status = s.Tally.Status()
		switch {
		case r.Attestable():
			stand := record.Of(model.RequirementRef{Framework: fw.ID, Requirement: r.ID})
			s.Attestations, s.Expired, s.Unattested = stand.Counting, stand.Expired, stand.Missing
			s.Partial = s.Mapped && stand.Verdict == model.Manual
			s.Status = stand.join(s.Status)
		case !s.Mapped:
			s.Status = model.Manual
		}
		out = append(out, s)
	}
	return out
}
