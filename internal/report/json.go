package report

import (
	"fmt"
	"io"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

func init() {
	register(Format{
		Name: "json", Extension: "json", ContentType: "application/json",
		Summary: "one document: scan, findings, gaps, coverage, frameworks and score",
		Write:   writeJSON,
	})
}

// writeJSON writes one object. Each finding stands on its own line, so that
// the document can be read while it is written and compared line by line.
func writeJSON(w io.Writer, in Input) error {
	b := buffered(w)
	enc := &lineEncoder{w: b}
	fmt.Fprint(b, "{\n\"scan\": ")
	enc.value(wireScan(in.Scan))
	fmt.Fprint(b, ",\n\"findings\": [")
	var posture risk.Posture
	tallies := risk.Tallies{}
	separator := "\n"
	for f, err := range in.Findings() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if f.State != model.Gone {
			posture.Add(f.Verdict, f.Severity)
			tallies.Add(f.Asset.Provider, f.Control, f.Verdict)
		}
		fmt.Fprint(b, separator)
		enc.finding(&f)
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		separator = ",\n"
	}
	fmt.Fprint(b, "\n],\n\"gaps\": ")
	writeArray(b, enc, in.Gaps)
	fmt.Fprint(b, ",\n\"coverage\": ")
	writeArray(b, enc, in.Coverage)
	tallies.MarkUnlisted(in.Controls, in.Gaps)
	fmt.Fprint(b, ",\n\"frameworks\": ")
	writeArray(b, enc, wireFrameworks(&in, tallies))
	fmt.Fprint(b, ",\n\"score\": ")
	enc.value(posture.Summary())
	fmt.Fprint(b, "\n}\n")
	if enc.err != nil {
		return enc.err
	}
	return b.Flush()
}

func writeArray[T any](w io.Writer, enc *lineEncoder, values []T) {
	fmt.Fprint(w, "[")
	separator := "\n"
	for _, v := range values {
		fmt.Fprint(w, separator)
		enc.value(v)
		separator = ",\n"
	}
	fmt.Fprint(w, "\n]")
}

// jsonScan is the model's own JSON with arrays that are always there.
type jsonScan struct {
	model.Scan
	Accounts []string `json:"accounts"`
	Regions  []string `json:"regions"`
}

func wireScan(s model.Scan) jsonScan {
	return jsonScan{Scan: s, Accounts: nonNil(s.Accounts), Regions: nonNil(s.Regions)}
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
