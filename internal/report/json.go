package report

import (
	"bufio"
	"bytes"
	"encoding/json"
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
	b := bufio.NewWriter(w)
	enc := lineEncoder{w: b}
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
		enc.value(wireFinding(f))
		if enc.err != nil {
			return fmt.Errorf("write finding %s: %w", f.ID, enc.err)
		}
		separator = ",\n"
	}
	fmt.Fprint(b, "\n],\n\"gaps\": ")
	writeArray(b, &enc, in.Gaps)
	fmt.Fprint(b, ",\n\"coverage\": ")
	writeArray(b, &enc, in.Coverage)
	tallies.MarkUnlisted(in.Controls, in.Gaps)
	fmt.Fprint(b, ",\n\"frameworks\": ")
	writeArray(b, &enc, wireFrameworks(&in, tallies))
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

// lineEncoder writes JSON values on one line without escaping HTML, and keeps
// the first error.
type lineEncoder struct {
	w   io.Writer
	buf bytes.Buffer
	err error
}

func (e *lineEncoder) value(v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	enc := json.NewEncoder(&e.buf)
	enc.SetEscapeHTML(false)
	if e.err = enc.Encode(v); e.err == nil {
		_, e.err = e.w.Write(bytes.TrimRight(e.buf.Bytes(), "\n"))
	}
}

// jsonScan and jsonFinding are the model's own JSON with members that are
// always there, and arrays that are never null.
type jsonScan struct {
	model.Scan
	Accounts []string `json:"accounts"`
	Regions  []string `json:"regions"`
}

type jsonFinding struct {
	model.Finding
	KnownAs    map[string][]string    `json:"known_as"`
	Asset      jsonAsset              `json:"asset"`
	Evidence   []model.Evidence       `json:"evidence"`
	Gaps       []model.Gap            `json:"gaps"`
	Frameworks []model.RequirementRef `json:"frameworks"`
	Risk       jsonRisk               `json:"risk"`
}

type jsonAsset struct {
	model.AssetRef
	Class   model.Class       `json:"class"`
	Name    string            `json:"name"`
	Account string            `json:"account"`
	Region  string            `json:"region"`
	Tags    map[string]string `json:"tags"`
}

type jsonRisk struct {
	Score   int      `json:"score"`
	Reasons []string `json:"reasons"`
}

func wireScan(s model.Scan) jsonScan {
	return jsonScan{Scan: s, Accounts: nonNil(s.Accounts), Regions: nonNil(s.Regions)}
}

// FindingJSON is a finding as the JSON format writes it: every member is there,
// and no array is null.
func FindingJSON(f model.Finding) any { return wireFinding(f) }

func wireFinding(f model.Finding) jsonFinding {
	out := jsonFinding{
		Finding: f, KnownAs: f.KnownAs,
		Asset: jsonAsset{
			AssetRef: f.Asset, Class: f.Asset.Class, Name: f.Asset.Name,
			Account: f.Asset.Account, Region: f.Asset.Region, Tags: f.Asset.Tags,
		},
		Evidence: nonNil(f.Evidence), Gaps: nonNil(f.Gaps), Frameworks: nonNil(f.Frameworks),
		Risk: jsonRisk{Score: f.Risk.Score, Reasons: nonNil(f.Risk.Reasons)},
	}
	if out.KnownAs == nil {
		out.KnownAs = map[string][]string{}
	}
	if out.Asset.Tags == nil {
		out.Asset.Tags = map[string]string{}
	}
	return out
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
