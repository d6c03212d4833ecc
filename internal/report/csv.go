package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/stance-sec/stance/internal/model"
)

func init() {
	register(Format{
		Name: "csv", Extension: "csv", ContentType: "text/csv; charset=utf-8",
		Summary: "one finding a row, for spreadsheets",
		Write:   writeCSV,
	})
}

// csvHeader is a contract: columns are appended, never moved.
var csvHeader = []string{
	"finding_id", "verdict", "severity", "risk_score", "control_id", "control_title",
	"provider", "partition", "account", "account_name", "region", "asset_type", "asset_id", "asset_name",
	"reason", "requirements", "first_seen", "last_seen", "changed_at",
	"waiver_id", "waiver_expires", "fix_action", "scan_id", "attestations",
}

// csvLists are the cells that the findings of a control have in common.
type csvLists struct{ requirements, attestations string }

func writeCSV(w io.Writer, in Input) error {
	out := csv.NewWriter(buffered(w))
	out.UseCRLF = in.CSVCRLF
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	attested := in.attested()
	var lists shared[csvLists]
	var row []string
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.State == model.Gone {
			continue // the row could not say so
		}
		row = csvRow(row[:0], &in, &f, lists.of(f.Frameworks, func(list []model.RequirementRef) csvLists {
			return csvLists{cell(strings.Join(requirements(list), ";")), cell(strings.Join(attested.of(list), ";"))}
		}))
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow appends the cells of a finding.
func csvRow(row []string, in *Input, f *model.Finding, lists csvLists) []string {
	a := &f.Asset
	return append(row,
		cell(f.ID), cell(string(f.Verdict)), cell(string(f.Severity)), cell(strconv.Itoa(f.Risk.Score)), cell(f.Control), cell(f.Title),
		cell(a.Provider), cell(a.Partition), cell(a.Account), cell(in.AccountNames[a.Account]), cell(a.Region), cell(a.Type), cell(a.ID), cell(a.Name),
		cell(f.Message), lists.requirements, stamp(f.FirstSeen), stamp(f.LastSeen), stamp(f.ChangedAt),
		"", "", cell(f.Fix.Action), cell(in.scanID(f)), lists.attestations)
}

// stamp returns a time as ISO 8601 in UTC, or "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// cellMost is how many UTF-16 units a spreadsheet keeps of a cell.
const cellMost = 32767

// cell makes a text safe for spreadsheets: what they would run as a formula is
// quoted, what they would cut is cut visibly, and control characters are
// replaced.
func cell(s string) string {
	if !printable(s) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
				return unicode.ReplacementChar
			}
			return r
		}, strings.ToValidUTF8(s, "\uFFFD"))
	}
	if s != "" && strings.ContainsRune("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20", firstRune(s)) {
		s = "'" + s
	}
	if len(s) <= cellMost {
		return s // no text has more units than bytes
	}
	units, cut := 0, 0
	for i, r := range s {
		if units <= cellMost-1 {
			cut = i
		}
		if units += utf16.RuneLen(r); units > cellMost {
			return s[:cut] + "…"
		}
	}
	return s
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}
