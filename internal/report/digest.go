package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

// digest is what one pass over the findings leaves for the formats that
// people read. Its size depends on the number of controls, frameworks and
// missing permissions, not on the number of findings.
type digest struct {
	posture  risk.Posture
	controls map[string]*controlDigest
	verdicts risk.Tallies
	// failing counts the failing findings that are not waived.
	failing int
	// undecided groups the unknown findings by what would decide them.
	undecided []undecidedGroup
	waived    int
}

// controlDigest is one control with its verdicts.
type controlDigest struct {
	id       string
	title    string
	severity model.Severity
	knownAs  map[string][]string
	refs     []model.RequirementRef
	tally    risk.Tally
	// failing counts the failing findings that are not waived; worst are the
	// riskiest of them, at most worstMost.
	failing int
	worst   []model.Finding
}

// worstMost is how many findings of one control the riskiest ones hold, so
// that one control cannot fill the list.
const worstMost = 3

// undecidedGroup is a number of unknown findings with the same remedy.
type undecidedGroup struct {
	remedy   remedy
	findings int
	types    []string // of the assets; sorted, as are the others
	accounts []string
	regions  []string // "" for global assets
}

// remedy says what decides an unknown finding.
type remedy struct {
	// permission is what to grant, empty when granting does not help.
	permission string
	operation  string
	reason     model.GapReason
	// absent says that the source does not hold it at all, as an export may not.
	absent string
}

func (r remedy) String() string {
	op := cmp.Or(r.operation, "a read")
	switch {
	case r.permission != "" && r.reason == model.Denied:
		return "grant " + r.permission
	case r.reason == model.Denied:
		return op + " was denied"
	case r.reason == model.Throttled:
		return op + " was throttled: scan again"
	case r.reason == model.Failed:
		return op + " failed: scan again"
	case r.absent != "":
		return op + " is " + r.absent
	case r.reason == model.Unsupported:
		return op + " does not exist there"
	case r.reason == model.UnknownUntilApply:
		return "known only after apply"
	case r.reason == model.Unresolved:
		return "a reference could not be resolved"
	}
	return "no gap recorded"
}

func remedyOf(g *model.Gap) remedy {
	r := remedy{operation: g.Operation, reason: g.Reason}
	if g.Reason == model.Unsupported && strings.HasPrefix(g.Detail, "not part of") {
		r.absent = g.Detail
	}
	if g.Reason == model.Denied {
		r.permission = g.Permission
		if r.permission != "" {
			r.operation = ""
		}
	}
	return r
}

// digestFindings reads the findings once.
func digestFindings(in *Input) (*digest, error) {
	d := &digest{controls: map[string]*controlDigest{}, verdicts: risk.Tallies{}}
	groups := map[remedy]*undecidedBuilder{}
	for f, err := range in.Findings() {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		if f.State == model.Gone {
			continue
		}
		d.posture.Add(f.Verdict, f.Severity)
		c := d.control(in, &f)
		c.tally.Add(f.Verdict)
		d.verdicts.Add(f.Asset.Provider, f.Control, f.Verdict)
		if f.State == model.Waived {
			d.waived++
			continue
		}
		if f.Verdict != model.Fail && f.Verdict != model.Unknown {
			continue
		}
		if f.Verdict == model.Fail {
			d.failing++
			c.keep(f)
			continue
		}
		for _, r := range remedies(&f) {
			b := groups[r]
			if b == nil {
				b = &undecidedBuilder{types: map[string]bool{}, accounts: map[string]bool{}, regions: map[string]bool{}}
				groups[r] = b
			}
			b.findings++
			b.types[f.Asset.Type] = true
			b.accounts[f.Asset.Account] = true
			b.regions[f.Asset.Region] = true
		}
	}
	d.undecided = undecidedGroups(groups)
	return d, nil
}

func (d *digest) control(in *Input, f *model.Finding) *controlDigest {
	c := d.controls[f.Control]
	if c == nil {
		c = &controlDigest{id: f.Control, title: cmp.Or(f.Title, f.Control), severity: f.Severity, knownAs: f.KnownAs, refs: f.Frameworks}
		if known, ok := in.Controls[f.Control]; ok {
			c.title, c.severity = cmp.Or(known.Title, c.title), cmp.Or(known.Severity, c.severity)
			if c.knownAs == nil {
				c.knownAs = known.KnownAs
			}
		}
		d.controls[f.Control] = c
	}
	return c
}

