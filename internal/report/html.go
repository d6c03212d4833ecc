package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed" // the report's style and script
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "html", Extension: "html", ContentType: "text/html; charset=utf-8",
		Summary: "one self-contained page to read, filter, print and pass on",
		Write:   writeHTML,
	})
}

//go:embed html.css
var htmlCSS string

//go:embed html.js
var htmlJS string

// writeHTML writes one page without any outside reference. What sums up is
// written as markup; the open findings are data that the page's script shows
// a screen at a time, so that tens of thousands stay usable. The policy in the
// head admits the two embedded files by their hashes and nothing else.
func writeHTML(w io.Writer, in Input) error {
	d, err := digestFindings(&in)
	if err != nil {
		return err
	}
	b := buffered(w)
	h := &sheet{b: b, in: &in, d: d}
	h.head()
	h.banner()
	h.nav()
	h.put("<main class=\"wrap\">\n")
	h.posture()
	h.unread()
	h.riskiest()
	h.compliance()
	h.findings()
	h.controls()
	h.put("</main>\n")
	h.foot()
	if err := h.data(); err != nil {
		return err
	}
	h.put("<script>%s</script>\n</body>\n</html>\n", raw(htmlJS))
	return b.Flush()
}

// raw is markup; every other argument of put is text and escaped.
type raw string

// sheet writes the parts of the page.
type sheet struct {
	b  *bufio.Writer
	in *Input
	d  *digest
}

// put writes a format whose verbs are all %s or %d. Its arguments are escaped
// for element content and double-quoted attributes unless they are raw.
func (h *sheet) put(format string, args ...any) {
	fmt.Fprintf(h.b, format, escaped(args)...)
}

func escaped(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case raw:
			args[i] = string(v)
		case int:
		case string:
			args[i] = html.EscapeString(clean(v))
		default:
			args[i] = html.EscapeString(clean(fmt.Sprint(v)))
		}
	}
	return args
}

func cspHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (h *sheet) title() string {
	s := &h.in.Scan
	return strings.TrimSpace("Stance report " + strings.Join(s.Accounts, ", "))
}

func (h *sheet) head() {
	h.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	h.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'\">\n",
		raw(cspHash(htmlCSS)), raw(cspHash(htmlJS)))
	h.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
	h.put("<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to findings</a>\n", h.title(), raw(htmlCSS))
}

func (h *sheet) banner() {
	s := &h.in.Scan
	h.put("<header class=\"banner\"><div class=\"wrap\">\n<p class=\"brand\">Stance</p>\n<h1>Security posture%s</h1>\n<dl class=\"facts\">\n", h.of())
	fact := func(name, value string) {
		if value != "" {
			h.put("<div><dt>%s</dt><dd>%s</dd></div>\n", name, value)
		}
	}
	fact(strings.TrimPrefix(count(len(s.Accounts), "Account"), fmt.Sprint(len(s.Accounts))+" "), shortList(h.accountNames(), 4))
	fact("Regions", shortList(s.Regions, 4))
	if end := h.in.end(); !end.IsZero() {
		fact("Scanned", end.Format("2 January 2006, 15:04")+" UTC")
	}
	fact("Took", took(s))
	fact("Assets", thousands(s.Counts.Assets))
	fact("Controls", thousands(len(h.d.controls)))
	fact("Scan", s.ID)
	fact("Version", cmp.Or(h.in.Version, s.Version))
	h.put("</dl>\n")
	if s.Status != "" && s.Status != model.ScanComplete {
		h.put("<p class=\"callout\">This scan is %s: what follows is incomplete.</p>\n", s.Status)
	}
	h.put("</div></header>\n")
}

func (h *sheet) of() string {
	if p := providerName(h.in.Scan.Provider); p != "" {
		return " of " + p
	}
	return ""
}

func (h *sheet) accountNames() []string {
	out := make([]string, len(h.in.Scan.Accounts))
	for i, id := range h.in.Scan.Accounts {
		out[i] = id
		if name := h.in.AccountNames[id]; name != "" {
			out[i] += " (" + name + ")"
		}
	}
	return out
}

// shortList joins at most so many names and counts the rest.
func shortList(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

func (h *sheet) nav() {
	t := h.d.posture.Total()
	h.put("<nav aria-label=\"Sections\"><div class=\"wrap\">\n<a href=\"#posture\">Posture</a>\n")
	if h.hasUnread() {
		h.put("<a href=\"#unread\">Not read</a>\n")
	}
	h.put("<a href=\"#riskiest\">Riskiest</a>\n")
	if len(h.in.Frameworks) > 0 {
		h.put("<a href=\"#compliance\">Compliance</a>\n")
	}
	h.put("<a href=\"#findings\">Findings <span>%s</span></a>\n<a href=\"#controls\">Controls</a>\n</div></nav>\n", thousands(t.Fail+t.Unknown))
}

func (h *sheet) foot() {
	h.put("<footer class=\"wrap\"><p>Stance %s. This page holds configuration details of the accounts above; pass it on with care. It loads nothing from elsewhere.</p></footer>\n",
		cmp.Or(h.in.Version, h.in.Scan.Version))
}

// segment is one part of a stacked bar.
type segment struct {
	class string
	n     int
}

// bar writes a stacked bar of which whole is the full width, with a text
// alternative.
func (h *sheet) bar(whole int, label string, segments ...segment) {
	h.put("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">", label)
	x := 0
	for _, s := range segments {
		if s.n <= 0 || whole <= 0 {
			continue
		}
		width := max(4, s.n*1000/whole)
		width = min(width, 1000-x)
		h.put("<rect class=\"%s\" x=\"%d\" width=\"%d\" height=\"10\"/>", s.class, x, width)
		x += width
	}
	h.put("</svg>")
}
