package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

// htmlTop is how many of the riskiest findings the page shows.
const htmlTop = 15

func (h *sheet) section(id, title, note string) {
	h.put("<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n", id, id, id, title)
	if note != "" {
		h.put("<p class=\"note\">%s</p>\n", note)
	}
}

func (h *sheet) posture() {
	s := h.d.posture.Summary()
	h.section("posture", "Posture", "")
	h.put("<div class=\"two\">\n<div class=\"card score\">\n")
	if s.Score == nil {
		h.put("<p class=\"big\">–</p><p class=\"note\">Nothing could be scored.</p>\n")
	} else {
		h.put("<p class=\"big\">%s</p>\n", percent(s.Score))
		h.put("<p class=\"note\">passed of what could be decided, weighted by severity</p>\n")
	}
	whole := s.Passed + s.Failed + s.Unknown
	h.bar(whole, fmt.Sprintf("%d passed, %d failed, %d unknown", s.Passed, s.Failed, s.Unknown),
		segment{"pass", s.Passed}, segment{"fail", s.Failed}, segment{"unknown", s.Unknown})
	h.put("<ul class=\"legend\"><li class=\"pass\">%s passed</li><li class=\"fail\">%s failed</li><li class=\"unknown\">%s unknown</li></ul>\n",
		thousands(s.Passed), thousands(s.Failed), thousands(s.Unknown))
	h.put("<dl class=\"pairs\">")
	pair := func(name, value string) { h.put("<div><dt>%s</dt><dd>%s</dd></div>", name, value) }
	pair("By number, unweighted", percent(s.Unweighted))
	pair("Could not be decided", percent(s.UnknownShare))
	if s.Unknown > 0 {
		pair("If all that is unknown fails", percent(s.Floor))
	}
	if s.Manual > 0 {
		pair("For a person to decide", thousands(s.Manual))
	}
	if h.d.waived > 0 {
		pair("Waived", thousands(h.d.waived))
	}
	h.put("</dl>\n</div>\n")
	h.severities()
	h.put("</div>\n</section>\n")
}

func (h *sheet) severities() {
	h.put("<div class=\"card\">\n<table class=\"plain\">\n<caption class=\"hidden\">Verdicts by severity</caption>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\" class=\"num\">Failing</th><th scope=\"col\" class=\"num\">Unknown</th><th scope=\"col\" class=\"num\">Passed</th><th scope=\"col\" class=\"wide\">Failing and unknown</th></tr></thead>\n<tbody>\n")
	most := 0
	for _, s := range model.Severities {
		c := h.d.posture.Severity(s)
		most = max(most, c.Fail+c.Unknown)
	}
	for _, s := range model.Severities {
		c := h.d.posture.Severity(s)
		h.put("<tr><th scope=\"row\"><span class=\"chip %s\">%s</span></th><td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"num soft\">%s</td><td class=\"wide\">",
			s, s, thousands(c.Fail), thousands(c.Unknown), thousands(c.Pass))
		h.bar(most, fmt.Sprintf("%s: %d failing, %d unknown", s, c.Fail, c.Unknown), segment{string(s), c.Fail}, segment{"unknown", c.Unknown})
		h.put("</td></tr>\n")
	}
	h.put("</tbody>\n</table>\n</div>\n")
}

// unreadRow joins the gaps and the undecided findings with the same remedy.
type unreadRow struct {
	remedy   remedy
	gaps     int
	findings int
	types    map[string]bool
	places   map[string]bool
}

func (h *sheet) hasUnread() bool { return len(h.in.Gaps) > 0 || len(h.d.undecided) > 0 }

func (h *sheet) unreadRows() []*unreadRow {
	rows := map[remedy]*unreadRow{}
	row := func(r remedy) *unreadRow {
		if rows[r] == nil {
			rows[r] = &unreadRow{remedy: r, types: map[string]bool{}, places: map[string]bool{}}
		}
		return rows[r]
	}
	for i := range h.in.Gaps {
		g := &h.in.Gaps[i]
		r := row(remedyOf(g))
		r.gaps++
		r.types[g.Type] = true
		r.places[g.Scope.Account] = true
	}
	for _, g := range h.d.undecided {
		r := row(g.remedy)
		r.findings = g.findings
		for _, a := range g.accounts {
			r.places[a] = true
		}
		for _, t := range g.types {
			r.types[t] = true
		}
	}
	out := make([]*unreadRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *unreadRow) int {
		return cmp.Or(cmp.Compare(b.findings, a.findings), cmp.Compare(b.gaps, a.gaps), strings.Compare(a.remedy.String(), b.remedy.String()),
			strings.Compare(a.remedy.operation, b.remedy.operation))
	})
	return out
}

