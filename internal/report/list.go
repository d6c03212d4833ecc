package report

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/stance-sec/stance/internal/model"
)

// Findings writes the findings as a plain list, one a line, in their order.
// Passing and not applicable ones are left out unless in.Verbose is set. It
// writes only the titles when there are none.
func Findings(w io.Writer, in Input) error {
	many := len(in.Scan.Accounts) != 1
	columns := []Column{
		{Title: "VERDICT", Kind: "verdict", Min: 7},
		{Title: "SEVERITY", Kind: "severity", Min: 8},
		{Title: "RISK", Right: true, Min: 4, Optional: true},
		{Title: "CONTROL", Min: 20},
		{Title: "ASSET", Middle: true, Min: 14},
	}
	if many {
		columns = append(columns, Column{Title: "ACCOUNT", Middle: true, Min: 12, Optional: true, Kind: "faint"})
	}
	columns = append(columns,
		Column{Title: "REGION", Min: 9, Optional: true, Kind: "faint"},
		Column{Title: "ID", Min: 22, Kind: "faint"})
	return grid(w, columns, func() iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) {
			for f, err := range in.Findings() {
				if err != nil {
					yield(nil, fmt.Errorf("read findings: %w", err))
					return
				}
				if !in.Verbose && (f.Verdict == model.Pass || f.Verdict == model.NotApplicable) {
					continue
				}
				row := []string{string(f.Verdict), string(f.Severity), strconv.Itoa(f.Risk.Score), f.Title, assetName(&f.Asset)}
				if many {
					row = append(row, f.Asset.Account)
				}
				if !yield(append(row, cmp.Or(f.Asset.Region, "global"), f.ID), nil) {
					return
				}
			}
		}
	}, in.Width, in.Color)
}
