package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/normalize"
	"github.com/stance-sec/stance/internal/policy"
	"github.com/stance-sec/stance/internal/scan"
)

// ScanOptions are what scans of all providers have in common.
type ScanOptions struct {
	Selection Selection
	Config    Config
	Tasks     int
	Progress  func(scan.Progress)
}

// Session is an open connection to a cloud.
type Session interface {
	// Calls are the figures of the calls made so far, most calls first.
	Calls() []collect.CallStats
}

// live is a scan of a cloud that is connected.
type live struct {
	provider          string
	accounts, regions []string
	frame             iter.Seq2[model.Asset, error]
	frameScope        model.Scope
	frameTypes        []string
	tasks             []scan.Task
	leftOut           []model.Coverage
}

// scanLive reads what is connected, evaluates the programs and stores the
// outcome.
func (a *App) scanLive(ctx context.Context, store scan.Store, l live, programs []*policy.Program, limited bool, opts ScanOptions) (model.Scan, error) {
	tasks := append([]scan.Task{{Name: "account", Source: frame{l.frame}, Scope: l.frameScope, Types: l.frameTypes}}, l.tasks...)
	s := a.newScan(l.provider, l.accounts, l.regions)
	if limited {
		s.Types = taskTypes(tasks)
	}
	p := a.pipeline(store, programs, l.frameTypes, opts)
	p.LeftOut = l.leftOut
	return p.Run(ctx, s, tasks)
}

// ScanAWS reads an AWS account, evaluates the selected controls and stores the
// outcome. The session is returned for its figures, even with an error.
func (a *App) ScanAWS(ctx context.Context, store scan.Store, conn aws.Options, opts ScanOptions) (model.Scan, Session, error) {
	programs, limited, err := a.programs(model.AWS, opts.Selection)
	if err != nil {
		return model.Scan{}, nil, err
	}
	need := newNeeds(programs)
	conn.Needed = need.member
	if limited {
		conn.Types = need.typ
	}
	session, err := aws.Open(ctx, conn)
	if err != nil {
		return model.Scan{}, nil, err
	}
	regions, err := session.Regions(ctx)
	if err != nil {
		return model.Scan{}, session, err
	}
	l := live{
		provider: model.AWS, accounts: []string{session.Account}, regions: regions, frame: session.Frame(regions),
		frameScope: model.Scope{Provider: model.AWS, Account: session.Account}, frameTypes: frameTypes(model.AWS),
	}
	for _, u := range session.Units(regions) {
		l.tasks = append(l.tasks, scan.Task{Name: u.Name(), Source: u, Scope: u.Scope(), Types: u.Types()})
	}
	done, err := a.scanLive(ctx, store, l, programs, limited, opts)
	return done, session, err
}

// ScanFile evaluates a saved snapshot.
func (a *App) ScanFile(ctx context.Context, store scan.Store, path string, opts ScanOptions) (model.Scan, error) {
	snap, err := file.Open(path)
	if err != nil {
		return model.Scan{}, err
	}
	from := snap.Manifest.Scan
	programs, limited, err := a.programs(from.Provider, opts.Selection)
	if err != nil {
		return model.Scan{}, err
	}
	s := a.newScan(from.Provider, from.Accounts, from.Regions)
	s.Types = from.Types
	var source scan.Source = snap
	if limited {
		s.Types = append(newNeeds(programs).types(), frameTypes(from.Provider)...)
		source = only{snap, s.Types}
	}
	p := a.pipeline(store, programs, frameTypes(from.Provider), opts)
	p.At = from.StartedAt
	return p.Run(ctx, s, []scan.Task{{
		Name: "snapshot " + path, Source: source, Scope: model.Scope{Provider: from.Provider},
	}})
}

func (a *App) newScan(provider string, accounts, regions []string) model.Scan {
	at := a.Now().UTC()
	return model.Scan{
		ID: strings.ToLower(at.Format("20060102T150405.000000Z")), Provider: provider, Accounts: accounts, Regions: regions,
		StartedAt: at, Status: model.ScanRunning, Version: Version,
	}
}

