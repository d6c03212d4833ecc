package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/txtar"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
)

// tap keeps the answers of the SDK's calls as the command line would print them:
// the pages of a listing as one.
type tap struct {
	mu   sync.Mutex
	docs map[[2]string]map[string]any // by operation and region
	x    *exported
}

func (*tap) ID() string { return "tap" }

func (p *tap) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, meta, err := next.HandleInitialize(ctx, in)
	if err != nil || out.Result == nil {
		return out, meta, err
	}
	typ := reflect.TypeOf(in.Parameters).Elem()
	service := typ.PkgPath()[strings.LastIndexByte(typ.PkgPath(), '/')+1:]
	name := service + ":" + strings.TrimSuffix(typ.Name(), "Input")
	r := readables()[name]
	if r == nil {
		return out, meta, nil
	}
	// Tokens are of the pages, which the command line follows by itself.
	input := reflect.New(typ)
	input.Elem().Set(reflect.ValueOf(in.Parameters).Elem())
	for _, pair := range tokens {
		if f := input.Elem().FieldByName(pair[1]); f.IsValid() {
			f.SetZero()
		}
	}
	if q, ok := newQuestion(input.Interface(), p.x.account); !ok || len(q.about) > 0 {
		return out, meta, nil
	}
	copied := reflect.New(reflect.TypeOf(out.Result).Elem())
	copied.Elem().Set(reflect.ValueOf(out.Result).Elem())
	copied.Elem().FieldByName("ResultMetadata").Set(reflect.ValueOf(meta))
	doc := answerOf(copied.Interface()).document(copied.Interface())
	p.mu.Lock()
	defer p.mu.Unlock()
	region := awsmiddleware.GetRegion(ctx)
	if r.global {
		region = ""
	}
	known := p.docs[[2]string{name, region}]
	if known == nil {
		known = map[string]any{}
		p.docs[[2]string{name, region}] = known
	}
	for member, v := range doc {
		if ignored[strings.ToLower(member)] {
			continue
		}
		if list, ok := v.([]any); ok {
			before, _ := known[member].([]any)
			v = append(before, list...)
		}
		known[member] = v
	}
	return out, meta, nil
}

// smallLetters writes members as the services with JSON protocols do.
func smallLetters(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range t {
			out[strings.ToLower(k[:1])+k[1:]] = smallLetters(e)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range t {
			out = append(out, smallLetters(e))
		}
		return out
	}
	return v
}

// base64 members are what the SDK decodes and the command line does not.
func asPrinted(name string, doc map[string]any) map[string]any {
	if text, ok := doc["Content"].(string); ok && name == "iam:GetCredentialReport" {
		encoded, _ := json.Marshal([]byte(text))
		doc["Content"] = strings.Trim(string(encoded), `"`)
	}
	if strings.HasPrefix(name, "eks:") || strings.HasPrefix(name, "cloudwatchlogs:") || strings.HasPrefix(name, "ecr:") {
		doc, _ = smallLetters(doc).(map[string]any)
	}
	return doc
}

