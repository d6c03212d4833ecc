package model

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reference decodes with the standard library.
func reference(data []byte) (any, error) {
	if !json.Valid(data) {
		return nil, ErrInvalid
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return Plain(v), nil
}

var documents = []string{
	`{"a":1,"b":[true,false,null,"x",-0.5,1e3,12345678901234567890],"c":{"d":{}}}`,
	`"\u00e9\ud83d\ude00\ud800 \"\\\/\b\f\n\r\t"`, `[]`, `{}`, ` 0 `, `-0`, `1.0`, `{"a":1,"a":2}`, "\"\xff\"", `"ü"`,
}

func TestDecodeJSON(t *testing.T) {
	for _, s := range documents {
		want, err := reference([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeJSON([]byte(s))
		if err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s, diff)
		}
	}
	for _, s := range []string{``, `{`, `[1,]`, `{"a":1,}`, `{a:1}`, `01`, `1.`, `"a`, "\"\n\"", `tru`, `1 2`, `"\x"`, `{"a"}`, strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)} {
		if v, err := DecodeJSON([]byte(s)); err == nil {
			t.Errorf("%.40s gave %v, want an error", s, v)
		}
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range documents {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := DecodeJSON(data)
		want, refErr := reference(data)
		if refErr != nil {
			return // deeper than ours is an error of ours only
		}
		if err != nil {
			if strings.Contains(err.Error(), "deeper") {
				return
			}
			t.Fatalf("%q: %v", data, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", data, diff)
		}
	})
}

func BenchmarkDecodeJSON(b *testing.B) {
	data := []byte(`{"InstanceId":"i-1","State":{"Name":"running","Code":16},"SecurityGroups":[{"GroupId":"sg-1","GroupName":"web"}],"LaunchTime":"2026-01-01T00:00:00Z","EbsOptimized":true,"MetadataOptions":{"HttpTokens":"required","HttpPutResponseHopLimit":2}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}