// frameTypes are the asset types that stand for accounts of a provider and what
// is above them; they exist even where nothing can be read.
func frameTypes(provider string) []string {
	switch provider {
	case model.Azure:
		return []string{"Microsoft.Resources/subscriptions", "Microsoft.Resources/tenants", "Microsoft.Management/managementGroups"}
	case model.GCP:
		return []string{"cloudresourcemanager.googleapis.com/Project", "cloudresourcemanager.googleapis.com/Folder", "cloudresourcemanager.googleapis.com/Organization"}
	}
	return []string{aws.AccountType, aws.RegionType}
}

func (a *App) pipeline(store scan.Store, programs []*policy.Program, frame []string, opts ScanOptions) *scan.Pipeline {
	return &scan.Pipeline{
		Store: store, Programs: programs, Now: a.Now, Normalize: normalize.Asset, Score: score,
		Frame: frame, Tasks: opts.Tasks, Progress: opts.Progress, Logger: a.Log,
	}
}

// programs compiles the selection; limited says that it leaves something out.
func (a *App) programs(provider string, sel Selection) ([]*policy.Program, bool, error) {
	sel.Provider = provider
	controls, err := a.Select(sel)
	if err != nil {
		return nil, false, err
	}
	if len(controls) == 0 {
		return nil, false, fmt.Errorf("%w selection: it leaves no control", model.ErrInvalid)
	}
	programs, err := a.Compile(controls)
	programs = slices.DeleteFunc(programs, func(p *policy.Program) bool {
		return provider != "" && model.ProviderOf(p.Control.Type) != provider
	})
	limited := len(sel.Controls)+len(sel.Services) > 0 || sel.Framework != "" || sel.Severity != ""
	return programs, limited, err
}

func taskTypes(tasks []scan.Task) []string {
	var out []string
	for _, t := range tasks {
		out = append(out, t.Types...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// needs is what the selected controls must have read.
type needs struct {
	members map[string]map[string]bool
}

func newNeeds(programs []*policy.Program) *needs {
	n := &needs{members: map[string]map[string]bool{}}
	touch := func(typ string) map[string]bool {
		if n.members[typ] == nil {
			n.members[typ] = map[string]bool{}
		}
		return n.members[typ]
	}
	for _, p := range programs {
		touch(p.Control.Type)
		for _, typ := range p.Uses.Inventory {
			touch(typ)
		}
		for typ, members := range p.Uses.Members {
			for _, m := range members {
				touch(typ)[m] = true
			}
		}
	}
	return n
}

func (n *needs) typ(typ string) bool { return n.members[typ] != nil }

// member says whether a member is needed. Tags always are: people filter by
// them.
func (n *needs) member(typ, member string) bool {
	switch member {
	case "Tags", "TagSet", "TagList":
		return true
	}
	return n.members[typ][member]
}

func (n *needs) types() []string {
	out := make([]string, 0, len(n.members))
	for t := range n.members {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// frame is the source of the assets that stand for the account and its regions.
type frame struct {
	assets iter.Seq2[model.Asset, error]
}

// Collect implements scan.Source.
func (f frame) Collect(context.Context, model.Scope) iter.Seq2[model.Asset, error] { return f.assets }

// only passes the assets and gaps of some types.
type only struct {
	source scan.Source
	types  []string
}

// Collect implements scan.Source.
func (o only) Collect(ctx context.Context, scope model.Scope) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		for a, err := range o.source.Collect(ctx, scope) {
			typ := a.Type
			var gap *model.Gap
			if errors.As(err, &gap) {
				typ, err = gap.Type, gap
			}
			if typ != "" && !slices.Contains(o.types, typ) {
				continue
			}
			if !yield(a, err) {
				return
			}
		}
	}
}
