package report

import (
	"encoding/json"
	"io"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/risk"
)

func init() {
	register(Format{
		Name: "manifest", Extension: "manifest.json", ContentType: "application/json",
		Summary: "what was read, what was not, and counts, to pass on beside another format",
		Write:   writeManifest,
	})
}

// manifest lets who receives an export tell "no finding" from "not read".
type manifest struct {
	Scan  jsonScan                `json:"scan"`
	Score risk.Summary            `json:"score"`
	Gaps  map[model.GapReason]int `json:"gaps"`
	// Unlisted are the asset types of which a listing failed.
	Unlisted []string         `json:"unlisted"`
	Coverage []model.Coverage `json:"coverage"`
}

func writeManifest(w io.Writer, in Input) error {
	d, err := digestFindings(&in)
	if err != nil {
		return err
	}
	m := manifest{
		Scan: wireScan(in.Scan), Score: d.posture.Summary(), Gaps: map[model.GapReason]int{},
		Unlisted: nonNil(unlisted(in.Gaps)), Coverage: nonNil(in.Coverage),
	}
	for _, c := range gapCounts(in.Gaps) {
		m.Gaps[c.reason] = c.gaps
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(m)
}
