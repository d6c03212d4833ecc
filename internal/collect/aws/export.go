package aws

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// ExportOptions say how exports of AWS are read.
type ExportOptions struct {
	// Account and Region are those of outputs that name none.
	Account string
	Region  string
	// Complete says that each output of the command line was made without a
	// filter: an asset of its type that it lacks does not exist there. Nothing in
	// an output says so itself.
	Complete bool
}

// Export turns output of the AWS CLI and configuration items of AWS Config into
// assets by the same code that reads an account live: its clients are answered
// from the outputs. What an export does not hold is a gap. First every value goes
// through Learn, then all of them again through Collect.
type Export struct {
	opts     ExportOptions
	outputs  map[string]*output // by path
	accounts map[string]*exported
}

// exported is what the exports hold of one account.
type exported struct {
	account, partition string
	regions            map[string]bool
	// answers are the outputs by operation and region; those of global operations
	// have no region.
	answers map[string]map[string]*output
	// abouts are those about one asset, by operation and the asset's name.
	abouts map[string]map[string][]*output
	items  bool // there are items of AWS Config
}

// NewExport returns an Export that has learned nothing yet.
func NewExport(opts ExportOptions) *Export {
	return &Export{opts: opts, outputs: map[string]*output{}, accounts: map[string]*exported{}}
}

func (e *Export) account(id, partition string) *exported {
	x := e.accounts[id]
	if x == nil {
		x = &exported{
			account: id, partition: partition, regions: map[string]bool{}, answers: map[string]map[string]*output{}, abouts: map[string]map[string][]*output{},
		}
		e.accounts[id] = x
	}
	return x
}

// Learn takes one value on the first way through the exports. Outputs of the
// command line are kept; of configuration items it is where they stand.
func (e *Export) Learn(x *collect.Exported) error {
	if x.Form == collect.CLIOutput {
		o := e.outputs[x.Path]
		if o == nil {
			o = &output{file: x.File, path: x.Path, partial: x.Partial, doc: map[string]any{}, named: nameOf(x.Path)}
			e.outputs[x.Path] = o
		}
		return o.add(x)
	}
	i, err := e.item(x.Doc())
	if err != nil {
		return err
	}
	acc := e.account(i.account, i.partition)
	acc.items = true
	if i.region != "" {
		acc.regions[i.region] = true
	}
	return nil
}

// Ready ends the first way. It finds out whose outputs they are: an output that
// does not say so is of the account of those beside it, if that is one, and else
// needs Options.Account and Region.
func (e *Export) Ready() error {
	files := slices.Sorted(maps.Keys(e.outputs))
	for _, f := range files {
		if err := e.outputs[f].identify(); err != nil {
			return err
		}
	}
	known := e.accountsBeside()
	for _, f := range files {
		o := e.outputs[f]
		if o.account == "" {
			o.account = cmp.Or(e.opts.Account, accountBeside(known, o.path))
		}
		if o.account == "" {
			return fmt.Errorf("%s: %w: nothing in this output says which account it is of: name it with --account", o.file, model.ErrInvalid)
		}
		if !o.everywhere() && len(o.homes) == 0 {
			if o.region = cmp.Or(o.region, e.opts.Region); o.region == "" {
				return fmt.Errorf("%s: %w: nothing in this output says which region it is of: name it with --region, or the file, as %s", o.file, model.ErrInvalid, withRegion(o.file))
			}
		}
		acc := e.account(o.account, cmp.Or(o.partition, partitionOf(o.region)))
		for _, home := range o.homes {
			acc.regions[home] = true
		}
		if o.region != "" {
			acc.regions[o.region] = true
		}
		if len(o.alike) > 0 {
			acc.keep(o)
			continue
		}
		if acc.answers[o.op.name] == nil {
			acc.answers[o.op.name] = map[string]*output{}
		}
		if known := acc.answers[o.op.name][o.region]; known != nil {
			if err := known.join(o); err != nil {
				return err
			}
			continue
		}
		acc.answers[o.op.name][o.region] = o
	}
	return e.alone(files)
}

// withRegion shows how a file is named that says of which region it is.
func withRegion(file string) string {
	base, ext, _ := strings.Cut(file, ".json")
	return base + "@eu-west-1.json" + ext
}