func (h *sheet) unread() {
	if !h.hasUnread() {
		return
	}
	h.section("unread", "What could not be read", "Nothing below counts as passed. Grant what is missing and scan again.")
	if types := unlisted(h.in.Gaps); len(types) > 0 {
		h.put("<p class=\"callout\">No complete list of <strong>%s</strong>: assets of these types may be missing from this report.</p>\n", strings.Join(types, ", "))
	}
	h.put("<div class=\"card scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"h-unread\"><table>\n<thead><tr><th scope=\"col\">What would decide it</th><th scope=\"col\" class=\"num\">Findings undecided</th><th scope=\"col\" class=\"num\">Gaps</th><th scope=\"col\">Asset types</th><th scope=\"col\">Accounts</th></tr></thead>\n<tbody>\n")
	rows := h.unreadRows()
	for _, r := range rows {
		h.put("<tr><td>")
		if r.remedy.permission != "" {
			h.put("grant <code>%s</code>", r.remedy.permission)
		} else {
			h.put("%s", r.remedy)
		}
		h.put("</td><td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"soft\">%s</td><td class=\"soft\">%s</td></tr>\n",
			thousands(r.findings), thousands(r.gaps), shortList(sortedKeys(r.types), 3), shortList(sortedKeys(r.places), 3))
	}
	h.put("</tbody>\n</table></div>\n")
	var grants []string
	for _, r := range rows {
		if p := r.remedy.permission; p != "" && !slices.Contains(grants, p) {
			grants = append(grants, p)
		}
	}
	if slices.Sort(grants); len(grants) > 1 {
		h.put("<details class=\"more\"><summary>%s to grant, as a list</summary><pre>%s</pre></details>\n", count(len(grants), "permission"), raw(escapeLines(grants)))
	}
	h.put("</section>\n")
}

func (h *sheet) riskiest() {
	h.section("riskiest", "Riskiest findings", "")
	top := h.d.riskiest(htmlTop)
	if len(top) == 0 {
		h.put("<p class=\"empty\">Nothing fails among what could be decided.</p>\n</section>\n")
		return
	}
	h.put("<div class=\"card scroll\"><table class=\"risky\">\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\" class=\"num\">Risk</th><th scope=\"col\">Asset</th><th scope=\"col\">Account</th><th scope=\"col\">Region</th><th scope=\"col\">Why this high</th></tr></thead>\n")
	for _, c := range top {
		h.put("<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\"><span class=\"chip %s\">%s</span></th><th scope=\"rowgroup\" colspan=\"5\">%s", c.severity, c.severity, c.title)
		if more := c.failing - len(c.worst); more > 0 {
			h.put(" <span class=\"soft\">and %s more</span>", thousands(more))
		}
		h.put("</th></tr>\n")
		for i := range c.worst {
			f := &c.worst[i]
			h.put("<tr><td></td><td class=\"num\">%d</td><td><a href=\"#%s\" data-open=\"%s\">%s</a></td><td>%s</td><td>%s</td><td class=\"soft\">%s</td></tr>\n",
				f.Risk.Score, f.ID, f.ID, assetName(&f.Asset), f.Asset.Account, cmp.Or(f.Asset.Region, "global"), strings.Join(f.Risk.Reasons, ", "))
		}
		h.put("</tbody>\n")
	}
	h.put("</table></div>\n</section>\n")
}

func (h *sheet) compliance() {
	if len(h.in.Frameworks) == 0 {
		return
	}
	h.section("compliance", "Compliance", "A requirement passes when no control that answers it fails or is unknown, and at least one passes. Where a person must look, what was attested counts until it expires.")
	tallies := h.d.tallies(h.in)
	for i := range h.in.Frameworks {
		h.framework(&h.in.Frameworks[i], tallies.For(&h.in.Frameworks[i]))
	}
	h.put("</section>\n")
}

// statusOf names a requirement's status for readers and for the style.
func statusOf(s *risk.RequirementStatus) (name, class string) {
	switch {
	case !s.Mapped && s.Manual == "":
		return "not mapped", "none"
	case s.Status == model.NotApplicable:
		return "not applicable", "none"
	case s.Status == model.Manual:
		return "manual", "none"
	case s.Status == model.Pass && s.Partial:
		return "pass, in part", "pass"
	case s.Status == model.Pass && !s.Mapped:
		return "pass, attested", "pass"
	case s.Status == model.Fail && !s.Mapped:
		return "fail, attested", "fail"
	}
	return string(s.Status), string(s.Status)
}

