package aws

import "strconv"

// Kind is the place that a policy document is attached to. It decides which
// elements are valid and what they mean.
type Kind string

// The kinds of policy documents. KindTrust is a role's trust policy;
// KindEndpoint is a VPC endpoint policy.
const (
	KindIdentity Kind = "identity"
	KindBoundary Kind = "boundary"
	KindSession  Kind = "session"
	KindSCP      Kind = "scp"
	KindRCP      Kind = "rcp"
	KindEndpoint Kind = "endpoint"
	KindResource Kind = "resource"
	KindTrust    Kind = "trust"
)

func (k Kind) hasPrincipal() bool {
	switch k {
	case KindResource, KindTrust, KindEndpoint, KindRCP:
		return true
	}
	return false
}

// Policy is a compiled policy document. It is immutable and may be shared; make
// one with Parse. The zero Policy has no statements and allows nothing.
type Policy struct {
	// Name is how explanations call the document: the name or ARN of a managed
	// policy, the id of an SCP. Empty means that the kind is enough.
	Name string
	// Kind is the kind it was parsed as.
	Kind Kind
	// Version is the language version; a document without one is "2008-10-17".
	Version string
	// Diagnostics lists what AWS would refuse or ignore, in document order.
	Diagnostics []Diagnostic

	statements []Statement
}

// Diagnostic is a fault of a document. Statement counts from 1; 0 is the
// document as a whole.
type Diagnostic struct {
	Statement int
	Problem   string
}

// String is the diagnostic in one line.
func (d Diagnostic) String() string {
	if d.Statement == 0 {
		return d.Problem
	}
	return "statement " + strconv.Itoa(d.Statement) + ": " + d.Problem
}

// Statements returns the statements that have an effect, in document order. The
// slice must not be changed.
func (p Policy) Statements() []Statement { return p.statements }

// Named returns the policy with that name for explanations.
func (p Policy) Named(name string) Policy {
	p.Name = name
	return p
}

func (p Policy) label() string {
	if p.Name != "" {
		return p.Name
	}
	return string(p.Kind)
}

// Statement is one compiled statement that has an effect.
type Statement struct {
	// Index counts the statements of the document from 1, the ones without
	// effect included.
	Index int
	// Sid is the statement's id, "" if it has none.
	Sid string
	// Allow is false for a Deny.
	Allow bool

	actions      []glob
	notActions   bool
	resources    []resourcePattern
	notResources bool
	anyResource  bool // no Resource element, where the kind has none
	// openResource is when the statement covers a resource that is solved for;
	// only of statements whose resources have no variables, which are fixed.
	openResource Formula
	fixed        bool
	principals   []principalEntry
	notPrincipal bool
	noPrincipal  bool // the kind has no principal element
	conditions   []*condition
}

// String is how explanations cite the statement: "statement 2 (ReadOnly)".
func (s Statement) String() string {
	if s.Sid == "" {
		return "statement " + strconv.Itoa(s.Index)
	}
	return "statement " + strconv.Itoa(s.Index) + " (" + s.Sid + ")"
}

// Cite points at the statement, or other fact, that an answer rests on.
type Cite struct {
	// Policy is the policy's name, or its kind where it has none.
	Policy string
	// Statement is as Statement.String, "" where the fact is no statement.
	Statement string
	// Why says in a few words what it does.
	Why string
}

// String is the citation in one line.
func (c Cite) String() string {
	s := c.Policy
	if c.Statement != "" {
		s += " " + c.Statement
	}
	if c.Why != "" {
		s += ": " + c.Why
	}
	return s
}

func cite(p *Policy, s *Statement, why string) Cite {
	return Cite{Policy: p.label(), Statement: s.String(), Why: why}
}
