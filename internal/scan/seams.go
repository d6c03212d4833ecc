package scan

import (
	"context"
	"iter"

	"github.com/stance-sec/stance/internal/model"
)

// Source is anything that yields assets: a live cloud, a snapshot, an export,
// infrastructure code. A *model.Gap in the error position is data and does not
// end the stream; any other error does.
type Source interface {
	Collect(ctx context.Context, scope model.Scope) iter.Seq2[model.Asset, error]
}

// Keeper is a Source that also holds what an earlier scan and people added to
// what was read. The scan takes it over: the ledger takes the place of the
// task's own line, and the attestations are added to those of the store.
type Keeper interface {
	Source
	Kept(ctx context.Context) (model.Kept, error)
}

// Store keeps scans, assets, findings and gaps. What a running scan saves is
// invisible to readers until Finish, which makes all of it visible at once.
// Every engine passes storetest.Run.
type Store interface {
	// Begin opens a scan. It fails with model.ErrBusy while another scan of one
	// of the same accounts holds its lease, and takes the lease over from a
	// scan whose Heartbeat is older than the lease.
	Begin(ctx context.Context, scan model.Scan) error
	// Heartbeat extends the lease of a running scan.
	Heartbeat(ctx context.Context, scan string) error
	SaveAssets(ctx context.Context, scan string, assets []model.Asset) error
	SaveFindings(ctx context.Context, scan string, findings []model.Finding) error
	SaveGaps(ctx context.Context, scan string, gaps []model.Gap) error
	SaveCoverage(ctx context.Context, scan string, coverage []model.Coverage) error
	SaveChanges(ctx context.Context, scan string, changes []model.Change) error
	// Finish makes the scan visible and ends its lease. For the scan's accounts
	// and types it replaces what earlier scans stored: assets of these that the
	// scan did not save are gone, other types stay.
	Finish(ctx context.Context, scan model.Scan) error
	// Abort drops what a scan saved and ends its lease.
	Abort(ctx context.Context, scan string) error

	// Scans returns the complete scans, newest first.
	Scans(ctx context.Context) ([]model.Scan, error)
	// Assets iterates the visible assets in order of provider, account, type, id.
	Assets(ctx context.Context, q model.AssetQuery) iter.Seq2[model.Asset, error]
	// Asset returns one visible asset, or model.ErrNotFound.
	Asset(ctx context.Context, id string) (model.Asset, error)
	// History returns the stored versions of an asset, newest first.
	History(ctx context.Context, id string) ([]model.Version, error)
	// Findings iterates the visible findings in order of provider, account,
	// asset type, asset id, control.
	Findings(ctx context.Context, q model.FindingQuery) iter.Seq2[model.Finding, error]
	// FindingsOn is Findings with the assets of those that want accepts, both of
	// one moment.
	FindingsOn(ctx context.Context, q model.FindingQuery, want func(*model.Finding) bool) iter.Seq2[model.FindingOn, error]
	// Finding returns one visible finding, or model.ErrNotFound.
	Finding(ctx context.Context, id string) (model.Finding, error)
	Gaps(ctx context.Context, q model.AssetQuery) ([]model.Gap, error)
	Coverage(ctx context.Context, q model.AssetQuery) ([]model.Coverage, error)
	Changes(ctx context.Context, scan string) ([]model.Change, error)

	// SaveAttestation adds an entry to the record of attestations, which
	// belongs to no scan and is on disk when it returns. One that is there
	// already is no error; one that is not valid wraps model.ErrInvalid.
	SaveAttestation(ctx context.Context, a model.Attestation) error
	// Attestations returns the whole record, oldest first, of one second in
	// the order in which it was saved.
	Attestations(ctx context.Context) ([]model.Attestation, error)
	Close() error
}

// Queue carries jobs at least once; a job whose id is waiting or running is not
// put twice. Every engine passes queuetest.Run.
type Queue interface {
	Put(ctx context.Context, job model.Job) error
	// Work runs do on jobs, workers at a time, until ctx ends. A job whose do
	// fails comes again.
	Work(ctx context.Context, workers int, do func(context.Context, model.Job) error) error
	Close() error
}

// Sink delivers changes to another system; sending a change twice is harmless.
type Sink interface {
	Send(ctx context.Context, changes []model.Change) error
}