func exportFiles(t *testing.T, opts ExportOptions, paths ...string) (assets []model.Asset, gaps []model.Gap) {
	t.Helper()
	assets, gaps, err := tryExport(t, opts, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return assets, gaps
}

func tryExport(t *testing.T, opts ExportOptions, paths ...string) (assets []model.Asset, gaps []model.Gap, err error) {
	t.Helper()
	found, err := file.Find(paths, func(e *file.Export) error {
		if why := OutputRefusal(e.Path, e.Members, e.Failure); why != "" {
			return file.Unrecognized(why)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	e := NewExport(opts)
	records := func(yield func(collect.Exported, error) bool) {
		for _, f := range found.Exports {
			for r, err := range f.Records(t.Context()) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
	for r, err := range records {
		if err == nil {
			err = e.Learn(&r)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if err := e.Ready(); err != nil {
		return nil, nil, err
	}
	for a, err := range e.Collect(t.Context(), records) {
		var gap *model.Gap
		switch {
		case errors.As(err, &gap):
			gaps = append(gaps, *gap)
		case err != nil:
			return nil, nil, err
		default:
			assets = append(assets, a)
		}
	}
	slices.SortFunc(assets, func(a, b model.Asset) int { return cmp.Compare(a.Type+a.ID, b.Type+b.ID) })
	return assets, gaps, nil
}

// withoutPath takes away what stands at a path that a gap covers.
func withoutPath(doc map[string]any, path string) {
	top, rest, more := strings.Cut(path, ".")
	top, _ = strings.CutSuffix(top, "[]")
	if below, ok := doc[top].(map[string]any); more && ok {
		withoutPath(below, rest)
		return
	}
	delete(doc, top)
}

// TestExportIsLive holds, for every collector, that the answers of its listings,
// printed by the command line, give the assets that they give live, but for
// members that no output holds: those are gaps.
func TestExportIsLive(t *testing.T) {
	total := map[string]int{}
	for _, c := range Collectors() {
		t.Run(c.Name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", c.Name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(data)
			regions := []string{"us-east-1"}
			for _, f := range archive.Files {
				if f.Name == "regions" {
					regions = strings.Fields(string(f.Data))
				}
			}
			s := testSession(collect.NewReplay(archive, operationName))
			p := &tap{docs: map[[2]string]map[string]any{}, x: &exported{account: s.Account}}
			s.cfg.APIOptions = append(s.cfg.APIOptions, func(stack *middleware.Stack) error {
				return putFirst(stack, p)
			})
			var live struct{ Assets []model.Asset }
			if err := json.Unmarshal(collectAll(t, s, c, regions), &live); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for key, doc := range p.docs {
				name := strings.ReplaceAll(key[0]+" "+key[1], ":", " ") + ".json"
				raw, err := json.MarshalIndent(asPrinted(key[0], doc), "", "    ")
				if err != nil {
					t.Fatal(err)
				}
				if key[1] != "" && key[1] != regions[0] && len(raw) < 60 {
					continue // an empty list, which does not say of which region it is
				}
				if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if len(p.docs) == 0 {
				t.Skip("no listing of it stands by itself")
			}
			exported, _, err := tryExport(t, ExportOptions{Account: s.Account, Region: regions[0]}, dir)
			if err != nil {
				t.Fatal(err)
			}
			byID := map[string]model.Asset{}
			for _, a := range live.Assets {
				byID[a.ID] = a
			}
			for _, a := range exported {
				if a.Type == AccountType || a.Type == RegionType {
					continue
				}
				want, ok := byID[a.ID]
				if !ok {
					// Its own name is not known, or it proved to be gone when it was read.
					if !slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Detail == collect.NotInExport }) {
						t.Errorf("%s is not live", a.ID)
					}
					continue
				}
				total[c.Name]++
				raw, err := json.Marshal(a)
				if err != nil {
					t.Fatal(err)
				}
				var got model.Asset
				if err := json.Unmarshal(raw, &got); err != nil {
					t.Fatal(err)
				}
				if a.Type == trails.Name && !slices.Contains(regions, a.Scope.Region) {
					want.Scope.Region = a.Scope.Region // the one at home in a region that was not scanned
				}
				if a.Scope.Region == "" && slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == "LocationConstraint" }) {
					want.Scope.Region = "" // a bucket whose region an output does not tell
				}
				compare(t, want, got)
			}
		})
	}
	for _, name := range []string{"ec2", "vpc", "iam", "rds", "s3", "lambda", "cloudtrail", "cloudwatch", "efs", "elbv2", "logs"} {
		if total[name] == 0 {
			t.Errorf("no asset of %s was compared", name)
		}
	}
}

func compare(t *testing.T, want, got model.Asset) {
	t.Helper()
	if got.Origin.Kind != model.OriginExport || got.Origin.File == "" {
		t.Errorf("%s: origin %+v", got.ID, got.Origin)
	}
	for _, g := range slices.Concat(got.Gaps, want.Gaps) {
		if g.Path == "" { // nothing is known of it
			want.Config, want.Tags, want.Name = got.Config, got.Tags, got.Name
			want.CreatedAt, want.ManagedBy = got.CreatedAt, got.ManagedBy
			return
		}
		withoutPath(want.Config, g.Path)
		withoutPath(got.Config, g.Path)
		if strings.HasPrefix(g.Path, "Tag") {
			want.Tags, got.Tags = nil, nil
			want.Name, got.Name = "", ""
		}
	}
	if diff := gocmp.Diff(want, got, cmpopts.IgnoreFields(model.Asset{}, "Gaps", "Origin"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-live +export)\n%s", got.ID, diff)
	}
}
