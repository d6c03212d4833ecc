package scan

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/policy"
)

// elsewhere brings what controls look up in accounts by their names out of the
// spool, where those accounts wait. Evaluations share it.
type elsewhere struct {
	w     *work
	types map[string]bool // that some control looks up this way

	mu      sync.Mutex
	numbers map[string]string            // accounts by the numbers of projects, nil until one is asked for
	known   map[string]*policy.Inventory // by account; nil for one that was not read
	err     error                        // of the first read that failed
}

// mostElsewhere is how many inventories are kept: few accounts are named by others.
const mostElsewhere = 64

func newElsewhere(w *work) *elsewhere {
	e := &elsewhere{w: w, types: map[string]bool{}, known: map[string]*policy.Inventory{}}
	for _, pr := range w.p.Programs {
		for _, typ := range pr.Uses.Elsewhere {
			e.types[typ] = true
		}
	}
	return e
}

// fetch returns the inventory of an account, nil when the scan did not reach it.
func (e *elsewhere) fetch(account string) *policy.Inventory {
	e.mu.Lock()
	defer e.mu.Unlock()
	account = e.named(account)
	inv, ok := e.known[account]
	if ok {
		return inv
	}
	inv, err := e.load(account)
	if err != nil {
		inv = nil
		if e.err == nil {
			e.err = err
		}
	}
	if len(e.known) >= mostElsewhere {
		clear(e.known)
	}
	e.known[account] = inv
	return inv
}

// named returns the account that a project's number stands for, else the name itself.
func (e *elsewhere) named(account string) string {
	if strings.Trim(account, "0123456789") != "" {
		return account
	}
	if e.numbers == nil {
		e.numbers = map[string]string{}
		for _, frame := range e.w.frame {
			if number, ok := frame.Config["projectNumber"].(int64); ok {
				e.numbers[strconv.FormatInt(number, 10)] = frame.Scope.Account
			}
		}
	}
	if id, ok := e.numbers[account]; ok {
		return id
	}
	return account
}

func (e *elsewhere) load(account string) (*policy.Inventory, error) {
	frame, p := e.w.frame[account], e.w.spool.of[account]
	if p == nil || !e.w.reached(frame) {
		return nil, nil
	}
	var assets []*model.Asset
	err := e.w.spool.each(p, func(a *model.Asset) {
		if a.Scope.Account == account && e.types[a.Type] {
			assets = append(assets, a)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(assets, func(a, b *model.Asset) int { return strings.Compare(a.ID, b.ID) })
	inv := e.w.inv.Apart(frame.Scope)
	inv.MarkRead()
	for _, a := range assets {
		inv.Add(a)
	}
	for _, g := range e.w.gapsOf[account] {
		inv.AddGap(g)
	}
	return inv, nil
}

func (e *elsewhere) failed() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}
