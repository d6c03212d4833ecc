package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/scan"
)

func newAttestation(requirement, by string, at time.Time) model.Attestation {
	return model.Attestation{
		Framework: "cis", Requirement: requirement, Scope: model.Scope{Provider: model.AWS, Account: "1"}, Status: model.Holds,
		By: by, At: at, Note: "looked at \"it\"\nü", Expires: at.AddDate(0, 6, 0),
	}.Seal()
}

func testAttestations(t *testing.T, store scan.Store) {
	ctx := context.Background()
	equal(t, "none", 0, len(value[[]model.Attestation](t)(store.Attestations(ctx))))

	late, early := newAttestation("1.2", "late", epoch.Add(time.Hour)), newAttestation("1.1", "early", epoch)
	other := early
	other.Status, other.Note = model.DoesNotHold, "the same second, another opinion"
	other = other.Seal()
	revoked := model.Attestation{
		Framework: "cis", Requirement: "1.2", Status: model.Revoked, Revokes: late.ID, By: "x", At: epoch.Add(2 * time.Hour), Note: "wrong list",
	}.Seal()
	for _, a := range []model.Attestation{late, early, other, revoked, early} {
		must(t, store.SaveAttestation(ctx, a))
	}
	want := []model.Attestation{early, other, late, revoked}
	equal(t, "attestations", want, value[[]model.Attestation](t)(store.Attestations(ctx)))

	// Scans come and go; the record stays.
	s := saved{scan: newScan("s1", "1"), assets: []model.Asset{newAsset("1", bucketType, "b", 1)}}
	s.finish(t, store)
	must(t, store.Begin(ctx, newScan("s2", "1")))
	must(t, store.Abort(ctx, "s2"))
	saved{scan: newScan("s3", "1")}.finish(t, store)
	equal(t, "attestations after scans", want, value[[]model.Attestation](t)(store.Attestations(ctx)))
}

func testAttestationsRefused(t *testing.T, store scan.Store) {
	ctx := context.Background()
	forged := newAttestation("1.1", "me", epoch)
	forged.Status = model.DoesNotHold // under the id of another statement
	long := newAttestation("1.1", "me", epoch)
	long.Expires = epoch.AddDate(1, 1, 0)
	nobody := newAttestation("1.1", " ", epoch)
	for name, a := range map[string]model.Attestation{"forged": forged, "too long": long.Seal(), "nobody": nobody, "empty": {}} {
		if err := store.SaveAttestation(ctx, a); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	equal(t, "attestations", 0, len(value[[]model.Attestation](t)(store.Attestations(ctx))))
}