// accountsBeside are the accounts of which there are outputs and items, by folder,
// with all folders above it.
func (e *Export) accountsBeside() map[string]map[string]bool {
	known := map[string]map[string]bool{}
	add := func(dir, account string) {
		for last := ""; dir != last; last, dir = dir, filepath.Dir(dir) {
			if known[dir] == nil {
				known[dir] = map[string]bool{}
			}
			known[dir][account] = true
		}
	}
	known[""] = map[string]bool{} // wherever they are
	for _, o := range e.outputs {
		if o.account != "" {
			add(filepath.Dir(o.path), o.account)
			known[""][o.account] = true
		}
	}
	for id := range e.accounts {
		known[""][id] = true
	}
	return known
}

// accountBeside is the only account of the nearest folder that has any, "" where
// it has several.
func accountBeside(known map[string]map[string]bool, path string) string {
	last := ""
	for dir := filepath.Dir(path); dir != last; last, dir = dir, filepath.Dir(dir) {
		if len(known[dir]) > 0 {
			return the(known[dir])
		}
	}
	return the(known[""])
}

// alone refuses outputs that only complete assets which another command lists.
func (e *Export) alone(files []string) error {
	for _, f := range files {
		o := e.outputs[f]
		if o.op.root || e.accounts[o.account].items {
			continue
		}
		var roots []string
		for _, r := range append([]*readable{o.op}, o.alike...) {
			for _, t := range r.types {
				roots = append(roots, rootOperations(t)...)
			}
		}
		slices.Sort(roots)
		roots = slices.Compact(roots)
		if !slices.ContainsFunc(roots, func(op string) bool { return e.accounts[o.account].answers[op] != nil }) {
			return fmt.Errorf("%s: %w: the output of %s completes what %s lists: add the output of that", o.file, model.ErrInvalid, o.op.name, strings.Join(roots, " or "))
		}
	}
	return nil
}

// Accounts returns the accounts of which the exports hold something, Regions
// their regions.
func (e *Export) Accounts() []string { return slices.Sorted(maps.Keys(e.accounts)) }

// Regions returns the regions of which the exports hold something.
func (e *Export) Regions() []string {
	all := map[string]bool{}
	for _, a := range e.accounts {
		maps.Copy(all, a.regions)
	}
	return slices.Sorted(maps.Keys(all))
}

// session opens a session that is answered from the exports.
func (e *Export) session(x *exported) *Session {
	opts := Options{Concurrency: 4, Attempts: 1, Timeout: defaultTimeout}
	s := &Session{
		Account: x.account, Partition: x.partition, home: homeRegion(x.partition), custom: true,
		opts: opts, stats: collect.NewStats(), slots: make(chan struct{}, opts.Concurrency), governor: newGovernor(false),
	}
	s.cfg = aws.Config{
		Region: s.home, Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return putFirst(stack, &answerer{export: x})
		}},
	}
	s.scanned = slices.Sorted(maps.Keys(x.regions))
	if len(s.scanned) == 0 {
		s.scanned = []string{s.home}
	}
	return s
}

// Collect yields the assets of the exports, those that stand for accounts and
// regions first, and the gaps of what they do not hold. records is the second way
// through the same values.
func (e *Export) Collect(ctx context.Context, records iter.Seq2[collect.Exported, error]) iter.Seq2[model.Asset, error] {
	return func(yield func(model.Asset, error) bool) {
		sessions := map[string]*Session{}
		for _, id := range e.Accounts() {
			x := e.accounts[id]
			s := e.session(x)
			sessions[id] = s
			c := &conversion{export: e, x: x, s: s, ctx: ctx, yield: yield, proven: map[string]map[string]bool{}, why: map[listing]model.Gap{}}
			if !c.frame() || !c.units() || !c.unlisted() {
				return
			}
		}
		for r, err := range records {
			if err != nil {
				yield(model.Asset{}, err)
				return
			}
			if r.Form == collect.CLIOutput {
				continue
			}
			if !e.convertItem(ctx, sessions, &r, yield) {
				return
			}
		}
	}
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
