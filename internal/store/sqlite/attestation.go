package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stance-sec/stance/internal/model"
)

// SaveAttestation adds an entry to the record. Its id is the hash of what it
// says, so one that is there already says the same.
func (s *Store) SaveAttestation(ctx context.Context, a model.Attestation) error {
	if err := a.Validate(); err != nil {
		return fmt.Errorf("save attestation: %w", err)
	}
	doc, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("save attestation %s: %w", a.ID, err)
	}
	if err := s.write.durable(ctx, func(t *tx) error {
		_, err := t.exec("INSERT INTO attestations (id, at, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", a.ID, a.At.Unix(), string(doc))
		return err
	}); err != nil {
		return fmt.Errorf("save attestation %s: %w", a.ID, err)
	}
	return nil
}

// Attestations returns the record, oldest first.
func (s *Store) Attestations(ctx context.Context) (out []model.Attestation, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT doc FROM attestations ORDER BY at, no")
	if err != nil {
		return nil, fmt.Errorf("read attestations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, fmt.Errorf("read attestations: %w", err)
		}
		var a model.Attestation
		if err := json.Unmarshal([]byte(doc), &a); err != nil {
			return nil, fmt.Errorf("read attestations: decode one: %w", err)
		}
		out = append(out, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read attestations: %w", err)
	}
	return out, nil
}
