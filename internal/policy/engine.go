package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/stance-sec/stance/internal/model"
)

// Engine compiles controls against the schemas of the asset types that sources
// can yield. It is safe for concurrent use, as are the programs it makes.
type Engine struct {
	provider *provider
	base     *cel.Env
	mu       sync.Mutex          // guards envs, and what the provider declares
	envs     map[string]*cel.Env // by asset type
	facts    map[string]model.Fact
	only     string // provider whose types are known; "" for all
	// Functions by the ids of their overloads.
	overloads map[string]*functions.Overload
	interpret bool // instead of planning
}

// New returns an engine for documents of these shapes, by asset type.
func New(schemas map[string]*model.Schema) (*Engine, error) {
	p, err := newProvider(schemas)
	if err != nil {
		return nil, fmt.Errorf("build the registry of types: %w", err)
	}
	opts := []cel.EnvOption{
		cel.CustomTypeProvider(p),
		cel.CustomTypeAdapter(p.Registry),
		cel.ClearMacros(),
		cel.Macros(macros()...),
		cel.Variable("now", types.TimestampType),
		cel.Variable(accountVar, types.NewObjectType(accountType)),
		cel.Variable(regionVar, types.NewObjectType(regionType)),
		cel.Variable(aboveVar, types.NewObjectType(aboveType)),
		cel.Variable(elsewhereVar, types.NewObjectType(otherType)),
		cel.Variable(parentVar, types.NewObjectType(parentType)),
		cel.Variable("id", types.StringType),
		cel.Variable("name", types.StringType),
		cel.Variable("region", types.StringType),
		cel.Variable("account", types.StringType),
		cel.Variable("partition", types.StringType),
		cel.Variable("managed_by", types.StringType),
		cel.Variable("tags", types.NewMapType(types.StringType, types.StringType)),
	}
	opts = append(opts, coreFunctions()...)
	for _, family := range families {
		opts = append(opts, family()...)
	}
	base, err := cel.NewCustomEnv(append([]cel.EnvOption{cel.StdLib()}, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("build the language of controls: %w", err)
	}
	bound, err := overloadsOf(base)
	if err != nil {
		return nil, err
	}
	return &Engine{provider: p, base: base, envs: map[string]*cel.Env{}, facts: map[string]model.Fact{}, overloads: bound}, nil
}

// Interpret says that what is compiled from now on is evaluated by CEL's own
// interpreter: slower, and with the same results, which is for tests to show.
func (e *Engine) Interpret() { e.interpret = true }

// families are the groups of functions, one file each.
var families []func() []cel.EnvOption

// lookups are the asset types that functions look up, by function.
var lookups = map[string][]string{}

// uses declares what a function looks up in the inventory.
func uses(function string, types ...string) { lookups[function] = types }

// usesElsewhere declares which of the types that a function looks up it looks up
// in accounts by their names, too.
func usesElsewhere(function string, types ...string) { lookupsElsewhere[function] = types }

var lookupsElsewhere = map[string][]string{}

// parts are the members of documents that functions read, by function and type.
var parts = map[string]map[string][]string{}

// usesMembers declares which members of a type's documents a function reads.
func usesMembers(function, typ string, members ...string) {
	if parts[function] == nil {
		parts[function] = map[string][]string{}
	}
	parts[function][typ] = members
}

// usesOwn declares members that a function reads of the asset it is asked of,
// whatever its type.
func usesOwn(function string, members ...string) { ownParts[function] = members }

// ownParts are the members of the receiver's document, by function.
var ownParts = map[string][]string{}

// Only says that the engine knows the shapes of one provider's documents:
// controls on classes judge its types alone.
func (e *Engine) Only(provider string) { e.only = provider }

// Know makes facts usable in the controls of their class.
func (e *Engine) Know(facts ...model.Fact) {
	for _, f := range facts {
		e.facts[f.ID] = f
	}
}

// Program is a control ready to be evaluated. It is immutable.
type Program struct {
	Control model.Control
	// Uses is what the control reads, found in its checked expressions.
	Uses  Uses
	when  expr[bool] // nil: always applies
	holds expr[bool]
	// interpreted says that an expression is evaluated by CEL's interpreter.
	interpreted bool

	configType, assetType *types.Type
	params                paramValues
	message               template
}

// Interpreted reports whether an expression of the control has a form that the
// engine leaves to CEL's interpreter.
func (p *Program) Interpreted() bool { return p.interpreted }

// Uses says what a control needs to have been read.
type Uses struct {
	// Members are the first-level members of documents, by asset type.
	Members map[string][]string
	// Inventory are the asset types that the control looks up beside its own.
	Inventory []string
	// Elsewhere are those of Inventory that it looks up in accounts by their names.
	Elsewhere []string
}

// Compile checks a control and returns its program. A field that no document of
// the type has, a wrong type, or an unknown function is an error that names the
// place.
func (e *Engine) Compile(c model.Control) (*Program, error) {
	// Parsing takes half of the time and needs nothing that compilations share.
	var when *cel.Ast
	var err error
	if c.When != "" {
		if when, err = e.parse("when", c.When); err != nil {
			return nil, err
		}
	}
	holds, err := e.parse("holds", c.Holds)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	env, err := e.environment(c)
	if err != nil {
		return nil, err
	}
	p := &Program{Control: c, configType: types.NewObjectType(c.Type), assetType: types.NewObjectType(assetTypeName(c.Type))}
	p.params, p.message = e.provider.paramValues(c.Params), templateOf(c.Message)
	uses := newUsage(e.provider)
	if when != nil {
		if p.when, err = e.expression(env, p, "when", when, uses); err != nil {
			return nil, err
		}
	}
	if p.holds, err = e.expression(env, p, "holds", holds, uses); err != nil {
		return nil, err
	}
	p.Uses = uses.result()
	return p, nil
}

// parse parses an expression: all environments have the same syntax.
func (e *Engine) parse(what, source string) (*cel.Ast, error) {
	parsed, issues := e.base.Parse(source)
	if issues.Err() != nil {
		return nil, fmt.Errorf("%w %s: %w", model.ErrInvalid, what, tidy(issues.Err()))
	}
	return parsed, nil
}

func (e *Engine) environment(c model.Control) (*cel.Env, error) {
	env := e.envs[c.Type]
	if env == nil {
		config, ok := e.provider.configType(c.Type)
		if !ok {
			return nil, fmt.Errorf("%w type %q: no source yields it%s", model.ErrInvalid, c.Type, similar(c.Type, slices.Sorted(maps.Keys(e.provider.schemas))))
		}
		var err error
		env, err = e.base.Extend(
			cel.Variable("config", config),
			cel.Variable("asset", types.NewObjectType(assetTypeName(c.Type))),
		)
		if err != nil {
			return nil, fmt.Errorf("declare %s: %w", c.Type, err)
		}
		e.envs[c.Type] = env
	}
	if len(c.Params) == 0 {
		return env, nil
	}
	typ, err := e.provider.params(c.ID, c.Params)
	if err != nil {
		return nil, err
	}
	return env.Extend(cel.Variable("params", typ))
}

func (e *Engine) expression(env *cel.Env, of *Program, what string, parsed *cel.Ast, uses *usage) (expr[bool], error) {
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, fmt.Errorf("%w %s: %w", model.ErrInvalid, what, tidy(issues.Err()))
	}
	if checked.OutputType() != types.BoolType {
		return nil, fmt.Errorf("%w %s: it is of type %s, want bool", model.ErrInvalid, what, checked.OutputType())
	}
	if err := uses.walk(checked.NativeRep()); err != nil {
		return nil, fmt.Errorf("%w %s: %w", model.ErrInvalid, what, err)
	}
	run, err := e.plan(env, of, checked)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", what, err)
	}
	return run, nil
}

