package sqlite

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stance-sec/stance/internal/model"
)

// What is stored of findings and assets, by declaration: the decoders must read
// what encoding/json reads.
type (
	wantBody struct {
		ID       string `json:"id"`
		Message  string `json:"m"`
		Evidence []struct {
			Asset string          `json:"a"`
			Path  string          `json:"p"`
			Value json.RawMessage `json:"v"`
			Note  string          `json:"n"`
		} `json:"e"`
		Gaps    []model.Gap `json:"g"`
		Reasons []string    `json:"r"`
	}
	wantMeta struct {
		Class      model.Class       `json:"class"`
		Name       string            `json:"name"`
		Partition  string            `json:"partition"`
		OrgPath    string            `json:"org_path"`
		Zone       string            `json:"zone"`
		Tags       map[string]string `json:"tags"`
		CreatedAt  time.Time         `json:"created_at"`
		ObservedAt time.Time         `json:"observed_at"`
		Facts      json.RawMessage   `json:"facts"`
		Relations  []model.Relation  `json:"relations"`
		Gaps       []model.Gap       `json:"gaps"`
		Origin     model.Origin      `json:"origin"`
		ManagedBy  string            `json:"managed_by"`
		Stale      bool              `json:"stale"`
	}
)

var (
	anyText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", "logs", `"}],{[`, `\`, `\\"`, "a<b>&c", "\u2028\u2029", "\xff\xfe no UTF-8", "line\nbreak\t\x00\x1f", "é 日本 😀",
	}))
	anyTags  = rapid.MapOfN(anyText, anyText, 0, 4)
	anyValue = valuesTo(3)
	anyTime  = rapid.Map(rapid.Int64Range(-1, 4e18), func(n int64) time.Time {
		if n < 0 {
			return time.Time{}
		}
		return time.Unix(0, n).UTC()
	})
	anyGap = rapid.Custom(func(t *rapid.T) model.Gap {
		return model.Gap{
			Scope: model.Scope{Provider: anyText.Draw(t, "provider")}, Type: anyText.Draw(t, "type"), Reason: model.Denied,
			Path: anyText.Draw(t, "path"), Detail: anyText.Draw(t, "detail"), Below: rapid.Bool().Draw(t, "below"),
		}
	})
	anyEvidence = rapid.Custom(func(t *rapid.T) model.Evidence {
		return model.Evidence{
			Asset: anyText.Draw(t, "asset"), Path: anyText.Draw(t, "path"), Value: anyValue.Draw(t, "value"), Note: anyText.Draw(t, "note"),
		}
	})
	anyFinding = rapid.Custom(func(t *rapid.T) model.Finding {
		return model.Finding{
			ID: anyText.Draw(t, "id"), Control: "c", Asset: model.AssetRef{ID: "a"}, Message: anyText.Draw(t, "message"),
			Evidence: rapid.SliceOfN(anyEvidence, 0, 12).Draw(t, "evidence"), Gaps: rapid.SliceOfN(anyGap, 0, 2).Draw(t, "gaps"),
			Risk: model.Risk{Reasons: rapid.SliceOfN(anyText, 0, 3).Draw(t, "reasons")},
		}
	})
)

// valuesTo generates values of documents that nest so deep.
func valuesTo(depth int) *rapid.Generator[any] {
	values := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64Range(-1e30, 1e30).AsAny(), anyText.AsAny(),
	}
	if depth > 0 {
		below := valuesTo(depth - 1)
		values = append(values, rapid.SliceOfN(below, 0, 3).AsAny(), rapid.MapOfN(anyText, below, 0, 3).AsAny())
	}
	return rapid.OneOf(values...)
}