// keep counts a failing finding and holds it if it is among the riskiest.
func (c *controlDigest) keep(f model.Finding) {
	c.failing++
	at, _ := slices.BinarySearchFunc(c.worst, f, byRisk)
	c.worst = slices.Insert(c.worst, at, f)
	c.worst = c.worst[:min(len(c.worst), worstMost)]
}

// riskiest returns the controls with the riskiest failing findings, worst
// first, until they hold so many of them.
func (d *digest) riskiest(findings int) []*controlDigest {
	var out []*controlDigest
	for _, c := range d.controls {
		if c.failing > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *controlDigest) int { return byRisk(a.worst[0], b.worst[0]) })
	for i, c := range out {
		if findings -= len(c.worst); findings <= 0 {
			return out[:i+1]
		}
	}
	return out
}

// byRisk orders findings worst first: by risk, severity, then as reports do.
func byRisk(a, b model.Finding) int {
	return cmp.Or(
		cmp.Compare(b.Risk.Score, a.Risk.Score),
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		cmp.Compare(a.Control, b.Control),
		cmp.Compare(a.Asset.Account, b.Asset.Account),
		cmp.Compare(a.Asset.ID, b.Asset.ID),
	)
}

type undecidedBuilder struct {
	findings int
	types    map[string]bool
	accounts map[string]bool
	regions  map[string]bool
}

// remedies returns what would decide an unknown finding, each once.
func remedies(f *model.Finding) []remedy {
	var out []remedy
	for i := range f.Gaps {
		if r := remedyOf(&f.Gaps[i]); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if out == nil {
		out = []remedy{{}}
	}
	return out
}

func undecidedGroups(groups map[remedy]*undecidedBuilder) []undecidedGroup {
	out := make([]undecidedGroup, 0, len(groups))
	for r, b := range groups {
		out = append(out, undecidedGroup{
			remedy: r, findings: b.findings, types: sortedKeys(b.types),
			accounts: sortedKeys(b.accounts), regions: sortedKeys(b.regions),
		})
	}
	slices.SortFunc(out, func(a, b undecidedGroup) int {
		return cmp.Or(cmp.Compare(b.findings, a.findings), strings.Compare(a.remedy.String(), b.remedy.String()),
			strings.Compare(a.remedy.operation, b.remedy.operation))
	})
	return out
}

// tallies returns the verdicts of each control, with those marked whose assets
// could not be listed.
func (d *digest) tallies(in *Input) risk.Tallies {
	d.verdicts.MarkUnlisted(in.Controls, in.Gaps)
	return d.verdicts
}

// sortedControls returns the controls that have findings, worst first.
func (d *digest) sortedControls() []*controlDigest {
	out := make([]*controlDigest, 0, len(d.controls))
	for _, c := range d.controls {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *controlDigest) int {
		return cmp.Or(cmp.Compare(b.severity.Rank(), a.severity.Rank()), cmp.Compare(a.id, b.id))
	})
	return out
}

// gapCounts counts the gaps by reason, most first.
func gapCounts(gaps []model.Gap) []gapCount {
	counts := map[model.GapReason]int{}
	for i := range gaps {
		counts[gaps[i].Reason]++
	}
	out := make([]gapCount, 0, len(counts))
	for r, n := range counts {
		out = append(out, gapCount{reason: r, gaps: n})
	}
	slices.SortFunc(out, func(a, b gapCount) int {
		return cmp.Or(cmp.Compare(b.gaps, a.gaps), cmp.Compare(a.reason, b.reason))
	})
	return out
}

type gapCount struct {
	reason model.GapReason
	gaps   int
}

// unlisted returns the asset types of which a listing failed: assets of these
// may exist that the report does not know.
func unlisted(gaps []model.Gap) []string {
	types := map[string]bool{}
	for i := range gaps {
		if g := &gaps[i]; g.Asset == "" && g.Path == "" {
			types[g.Type] = true
		}
	}
	return sortedKeys(types)
}
