package scan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// Task is one source with the scope it is asked for and the asset types that it
// yields there.
type Task struct {
	Name   string
	Source Source
	Scope  model.Scope
	Types  []string
}

// Pipeline reads tasks, evaluates controls and stores what comes out. The
// fields are its configuration; Store, Programs and Now are required.
type Pipeline struct {
	Store    Store
	Programs []*policy.Program
	// Now is the clock.
	Now func() time.Time
	// At is the time for which controls are evaluated when that is not now: an
	// old snapshot gives the findings of its own day.
	At time.Time
	// Frame are the types of the assets that stand for an account and for a
	// region of it: what is said of a listing that failed is said of these.
	Frame []string
	// Normalize derives class, facts and relations; nil does nothing.
	Normalize func(*model.Asset)
	// Score rates a finding; nil leaves the risk empty.
	Score func(f *model.Finding, c *model.Control, a *model.Asset) model.Risk
	// Tasks bounds how many sources are read at once (default 16).
	Tasks int
	// LeftOut are lines of the ledger for what the caller left out by itself, such
	// as projects that are skipped by default.
	LeftOut []model.Coverage
	// SpoolAbove is the number of accounts above which assets wait on disk until
	// all is read (default 16), so that memory does not grow with the accounts.
	SpoolAbove int
	// SpoolDir is where the assets of many accounts wait; "" for the directory of
	// temporary files.
	SpoolDir string
	// Heartbeat is how often the lease is renewed (default 15 s).
	Heartbeat time.Duration
	// Progress is told of what happens; it must be quick. Nil for none.
	Progress func(Progress)
	Logger   *slog.Logger
}

// Progress is a state of a running scan.
type Progress struct {
	Phase  string // "reading", "evaluating", "storing"
	Done   int    // tasks, then assets
	Total  int
	Assets int
	Gaps   int
	// Task is the task that ended last.
	Task string
}

// Run scans. What it stores becomes visible when it returns without an error;
// an error or a cancelled context leaves the earlier scan as it was.
func (p *Pipeline) Run(ctx context.Context, scan model.Scan, tasks []Task) (model.Scan, error) {
	if err := p.Store.Begin(ctx, scan); err != nil {
		return scan, fmt.Errorf("begin scan: %w", err)
	}
	finished, err := p.run(ctx, scan, tasks)
	if err != nil {
		// The caller's context may be over; the lease must end all the same.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if abortErr := p.Store.Abort(end, scan.ID); abortErr != nil {
			err = errors.Join(err, fmt.Errorf("abort scan: %w", abortErr))
		}
		return scan, err
	}
	return finished, nil
}

func (p *Pipeline) run(ctx context.Context, scan model.Scan, tasks []Task) (_ model.Scan, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var beat sync.WaitGroup
	id := scan.ID
	beat.Go(func() { p.heartbeat(ctx, id, stop) })
	defer beat.Wait()
	defer stop(nil)

	w, err := p.newWork(ctx, scan)
	if err != nil {
		return scan, err
	}
	if w.spool != nil {
		defer func() { err = errors.Join(err, w.spool.Close()) }()
	}
	if err := p.read(ctx, w, tasks); err != nil {
		return scan, cause(ctx, err)
	}
	if err := w.carryOver(ctx); err != nil {
		return scan, cause(ctx, err)
	}
	if err := w.keepRegions(ctx, tasks); err != nil {
		return scan, cause(ctx, err)
	}
	if err := w.evaluateAll(ctx); err != nil {
		return scan, cause(ctx, err)
	}
	scan, err = w.finish(ctx)
	return scan, cause(ctx, err)
}

// cause prefers why the context ended to the fact that it did.
func cause(ctx context.Context, err error) error {
	if err != nil && errors.Is(err, context.Canceled) && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

func (p *Pipeline) heartbeat(ctx context.Context, scan string, stop context.CancelCauseFunc) {
	every := p.Heartbeat
	if every <= 0 {
		every = 15 * time.Second
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := p.Store.Heartbeat(ctx, scan); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("renew the scan's lease: %w", err))
				return
			}
		}
	}
}

