package report

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// findings writes the frame that the script fills with the open findings.
func (h *sheet) findings() {
	h.section("findings", "Findings", "All that fails or could not be decided.")
	h.put(`<noscript><p class="callout">The list of findings needs the script that this page carries. The sections around it do not.</p></noscript>
<div class="filters" role="search" aria-label="Filter findings" hidden>
<label class="grow"><span class="hidden">Search</span><input id="q" type="search" placeholder="Search title, asset, requirement …  ( / )" autocomplete="off"></label>
<label><span class="hidden">Verdict</span><select id="f-v"><option value="">Any verdict</option></select></label>
<label><span class="hidden">Severity</span><select id="f-s"><option value="">Any severity</option></select></label>
<label><span class="hidden">Account</span><select id="f-account"><option value="">Any account</option></select></label>
<label><span class="hidden">Region</span><select id="f-region"><option value="">Any region</option></select></label>
<label class="wider"><span class="hidden">Control</span><select id="f-c"><option value="">Any control</option></select></label>
<button id="reset" type="button">Reset</button>
</div>
<div class="card"><table id="list" class="findings" hidden>
<caption class="hidden">Findings, filtered; press a title for details</caption>
<thead><tr>
<th scope="col" aria-sort="none"><button type="button" data-sort="s">Severity</button></th>
<th scope="col" class="num" aria-sort="descending"><button type="button" data-sort="r">Risk</button></th>
<th scope="col" aria-sort="none"><button type="button" data-sort="c">Finding</button></th>
<th scope="col" aria-sort="none"><button type="button" data-sort="asset">Asset</button></th>
<th scope="col" aria-sort="none"><button type="button" data-sort="account">Account</button></th>
<th scope="col" aria-sort="none"><button type="button" data-sort="region">Region</button></th>
</tr></thead>
<tbody id="rows"></tbody>
</table></div>
<div class="pager" hidden><p id="status" role="status"></p><button id="prev" type="button">Previous</button><button id="next" type="button">Next</button></div>
</section>
`)
}

// htmlControl is what findings of one control share; htmlFinding what is left.
// Fixes and the like are written once with the control, and again with a
// finding only where rendering made them differ.
type htmlControl struct {
	Title      string              `json:"title"`
	Why        string              `json:"why,omitempty"`
	Fix        model.Fix           `json:"fix"`
	References []string            `json:"references,omitempty"`
	KnownAs    map[string][]string `json:"known_as,omitempty"`
	Frameworks []string            `json:"frameworks,omitempty"`
}

type htmlFinding struct {
	ID       string           `json:"id"`
	Control  string           `json:"c"`
	Verdict  model.Verdict    `json:"v"`
	Severity model.Severity   `json:"s"`
	Risk     int              `json:"r"`
	Reasons  []string         `json:"rr,omitempty"`
	State    model.State      `json:"st,omitempty"`
	Message  string           `json:"m,omitempty"`
	Asset    model.AssetRef   `json:"a"`
	Evidence []model.Evidence `json:"e,omitempty"`
	Gaps     []string         `json:"g,omitempty"`
	Fix      *model.Fix       `json:"fix,omitempty"`
	Since    string           `json:"t,omitempty"`
}

// data writes the open findings as JSON in a script element. The encoder's
// escapes of <, >, & and the line separators keep it from being left early.
func (h *sheet) data() error {
	enc := json.NewEncoder(h.b)
	h.put("<script type=\"application/json\" id=\"data\">{\"controls\":{")
	separator := ""
	for _, c := range h.d.sortedControls() {
		known := h.in.Controls[c.id]
		out := htmlControl{Title: c.title, Why: known.Why, Fix: known.Fix, References: known.References, KnownAs: c.knownAs}
		for _, r := range c.refs {
			out.Frameworks = append(out.Frameworks, r.Framework+" "+r.Requirement)
		}
		key, err := json.Marshal(c.id)
		if err != nil {
			return err
		}
		fmt.Fprintf(h.b, "%s%s:", separator, key)
		if err := enc.Encode(out); err != nil {
			return fmt.Errorf("write control %s: %w", c.id, err)
		}
		separator = ","
	}
	fmt.Fprint(h.b, "},\"findings\":[")
	separator = ""
	for f, err := range h.in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.Verdict != model.Fail && f.Verdict != model.Unknown || f.State == model.Gone {
			continue
		}
		fmt.Fprint(h.b, separator)
		if err := enc.Encode(htmlFindingOf(h.in, &f)); err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, err)
		}
		separator = ","
	}
	fmt.Fprint(h.b, "]}</script>\n")
	return nil
}

func htmlFindingOf(in *Input, f *model.Finding) htmlFinding {
	out := htmlFinding{
		ID: f.ID, Control: f.Control, Verdict: f.Verdict, Severity: f.Severity, Risk: f.Risk.Score, Reasons: f.Risk.Reasons,
		Message: f.Message, Asset: f.Asset, Evidence: f.Evidence, Since: stamp(f.FirstSeen),
	}
	if f.State == model.Waived {
		out.State = f.State
	}
	for i := range f.Gaps {
		g := &f.Gaps[i]
		text := g.Error()
		if g.DeniedBy != "" {
			text += " (refused by " + g.DeniedBy + ")"
		}
		out.Gaps = append(out.Gaps, text)
	}
	out.Fix = fixBeside(f.Fix, in.Controls[f.Control].Fix)
	return out
}

// fixBeside returns the members of the rendered fix that differ from the
// control's, or nil when none does.
func fixBeside(rendered, control model.Fix) *model.Fix {
	var out model.Fix
	differs := false
	pick := func(to *string, rendered, control string) {
		if rendered != control {
			*to, differs = rendered, true
		}
	}
	pick(&out.Action, rendered.Action, control.Action)
	pick(&out.CLI, rendered.CLI, control.CLI)
	pick(&out.Terraform, rendered.Terraform, control.Terraform)
	pick(&out.CloudFormation, rendered.CloudFormation, control.CloudFormation)
	if strings.Join(rendered.Steps, "\n") != strings.Join(control.Steps, "\n") {
		out.Steps, differs = rendered.Steps, true
	}
	if !differs {
		return nil
	}
	return &out
}

// escapeLines escapes texts for a pre element, one a line.
func escapeLines(lines []string) string {
	for i := range lines {
		lines[i] = html.EscapeString(clean(lines[i]))
	}
	return strings.Join(lines, "\n")
}
