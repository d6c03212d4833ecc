package app

import (
	"context"
	"slices"

	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

// ScanAzure reads subscriptions and the directory of a tenant, evaluates the
// selected controls and stores the outcome. The session is returned for its
// figures, even with an error.
func (a *App) ScanAzure(ctx context.Context, store scan.Store, conn azure.Options, opts ScanOptions) (model.Scan, Session, error) {
	programs, limited, err := a.programs(model.Azure, opts.Selection)
	if err != nil {
		return model.Scan{}, nil, err
	}
	opts.Config.azure(&conn)
	need := newNeeds(programs)
	conn.Needed = need.member
	if limited {
		conn.Types = need.typ
	}
	session, err := azure.Open(ctx, conn)
	if err != nil {
		return model.Scan{}, nil, err
	}
	defer session.Close()
	l := live{
		provider: model.Azure, accounts: session.Accounts(), frame: session.Frame(),
		frameScope: model.Scope{Provider: model.Azure, Account: session.Tenant}, frameTypes: frameTypes(model.Azure),
	}
	for _, u := range session.Units() {
		l.tasks = append(l.tasks, scan.Task{Name: u.Name(), Source: u, Scope: u.Scope(), Types: u.Types()})
	}
	done, err := a.scanLive(ctx, store, l, programs, limited, opts)
	return done, session, err
}

// ScanGCP reads organizations, folders and projects, evaluates the selected
// controls and stores the outcome. The session is returned for its figures, even
// with an error.
func (a *App) ScanGCP(ctx context.Context, store scan.Store, conn gcp.Options, opts ScanOptions) (model.Scan, Session, error) {
	programs, limited, err := a.programs(model.GCP, opts.Selection)
	if err != nil {
		return model.Scan{}, nil, err
	}
	opts.Config.gcp(&conn)
	need := newNeeds(programs)
	conn.Needed = need.member
	if limited {
		conn.Types = need.typ
	}
	session, err := gcp.Open(ctx, conn)
	if err != nil {
		return model.Scan{}, nil, err
	}
	defer session.Close()
	l := live{
		provider: model.GCP, accounts: session.Accounts(), frame: session.Frame(ctx), leftOut: onAccounts(session.Skipped(), session.Accounts()),
		frameScope: model.Scope{Provider: model.GCP}, frameTypes: frameTypes(model.GCP),
	}
	for _, u := range session.Units() {
		l.tasks = append(l.tasks, scan.Task{Name: u.Name(), Source: u, Scope: u.Scope(), Types: u.Types()})
	}
	done, err := a.scanLive(ctx, store, l, programs, limited, opts)
	return done, session, err
}

// onAccounts puts lines of the ledger whose account is no part of the scan on the
// nearest account above that is; those without one are left away.
func onAccounts(lines []model.Coverage, accounts []string) []model.Coverage {
	inScope := member(accounts)
	var out []model.Coverage
	for _, l := range lines {
		if !inScope[l.Scope.Account] {
			above := slices.IndexFunc(l.Scope.Above(), func(a string) bool { return inScope[a] })
			if above < 0 {
				continue
			}
			l.Detail = l.Scope.Account + ": " + l.Detail
			l.Scope.Account = l.Scope.Above()[above]
		}
		out = append(out, l)
	}
	return out
}

// Connections are those of a run over several clouds; a nil one is left out.
type Connections struct {
	AWS   *aws.Options
	Azure *azure.Options
	GCP   *gcp.Options
}

// CloudScan is how the scan of one cloud of a run ended.
type CloudScan struct {
	Provider string
	Scan     model.Scan
	Session  Session
	// Err is why there is no scan of this cloud; the others are not touched by it.
	Err error
}

// ScanAll scans one cloud after the other. A cloud that cannot be reached does
// not keep the others from being scanned; a run that is stopped does.
func (a *App) ScanAll(ctx context.Context, store scan.Store, conns Connections, opts ScanOptions) []CloudScan {
	var out []CloudScan
	add := func(provider string, s model.Scan, session Session, err error) {
		out = append(out, CloudScan{Provider: provider, Scan: s, Session: session, Err: err})
	}
	if conns.AWS != nil {
		s, session, err := a.ScanAWS(ctx, store, *conns.AWS, opts)
		add(model.AWS, s, session, err)
	}
	if conns.Azure != nil && ctx.Err() == nil {
		s, session, err := a.ScanAzure(ctx, store, *conns.Azure, opts)
		add(model.Azure, s, session, err)
	}
	if conns.GCP != nil && ctx.Err() == nil {
		s, session, err := a.ScanGCP(ctx, store, *conns.GCP, opts)
		add(model.GCP, s, session, err)
	}
	return out
}

// Merge joins the scans of a run to one, for one report. Its provider is empty
// when they are of several.
func Merge(scans []model.Scan) model.Scan {
	var out model.Scan
	for i, s := range scans {
		if i == 0 {
			out = s
			continue
		}
		if s.Provider != out.Provider {
			out.Provider = ""
		}
		out.Accounts = union(out.Accounts, s.Accounts)
		out.Regions = union(out.Regions, s.Regions)
		if s.StartedAt.Before(out.StartedAt) {
			out.StartedAt = s.StartedAt
		}
		if s.FinishedAt.After(out.FinishedAt) {
			out.FinishedAt = s.FinishedAt
		}
		out.Counts = out.Counts.Plus(s.Counts)
	}
	return out
}

// union returns a new list of the names of both, each once and in their order.
func union(a, b []string) []string {
	var out []string
	for _, name := range slices.Concat(a, b) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
