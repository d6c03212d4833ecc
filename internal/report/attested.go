package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

// record returns what was attested for the accounts of the report.
func (in *Input) record() risk.Record {
	r := risk.Record{Entries: in.Attestations, Now: firstTime(in.Now, in.end())}
	for _, account := range in.Scan.Accounts {
		r.Accounts = append(r.Accounts, model.Scope{Provider: in.Scan.Provider, Account: account})
	}
	return r
}

// attestedIn are the requirements of which somebody has attested something
// for the accounts of the report.
type attestedIn []attestedRequirement

type attestedRequirement struct {
	ref    model.RequirementRef
	title  string
	status risk.RequirementStatus // of the person's part alone
}

// attested returns them in order of the frameworks and their requirements.
func (in *Input) attested() attestedIn {
	if len(in.Attestations) == 0 {
		return nil
	}
	record := in.record()
	var out attestedIn
	for i := range in.Frameworks {
		fw := &in.Frameworks[i]
		for j := range fw.Requirements {
			r := &fw.Requirements[j]
			if !r.Attestable() {
				continue
			}
			ref := model.RequirementRef{Framework: fw.ID, Requirement: r.ID}
			stand := record.Of(ref)
			if len(stand.Counting)+len(stand.Expired) == 0 {
				continue
			}
			out = append(out, attestedRequirement{ref, r.Title, risk.RequirementStatus{
				Status: stand.Verdict, Attestations: stand.Counting, Expired: stand.Expired, Unattested: stand.Missing,
			}})
		}
	}
	return out
}

// of returns what was attested of requirements, as "framework/requirement: what".
func (a attestedIn) of(list []model.RequirementRef) []string {
	var out []string
	for i := range a {
		if slices.Contains(list, a[i].ref) {
			out = append(out, a[i].ref.Framework+"/"+a[i].ref.Requirement+": "+a[i].status.Said())
		}
	}
	return out
}

// attestedMost is how many attested requirements the summary lists.
const attestedMost = 8

// attested lists what people attested, the failing and expired first.
func (p *page) attested() {
	all := p.in.attested()
	if len(all) == 0 {
		return
	}
	order := map[model.Verdict]int{model.Fail: 0, model.Manual: 1, model.Pass: 2}
	slices.SortStableFunc(all, func(a, b attestedRequirement) int { return cmp.Compare(order[a.status.Status], order[b.status.Status]) })
	p.heading("Attested", count(len(all), "requirement")+" by people")
	shown := all[:min(len(all), attestedMost)]
	widest := 0
	for i := range shown {
		widest = max(widest, columnsOf(shown[i].name()))
	}
	widest = min(widest, p.width/3)
	for i := range shown {
		a := &shown[i]
		st := plain
		switch a.status.Status {
		case model.Fail:
			st = red
		case model.Manual:
			st = yellow
		}
		name := padRight(fitMiddle(a.name(), widest), widest+columnGap)
		for i, text := range wrap(clean(a.status.Said()), p.width-3-widest-columnGap) {
			if i > 0 {
				name = strings.Repeat(" ", widest+columnGap)
			}
			p.line("  ", name, p.paint(text, st))
		}
	}
	if more := len(all) - len(shown); more > 0 {
		p.line("  ", p.paint("+ "+thousands(more)+" more", faint))
	}
}

func (a *attestedRequirement) name() string {
	return clean(a.ref.Framework + " " + a.ref.Requirement)
}

// attested writes below a requirement what people attested of it, with their
// notes.
func (h *sheet) attested(s *risk.RequirementStatus) {
	if said := s.Said(); said != "" {
		h.put("<p><b>%s</b>", upperFirst(said))
		for _, e := range slices.Concat(s.Attestations, s.Expired) {
			h.put("<br><span class=\"soft\">%s, %s: %s</span>", e.At.UTC().Format("2006-01-02"), e.By, e.Note)
		}
		h.put("</p>")
	}
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// jsonFramework is where a framework and its requirements stand.
type jsonFramework struct {
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	Version      string            `json:"version"`
	Standing     risk.Standing     `json:"standing"`
	Requirements []jsonRequirement `json:"requirements"`
}

type jsonRequirement struct {
	ID           string              `json:"id"`
	Status       model.Verdict       `json:"status"`
	Partial      bool                `json:"partial,omitempty"`
	Attestations []model.Attestation `json:"attestations,omitempty"`
	Expired      []model.Attestation `json:"expired,omitempty"`
	Unattested   []string            `json:"unattested,omitempty"`
}

func wireFrameworks(in *Input, tallies risk.Tallies) []jsonFramework {
	out := make([]jsonFramework, 0, len(in.Frameworks))
	record := in.record()
	for i := range in.Frameworks {
		fw := &in.Frameworks[i]
		statuses := risk.Rollup(*fw, tallies.For(fw), record)
		f := jsonFramework{ID: fw.ID, Title: fw.Title, Version: fw.Version, Standing: risk.Sum(statuses), Requirements: []jsonRequirement{}}
		for _, s := range statuses {
			f.Requirements = append(f.Requirements, jsonRequirement{s.ID, s.Status, s.Partial, s.Attestations, s.Expired, s.Unattested})
		}
		out = append(out, f)
	}
	return out
}