// item is one thing that a source yielded.
type item struct {
	task  int
	asset *model.Asset
	gap   *model.Gap
}

// read runs the tasks side by side and hands their assets and gaps to w, which
// is fed by one goroutine only.
func (p *Pipeline) read(ctx context.Context, w *work, tasks []Task) error {
	limit := p.Tasks
	if limit <= 0 {
		limit = 16
	}
	items := make(chan item, 64)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(limit + 1)
	group.Go(func() error {
		done := 0
		w.ledger = make([]model.Coverage, 0, len(tasks))
		counts := make([]taskCount, len(tasks))
		for it := range items {
			switch {
			case it.asset != nil:
				counts[it.task].assets++
				if err := w.asset(gctx, it.asset); err != nil {
					return err
				}
			case it.gap != nil:
				counts[it.task].gap(it.gap)
				w.gap(it.gap)
			default:
				done++
				kept, err := keptBy(gctx, &tasks[it.task])
				if err != nil {
					return err
				}
				if len(kept.Coverage) == 0 {
					kept.Coverage = []model.Coverage{counts[it.task].coverage(&tasks[it.task])}
				}
				w.ledger = append(w.ledger, kept.Coverage...)
				w.attested = append(w.attested, kept.Attestations...)
				p.tell(Progress{Phase: "reading", Done: done, Total: len(tasks), Assets: w.counts.Assets, Gaps: w.counts.Gaps, Task: tasks[it.task].Name})
			}
		}
		return nil
	})
	readers, rctx := errgroup.WithContext(gctx)
	readers.SetLimit(limit)
	for i := range tasks {
		readers.Go(func() error { return drain(rctx, i, &tasks[i], items) })
	}
	readErr := readers.Wait()
	close(items)
	if err := group.Wait(); err != nil {
		return err
	}
	return readErr
}

// keptBy returns what the task's source holds beside what it yielded.
func keptBy(ctx context.Context, t *Task) (model.Kept, error) {
	k, ok := t.Source.(Keeper)
	if !ok {
		return model.Kept{}, nil
	}
	kept, err := k.Kept(ctx)
	if err != nil {
		return kept, fmt.Errorf("read %s: %w", t.Name, err)
	}
	return kept, nil
}

func drain(ctx context.Context, i int, t *Task, items chan<- item) error {
	send := func(it item) error {
		it.task = i
		select {
		case items <- it:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for a, err := range t.Source.Collect(ctx, t.Scope) {
		var gap *model.Gap
		switch {
		case errors.As(err, &gap):
			if err := send(item{gap: gap}); err != nil {
				return err
			}
		case err != nil:
			return fmt.Errorf("read %s: %w", t.Name, err)
		default:
			if err := send(item{asset: &a}); err != nil {
				return err
			}
		}
	}
	return send(item{})
}

// taskCount is what a task yielded so far.
type taskCount struct {
	assets, gaps int
	last         *model.Gap
}

func (c *taskCount) gap(g *model.Gap) { c.gaps++; c.last = g }

// coverage is the task's line in the ledger.
func (c *taskCount) coverage(t *Task) model.Coverage {
	line := model.Coverage{Scope: t.Scope, State: model.UnitOK, Assets: c.assets, Gaps: c.gaps}
	if len(t.Types) > 0 {
		line.Type = t.Types[0]
	}
	if c.assets == 0 {
		line.State = model.UnitEmpty
	}
	if c.last == nil {
		return line
	}
	line.Detail = c.last.Error()
	switch c.last.Reason {
	case model.Denied:
		line.State = model.UnitDenied
	case model.Throttled:
		line.State = model.UnitThrottled
	case model.Unsupported:
		line.State = model.UnitUnsupported
	default:
		line.State = model.UnitFailed
	}
	return line
}

func (p *Pipeline) tell(pr Progress) {
	if p.Progress != nil {
		p.Progress(pr)
	}
}

func evaluators() int { return max(1, runtime.GOMAXPROCS(0)) }
