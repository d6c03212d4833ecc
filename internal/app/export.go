package app

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/file"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// ExportOptions say how files of vendors' tools are read.
type ExportOptions struct {
	// Account and Region are those of AWS outputs that name none.
	Account string
	Region  string
	// Complete says that the exports hold everything that they could hold: what
	// they lack does not exist.
	Complete bool
}

// exports are the exports of one cloud. A converter goes twice through their
// values: once to learn whose they are, once to make assets of them.
type exports struct {
	provider string
	files    []*file.Export
	convert  converter
}

type converter interface {
	Learn(x *collect.Exported) error
	Ready() error
	Accounts() []string
	Collect(ctx context.Context, records iter.Seq2[collect.Exported, error]) iter.Seq2[model.Asset, error]
}

var (
	_ converter   = (*aws.Export)(nil)
	_ converter   = (*azure.Export)(nil)
	_ converter   = (*gcp.Export)(nil)
	_ scan.Source = (*exports)(nil)
)

// FindExports recognizes files, and all files below directories. Those of
// directories that are not recognized are in Skipped.
func FindExports(paths []string) (file.Found, error) {
	return file.Find(paths, func(e *file.Export) error {
		if why := aws.OutputRefusal(e.Path, e.Members, e.Failure); why != "" {
			return file.Unrecognized(why)
		}
		return nil
	})
}

// ScanFrom evaluates saved snapshots and exports of vendors' tools: one scan for
// each snapshot, and one for all exports of a cloud. One that cannot be read does
// not keep the others from being evaluated.
func (a *App) ScanFrom(ctx context.Context, store scan.Store, found file.Found, from ExportOptions, opts ScanOptions) []CloudScan {
	var out []CloudScan
	groups := map[string][]*file.Export{}
	for _, e := range found.Exports {
		if e.Form == collect.StanceSnapshot {
			if ctx.Err() == nil {
				s, err := a.ScanFile(ctx, store, e.Path, opts)
				out = append(out, CloudScan{Provider: s.Provider, Scan: s, Err: err})
			}
			continue
		}
		groups[e.Form.Provider()] = append(groups[e.Form.Provider()], e)
	}
	for _, provider := range []string{model.AWS, model.Azure, model.GCP} {
		if len(groups[provider]) == 0 || ctx.Err() != nil {
			continue
		}
		s, err := a.scanExports(ctx, store, &exports{provider: provider, files: groups[provider]}, from, opts)
		out = append(out, CloudScan{Provider: provider, Scan: s, Err: err})
	}
	return out
}

func (a *App) scanExports(ctx context.Context, store scan.Store, x *exports, from ExportOptions, opts ScanOptions) (s model.Scan, err error) {
	programs, limited, err := a.programs(x.provider, opts.Selection)
	if err != nil {
		return model.Scan{}, err
	}
	finish, err := x.open(ctx, from)
	if err != nil {
		return model.Scan{}, err
	}
	defer func() { err = errors.Join(err, finish()) }()
	var regions []string
	if r, ok := x.convert.(interface{ Regions() []string }); ok {
		regions = r.Regions()
	}
	s = a.newScan(x.provider, x.convert.Accounts(), regions)
	if len(s.Accounts) == 0 {
		return model.Scan{}, fmt.Errorf("%w export: it tells of no account, subscription or project", model.ErrInvalid)
	}
	var source scan.Source = x
	if limited {
		s.Types = append(newNeeds(programs).types(), frameTypes(x.provider)...)
		source = only{x, s.Types}
	}
	return a.pipeline(store, programs, frameTypes(x.provider), opts).Run(ctx, s, []scan.Task{{
		Name: "exports of " + x.provider, Source: source, Scope: model.Scope{Provider: x.provider},
	}})
}

// open goes through the values the first time; finish lets go of what was kept.
func (x *exports) open(ctx context.Context, from ExportOptions) (finish func() error, err error) {
	finish = func() error { return nil }
	switch x.provider {
	case model.AWS:
		x.convert = aws.NewExport(aws.ExportOptions{Account: from.Account, Region: from.Region, Complete: from.Complete})
	case model.Azure:
		if x.convert, err = azure.NewExport(azure.ExportOptions{Complete: from.Complete}); err != nil {
			return finish, fmt.Errorf("read exports: %w", err)
		}
	default:
		e, err := gcp.NewExport(gcp.ExportOptions{Complete: from.Complete})
		if err != nil {
			return finish, fmt.Errorf("read exports: %w", err)
		}
		x.convert, finish = e, e.Close
	}
	for r, err := range x.records(ctx) {
		if err == nil {
			err = x.convert.Learn(&r)
			if err != nil {
				err = fmt.Errorf("%s: %w", r.File, err)
			}
		}
		if err != nil {
			return finish, errors.Join(err, finish())
		}
	}
	if err := x.convert.Ready(); err != nil {
		return finish, errors.Join(err, finish())
	}
	return finish, nil
}

// records are the values of all files, in the order of their paths.
func (x *exports) records(ctx context.Context) iter.Seq2[collect.Exported, error] {
	return func(yield func(collect.Exported, error) bool) {
		for _, f := range x.files {
			for r, err := range f.Records(ctx) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Collect implements scan.Source.
func (x *exports) Collect(ctx context.Context, _ model.Scope) iter.Seq2[model.Asset, error] {
	return x.convert.Collect(ctx, x.records(ctx))
}
