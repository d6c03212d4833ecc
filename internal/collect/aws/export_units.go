package aws

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

const defaultTimeout = 30 * time.Second

// conversion reads one account from its outputs.
type conversion struct {
	export *Export
	x      *exported
	s      *Session
	ctx    context.Context //nolint:containedctx // it lives as long as the collection
	yield  func(model.Asset, error) bool
	proven map[string]map[string]bool // regions in which a type was listed
	why    map[listing]model.Gap      // what an output that should list a type lacks
}

// listing is of a type in a region.
type listing struct{ typ, region string }

// emit passes assets on; gaps of listings are said at the end.
func (c *conversion) emit(a model.Asset, err error, file string) bool {
	var gap *model.Gap
	if errors.As(err, &gap) {
		return true
	}
	if err == nil {
		a.Origin = model.Origin{Kind: model.OriginExport, File: file}
	}
	return c.yield(a, err)
}

// frame yields the assets of the account and its regions.
func (c *conversion) frame() bool {
	for a, err := range c.s.Frame(sortedKeys(c.x.regions)) {
		if err == nil && a.Type == AccountType {
			for _, member := range []string{"Arn", "UserId"} { // of who reads a live account
				delete(a.Config, member)
				a.Gaps = append(a.Gaps, model.Gap{Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: member, Reason: model.Unsupported, Operation: "sts:GetCallerIdentity", Detail: collect.NotInExport})
			}
		}
		if !c.emit(a, err, "") {
			return false
		}
	}
	return true
}

// units runs the live units whose listings the outputs answer.
func (c *conversion) units() bool {
	for _, u := range c.s.Units(c.s.scanned) {
		files := c.answering(u)
		if files == nil {
			continue
		}
		listed := true
		lacking := map[string]bool{} // types below others
		for a, err := range u.Collect(c.ctx, u.Scope()) {
			var gap *model.Gap
			switch {
			case !errors.As(err, &gap):
			case slices.Contains(typesWithoutParent(u), gap.Type):
				listed = false
				c.why[listing{gap.Type, u.Region}] = model.Gap{Reason: gap.Reason, Code: gap.Code, Permission: gap.Permission, DeniedBy: gap.DeniedBy, Detail: gap.Detail}
			default:
				lacking[gap.Type] = true
			}
			if !c.emit(a, err, strings.Join(files, ", ")) {
				return false
			}
		}
		for _, o := range c.outputsOf(u) {
			if o.partial != "" {
				listed = false
				for _, typ := range typesWithoutParent(u) {
					c.why[listing{typ, u.Region}] = model.Gap{Reason: model.Unsupported, Detail: o.file + ": " + o.partial}
				}
			}
		}
		if listed {
			c.prove(u, typesWithoutParent(u), nil)
			c.prove(u, typesBelow(u.typ), lacking)
		}
	}
	return c.ctx.Err() == nil
}

// prove notes that all assets of some types in the unit's region are known.
func (c *conversion) prove(u *Unit, types []string, lacking map[string]bool) {
	for _, typ := range types {
		if lacking[typ] {
			continue
		}
		if c.proven[typ] == nil {
			c.proven[typ] = map[string]bool{}
		}
		c.proven[typ][u.Region] = true
	}
}

// typesBelow are the types of the children of a type's assets.
func typesBelow(t *Type) []string {
	var out []string
	for i := range t.Children {
		out = append(append(out, t.Children[i].Name), typesBelow(&t.Children[i])...)
	}
	return out
}

// typesWithoutParent are the types that a unit lists by itself.
func typesWithoutParent(u *Unit) []string {
	out := []string{u.typ.Name}
	if u.typ.Custom != nil {
		out = append(out, u.typ.Custom.Yields...)
	}
	return out
}

// answering returns the files that answer a unit's listing, nil where none does.
// Settings of an account, which need no listing, are there when one of their reads
// is answered.
func (c *conversion) answering(u *Unit) []string {
	var files []string
	for _, o := range c.outputsOf(u) {
		if !slices.Contains(files, o.file) {
			files = append(files, o.file)
		}
	}
	return files
}

func (c *conversion) outputsOf(u *Unit) []*output {
	var out []*output
	for _, op := range rootOperations(u.typ) {
		for _, region := range []string{u.Region, ""} {
			if o := c.x.answers[op][region]; o != nil && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// unlisted yields the gaps of types of which the outputs do not prove that they
// hold all.
func (c *conversion) unlisted() bool {
	for _, col := range Collectors() {
		for i := range col.Types {
			if !c.unlistedType(&col.Types[i], &col.Types[i]) {
				return false
			}
		}
	}
	return true
}

func (c *conversion) unlistedType(t, top *Type) bool {
	regions := []string{""}
	if !top.Global {
		if regions = sortedKeys(c.x.regions); len(regions) == 0 {
			regions = []string{""}
		}
	}
	proven := func(region string) bool { return c.export.opts.Complete && c.proven[t.Name][region] }
	tried := func(region string) bool { _, ok := c.why[listing{t.Name, region}]; return ok || proven(region) }
	if !slices.ContainsFunc(regions, tried) {
		regions = []string{""} // one gap for all of them
	}
	for _, region := range regions {
		if proven(region) {
			continue
		}
		g := &model.Gap{Scope: c.s.scope(region), Type: t.Name, Reason: model.Unsupported, Operation: listOperation(t, top), Detail: collect.NotInExport}
		if why, ok := c.why[listing{t.Name, region}]; ok {
			g.Reason, g.Code, g.Permission, g.DeniedBy, g.Detail = why.Reason, why.Code, why.Permission, why.DeniedBy, why.Detail
		} else if len(c.proven[t.Name]) > 0 {
			g.Detail = "the export does not say that it holds all of them"
		}
		if !c.yield(model.Asset{}, g) {
			return false
		}
	}
	for i := range t.Children {
		if !c.unlistedType(&t.Children[i], top) {
			return false
		}
	}
	return true
}

// listOperation names the call that lists a type below or beside another one.
func listOperation(t, top *Type) string {
	if op := t.operationFor(""); op != "" && op != ":" {
		return op
	}
	if t.List != nil && t.List.member != "" {
		return top.operationFor(t.List.member)
	}
	for _, r := range readables() {
		if r.root && slices.Contains(r.types, t) {
			return r.name
		}
	}
	if len(t.Side) > 0 {
		return t.Side[0].op.String()
	}
	return "export"
}
