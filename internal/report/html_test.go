package report

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

func htmlPage(t *testing.T, in Input) string {
	t.Helper()
	got, err := render(writeHTML, in)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// htmlDataOf returns what stands in the page's data element.
func htmlDataOf(t *testing.T, page string) object {
	t.Helper()
	_, rest, found := strings.Cut(page, `<script type="application/json" id="data">`)
	data, _, closed := strings.Cut(rest, "</script>")
	if !found || !closed {
		t.Fatal("no data element")
	}
	return decode(t, data)
}

func TestHTMLKeepsHostileNamesText(t *testing.T) {
	in := estate()
	in.Scan.Accounts = []string{`"><script>alert(2)</script>`}
	in.Scan.ID = `<svg onload=alert(3)>`
	in.Frameworks[0].Title = `</style><script>alert(4)</script>`
	in.Gaps[0].Permission = `"><img src=x onerror=alert(5)>`
	page := htmlPage(t, in)
	for _, bad := range []string{"<img", "<script>alert", "<svg onload", "\u2028", "\x1b"} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("%q stands in the page: %q", bad, page[max(0, i-80):i+40])
		}
	}
	if markup, _, _ := strings.Cut(page, "<script"); strings.Contains(markup, "\u202e") {
		t.Error("a character that reorders text stands in the markup")
	}
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d script elements, want the data and the script", n)
	}
	if n := strings.Count(page, "</script>"); n != 2 {
		t.Errorf("%d ends of script elements", n)
	}
	findings := htmlDataOf(t, page)["findings"].([]any)
	found := false
	for _, f := range findings {
		found = found || object(f.(map[string]any)).at("a.name") == hostileName
	}
	if !found {
		t.Error("the name does not come through unchanged")
	}
}

func TestHTMLIsSelfContained(t *testing.T) {
	page := htmlPage(t, estate())
	markup, _, _ := strings.Cut(page, `<script type="application/json"`)
	if m := regexp.MustCompile(`(?i)(src|href)="(https?:|//)[^"]*"|@import|url\(`).FindString(markup); m != "" {
		t.Errorf("refers to %s", m)
	}
	for _, want := range []string{cspHash(htmlCSS), cspHash(htmlJS), "default-src 'none'"} {
		if !strings.Contains(page, want) {
			t.Errorf("the policy does not hold %s", want)
		}
	}
	if !strings.Contains(page, "<style>"+htmlCSS+"</style>") || !strings.Contains(page, "<script>"+htmlJS+"</script>") {
		t.Error("the hashed text is not what the elements hold")
	}
	if m := regexp.MustCompile(`\s(style|on[a-z]+)="`).FindString(markup); m != "" {
		t.Errorf("inline %s, which the policy refuses", m)
	}
}

func TestHTMLElementsMatch(t *testing.T) {
	for name, in := range map[string]Input{"estate": estate(), "organization": bigEstate(300), "nothing": {Findings: each(nil)}} {
		page := htmlPage(t, in)
		markup, _, _ := strings.Cut(page, `<script type="application/json"`)
		markup = regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(markup, "")
		var open []string
		for _, m := range regexp.MustCompile(`<(/?)([a-z][a-z0-9]*)[^>]*?(/?)>`).FindAllStringSubmatch(markup, -1) {
			switch tag := m[2]; {
			case m[3] == "/" || tag == "meta" || tag == "br" || tag == "input":
			case m[1] == "":
				open = append(open, tag)
			case len(open) == 0 || open[len(open)-1] != tag:
				t.Fatalf("%s: </%s> closes %v", name, tag, open)
			default:
				open = open[:len(open)-1]
			}
		}
		if strings.Join(open, " ") != "html body" {
			t.Errorf("%s: still open before the data: %v", name, open)
		}
		for _, m := range regexp.MustCompile(`href="#([^"]+)"|aria-labelledby="([^"]+)"`).FindAllStringSubmatch(markup, -1) {
			id := m[1] + m[2]
			if !strings.HasPrefix(id, "f-") && !strings.Contains(markup, `id="`+id+`"`) {
				t.Errorf("%s: nothing has the id %s", name, id)
			}
		}
	}
}

func TestHTMLData(t *testing.T) {
	data := htmlDataOf(t, htmlPage(t, estate()))
	findings := data["findings"].([]any)
	if len(findings) != 4 {
		t.Errorf("got %d findings, want the failing and unknown ones", len(findings))
	}
	for _, f := range findings {
		o := object(f.(map[string]any))
		needs(t, o, map[string]string{"id": "string", "c": "string", "v": "string", "s": "string", "r": "number", "a.id": "string"})
		if data.at("controls."+o["c"].(string)) == nil {
			t.Errorf("no control %v", o["c"])
		}
	}
	logs := object(findings[1].(map[string]any))
	if logs.at("fix.cli") != "aws s3api put-bucket-policy --bucket logs --policy file://policy.json" || logs.at("fix.steps") != nil {
		t.Errorf("the fix beside the control's is %v", logs["fix"])
	}
	if data.at("controls."+tlsControl.ID+".fix.steps.0") != tlsControl.Fix.Steps[0] {
		t.Error("the control does not hold its steps")
	}
}

func TestHTMLStaysSmall(t *testing.T) {
	const n = 10_000
	page := htmlPage(t, bigEstate(n))
	if per := len(page) / n; per > 1000 {
		t.Errorf("%d bytes for each finding", per)
	}
	markup, data, _ := strings.Cut(page, `<script type="application/json"`)
	if len(markup) > 100_000 {
		t.Errorf("%d bytes of markup: it must not grow with the findings", len(markup))
	}
	if !json.Valid([]byte(data[strings.Index(data, "{"):strings.Index(data, "</script>")])) {
		t.Error("the data is not JSON")
	}
}

func TestStatusOfRequirements(t *testing.T) {
	in := estate()
	in.Attestations = nil
	in.Frameworks[0].Requirements = append(in.Frameworks[0].Requirements,
		model.Requirement{ID: "9.1", Title: "Nobody mapped this"},
		model.Requirement{ID: "9.2", Title: "Half of it", Controls: []string{"aws-x"}, Manual: "Look."})
	page := htmlPage(t, in)
	for _, want := range []string{"<b>2</b> failed", "<b>1</b> unknown", "<b>3</b> manual", "<b>1</b> not mapped", "assets could not all be listed"} {
		if !strings.Contains(page, want) {
			t.Errorf("does not say %q", want)
		}
	}
}