func (h *sheet) framework(fw *model.Framework, tallies map[string]risk.Tally) {
	statuses := risk.Rollup(*fw, tallies, h.in.record())
	counts := map[string]int{}
	for i := range statuses {
		name, _ := statusOf(&statuses[i])
		name, _, _ = strings.Cut(name, ",")
		counts[name]++
	}
	title := fw.Title
	if !strings.Contains(title, fw.Version) {
		title += " " + fw.Version
	}
	h.put("<details class=\"card framework\"><summary><span class=\"name\">%s</span>", title)
	h.bar(len(statuses), fmt.Sprintf("%d of %d requirements passed, %d failed, %d unknown", counts["pass"], len(statuses), counts["fail"], counts["unknown"]),
		segment{"pass", counts["pass"]}, segment{"fail", counts["fail"]}, segment{"unknown", counts["unknown"]})
	h.put("<span class=\"counts\">")
	separator := ""
	for _, name := range []string{"pass", "fail", "unknown", "manual", "not applicable", "not mapped"} {
		if n := counts[name]; n > 0 {
			h.put("%s<b>%d</b> %s", separator, n, map[string]string{"pass": "passed", "fail": "failed"}[name]+strings.TrimPrefix(strings.TrimPrefix(name, "pass"), "fail"))
			separator = " · "
		}
	}
	h.put("</span></summary>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Id</th><th scope=\"col\">Requirement</th><th scope=\"col\" class=\"num\">Fail</th><th scope=\"col\" class=\"num\">Unknown</th><th scope=\"col\" class=\"num\">Pass</th></tr></thead>\n<tbody>\n")
	section := ""
	lines := map[string]string{}
	for i := range statuses {
		s := &statuses[i]
		if s.Section != section {
			section = s.Section
			h.put("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"6\">%s</th></tr>\n", section)
		}
		h.requirement(s, tallies, lines)
	}
	h.put("</tbody>\n</table></div>\n</details>\n")
}

// requirement writes a row; lines holds those of the controls that rows above it
// have as well.
func (h *sheet) requirement(s *risk.RequirementStatus, tallies map[string]risk.Tally, lines map[string]string) {
	name, class := statusOf(s)
	h.put("<tr><td><span class=\"chip v-%s\">%s</span></td><td class=\"id\">%s</td><td>", class, name, s.ID)
	if len(s.Controls) == 0 {
		h.put("%s", s.Title)
	} else {
		h.put("<details><summary>%s</summary><ul class=\"controls\">", s.Title)
		for _, id := range s.Controls {
			line, ok := lines[id]
			if !ok {
				line = h.controlLine(id, tallies)
				lines[id] = line
			}
			fmt.Fprint(h.b, line)
		}
		h.put("</ul></details>")
	}
	if s.Manual != "" {
		h.put("<p class=\"soft\">%s</p>", s.Manual)
	}
	h.attested(s)
	h.put("</td><td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"num soft\">%s</td></tr>\n",
		zero(s.Tally.Fail), zero(s.Tally.Unknown), zero(s.Tally.Pass))
}

func (h *sheet) controlLine(id string, tallies map[string]risk.Tally) string {
	title := id
	if c := h.d.controls[id]; c != nil {
		title = c.title
	} else if c, known := h.in.Controls[id]; known {
		title = c.Title
	}
	t, ok := tallies[id]
	return fmt.Sprintf("<li>%s <code>%s</code> <span class=\"soft\">%s</span></li>", escaped([]any{title, id, tallyText(t, ok)})...)
}

func tallyText(t risk.Tally, ok bool) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{t.Fail, "failing"}, {t.Unknown, "unknown"}, {t.Pass, "passed"}, {t.NotApplicable, "not applicable"}, {t.Manual, "manual"}} {
		if p.n > 0 {
			parts = append(parts, thousands(p.n)+" "+p.what)
		}
	}
	if t.Unlisted {
		parts = append(parts, "assets could not all be listed")
	}
	if !ok || len(parts) == 0 {
		return "no asset"
	}
	return strings.Join(parts, ", ")
}

// zero returns a number, or a dot for none, which is easier to skip over.
func zero(n int) string {
	if n == 0 {
		return "·"
	}
	return thousands(n)
}

func (h *sheet) controls() {
	h.section("controls", "Controls", "Every control that had an asset to decide about.")
	h.put("<details class=\"card\"><summary><span class=\"name\">%s</span></summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"h-controls\"><table>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Control</th><th scope=\"col\" class=\"num\">Fail</th><th scope=\"col\" class=\"num\">Unknown</th><th scope=\"col\" class=\"num\">Pass</th><th scope=\"col\" class=\"num\">Not applicable</th><th scope=\"col\" class=\"wide\">Share</th></tr></thead>\n<tbody>\n", count(len(h.d.controls), "control"))
	for _, c := range h.d.sortedControls() {
		t := c.tally
		h.put("<tr><td><span class=\"chip %s\">%s</span></td><td>%s<br><code>%s</code></td><td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"num\">%s</td><td class=\"num soft\">%s</td><td class=\"wide\">",
			c.severity, c.severity, c.title, c.id, zero(t.Fail), zero(t.Unknown), zero(t.Pass), zero(t.NotApplicable))
		h.bar(t.Evaluated(), fmt.Sprintf("%d passed, %d failed, %d unknown", t.Pass, t.Fail, t.Unknown),
			segment{"pass", t.Pass}, segment{"fail", t.Fail}, segment{"unknown", t.Unknown})
		h.put("</td></tr>\n")
	}
	h.put("</tbody>\n</table></div>\n</details>\n</section>\n")
}
