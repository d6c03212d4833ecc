package model

import (
	"cmp"
	"fmt"
	"strings"
)

// GapReason says why something could not be read.
type GapReason string

// The reasons of gaps. What was denied can be granted; what is unsupported
// cannot be read there at all.
const (
	Denied            GapReason = "denied"
	Throttled         GapReason = "throttled"
	Unsupported       GapReason = "unsupported"
	Failed            GapReason = "failed"
	UnknownUntilApply GapReason = "unknown_until_apply"
	Unresolved        GapReason = "unresolved"
	// Skipped is what nobody asked for: no selected control needs it. It is no
	// fault and is not counted.
	Skipped GapReason = "skipped"
)

// Gap is something that could not be read, and why. On an asset it covers one
// path of the document ("" for all of it); in the stream of a source, with
// Asset empty, it covers every asset of Type in Scope. It is an error so that a
// source can yield it without ending.
type Gap struct {
	Scope Scope `json:"scope"`
	// Below says that the failed listing was of all accounts below the scope's
	// one, as of an organization or a tenant.
	Below bool `json:"below,omitempty"`
	// Type is the asset type concerned.
	Type string `json:"type"`
	// Asset is the asset's id, empty when the listing itself failed.
	Asset string `json:"asset,omitempty"`
	// Path is the member of the document, dotted: "PublicAccessBlockConfiguration".
	Path   string    `json:"path,omitempty"`
	Reason GapReason `json:"reason"`
	// Operation is the API call, "s3:GetBucketPolicy"; Permission is the action
	// that would close the gap, empty when no permission would.
	Operation  string `json:"operation,omitempty"`
	Permission string `json:"permission,omitempty"`
	// Code is the vendor's error code; DeniedBy the class of policy that
	// refused, where the vendor says so (identity, scp, rcp, boundary, …).
	Code      string `json:"code,omitempty"`
	DeniedBy  string `json:"denied_by,omitempty"`
	Detail    string `json:"detail,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// mostDetail is how much of a vendor's detail a line shows, in characters.
const mostDetail = 200

// Error describes the gap in one line: what could not be read, where and why, with
// the vendor's code and detail. A detail that repeats the code stands alone; a long
// one is cut.
func (g *Gap) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", cmp.Or(g.Operation, g.Type), g.Reason)
	if why := g.why(); why != "" {
		fmt.Fprintf(&b, " (%s)", why)
	}
	if where := g.Scope.String(); where != "" {
		fmt.Fprintf(&b, " in %s", where)
	}
	if g.Permission != "" && g.Reason == Denied {
		fmt.Fprintf(&b, "; grant %s", g.Permission)
	}
	return b.String()
}

func (g *Gap) why() string {
	detail := []rune(strings.TrimRight(strings.Join(strings.Fields(g.Detail), " "), ".:; "))
	if len(detail) > mostDetail {
		detail = append(detail[:mostDetail-1], '…')
	}
	text := string(detail)
	switch {
	case text == "" || strings.Contains(strings.ToLower(g.Code), strings.ToLower(text)):
		return g.Code
	case g.Code == "" || strings.Contains(strings.ToLower(text), strings.ToLower(g.Code)):
		return text
	}
	return g.Code + ": " + text
}

// Key identifies the gap over scans: the same missing read has the same key.
func (g *Gap) Key() string {
	return strings.Join([]string{g.Scope.Provider, g.Scope.Account, g.Scope.Region, g.Type, g.Asset, g.Path, g.Operation}, "|")
}
