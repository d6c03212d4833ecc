package drift

import (
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// Merge gives the verdict now the life of prev, the same finding as the last
// scan left it (nil when there was none), and says what changed, nil for
// nothing. The times are those of the findings' life:
//
//	verdict now          prev none, passing      prev open              prev resolved, gone
//	fail                 open: opened            open: (changed)        open: reopened
//	unknown              open: opened            open: (changed)        open: changed
//	pass, not applicable passing                 resolved: resolved     resolved
//	manual               (no state)              open                   resolved
//
// What is in parentheses is a change only when the verdict is another one.
// Unknown never resolves anything: something that failed stays open while
// nobody can tell. A resolved finding that becomes unknown is open, but only a
// fail makes it reopened; ResolvedAt stays set until then. A finding that was
// open for being unknown counts as one that was open. A waived finding stays
// waived whatever its verdict: only who manages waivers ends them.
func Merge(prev *model.Finding, now model.Finding, at time.Time) (model.Finding, *model.Change) {
	at = at.UTC()
	now.LastSeen = at
	if prev == nil {
		now.FirstSeen, now.ChangedAt, now.ResolvedAt, now.Reopened = at, at, time.Time{}, 0
		kind := begin(&now)
		if kind == "" {
			return now, nil
		}
		return now, findingChange(kind, now, "", now.Verdict, at)
	}
	now.FirstSeen, now.ChangedAt, now.ResolvedAt, now.Reopened = prev.FirstSeen, prev.ChangedAt, prev.ResolvedAt, prev.Reopened
	if now.FirstSeen.IsZero() {
		now.FirstSeen = at
	}
	kind := next(prev, &now, at)
	if now.State != prev.State || now.Verdict != prev.Verdict {
		now.ChangedAt = at
	}
	if kind == "" {
		return now, nil
	}
	return now, findingChange(kind, now, prev.Verdict, now.Verdict, at)
}

// Gone ends the life of a finding whose asset was deleted, as scan found. The
// change is nil when the finding was not open.
func Gone(prev model.Finding, scan string, at time.Time) (model.Finding, *model.Change) {
	f, wasOpen := prev, prev.State == model.Open
	at = at.UTC()
	if f.State != model.Gone {
		f.State, f.ChangedAt = model.Gone, at
		if wasOpen {
			f.ResolvedAt = at
		}
	}
	f.Scan = scan
	if !wasOpen {
		return f, nil
	}
	return f, findingChange(model.FindingGone, f, prev.Verdict, "", at)
}

// isOpen says that a verdict keeps a finding open, isSettled that it ends it.
// Manual does neither.
func isOpen(v model.Verdict) bool    { return v == model.Fail || v == model.Unknown }
func isSettled(v model.Verdict) bool { return v == model.Pass || v == model.NotApplicable }

// begin sets the state of a finding that was never open.
func begin(now *model.Finding) model.ChangeKind {
	switch {
	case now.State == model.Waived:
	case isOpen(now.Verdict):
		now.State = model.Open
		return model.FindingOpened
	case isSettled(now.Verdict):
		now.State = model.Passing
	default:
		now.State = ""
	}
	return ""
}

// next sets the state of now after prev.
func next(prev, now *model.Finding, at time.Time) model.ChangeKind {
	if prev.State == model.Waived || now.State == model.Waived {
		now.State = model.Waived
		return changed(prev, now)
	}
	switch prev.State {
	case model.Open:
		return afterOpen(prev, now, at)
	case model.Resolved, model.Gone:
		return afterResolved(now, at)
	default:
		return begin(now)
	}
}

func afterOpen(prev, now *model.Finding, at time.Time) model.ChangeKind {
	if isSettled(now.Verdict) {
		now.State = model.Resolved
		if !prev.ResolvedAt.IsZero() { // it was only unknown in between
			return changed(prev, now)
		}
		now.ResolvedAt = at
		return model.FindingResolved
	}
	now.State = model.Open
	if now.Verdict == model.Fail && !prev.ResolvedAt.IsZero() {
		return reopen(now)
	}
	return changed(prev, now)
}

func afterResolved(now *model.Finding, at time.Time) model.ChangeKind {
	switch {
	case now.Verdict == model.Fail:
		return reopen(now)
	case now.Verdict == model.Unknown:
		now.State = model.Open
		if now.ResolvedAt.IsZero() {
			now.ResolvedAt = at
		}
		return model.FindingChanged
	}
	now.State = model.Resolved
	return ""
}

func reopen(now *model.Finding) model.ChangeKind {
	now.State, now.ResolvedAt = model.Open, time.Time{}
	now.Reopened++
	return model.FindingReopened
}

func changed(prev, now *model.Finding) model.ChangeKind {
	if now.Verdict != prev.Verdict {
		return model.FindingChanged
	}
	return ""
}
