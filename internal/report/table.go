package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "table", Extension: "txt", ContentType: "text/plain; charset=utf-8",
		Summary: "what matters most, for people at a terminal",
		Write:   writeTable,
	})
}

// tableTop and tableGroups are how many of the riskiest findings and of the
// reasons for undecided ones are shown.
const (
	tableTop    = 15
	tableGroups = 8
	tableWidest = 120 // longer lines are hard to follow
	barWidest   = 48
)

// writeTable writes the summary of a scan: posture, the riskiest findings,
// what could not be decided or read, and what to do next. No line is wider
// than in.Width.
func writeTable(w io.Writer, in Input) error {
	d, err := digestFindings(&in)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	p := &page{b: b, in: &in, d: d, top: d.riskiest(tableTop), width: min(lineWidth(in.Width), tableWidest)}
	p.head()
	p.score()
	p.severities()
	p.riskiest()
	p.undecided()
	p.gaps()
	p.attested()
	p.next()
	return b.Flush()
}

// page writes the parts of the summary; its lines start with one space.
type page struct {
	b     *bufio.Writer
	in    *Input
	d     *digest
	top   []*controlDigest // with the riskiest findings
	width int
}

func (p *page) paint(s string, st style) string { return paint(s, st, p.in.Color) }

func (p *page) line(parts ...string) {
	fmt.Fprintln(p.b, strings.TrimRight(" "+strings.Join(parts, ""), " "))
}

// heading writes a title and what it counts, after a blank line.
func (p *page) heading(title, note string) {
	p.line()
	title = fit(title, p.width-1)
	p.line(p.paint(title, bold), p.paint(fit("  "+note, p.width-1-columnsOf(title)), faint))
}

func (p *page) head() {
	s := &p.in.Scan
	facts := []string{strings.TrimSpace(providerName(s.Provider) + " " + p.accounts())}
	if n := len(s.Regions); n == 1 {
		facts = append(facts, clean(s.Regions[0]))
	} else if n > 1 {
		facts = append(facts, count(n, "region"))
	}
	if t := took(s); t != "" {
		facts = append(facts, t)
	}
	p.line()
	p.line(p.paint(fit(strings.Join(facts, " · "), p.width-1), bold))
	t := p.d.posture.Total()
	numbers := []string{count(s.Counts.Assets, "asset"), count(len(p.d.controls), "control"), count(t.Pass+t.Fail+t.Unknown, "finding") + " evaluated"}
	if t.Manual > 0 {
		numbers = append(numbers, thousands(t.Manual)+" manual")
	}
	if p.d.waived > 0 {
		numbers = append(numbers, thousands(p.d.waived)+" waived")
	}
	p.line(p.paint(fit(strings.Join(numbers, " · "), p.width-1), faint))
	if s.Status != "" && s.Status != model.ScanComplete {
		p.line(p.paint(fit("This scan is "+string(s.Status)+": what follows is incomplete.", p.width-1), yellow))
	}
}

// accounts names up to two accounts and counts more.
func (p *page) accounts() string {
	ids := p.in.Scan.Accounts
	if len(ids) > 2 {
		return count(len(ids), "account")
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = clean(id)
		if name := p.in.AccountNames[id]; name != "" {
			names[i] += " (" + clean(name) + ")"
		}
	}
	return strings.Join(names, ", ")
}

const labelWidth = 10 // of the words before bars

func (p *page) score() {
	s := p.d.posture.Summary()
	p.line()
	label := padRight("Posture", labelWidth)
	if s.Score == nil {
		p.line(p.paint(label, bold), p.paint(fit("nothing could be scored", p.width-1-labelWidth), faint))
		return
	}
	value := padRight(percent(s.Score), 7)
	note := "  " + percent(s.UnknownShare) + " unknown"
	room := p.width - 1 - labelWidth - columnsOf(value) - columnsOf(note) - 1
	full := int(math.Floor(float64(room) * *s.Score / 100))
	color := green
	if *s.Score < 50 {
		color = red
	} else if *s.Score < 80 {
		color = yellow
	}
	noteStyle := faint
	if s.Unknown > 0 {
		noteStyle = magenta
	}
	p.line(p.paint(label, bold), p.paint(value, bold),
		p.paint(strings.Repeat("━", full), color), p.paint(strings.Repeat("─", max(0, room-full)), faint), p.paint(note, noteStyle))
	detail := "weighted by severity · " + percent(s.Unweighted) + " by number"
	if s.Unknown > 0 && s.Floor != nil {
		detail += " · " + percent(s.Floor) + " if all unknown fail"
	}
	p.line(strings.Repeat(" ", labelWidth), p.paint(fit(detail, p.width-1-labelWidth), faint))
}

