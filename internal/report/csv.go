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

func writeCSV(w io.Writer, in Input) error {
	out := csv.NewWriter(w)
	out.UseCRLF = in.CSVCRLF
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	attested := in.attested()
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.State == model.Gone {
			continue // the row could not say so
		}
		if err := out.Write(csvRow(&in, &f, attested.ofFinding(&f))); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(in *Input, f *model.Finding, attested []string) []string {
	a := &f.Asset
	row := []string{
		f.ID, string(f.Verdict), string(f.Severity), strconv.Itoa(f.Risk.Score), f.Control, f.Title,
		a.Provider, a.Partition, a.Account, in.AccountNames[a.Account], a.Region, a.Type, a.ID, a.Name,
		f.Message, strings.Join(requirements(f), ";"), stamp(f.FirstSeen), stamp(f.LastSeen), stamp(f.ChangedAt),
		"", "", f.Fix.Action, in.scanID(f), strings.Join(attested, ";"),
	}
	for i := range row {
		row[i] = cell(row[i])
	}
	return row
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
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if s != "" && strings.ContainsRune("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20", firstRune(s)) {
		s = "'" + s
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