func (e *Engine) plan(env *cel.Env, of *Program, checked *cel.Ast) (expr[bool], error) {
	if !e.interpret {
		p := planner{
			provider: e.provider, overloads: e.overloads, params: of.params, checked: checked.NativeRep(),
			names: interpreter.NewAttributeFactory(env.Container, e.provider, e.provider),
		}
		n, err := p.plan(p.checked.Expr())
		if err == nil {
			return as[bool](n), nil
		}
		if !errors.Is(err, errForeign) {
			return nil, err
		}
	}
	of.interpreted = true
	prg, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	return func(act *activation) (bool, *fault) {
		out, _, err := prg.Eval(act)
		if err != nil {
			return false, &fault{err}
		}
		return split[bool](out)
	}, nil
}

// tidy shortens CEL's report to its messages with line and column.
func tidy(err error) error {
	lines := strings.Split(err.Error(), "\n")
	keep := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "ERROR:") {
			keep = append(keep, strings.TrimPrefix(l, "ERROR: <input>:"))
		}
	}
	if len(keep) == 0 {
		return err
	}
	return errors.New(strings.Join(keep, "; "))
}

// usesOf is uses for a function that looks up other types, and reads other
// members, when it is asked of assets of another type.
func usesOf(function, receiver string, types ...string) { uses(asked(function, receiver), types...) }