func (p *page) severities() {
	const number = 9
	most := 0
	for _, s := range model.Severities {
		c := p.d.posture.Severity(s)
		most = max(most, c.Fail+c.Unknown)
	}
	p.line()
	p.line(p.paint(strings.Repeat(" ", labelWidth)+padLeft("failing", number)+padLeft("unknown", number), faint))
	room := max(0, min(barWidest, p.width-1-labelWidth-2*number-3))
	for _, s := range model.Severities {
		c := p.d.posture.Severity(s)
		fail, unknown := bars(c.Fail, c.Unknown, most, room)
		p.line(p.paint(padRight(string(s), labelWidth), severityStyle(s)),
			p.number(c.Fail, number, plain), p.number(c.Unknown, number, magenta), "  ",
			p.paint(strings.Repeat("━", fail), severityStyle(s)), p.paint(strings.Repeat("╌", unknown), magenta))
	}
}

func (p *page) number(n, width int, st style) string {
	if n == 0 {
		return p.paint(padLeft("·", width), faint)
	}
	return p.paint(padLeft(thousands(n), width), st)
}

// bars scales two counts to columns; what is not zero takes at least one.
func bars(a, b, most, room int) (int, int) {
	scale := func(n int) int {
		if n == 0 || most == 0 || room < 2 {
			return 0
		}
		return max(1, n*room/most)
	}
	x, y := scale(a), scale(b)
	if over := x + y - room; over > 0 {
		if x >= y {
			x -= over
		} else {
			y -= over
		}
	}
	return x, y
}

// riskiest writes the top findings under their controls, worst first.
func (p *page) riskiest() {
	if len(p.top) == 0 {
		p.nothing()
		return
	}
	shown := 0
	for _, c := range p.top {
		shown += len(c.worst)
	}
	note := count(p.d.failing, "failing finding")
	if p.d.failing > shown {
		note = fmt.Sprintf("%d of %s", shown, note)
	}
	p.heading("Riskiest", note)
	const riskWidth = 5
	indent := labelWidth + riskWidth
	l := p.assetLayout(indent)
	for _, c := range p.top {
		p.line()
		p.line(p.paint(padRight(string(c.severity), labelWidth), severityStyle(c.severity)), strings.Repeat(" ", riskWidth),
			p.paint(fit(clean(c.title), p.width-1-indent), bold))
		for i := range c.worst {
			p.line(strings.Repeat(" ", labelWidth), padRight(strconv.Itoa(c.worst[i].Risk.Score), riskWidth), l.row(p, &c.worst[i]))
		}
		if more := c.failing - len(c.worst); more > 0 {
			p.line(strings.Repeat(" ", indent), p.paint("+ "+thousands(more)+" more", faint))
		}
	}
}

// assetLayout holds the widths of the parts of a line about an asset.
type assetLayout struct {
	asset, place, id int
	short            bool // accounts by their last digits
}

// accountWidth is how long the accounts are that can be shortened.
const accountWidth = 12

func (p *page) assetLayout(indent int) assetLayout {
	l := assetLayout{}
	for _, c := range p.top {
		for i := range c.worst {
			f := &c.worst[i]
			l.asset = max(l.asset, columnsOf(clean(assetName(&f.Asset))))
			l.place = max(l.place, columnsOf(p.place(&f.Asset)))
			l.id = max(l.id, columnsOf(f.ID))
		}
	}
	room := p.width - 1 - indent
	if l.place > 0 && room-l.id-l.place-2*columnGap < min(l.asset, 24) && len(p.in.Scan.Accounts) > 1 {
		l.short, l.place = true, min(l.place, l.place-accountWidth+5)
	}
	if room-l.id-l.place-2*columnGap < min(l.asset, 18) {
		l.place = min(l.place, max(9, room-l.id-2*columnGap-min(l.asset, 18)))
	}
	if room-l.id-l.place-2*columnGap < 12 {
		l.place = 0
	}
	rest := room - l.id - columnGap
	if l.place > 0 {
		rest -= l.place + columnGap
	}
	l.asset = max(1, min(l.asset, rest))
	return l
}

func (l assetLayout) row(p *page, f *model.Finding) string {
	s := padRight(fitMiddle(clean(assetName(&f.Asset)), l.asset), l.asset+columnGap)
	if l.place > 0 {
		place := p.place(&f.Asset)
		if l.short && len(f.Asset.Account) >= accountWidth && strings.HasPrefix(place, clean(f.Asset.Account)) {
			place = "…" + strings.TrimPrefix(place, clean(f.Asset.Account[:len(f.Asset.Account)-4]))
		}
		s += p.paint(padRight(fitMiddle(place, l.place), l.place+columnGap), faint)
	}
	return s + p.paint(f.ID, faint)
}

