package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// factName finds the facts of an expression.
var factName = regexp.MustCompile(`\bfacts\.([a-z][a-z0-9_]*)\b`)

// CompileAll returns the programs of a control: one, or one for each asset type
// of its class for which every cloud's expression of its facts is known.
func (e *Engine) CompileAll(c model.Control) ([]*Program, error) {
	if c.Class == "" {
		p, err := e.Compile(c)
		if err != nil {
			return nil, err
		}
		return []*Program{p}, nil
	}
	types, err := e.TypesOf(c)
	if err != nil {
		return nil, err
	}
	out := make([]*Program, 0, len(types))
	for _, typ := range types {
		p, err := e.CompileFor(c, typ)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// TypesOf returns the asset types that a control judges, sorted.
func (e *Engine) TypesOf(c model.Control) ([]string, error) {
	if c.Class == "" {
		return []string{c.Type}, nil
	}
	count := map[string]int{}
	used := map[string]bool{}
	for _, m := range factName.FindAllStringSubmatch(c.When+" "+c.Holds, -1) {
		if used[m[1]] {
			continue
		}
		used[m[1]] = true
		f, ok := e.facts[m[1]]
		if !ok {
			return nil, fmt.Errorf("%w expression: there is no fact %q%s", model.ErrInvalid, m[1], similar(m[1], slices.Sorted(maps.Keys(e.facts))))
		}
		if f.Class != c.Class {
			return nil, fmt.Errorf("%w expression: fact %s is about the class %s, the control about %s", model.ErrInvalid, f.ID, f.Class, c.Class)
		}
		for typ := range f.Types {
			if e.only != "" && model.ProviderOf(typ) != e.only {
				continue
			}
			count[typ]++
		}
	}
	if len(used) == 0 {
		return nil, fmt.Errorf("%w control on the class %s: its expressions name no fact", model.ErrInvalid, c.Class)
	}
	var out []string
	for _, typ := range slices.Sorted(maps.Keys(count)) {
		if count[typ] == len(used) {
			out = append(out, typ)
		}
	}
	if len(out) == 0 && e.only == "" {
		return nil, fmt.Errorf("%w control on the class %s: no asset type knows all of its facts", model.ErrInvalid, c.Class)
	}
	return out, nil
}

// CompileFor compiles a control on a class for one of its asset types: the facts
// are replaced by that type's expressions.
func (e *Engine) CompileFor(c model.Control, typ string) (*Program, error) {
	if c.Class == "" {
		return e.Compile(c)
	}
	expand := func(source string) string {
		return factName.ReplaceAllStringFunc(source, func(name string) string {
			return "(" + strings.TrimSpace(e.facts[strings.TrimPrefix(name, "facts.")].Types[typ]) + ")"
		})
	}
	one := c
	one.Type, one.Class = typ, ""
	one.When, one.Holds = expand(c.When), expand(c.Holds)
	one.Fix = c.Fixes[model.ProviderOf(typ)]
	p, err := e.Compile(one)
	if err != nil {
		return nil, fmt.Errorf("for %s: %w", typ, err)
	}
	return p, nil
}