// usesMembersOf is usesMembers for a function asked of assets of a type.
func usesMembersOf(function, receiver, typ string, members ...string) {
	usesMembers(asked(function, receiver), typ, members...)
}

func asked(function, receiver string) string { return function + " of " + receiver }

// usage gathers what expressions read.
type usage struct {
	provider  *provider
	members   map[string]map[string]bool
	inventory map[string]bool
	elsewhere map[string]bool
}

func newUsage(p *provider) *usage {
	return &usage{provider: p, members: map[string]map[string]bool{}, inventory: map[string]bool{}, elsewhere: map[string]bool{}}
}

func (u *usage) walk(checked *ast.AST) error {
	var err error
	note := func(operand ast.Expr, member string) bool {
		t := checked.GetType(operand.ID())
		if t == nil || t.Kind() != types.StructKind {
			return false
		}
		name := t.TypeName()
		if listsAssets(name) {
			u.inventory[member] = true
			if name == otherType {
				u.elsewhere[member] = true
			}
			return true
		}
		if _, isRoot := u.provider.schemas[name]; isRoot {
			if u.members[name] == nil {
				u.members[name] = map[string]bool{}
			}
			u.members[name][member] = true
		}
		_, ok := u.provider.FindStructFieldType(name, member)
		return ok
	}
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.SelectKind:
			s := x.AsSelect()
			note(s.Operand(), s.FieldName())
		case ast.CallKind:
			c := x.AsCall()
			u.call(c.FunctionName())
			if c.IsMemberFunction() {
				if typ, ok := strings.CutPrefix(checked.GetType(c.Target().ID()).TypeName(), assetPrefix); ok {
					u.call(asked(c.FunctionName(), typ))
					for _, m := range ownParts[c.FunctionName()] {
						if schema := u.provider.schemas[typ]; err == nil && (schema == nil || schema.Fields[m] == nil) {
							err = fmt.Errorf("%s(): undefined field '%s' of %s", c.FunctionName(), m, typ)
						}
					}
					u.reads(typ, ownParts[c.FunctionName()])
				}
			}
			if c.FunctionName() != presentFunction || len(c.Args()) != 2 {
				return
			}
			member, _ := c.Args()[1].AsLiteral().Value().(string)
			if !note(c.Args()[0], member) && err == nil {
				t := checked.GetType(c.Args()[0].ID())
				err = fmt.Errorf("has(): undefined field '%s' of %s", member, t)
			}
		}
	}))
	return err
}

// call notes what a function is declared to look up and read.
func (u *usage) call(function string) {
	for _, typ := range lookups[function] {
		u.inventory[typ] = true
	}
	for _, typ := range lookupsElsewhere[function] {
		u.elsewhere[typ] = true
	}
	for typ, members := range parts[function] {
		u.reads(typ, members)
	}
}

func (u *usage) reads(typ string, members []string) {
	for _, m := range members {
		if u.members[typ] == nil {
			u.members[typ] = map[string]bool{}
		}
		u.members[typ][m] = true
	}
}

func (u *usage) result() Uses {
	out := Uses{Members: map[string][]string{}, Inventory: slices.Sorted(maps.Keys(u.inventory)), Elsewhere: slices.Sorted(maps.Keys(u.elsewhere))}
	for typ, members := range u.members {
		out.Members[typ] = slices.Sorted(maps.Keys(members))
	}
	return out
}

// similar returns a hint with the names closest to an unknown one.
func similar(name string, known []string) string {
	low := strings.ToLower(name)
	for _, k := range known {
		if strings.EqualFold(k, name) || strings.Contains(strings.ToLower(k), low) {
			return fmt.Sprintf(" (did you mean %s?)", k)
		}
	}
	return ""
}
