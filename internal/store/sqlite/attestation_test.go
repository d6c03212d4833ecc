package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

func attestation() model.Attestation {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return model.Attestation{Framework: "f", Requirement: "1", Status: model.Holds, By: "b", Note: "n", At: at, Expires: at.AddDate(0, 1, 0)}.Seal()
}

// A store of the first schema gets the record, and keeps what it holds.
func TestAttestationsOfAnOlderStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	first, err := os.ReadFile("migrations/0001_initial.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "PRAGMA user_version = 1; PRAGMA application_id = 1400131171;" // "Stnc"
	const scan = `INSERT INTO scans VALUES (1, 's', 'complete', 'aws', 0, 0, '', 0, '', '{"id":"s","provider":"aws"}');`
	if _, err := db.Exec(string(first) + mark + scan); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, sqlite.Options{})
	a := attestation()
	if err := s.SaveAttestation(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := s.Attestations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.Attestation{a}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if scans, err := s.Scans(t.Context()); err != nil || len(scans) != 1 {
		t.Errorf("the scan is gone: %v, %v", scans, err)
	}
}

// The file itself refuses to change or to forget an entry.
func TestAttestationsAreAddedOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Closed before the file is opened otherwise: its purge may hold the lock.
	if err := errors.Join(s.SaveAttestation(t.Context(), attestation()), s.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"UPDATE attestations SET doc = '{}'", "DELETE FROM attestations"} {
		if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: got %v", statement, err)
		}
	}
}