// place returns where the asset is: the region, with the account in front when
// the scan covers more than one.
func (p *page) place(a *model.AssetRef) string {
	region := cmp.Or(clean(a.Region), "global")
	if len(p.in.Scan.Accounts) > 1 && a.Account != "" {
		return clean(p.account(a.Account)) + "/" + region
	}
	return region
}

// account returns how people call an account: the number of one of AWS, and the
// name of others, whose ids nobody knows by heart.
func (p *page) account(id string) string {
	if name := p.in.AccountNames[id]; name != "" && !awsAccount.MatchString(id) {
		return name
	}
	return id
}

var awsAccount = regexp.MustCompile(`^[0-9]{12}$`)

func (p *page) nothing() {
	t := p.d.posture.Total()
	p.line()
	switch {
	case t.Fail > 0:
		p.line("Every failing finding is waived.")
	case t.Unknown > 0:
		p.line(fit("Nothing fails among what could be decided; see what is undecided below.", p.width-1))
	case t.Pass > 0:
		p.line(p.paint("Nothing fails.", green))
	default:
		p.line(fit("No control had an asset to decide about.", p.width-1))
	}
}

func (p *page) undecided() {
	n := 0
	for _, s := range model.Severities {
		n += p.d.posture.Severity(s).Unknown
	}
	if n == 0 {
		return
	}
	p.heading("Undecided", count(n, "finding")+" could not be decided")
	shown := min(len(p.d.undecided), tableGroups)
	const number = 6
	room := p.width - 1 - number - columnGap
	widest := 0
	for _, g := range p.d.undecided[:shown] {
		widest = max(widest, columnsOf(clean(g.remedy.String())))
	}
	widest = min(widest, room)
	for _, g := range p.d.undecided[:shown] {
		text := padRight(fitMiddle(clean(g.remedy.String()), widest), widest)
		where := fit("  "+p.where(&g), room-widest)
		p.line(padLeft(thousands(g.findings), number), strings.Repeat(" ", columnGap), text, p.paint(where, faint))
	}
	if more := len(p.d.undecided) - shown; more > 0 {
		p.line(p.paint(strings.Repeat(" ", number+columnGap)+count(more, "further reason"), faint))
	}
}

// where names the account or region of a group, or counts them.
func (p *page) where(g *undecidedGroup) string {
	switch {
	case len(g.accounts) > 1:
		return count(len(g.accounts), "account")
	case len(g.regions) > 1:
		return count(len(g.regions), "region")
	}
	region := cmp.Or(g.regions[0], "global")
	if len(p.in.Scan.Accounts) > 1 {
		return clean(p.account(g.accounts[0]) + "/" + region)
	}
	return clean(region)
}

func (p *page) gaps() {
	if len(p.in.Gaps) == 0 {
		return
	}
	var parts []string
	for _, c := range gapCounts(p.in.Gaps) {
		parts = append(parts, thousands(c.gaps)+" "+strings.ReplaceAll(string(c.reason), "_", " "))
	}
	p.heading("Could not be read", strings.Join(parts, ", "))
	if types := unlisted(p.in.Gaps); len(types) > 0 {
		text := "No complete list of " + strings.Join(types, ", ") + ": assets may be missing here."
		lines := wrap(clean(text), p.width-3)
		for i, l := range lines {
			if i == 3 && len(lines) > 4 {
				p.line("  ", p.paint("…", yellow))
				break
			}
			p.line("  ", p.paint(l, yellow))
		}
	}
}

func (p *page) next() {
	if p.in.Program == "" {
		p.line()
		return
	}
	hints := [][2]string{{p.in.Program + " findings", "all that fails or is undecided"}}
	if len(p.top) > 0 {
		hints = append(hints, [2]string{p.in.Program + " explain " + p.top[0].worst[0].ID, "why, and how to fix it"})
	}
	widest := 0
	for _, h := range hints {
		widest = max(widest, columnsOf(h[0]))
	}
	p.line()
	for i, h := range hints {
		label := ""
		if i == 0 {
			label = "Next"
		}
		room := p.width - 1 - labelWidth
		p.line(p.paint(padRight(label, labelWidth), bold), padRight(fit(h[0], room), widest), p.paint(fit("  "+h[1], room-widest), faint))
	}
	p.line()
}
