// Package report writes the result of a scan in the formats that people and
// other tools read, each to an io.Writer, one file a format. Output depends on
// the input only: the same input gives the same bytes. It does not read
// stores, choose file names, or decide what to report.
package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// Input is what a report is made of. Formats read what they need and never
// change it.
type Input struct {
	Scan model.Scan
	// Findings iterates the findings sorted by provider, account, asset type,
	// asset id and control. Formats may iterate it more than once and get the
	// same findings; an error ends the report with that error. They are
	// hydrated: titles, requirements and fixes are filled in.
	Findings   func() iter.Seq2[model.Finding, error]
	Gaps       []model.Gap
	Coverage   []model.Coverage
	Frameworks []model.Framework
	// Attestations is the whole record of what people attested, in the order
	// of the store; which entries count is decided for Now.
	Attestations []model.Attestation
	// Controls are the controls by id that the scan evaluated; findings of
	// others are reported with what they carry themselves.
	Controls map[string]model.Control
	// AccountNames maps accounts to their names, as far as they are known.
	AccountNames map[string]string

	// Color and Width are the terminal's; 0 is a width of 80 columns.
	Color bool
	Width int
	// Now stands for times that the scan and its findings do not carry.
	Now time.Time
	// Version is the version of Stance.
	Version string
	// Program is how the reader calls Stance, with the database if it is not
	// the usual one; without it a report gives no commands.
	Program string
	// Verbose adds passing and not applicable findings where a format leaves
	// them out.
	Verbose bool

	// OCSFClass is 2003 (compliance finding, also 0) or 2004 (detection finding).
	OCSFClass int
	// JUnitUnknown is what an unknown finding becomes: "error" (also "") or
	// "skip", for systems that fail a build on errors.
	JUnitUnknown string
	// JUnitMost caps the number of test cases; 0 is 50,000.
	JUnitMost int
	// CSVCRLF ends lines of CSV with CR LF instead of LF.
	CSVCRLF bool
}

// Format is one way to write a report.
type Format struct {
	Name        string
	Extension   string // of a file of this format, without a dot
	ContentType string
	Summary     string // for help texts, one line
	Write       func(w io.Writer, in Input) error
}

var formats = map[string]Format{}

// register adds a format; each file of a format calls it from init.
func register(f Format) {
	if _, ok := formats[f.Name]; ok || f.Name == "" || f.Write == nil {
		panic("report: format " + f.Name + " is registered twice or incomplete")
	}
	formats[f.Name] = f
}

// Formats returns all formats in order of their names.
func Formats() []Format {
	return slices.SortedFunc(maps.Values(formats), func(a, b Format) int { return cmp.Compare(a.Name, b.Name) })
}

// Lookup returns the format of that name, or an error wrapping
// model.ErrInvalid that lists the names.
func Lookup(name string) (Format, error) {
	if f, ok := formats[name]; ok {
		return f, nil
	}
	return Format{}, fmt.Errorf("%w format %q: use %s", model.ErrInvalid, name, oneOf(slices.Sorted(maps.Keys(formats))))
}

// oneOf joins names as "a, b or c".
func oneOf(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// buffered returns a writer that spares w the small writes.
func buffered(w io.Writer) *bufio.Writer { return bufio.NewWriterSize(w, 64<<10) }

// end returns the time of the report's data: the scan's end, else its start,
// else Now.
func (in *Input) end() time.Time {
	return firstTime(in.Scan.FinishedAt, in.Scan.StartedAt, in.Now)
}

// seen returns when the finding was last evaluated.
func (in *Input) seen(f *model.Finding) time.Time { return firstTime(f.LastSeen, in.end()) }

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}

// scanID returns the id of the scan that made the finding.
func (in *Input) scanID(f *model.Finding) string { return cmp.Or(f.Scan, in.Scan.ID) }

// requirements returns "framework/requirement" of each requirement, in their
// order.
func requirements(list []model.RequirementRef) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Framework + "/" + r.Requirement
	}
	return out
}

// assetName returns the name that people know the asset by, else its id.
func assetName(a *model.AssetRef) string { return cmp.Or(a.Name, a.ID) }
