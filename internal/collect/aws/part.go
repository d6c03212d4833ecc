package aws

import (
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

// partUnread adds the gap of a part that single elements of a list lack because
// it could not be read: once for the whole list.
func partUnread(a *model.Asset, path string, op operation, err error) {
	if slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == path }) {
		return
	}
	why := classify(err)
	a.Gaps = append(a.Gaps, model.Gap{
		Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: path, Reason: why.reason, Operation: op.String(), Permission: op.Action,
		Code: why.code, DeniedBy: why.by, Detail: why.detail, RequestID: why.request,
	})
}