func decodeRaw(t *rapid.T, raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	v, err := model.DecodeJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDecodeBody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFinding.Draw(t, "finding")
		row, _, err := encodeFinding(&f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if row.body == nil {
			t.Skip("nothing to store")
		}
		var declared wantBody
		if err := json.Unmarshal(row.body, &declared); err != nil {
			t.Fatal(err)
		}
		want := model.Finding{ID: declared.ID, Message: declared.Message, Gaps: declared.Gaps, Risk: model.Risk{Reasons: declared.Reasons}}
		for _, e := range declared.Evidence {
			want.Evidence = append(want.Evidence, model.Evidence{Asset: e.Asset, Path: e.Path, Value: decodeRaw(t, e.Value), Note: e.Note})
		}
		var got model.Finding
		if err := decodeBody(row.body, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", row.body, diff)
		}
		cut := rapid.IntRange(0, len(row.body)-1).Draw(t, "cut")
		if err := decodeBody(row.body[:cut], &got); err == nil {
			t.Fatalf("%s is taken", row.body[:cut])
		}
	})
}

func TestDecodeMeta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := model.Asset{
			ID: "a", Class: model.Class(anyText.Draw(t, "class")), Name: anyText.Draw(t, "name"),
			Scope: model.Scope{Partition: anyText.Draw(t, "partition"), OrgPath: anyText.Draw(t, "org path"), Zone: anyText.Draw(t, "zone")},
			Tags:  anyTags.Draw(t, "tags"), CreatedAt: anyTime.Draw(t, "created"), ObservedAt: anyTime.Draw(t, "observed"),
			Facts: rapid.MapOfN(anyText, anyValue, 0, 3).Draw(t, "facts"), Gaps: rapid.SliceOfN(anyGap, 0, 2).Draw(t, "gaps"),
			ManagedBy: anyText.Draw(t, "managed by"), Stale: rapid.Bool().Draw(t, "stale"), Origin: model.Origin{File: anyText.Draw(t, "file")},
		}
		for range rapid.IntRange(0, 3).Draw(t, "relations") {
			a.Relations = append(a.Relations, model.Relation{Kind: model.LogsTo, To: anyText.Draw(t, "to"), Type: anyText.Draw(t, "type")})
		}
		row, _, err := encodeAsset(&a, nil)
		if err != nil {
			t.Fatal(err)
		}
		var m wantMeta
		if err := json.Unmarshal(row.meta, &m); err != nil {
			t.Fatal(err)
		}
		want := model.Asset{
			Class: m.Class, Name: m.Name, Scope: model.Scope{Partition: m.Partition, OrgPath: m.OrgPath, Zone: m.Zone}, Tags: m.Tags,
			CreatedAt: m.CreatedAt, ObservedAt: m.ObservedAt, Relations: m.Relations, Gaps: m.Gaps, Origin: m.Origin, ManagedBy: m.ManagedBy, Stale: m.Stale,
		}
		want.Facts, _ = decodeRaw(t, m.Facts).(map[string]any)
		var got model.Asset
		if err := decodeMeta(row.meta, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", row.meta, diff)
		}
	})
}

func TestDecodeRef(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := appendRef(nil, &model.AssetRef{
			Class: model.Class(anyText.Draw(t, "class")), Name: anyText.Draw(t, "name"), Partition: anyText.Draw(t, "partition"), Tags: anyTags.Draw(t, "tags"),
		})
		var want, got model.AssetRef
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		if err := decodeRef(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", data, diff)
		}
	})
}

// FuzzScanner proves that damaged data ends in an error, not in a panic.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		``, `{`, `{}`, `[]`, `{"m":"x"}`, `{"m":"x",}`, `{"m"}`, `{"m":}`, `{,}`, `{"m":"x" "r":[]}`, `{"m":1}`, `{"m":"\"}`, `{"m":"\u00zz"}`,
		`{"e":[{"p":"a","v":{"b":[1,2,"]"]}},{"v":null}],"r":["a","b"]}`, `{"e":[}`, `{"e":[{]]}`, `{"g":[{"type":1}]}`, `{"tags":{"a":"b"},"stale":x}`,
		`{"relations":[{"kind":"x","to":"y"}],"facts":{"a":1},"created_at":"2026-01-01"}`, strings.Repeat(`[`, 1000),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var finding model.Finding
		var asset model.Asset
		var ref model.AssetRef
		err := decodeBody(data, &finding)
		if err == nil && (data[0] != '{' || data[len(data)-1] != '}') {
			t.Errorf("%q is taken", data)
		}
		_, _ = decodeMeta(data, &asset), decodeRef(data, &ref) // an error or not
	})
}
