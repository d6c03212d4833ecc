package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

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
	enc := newLineEncoder(b)
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
		enc.finding(f)
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

// lineEncoder writes JSON values on one line without escaping HTML, and keeps
// the first error.
type lineEncoder struct {
	w    io.Writer
	buf  bytes.Buffer
	json *json.Encoder // into buf
	err  error
	// same are the encoded members that the findings of a control have in common, by
	// where these lie in memory: most of a finding's line.
	same map[memory]encoded
}

// memory is where a slice or a map lies, and how long it is.
type memory struct {
	at     uintptr
	length int
}

// encoded is a value as JSON; keeping the value keeps its memory from others.
type encoded struct {
	value any
	json  json.RawMessage
}

func newLineEncoder(w io.Writer) *lineEncoder {
	e := &lineEncoder{w: w, same: map[memory]encoded{}}
	e.json = json.NewEncoder(&e.buf)
	e.json.SetEscapeHTML(false)
	return e
}

// finding writes a finding as wireFinding has it.
func (e *lineEncoder) finding(f model.Finding) {
	out := wireFinding(f)
	if len(f.Frameworks) > 0 {
		out.Frameworks = e.once(f.Frameworks)
	}
	if len(f.KnownAs) > 0 {
		out.KnownAs = e.once(f.KnownAs)
	}
	e.value(out)
}

// once returns a slice or map encoded, and encodes it when it sees it for the first
// time.
func (e *lineEncoder) once(v any) any {
	at := reflect.ValueOf(v)
	key := memory{at.Pointer(), at.Len()}
	if known, ok := e.same[key]; ok {
		return known.json
	}
	e.buf.Reset()
	if e.json.Encode(v) != nil {
		return v
	}
	raw := json.RawMessage(bytes.Clone(bytes.TrimRight(e.buf.Bytes(), "\n")))
	e.same[key] = encoded{v, raw}
	return raw
}

func (e *lineEncoder) value(v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	if e.err = e.json.Encode(v); e.err == nil {
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
	KnownAs    any              `json:"known_as"`
	Asset      jsonAsset        `json:"asset"`
	Evidence   []model.Evidence `json:"evidence"`
	Gaps       []model.Gap      `json:"gaps"`
	Frameworks any              `json:"frameworks"`
	Risk       jsonRisk         `json:"risk"`
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
	if f.KnownAs == nil {
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
