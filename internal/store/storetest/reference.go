package storetest

import (
	"cmp"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// reference is the simplest store that behaves as the seam says: complete
// scans are applied one after the other to maps.
type reference struct {
	assets   map[string]model.Asset
	findings map[string]model.Finding
	history  map[string][]string // newest first: scan and hash
}

func newReference() *reference {
	return &reference{assets: map[string]model.Asset{}, findings: map[string]model.Finding{}, history: map[string][]string{}}
}

// finish applies a complete scan.
func (r *reference) finish(s saved) {
	covered := func(provider, account, typ string) bool {
		return (s.scan.Provider == "" || s.scan.Provider == provider) && slices.Contains(s.scan.Accounts, account) &&
			(len(s.scan.Types) == 0 || slices.Contains(s.scan.Types, typ))
	}
	before := map[string]string{}
	for k, a := range r.assets {
		before[a.ID] = a.Version
		if covered(a.Scope.Provider, a.Scope.Account, a.Type) {
			delete(r.assets, k)
		}
	}
	for k, f := range r.findings {
		if covered(f.Asset.Provider, f.Asset.Account, f.Asset.Type) {
			delete(r.findings, k)
		}
	}
	now := map[string]string{}
	for _, a := range s.assets {
		r.assets[a.Scope.Account+"|"+a.Type+"|"+a.ID] = a
		now[a.ID] = a.Version
	}
	for id, version := range now {
		if before[id] != version {
			r.history[id] = append([]string{s.scan.ID + " " + version}, r.history[id]...)
		}
	}
	refs := map[string]model.AssetRef{}
	for _, f := range s.findings {
		r.findings[f.Asset.Account+"|"+f.Asset.Type+"|"+f.Asset.ID+"|"+f.Control] = f
		refs[f.Asset.ID] = f.Asset
	}
	for k, f := range r.findings {
		if ref, ok := refs[f.Asset.ID]; ok {
			f.Asset = ref
			r.findings[k] = f
		}
	}
}

// Assets returns what the query selects, in order.
func (r *reference) Assets(q model.AssetQuery) (out []model.Asset) {
	for _, a := range r.assets {
		if selects(q, a.Scope.Provider, a.Scope.Account, a.Scope.Region, a.Type) {
			if q.Bare {
				a.Config = nil
			}
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b model.Asset) int {
		return cmp.Or(cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.Account, b.Scope.Account),
			cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Findings returns what the query selects, in order.
func (r *reference) Findings(q model.FindingQuery) (out []model.Finding) {
	for _, f := range r.findings {
		if selects(q.AssetQuery, f.Asset.Provider, f.Asset.Account, f.Asset.Region, f.Asset.Type) &&
			(q.Asset == "" || q.Asset == f.Asset.ID) && among(q.Controls, f.Control) &&
			among(q.Verdicts, f.Verdict) && among(q.Severities, f.Severity) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b model.Finding) int {
		return cmp.Or(cmp.Compare(a.Asset.Provider, b.Asset.Provider), cmp.Compare(a.Asset.Account, b.Asset.Account),
			cmp.Compare(a.Asset.Type, b.Asset.Type), cmp.Compare(a.Asset.ID, b.Asset.ID), cmp.Compare(a.Control, b.Control))
	})
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	return out
}

func selects(q model.AssetQuery, provider, account, region, typ string) bool {
	return (q.Provider == "" || q.Provider == provider) && (q.Account == "" || q.Account == account) &&
		(q.Region == "" || q.Region == region) && among(q.Types, typ)
}

func among[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }
