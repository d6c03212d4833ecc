package risk

import (
	"math"

	"github.com/stance-sec/stance/internal/model"
)

// Posture accumulates verdicts by severity and yields the posture score of the
// set. The zero value is an empty set; copies are independent.
type Posture struct {
	// by is indexed by Severity.Rank; 0 holds what has no known severity.
	by [6]model.Counts
}

// Add counts one finding.
func (p *Posture) Add(v model.Verdict, s model.Severity) { p.by[s.Rank()].Add(v) }

// Merge counts all findings of another set.
func (p *Posture) Merge(o Posture) {
	for i := range p.by {
		p.by[i] = sum(p.by[i], o.by[i])
	}
}

// Severity returns the counts of one severity; Assets and Gaps are zero.
func (p *Posture) Severity(s model.Severity) model.Counts { return p.by[s.Rank()] }

// Total returns the counts over all severities; Assets and Gaps are zero.
func (p *Posture) Total() model.Counts {
	var t model.Counts
	for _, c := range p.by {
		t = sum(t, c)
	}
	return t
}

// Summary is the posture of a set in percent, with one decimal. Shares that
// have nothing to be a share of are nil.
type Summary struct {
	// Score is passed / (passed + failed), weighted by severity: the share of
	// what could be read. Nothing unknown is in it.
	Score *float64 `json:"score"`
	// Floor is the score that would remain if every unknown finding failed. It
	// never rises because something could not be read; compare it over time.
	Floor *float64 `json:"floor"`
	// Unweighted is passed / (passed + failed) by number.
	Unweighted *float64 `json:"unweighted"`
	// UnknownShare is the share of unknown findings, by number, in passed,
	// failed and unknown.
	UnknownShare *float64 `json:"unknown_share"`

	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
	Manual        int `json:"manual"`
}

// Summary returns the posture of what was added so far. Scores are rounded
// down and the unknown share up, so that 100 means all and 0 means none.
func (p *Posture) Summary() Summary {
	var pass, fail, unknown int
	for _, s := range model.Severities {
		c := p.Severity(s)
		pass += s.Weight() * c.Pass
		fail += s.Weight() * c.Fail
		unknown += s.Weight() * c.Unknown
	}
	t := p.Total()
	return Summary{
		Score:        share(pass, pass+fail, math.Floor),
		Floor:        share(pass, pass+fail+unknown, math.Floor),
		Unweighted:   share(t.Pass, t.Pass+t.Fail, math.Floor),
		UnknownShare: share(t.Unknown, t.Pass+t.Fail+t.Unknown, math.Ceil),
		Passed:       t.Pass, Failed: t.Fail, Unknown: t.Unknown,
		NotApplicable: t.NotApplicable, Manual: t.Manual,
	}
}

// share returns part of whole in percent with one decimal, or nil of nothing.
func share(part, whole int, round func(float64) float64) *float64 {
	if whole == 0 {
		return nil
	}
	v := round(float64(part)*1000/float64(whole)) / 10
	return &v
}

func sum(a, b model.Counts) model.Counts {
	return model.Counts{
		Assets: a.Assets + b.Assets, Gaps: a.Gaps + b.Gaps,
		Pass: a.Pass + b.Pass, Fail: a.Fail + b.Fail, Unknown: a.Unknown + b.Unknown,
		NotApplicable: a.NotApplicable + b.NotApplicable, Manual: a.Manual + b.Manual,
	}
}
