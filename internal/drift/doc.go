// Package drift compares what a scan found with what earlier scans found: the
// life of findings, and assets that came, changed and went. It is pure; time
// and earlier states come as arguments. It does not decide what was read: an
// asset that could not be read must be carried over by the caller, or it looks
// removed.
package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/stance-sec/stance/internal/model"
)

// ChangeID returns the id of a change: the same subject (a finding's or an
// asset's id), scan and kind always give the same.
func ChangeID(subject, scan string, kind model.ChangeKind) string {
	h := sha256.New()
	for _, s := range []string{subject, scan, string(kind)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return "c-" + hex.EncodeToString(h.Sum(nil)[:10])
}

func findingChange(kind model.ChangeKind, f model.Finding, before, after model.Verdict, at time.Time) *model.Change {
	return &model.Change{
		ID: ChangeID(f.ID, f.Scan, kind), Kind: kind, At: at, Scan: f.Scan,
		Asset: f.Asset, Finding: &f, Before: before, After: after,
	}
}
