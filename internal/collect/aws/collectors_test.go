package aws

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

var update = flag.Bool("update", false, "rewrite the expected assets and gaps")

func init() { backoffBase = time.Millisecond }

// TestCollectors replays the recorded answers of every collector and compares
// the assets and gaps. Each collector has a testdata/<name>.txtar with, beside
// the answers:
//
//	-- regions --   the regions to read, one a line (default us-east-1)
//	-- want --      assets and gaps as JSON; written by -update
//
// With STANCE_RECORD=http://127.0.0.1:5555 the answers are taken from the server
// there and written down, wherever the archive has none yet.
func TestCollectors(t *testing.T) {
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", c.Name+".txtar")
			archive := &txtar.Archive{}
			if data, err := os.ReadFile(file); err == nil {
				archive = txtar.Parse(data)
			} else if os.Getenv("STANCE_RECORD") == "" {
				t.Fatalf("collector %s has no recorded answers: %v", c.Name, err)
			}
			regions := []string{"us-east-1"}
			var want []byte
			for _, f := range archive.Files {
				switch f.Name {
				case "regions":
					regions = strings.Fields(string(f.Data))
				case "want":
					want = f.Data
				}
			}
			if base := os.Getenv("STANCE_RECORD"); base != "" {
				record(t, c, file, base, archive, regions)
				return
			}
			replay := collect.NewReplay(archive, operationName)
			got := collectAll(t, testSession(replay), c, regions)
			for _, p := range replay.Problems() {
				t.Error(p)
			}
			if *update {
				writeArchive(t, file, archive, got)
				return
			}
			if diff := gocmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("assets and gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeclarations holds what every declaration promises.
func TestDeclarations(t *testing.T) {
	schemas := Schemas()
	for _, c := range Collectors() {
		for _, typ := range c.Types {
			if typ.List == nil && typ.Custom == nil {
				yielded := slices.ContainsFunc(c.Types, func(o Type) bool { return o.Custom != nil && slices.Contains(o.Custom.Yields, typ.Name) })
				if !yielded && typ.Name != "" {
					t.Errorf("%s: nothing lists %s", c.Name, typ.Name)
				}
			}
			if schemas[typ.Name] == nil || len(schemas[typ.Name].Fields) == 0 {
				t.Errorf("%s: %s has no shape", c.Name, typ.Name)
			}
		}
	}
	for _, op := range Operations() {
		if !strings.Contains(op.Action, ":") || strings.ContainsAny(op.Action, " *") {
			t.Errorf("%s of %s needs action %q, which is none", op.Operation, op.Type, op.Action)
		}
		verb := op.Operation[strings.IndexByte(op.Operation, ':')+1:]
		if !readOnly(verb) {
			t.Errorf("%s of %s is no read", op.Operation, op.Type)
		}
	}
}

// readOnly says whether an operation's name is one of reading. The credential
// report must be asked for before it can be read.
func readOnly(name string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "BatchGet", "Search", "Select", "Lookup"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return name == "GenerateCredentialReport"
}

func operationName(req *http.Request) string { return awsmiddleware.GetOperationName(req.Context()) }

// testSession is a session of a known account over a transport.
func testSession(transport http.RoundTripper) *Session {
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		os.Setenv(k, v)
	}
	s, err := open(context.Background(), Options{Transport: transport, Regions: []string{"us-east-1"}, Attempts: 3})
	if err != nil {
		panic(err)
	}
	s.Account, s.Partition, s.Arn, s.home = "123456789012", "aws", "arn:aws:iam::123456789012:user/reader", "us-east-1"
	s.custom, s.governor = true, newGovernor(false)
	return s
}

func collectAll(t *testing.T, s *Session, c Collector, regions []string) []byte {
	t.Helper()
	var out struct {
		Assets []model.Asset `json:"assets"`
		Gaps   []model.Gap   `json:"gaps"`
	}
	for _, u := range s.Units(regions) {
		if u.Service != c.Name {
			continue
		}
		for a, err := range u.Collect(context.Background(), model.Scope{}) {
			var gap *model.Gap
			switch {
			case errors.As(err, &gap):
				gap.RequestID = ""
				out.Gaps = append(out.Gaps, *gap)
			case err != nil:
				t.Fatal(err)
			default:
				for i := range a.Gaps {
					a.Gaps[i].RequestID = ""
				}
				out.Assets = append(out.Assets, a)
			}
		}
	}
	slices.SortFunc(out.Assets, func(a, b model.Asset) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	slices.SortStableFunc(out.Gaps, func(a, b model.Gap) int { return cmp.Compare(a.Key(), b.Key()) })
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeArchive(t *testing.T, file string, archive *txtar.Archive, want []byte) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: want})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// record scans the server at base and writes its answers down.
func record(t *testing.T, c Collector, file, base string, archive *txtar.Archive, regions []string) {
	t.Helper()
	os.Setenv("AWS_ENDPOINT_URL", base)
	rec := &collect.Recorder{Base: http.DefaultTransport, Operation: operationName, Words: recordedWords}
	collectAll(t, testSession(rec), c, regions)
	kept := slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name != "regions" })
	archive.Files = append(kept, rec.Archive().Files...)
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// recordedWords tells requests of one operation apart by the path, or by the
// names in the body: strings of JSON, values of a query.
func recordedWords(_, text string) []string {
	path, _, _ := strings.Cut(text, "?")
	_, path, _ = strings.Cut(path, " ")
	if path != "/" && path != "" && !strings.Contains(path, "{") {
		return []string{path}
	}
	var words []string
	for _, m := range bodyNames.FindAllStringSubmatch(text, -1) {
		value := m[1] + m[2]
		if key := m[0]; !strings.HasPrefix(key, "Action=") && !strings.HasPrefix(key, "Version=") && !slices.Contains(words, value) {
			words = append(words, value)
		}
	}
	return words
}

var bodyNames = regexp.MustCompile(`"[A-Za-z]+":"([^"\s]+)"|\b(?:[A-Z][A-Za-z]*(?:Arn|Name|Identifier|Id|Url)|Action|Version)=([^&\s]+)`)
