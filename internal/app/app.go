// Package app wires Stance: it reads the configuration, builds the catalogue
// and the engine, and is the only place where adapters meet the pipeline.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
	"github.com/stance-sec/stance/internal/risk"
	"github.com/stance-sec/stance/internal/scan"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

var (
	_ scan.Store  = (*sqlite.Store)(nil)
	_ scan.Source = (*aws.Unit)(nil)
)

// Version is set when a release is linked.
var Version = "dev"

// App is what every command works with.
type App struct {
	Catalog *catalog.Catalog
	Schemas map[string]*model.Schema
	Engine  *policy.Engine
	Log     *slog.Logger
	Now     func() time.Time

	roots     []fs.FS  // of further content
	refs      sync.Map // by provider and control; see requirements
	documents sync.Map // by provider and control; see needsDocument
}

// New loads the built-in catalogue and the controls in further directories.
func New(log *slog.Logger, contentDirs ...string) (*App, error) {
	return NewFor(log, "", contentDirs...)
}

// NewFor is New for work on one provider's assets: what is about other clouds
// alone is not loaded.
func NewFor(log *slog.Logger, provider string, contentDirs ...string) (*App, error) {
	var roots []fs.FS
	for _, dir := range contentDirs {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%w content directory %s: it needs a controls/ or frameworks/ below it", model.ErrInvalid, dir)
		}
		roots = append(roots, os.DirFS(dir))
	}
	cat, err := catalog.LoadTested(content.FS(), provider, roots...)
	if err != nil {
		return nil, fmt.Errorf("load the catalogue: %w", err)
	}
	schemas := schemasOf(provider)
	engine, err := policy.New(schemas)
	if err != nil {
		return nil, err
	}
	engine.Know(cat.Facts...)
	engine.Only(provider)
	return &App{roots: roots, Catalog: cat, Schemas: schemas, Engine: engine, Log: log, Now: time.Now}, nil
}

// Examples loads the catalogue again with the examples of the built-in controls,
// which nothing but their own test needs.
func (a *App) Examples() error {
	cat, err := catalog.Load(append([]fs.FS{content.FS()}, a.roots...)...)
	if err != nil {
		return fmt.Errorf("load the catalogue: %w", err)
	}
	a.Catalog = cat
	return nil
}

// Schemas returns the shape of the documents of every asset type that a source
// of any cloud can yield.
func Schemas() map[string]*model.Schema { return schemasOf("") }

func schemasOf(provider string) map[string]*model.Schema {
	out := map[string]*model.Schema{}
	for of, schemas := range map[string]func() map[string]*model.Schema{model.AWS: aws.Schemas, model.Azure: azure.Schemas, model.GCP: gcp.Schemas} {
		if provider == "" || provider == of {
			maps.Copy(out, schemas())
		}
	}
	return out
}

// Selection says which controls a run is about; empty members do not limit.
type Selection struct {
	Provider   string
	Controls   []string // ids, or ids of other tools from known_as
	Framework  string
	Severity   model.Severity // this or worse
	Services   []string
	Categories []string
}

