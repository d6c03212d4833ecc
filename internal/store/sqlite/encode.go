package sqlite

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

var (
	verdicts = []model.Verdict{"", model.Pass, model.Fail, model.Unknown, model.NotApplicable, model.Manual}
	states   = []model.State{"", model.Open, model.Resolved, model.Gone, model.Waived, model.Passing}
	// severities by their rank.
	severities = []model.Severity{"", model.Info, model.Low, model.Medium, model.High, model.Critical}
)

// encodeAsset encodes an asset; scratch is memory that it may use meanwhile,
// and returns for the next call.
func encodeAsset(a *model.Asset, scratch []byte) (assetRow, []byte, error) {
	row := assetRow{id: a.ID, region: a.Scope.Region, version: a.Version}
	if a.ID == "" {
		return row, scratch, fmt.Errorf("%w asset of type %s: it has no id", model.ErrInvalid, a.Type)
	}
	var err error
	if scratch, err = appendMap(scratch[:0], a.Config, 1); err != nil {
		return row, scratch, fmt.Errorf("encode the document of %s: %w", a.ID, err)
	}
	row.doc = bytes.Clone(scratch)
	if row.version == "" {
		row.version = a.Config.Hash()
	}
	if !a.ObservedAt.IsZero() {
		row.at = a.ObservedAt.UnixNano()
	}
	o := newObject(scratch[:0])
	o.str("class", string(a.Class))
	o.str("name", a.Name)
	o.str("partition", a.Scope.Partition)
	o.str("org_path", a.Scope.OrgPath)
	o.str("zone", a.Scope.Zone)
	o.strings("tags", a.Tags)
	o.time("created_at", a.CreatedAt)
	o.time("observed_at", a.ObservedAt)
	if len(a.Facts) > 0 {
		o.value("facts", a.Facts)
	}
	if len(a.Relations) > 0 {
		o.key("relations")
		o.b = appendList(o.b, a.Relations, func(o *object, r model.Relation) {
			o.str("kind", string(r.Kind))
			o.str("to", r.To)
			o.str("type", r.Type)
		})
	}
	if len(a.Gaps) > 0 {
		o.other("gaps", a.Gaps)
	}
	if a.Origin != (model.Origin{}) {
		o.other("origin", a.Origin)
	}
	o.str("managed_by", a.ManagedBy)
	if a.Stale {
		o.other("stale", true)
	}
	if scratch, err = o.end(); err != nil {
		return row, scratch, fmt.Errorf("encode asset %s: %w", a.ID, err)
	}
	row.meta = bytes.Clone(scratch)
	return row, scratch, nil
}

func appendList[T any](b []byte, list []T, write func(*object, T)) []byte {
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		o := newObject(b)
		write(o, e)
		b = append(o.b, '}')
	}
	return append(b, ']')
}

// encodeFinding encodes a finding, with scratch as for encodeAsset.
func encodeFinding(f *model.Finding, scratch []byte) (findingRow, []byte, error) {
	row := findingRow{
		control: f.Control, version: f.ControlVersion, scan: f.Scan,
		verdict: int64(slices.Index(verdicts, f.Verdict)), severity: int64(f.Severity.Rank()),
		state: int64(slices.Index(states, f.State)), risk: int64(f.Risk.Score), reopened: int64(f.Reopened),
		first: nanos(f.FirstSeen), last: nanos(f.LastSeen), changed: nanos(f.ChangedAt), resolved: nanos(f.ResolvedAt),
	}
	switch {
	case f.Control == "" || f.Asset.ID == "":
		return row, scratch, fmt.Errorf("%w: it lacks its control or asset", model.ErrInvalid)
	case row.verdict < 0:
		return row, scratch, fmt.Errorf("%w verdict %q", model.ErrInvalid, f.Verdict)
	case row.state < 0:
		return row, scratch, fmt.Errorf("%w state %q", model.ErrInvalid, f.State)
	case row.severity == 0 && f.Severity != "":
		return row, scratch, fmt.Errorf("%w severity %q", model.ErrInvalid, f.Severity)
	}
	id := model.FindingID(f.Control, f.Asset.ID)
	odd := f.ID != "" && f.ID != id
	if odd {
		id = f.ID
	}
	row.hash = hashID(id)
	if !odd && f.Message == "" && len(f.Evidence)+len(f.Gaps)+len(f.Risk.Reasons) == 0 {
		return row, scratch, nil
	}
	o := newObject(scratch[:0])
	if odd {
		o.str("id", f.ID)
	}
	o.str("m", f.Message)
	if len(f.Evidence) > 0 {
		o.key("e")
		var err error
		o.b = appendList(o.b, f.Evidence, func(o *object, e model.Evidence) {
			o.str("a", e.Asset)
			o.str("p", e.Path)
			if e.Value != nil {
				o.value("v", e.Value)
			}
			o.str("n", e.Note)
			if o.err != nil && err == nil {
				err = o.err
			}
		})
		if err != nil {
			return row, scratch, fmt.Errorf("encode evidence: %w", err)
		}
	}
	if len(f.Gaps) > 0 {
		o.other("g", f.Gaps)
	}
	if len(f.Risk.Reasons) > 0 {
		o.other("r", f.Risk.Reasons)
	}
	scratch, err := o.end()
	row.body = bytes.Clone(scratch)
	return row, scratch, err
}

// appendRef appends what a finding says about its asset beside the columns.
func appendRef(b []byte, a *model.AssetRef) []byte {
	o := newObject(b)
	o.str("class", string(a.Class))
	o.str("name", a.Name)
	o.str("partition", a.Partition)
	o.strings("tags", a.Tags)
	return append(o.b, '}')
}

// packHash returns a version as it is stored: half as long where it is a hash.
func packHash(version string) any {
	if b, err := hex.DecodeString(version); err == nil && len(b) == 16 && hex.EncodeToString(b) == version {
		return b
	}
	return version
}

func unpackHash(v any) string {
	if b, ok := v.([]byte); ok {
		return hex.EncodeToString(b)
	}
	s, _ := v.(string)
	return s
}
