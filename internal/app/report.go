package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/report"
	"github.com/stance-sec/stance/internal/scan"
)

// Report is what a report is written from.
type Report struct {
	report.Input
}

// ReportOptions say which findings of a scan go into a report.
type ReportOptions struct {
	Selection Selection
	// Tags keep findings of assets that carry all of them: "key" or "key=value".
	Tags  []string
	Query model.FindingQuery
	// Read leaves out what earlier scans found in regions that this one did not
	// read.
	Read bool
}

// Format returns the report format of that name.
func Format(name string) (report.Format, error) { return report.Lookup(name) }

// ReportInput gathers what a report of a scan needs. The findings are read from
// the store each time they are iterated.
func (a *App) ReportInput(ctx context.Context, store scan.Store, s model.Scan, opts ReportOptions) (Report, error) {
	opts.Selection.Provider = s.Provider
	controls, err := a.Select(opts.Selection)
	if err != nil {
		return Report{}, err
	}
	in := report.Input{Scan: s, Version: Version, Now: a.Now(), Controls: map[string]model.Control{}}
	for _, c := range controls {
		in.Controls[c.ID] = c
	}
	if in.Attestations, err = store.Attestations(ctx); err != nil {
		return Report{}, err
	}
	inScope := member(s.Accounts)
	q := model.AssetQuery{Provider: s.Provider}
	if len(s.Accounts) == 1 {
		q.Account = s.Accounts[0]
	}
	gaps, err := store.Gaps(ctx, q)
	if err != nil {
		return Report{}, fmt.Errorf("read gaps: %w", err)
	}
	for _, g := range gaps {
		if inScope[g.Scope.Account] {
			in.Gaps = append(in.Gaps, g)
		}
	}
	coverage, err := store.Coverage(ctx, q)
	if err != nil {
		return Report{}, fmt.Errorf("read coverage: %w", err)
	}
	for _, c := range coverage {
		if inScope[c.Scope.Account] || c.Scope.Account == "" {
			in.Coverage = append(in.Coverage, c)
		}
	}
	// A run over several clouds has the frameworks of each.
	providers := map[string]bool{"": true, s.Provider: true}
	in.AccountNames = map[string]string{}
	q.Bare = true
	for asset, err := range store.Assets(ctx, q) {
		if err != nil {
			return Report{}, fmt.Errorf("read gaps of assets: %w", err)
		}
		if !inScope[asset.Scope.Account] {
			continue
		}
		providers[asset.Scope.Provider] = true
		for _, g := range asset.Gaps {
			if g.Reason != model.Skipped {
				in.Gaps = append(in.Gaps, g)
			}
		}
		if asset.Scope.Provider != model.AWS && slices.Contains(frameTypes(asset.Scope.Provider), asset.Type) {
			in.AccountNames[asset.Scope.Account] = asset.Name
		}
	}
	for _, f := range a.Catalog.Frameworks {
		if providers[f.Provider] {
			in.Frameworks = append(in.Frameworks, f)
		}
	}
	in.Findings = func() iter.Seq2[model.Finding, error] {
		return a.Findings(ctx, store, s, in.Controls, opts)
	}
	return Report{in}, nil
}

// Findings iterates the stored findings of a scan's accounts, hydrated, in the
// store's order.
func (a *App) Findings(ctx context.Context, store scan.Store, s model.Scan, controls map[string]model.Control, opts ReportOptions) iter.Seq2[model.Finding, error] {
	inScope := member(s.Accounts)
	return func(yield func(model.Finding, error) bool) {
		q := opts.Query
		q.Provider = s.Provider
		if len(s.Accounts) == 1 {
			q.Account = s.Accounts[0]
		}
		selected := func(f *model.Finding) bool {
			_, ok := controls[f.Control]
			return ok && inScope[f.Asset.Account] && !(opts.Read && ofOtherRegion(f, &s)) && tagged(f.Asset.Tags, opts.Tags)
		}
		want := func(f *model.Finding) bool { return selected(f) && a.needsDocument(f) }
		for f, err := range store.FindingsOn(ctx, q, want) {
			if err != nil {
				yield(f.Finding, err)
				return
			}
			if !selected(&f.Finding) {
				continue
			}
			a.Hydrate(&f.Finding, f.On)
			if !yield(f.Finding, nil) {
				return
			}
		}
	}
}

// ofOtherRegion says of a finding that it is of an earlier scan, about a region that
// this one did not read.
func ofOtherRegion(f *model.Finding, s *model.Scan) bool {
	return len(s.Regions) > 0 && f.Scan != s.ID && f.Asset.Region != "" && !slices.Contains(s.Regions, f.Asset.Region)
}

func member(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, e := range list {
		out[e] = true
	}
	return out
}

func tagged(tags map[string]string, want []string) bool {
	for _, w := range want {
		key, value, exact := strings.Cut(w, "=")
		have, ok := tags[key]
		if !ok || exact && have != value {
			return false
		}
	}
	return true
}

// WriteFile writes a report to path; the file appears whole or not at all.
func WriteFile(path string, f report.Format, in Report) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".stance-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
		}
	}()
	w := bufio.NewWriterSize(tmp, 1<<16)
	if err := f.Write(io.Writer(w), in.Input); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
