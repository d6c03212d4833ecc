package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "junit", Extension: "junit.xml", ContentType: "application/xml",
		Summary: "test cases for CI systems: a failing finding is a failure, an unknown one an error",
		Write:   writeJUnit,
	})
}

// junitMost is the default cap on test cases; CI systems choke on more.
const junitMost = 50_000

// junitOutcome is what becomes of a finding.
type junitOutcome int

const (
	junitPassed junitOutcome = iota
	junitFailure
	junitError
	junitSkipped
)

// junitSuite is one account's assets of one type.
type junitSuite struct {
	name  string
	count [4]int
}

func (s *junitSuite) tests() int { return s.count[0] + s.count[1] + s.count[2] + s.count[3] }

func (s *junitSuite) attributes() string {
	return fmt.Sprintf(`tests="%d" failures="%d" errors="%d" skipped="%d"`,
		s.tests(), s.count[junitFailure], s.count[junitError], s.count[junitSkipped])
}

// writeJUnit reads the findings up to three times: once to count them all, a
// second time when they are more than the cap, and once to write them, because
// the counters stand before what they count.
func writeJUnit(w io.Writer, in Input) error {
	if in.JUnitUnknown != "" && in.JUnitUnknown != "error" && in.JUnitUnknown != "skip" {
		return fmt.Errorf("%w handling of unknown findings %q: use error or skip", model.ErrInvalid, in.JUnitUnknown)
	}
	plan := junitPlan{in: &in, most: in.JUnitMost}
	if plan.most <= 0 {
		plan.most = junitMost
	}
	if err := plan.count(); err != nil {
		return err
	}
	b := buffered(w)
	if err := plan.write(b); err != nil {
		return err
	}
	return b.Flush()
}

// junitPlan decides which findings become test cases.
type junitPlan struct {
	in   *Input
	most int
	// onlyOpen leaves out what passes or does not apply, because all together
	// are more than the cap.
	onlyOpen bool
	found    int // findings, whether they become test cases or not
	total    junitSuite
	suites   []junitSuite
}

func (p *junitPlan) count() error {
	err := p.each(func(_ *model.Finding, suite string, o junitOutcome) error {
		if n := len(p.suites); n == 0 || p.suites[n-1].name != suite {
			p.suites = append(p.suites, junitSuite{name: suite})
		}
		p.suites[len(p.suites)-1].count[o]++
		p.total.count[o]++
		return nil
	})
	if err != nil {
		return err
	}
	if p.total.tests() <= p.most || p.onlyOpen {
		p.found = max(p.found, p.total.tests())
		return nil
	}
	p.found = p.total.tests()
	p.onlyOpen, p.suites, p.total = true, nil, junitSuite{}
	return p.count()
}

// each calls do with the findings that become test cases, in order.
func (p *junitPlan) each(do func(f *model.Finding, suite string, o junitOutcome) error) error {
	kept := 0
	for f, err := range p.in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.State == model.Gone {
			continue
		}
		if p.onlyOpen {
			if f.Verdict == model.Pass || f.Verdict == model.NotApplicable {
				continue
			}
			if kept == p.most {
				break
			}
		}
		kept++
		suite := strings.Join([]string{f.Asset.Provider, f.Asset.Account, f.Asset.Type}, "/")
		if err := do(&f, suite, p.outcome(&f)); err != nil {
			return err
		}
	}
	return nil
}

func (p *junitPlan) outcome(f *model.Finding) junitOutcome {
	switch {
	case f.State == model.Waived:
		return junitSkipped
	case f.Verdict == model.Fail:
		return junitFailure
	case f.Verdict == model.Unknown && p.in.JUnitUnknown != "skip":
		return junitError
	case f.Verdict == model.Pass:
		return junitPassed
	}
	return junitSkipped
}

func (p *junitPlan) write(b *bufio.Writer) error {
	seconds := 0.0
	if s := p.in.Scan; s.FinishedAt.After(s.StartedAt) && !s.StartedAt.IsZero() {
		seconds = s.FinishedAt.Sub(s.StartedAt).Seconds()
	}
	stamp := firstTime(p.in.Scan.StartedAt, p.in.Now).Format("2006-01-02T15:04:05")
	fmt.Fprintf(b, "%s<testsuites name=\"stance\" %s time=\"%.1f\">\n", xml.Header, p.total.attributes(), seconds)
	next, open := 0, false
	err := p.each(func(f *model.Finding, suite string, o junitOutcome) error {
		if !open || p.suites[next-1].name != suite {
			if open {
				fmt.Fprint(b, "  </testsuite>\n")
			}
			s := &p.suites[next]
			fmt.Fprintf(b, "  <testsuite name=\"%s\" %s time=\"0\" timestamp=\"%s\">\n", xmlText(s.name), s.attributes(), stamp)
			if left := p.found - p.total.tests(); left > 0 && next == 0 {
				fmt.Fprintf(b, "    <properties><property name=\"stance.left_out\" value=\"%d\"/></properties>\n", left)
			}
			next, open = next+1, true
		}
		writeCase(b, f, o)
		return nil
	})
	if err != nil {
		return err
	}
	if open {
		fmt.Fprint(b, "  </testsuite>\n")
	}
	fmt.Fprint(b, "</testsuites>\n")
	return nil
}

func writeCase(b *bufio.Writer, f *model.Finding, o junitOutcome) {
	fmt.Fprintf(b, "    <testcase classname=\"%s\" name=\"%s\" time=\"0\"", xmlText(f.Control), xmlText(f.Asset.ID))
	message := f.Message
	if message == "" {
		message = f.Title
	}
	switch o {
	case junitPassed:
		fmt.Fprint(b, "/>\n")
	case junitFailure:
		fmt.Fprintf(b, "><failure type=\"%s\" message=\"%s\">%s</failure></testcase>\n", xmlText(string(f.Severity)), xmlText(message), xmlText(caseDetail(f)))
	case junitError:
		fmt.Fprintf(b, "><error type=\"unknown\" message=\"%s\">%s</error></testcase>\n", xmlText(message), xmlText(caseDetail(f)))
	case junitSkipped:
		reason := string(f.Verdict)
		if f.State == model.Waived {
			reason = "waived"
		}
		fmt.Fprintf(b, "><skipped message=\"%s\"/></testcase>\n", xmlText(reason+": "+message))
	}
}

func caseDetail(f *model.Finding) string {
	var lines []string
	for _, e := range f.Evidence {
		lines = append(lines, evidenceLine(e))
	}
	for i := range f.Gaps {
		lines = append(lines, f.Gaps[i].Error())
	}
	if fix := fixText(&f.Fix); fix != "" {
		lines = append(lines, "Fix: "+fix)
	}
	return strings.Join(lines, "\n")
}

// xmlText escapes a text for element content and attributes; characters that
// XML 1.0 cannot hold, which do occur in tags and policies, become U+FFFD.
func xmlText(s string) string {
	if printable(s) && !strings.ContainsAny(s, `"'&<>`) {
		return s
	}
	var b bytes.Buffer
	// Writing to a buffer does not fail.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