// Select returns the selected controls. An id that nothing has is an error.
func (a *App) Select(sel Selection) ([]model.Control, error) {
	var inFramework map[string]bool
	if sel.Framework != "" {
		f, err := a.Catalog.Framework(sel.Framework)
		if err != nil {
			return nil, fmt.Errorf("%w; stance frameworks list shows those that are", err)
		}
		inFramework = map[string]bool{}
		for _, r := range f.Requirements {
			for _, id := range r.Controls {
				inFramework[id] = true
			}
		}
	}
	wanted := map[string]bool{}
	for _, id := range sel.Controls {
		found := false
		for i := range a.Catalog.Controls {
			if c := &a.Catalog.Controls[i]; c.ID == id || knownAs(c, id) {
				wanted[c.ID], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("control %q: %w; stance controls list shows those that are", id, model.ErrNotFound)
		}
	}
	types, err := serviceTypes(sel.Provider, sel.Services)
	if err != nil {
		return nil, err
	}
	var out []model.Control
	for i := range a.Catalog.Controls {
		c := &a.Catalog.Controls[i]
		switch {
		case sel.Provider != "" && !concerns(c, sel.Provider),
			inFramework != nil && !inFramework[c.ID],
			len(wanted) > 0 && !wanted[c.ID],
			sel.Severity != "" && c.Severity.Rank() < sel.Severity.Rank(),
			types != nil && !a.judges(c, types) && !ofService(c, sel.Services):
			continue
		}
		out = append(out, *c)
	}
	return out, nil
}

// concerns says whether a control judges assets of a provider. One on a class
// does where its facts are known of a type there.
func concerns(c *model.Control, provider string) bool {
	if c.Class == "" || len(c.Types) == 0 {
		return c.Provider() == "" || c.Provider() == provider
	}
	return slices.ContainsFunc(c.Types, func(typ string) bool { return model.ProviderOf(typ) == provider })
}

// judges says whether a control judges one of the types.
func (a *App) judges(c *model.Control, types map[string]bool) bool {
	if c.Class == "" {
		return types[c.Type]
	}
	of, err := a.Engine.TypesOf(*c)
	return err == nil && slices.ContainsFunc(of, func(typ string) bool { return types[typ] })
}

// ofService says whether a control about an account or a region as a whole is of
// one of the services: no collector lists these types, the control's id names
// the service that it asks about.
func ofService(c *model.Control, services []string) bool {
	return (c.Type == aws.AccountType || c.Type == aws.RegionType) && slices.ContainsFunc(services, func(s string) bool {
		return strings.HasPrefix(c.ID, model.AWS+"-"+s+"-")
	})
}

func knownAs(c *model.Control, id string) bool {
	for _, ids := range c.KnownAs {
		if slices.Contains(ids, id) {
			return true
		}
	}
	return false
}

// Services returns the names that --services takes for a provider, or for all
// when provider is empty, with the asset types that each reads.
func Services(provider string) map[string][]string {
	out := map[string][]string{}
	if provider == "" || provider == model.AWS {
		for _, c := range aws.Collectors() {
			out[c.Name] = typesOf(c.Types)
		}
	}
	if provider == "" || provider == model.Azure {
		for _, c := range azure.Collectors() {
			for i := range c.Types {
				out[c.Name] = append(out[c.Name], c.Types[i].Name)
			}
		}
	}
	if provider == "" || provider == model.GCP {
		for _, c := range gcp.Collectors() {
			for i := range c.Types {
				out[c.Name] = append(out[c.Name], c.Types[i].Name)
			}
		}
	}
	return out
}

// typesOf are the types of a collector, also those that are within others or come
// with the listing of others.
func typesOf(types []aws.Type) []string {
	var out []string
	for i := range types {
		out = append(append(out, types[i].Name), typesOf(types[i].Children)...)
	}
	return out
}

// serviceTypes returns the asset types of services; nil for no limit.
func serviceTypes(provider string, services []string) (map[string]bool, error) {
	if len(services) == 0 {
		return nil, nil
	}
	known := Services(provider)
	types := map[string]bool{}
	for _, s := range services {
		if known[s] == nil {
			return nil, fmt.Errorf("%w service %q: use %s", model.ErrInvalid, s, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		for _, typ := range known[s] {
			types[typ] = true
		}
	}
	return types, nil
}

// Compile compiles controls; all problems are reported together.
func (a *App) Compile(controls []model.Control) ([]*policy.Program, error) {
	var problems []error
	out := make([]*policy.Program, 0, len(controls))
	for _, c := range controls {
		ps, err := a.Engine.CompileAll(c)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", c.File, err))
			continue
		}
		out = append(out, ps...)
	}
	return out, errors.Join(problems...)
}

// Hydrate adds to a stored finding what the catalogue says about its control:
// title, other tools' ids, requirements, and the fix rendered for the asset.
// The asset may be nil; what only its document tells then stands in capitals.
func (a *App) Hydrate(f *model.Finding, asset *model.Asset) {
	c, err := a.Catalog.Control(f.Control)
	if err != nil {
		f.Title = f.Control
		return
	}
	f.Title, f.KnownAs, f.Frameworks = c.Title, c.KnownAs, a.requirements(&c, f.Asset.Provider)
	if asset == nil {
		asset = &model.Asset{ID: f.Asset.ID, Name: f.Asset.Name, Type: f.Asset.Type, Scope: model.Scope{
			Provider: f.Asset.Provider, Partition: f.Asset.Partition, Account: f.Asset.Account, Region: f.Asset.Region,
		}}
	}
	render := func(s string) string { return policy.RenderFix(s, asset, c.Params) }
	if c.Class != "" {
		c.Fix = c.Fixes[f.Asset.Provider]
	}
	f.Fix = model.Fix{Action: c.Fix.Action, CLI: render(c.Fix.CLI), Terraform: render(c.Fix.Terraform), CloudFormation: render(c.Fix.CloudFormation)}
	if len(c.Fix.Steps) > 0 {
		f.Fix.Steps = make([]string, len(c.Fix.Steps))
		for i, s := range c.Fix.Steps {
			f.Fix.Steps[i] = render(s)
		}
	}
}

// requirements returns what a control answers on an asset of a provider: those of
// frameworks for other clouds do not concern it.
func (a *App) requirements(c *model.Control, provider string) []model.RequirementRef {
	key := provider + "/" + c.ID
	if known, ok := a.refs.Load(key); ok {
		return known.([]model.RequirementRef) //nolint:forcetypeassert // nothing else is stored
	}
	all := a.Catalog.Requirements(c.ID)
	out := make([]model.RequirementRef, 0, len(all))
	for _, r := range all {
		if f, err := a.Catalog.Framework(r.Framework); err == nil && (c.Class == "" || f.Provider == "" || f.Provider == provider) {
			out = append(out, r)
		}
	}
	a.refs.Store(key, out)
	return out
}

// needsDocument says whether the fix of a finding names members of the asset's
// document. The fix of what passes is not worth reading the document for.
func (a *App) needsDocument(f *model.Finding) bool {
	if f.Verdict != model.Fail && f.Verdict != model.Unknown {
		return false
	}
	key := f.Asset.Provider + "/" + f.Control
	if known, ok := a.documents.Load(key); ok {
		return known.(bool) //nolint:forcetypeassert // nothing else is stored
	}
	c, err := a.Catalog.Control(f.Control)
	if err != nil {
		return false
	}
	const member = "{{config."
	if c.Class != "" {
		c.Fix = c.Fixes[f.Asset.Provider]
	}
	needs := strings.Contains(c.Fix.CLI+c.Fix.Terraform+c.Fix.CloudFormation+strings.Join(c.Fix.Steps, " "), member)
	a.documents.Store(key, needs)
	return needs
}

// OpenStore opens the database at path, or at the default place. It makes the
// directories of the default place, but no others.
func (a *App) OpenStore(ctx context.Context, path string) (*sqlite.Store, error) {
	if path == "" {
		def, err := DefaultDatabase()
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(def), 0o700); err != nil {
			return nil, fmt.Errorf("make the data directory: %w; name another place with --database", err)
		}
		path = def
	}
	return sqlite.Open(ctx, path, sqlite.Options{Now: a.Now})
}

// DefaultDatabase is where the database lies unless --database says otherwise:
// $XDG_DATA_HOME/stance/stance.db.
func DefaultDatabase() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "stance", "stance.db"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home directory: %w; name the database with --database", err)
	}
	return filepath.Join(home, ".local", "share", "stance", "stance.db"), nil
}

// score rates a finding by what the asset's facts say of it.
func score(f *model.Finding, c *model.Control, asset *model.Asset) model.Risk {
	ctx := risk.Context{}
	if by, ok := asset.Facts["exposed_by"].(string); ok {
		ctx.Exposed, ctx.ExposedBy = true, by
	}
	ctx.HoldsData, _ = asset.Facts["holds_data"].(bool)
	ctx.Privileged, _ = asset.Facts["privileged"].(bool)
	return risk.Score(f, c, ctx)
}
