package sqlite

import (
	"fmt"

	"github.com/stance-sec/stance/internal/model"
)

// decodeMeta sets the members of a that encodeAsset wrote beside its document.
func decodeMeta(data []byte, a *model.Asset) error {
	s := inside(data, '{')
	for s.next() {
		switch string(s.key) {
		case "class":
			a.Class = model.Class(s.text())
		case "name":
			a.Name = s.text()
		case "partition":
			a.Scope.Partition = s.text()
		case "org_path":
			a.Scope.OrgPath = s.text()
		case "zone":
			a.Scope.Zone = s.text()
		case "tags":
			a.Tags = s.dictionary()
		case "created_at":
			s.fail(a.CreatedAt.UnmarshalJSON(s.value))
		case "observed_at":
			s.fail(a.ObservedAt.UnmarshalJSON(s.value))
		case "facts":
			a.Facts, _ = s.document().(map[string]any)
		case "relations":
			a.Relations = s.relations()
		case "gaps":
			s.into(&a.Gaps)
		case "origin":
			s.into(&a.Origin)
		case "managed_by":
			a.ManagedBy = s.text()
		case "stale":
			s.into(&a.Stale)
		}
	}
	if s.err != nil {
		return fmt.Errorf("decode asset %s: %w", a.ID, s.err)
	}
	return nil
}

func (s *scanner) relations() (out []model.Relation) {
	list := inside(s.value, '[')
	for list.next() {
		var r model.Relation
		member := inside(list.value, '{')
		for member.next() {
			switch string(member.key) {
			case "kind":
				r.Kind = model.RelationKind(member.text())
			case "to":
				r.To = member.text()
			case "type":
				r.Type = member.text()
			}
		}
		list.fail(member.err)
		out = append(out, r)
	}
	s.fail(list.err)
	return out
}

// decodeBody sets the members of f that encodeFinding wrote beside its columns.
func decodeBody(data []byte, f *model.Finding) error {
	s := inside(data, '{')
	for s.next() {
		switch string(s.key) {
		case "id": // where it is not the hash of control and asset
			f.ID = s.text()
		case "m":
			f.Message = s.text()
		case "e":
			f.Evidence = s.evidence()
		case "g":
			s.into(&f.Gaps)
		case "r":
			f.Risk.Reasons = s.texts()
		}
	}
	if s.err != nil {
		return fmt.Errorf("decode finding of %s on %s: %w", f.Control, f.Asset.ID, s.err)
	}
	return nil
}

func (s *scanner) evidence() []model.Evidence {
	var few [8]model.Evidence
	out := few[:0]
	list := inside(s.value, '[')
	for list.next() {
		var e model.Evidence
		member := inside(list.value, '{')
		for member.next() {
			switch string(member.key) {
			case "a":
				e.Asset = member.text()
			case "p":
				e.Path = member.text()
			case "v":
				e.Value = member.document()
			case "n":
				e.Note = member.text()
			}
		}
		list.fail(member.err)
		out = append(out, e)
	}
	s.fail(list.err)
	return append([]model.Evidence(nil), out...)
}

// decodeRef sets what appendRef wrote of an asset.
func decodeRef(data []byte, a *model.AssetRef) error {
	s := inside(data, '{')
	for s.next() {
		switch string(s.key) {
		case "class":
			a.Class = model.Class(s.text())
		case "name":
			a.Name = s.text()
		case "partition":
			a.Partition = s.text()
		case "tags":
			a.Tags = s.dictionary()
		}
	}
	if s.err != nil {
		return fmt.Errorf("decode asset %s: %w", a.ID, s.err)
	}
	return nil
}
