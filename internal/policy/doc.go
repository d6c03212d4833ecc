// Package policy compiles controls and evaluates them on assets. A control is a
// CEL expression over the vendor's document, type-checked against the vendor's
// own schema; its truth has three values, because each path of a document is
// present, absent or unknown.
//
// The package decides and explains one asset at a time. It reads nothing, keeps
// nothing, and knows no cloud: questions about policies, networks and log
// filters are passed on to iam, network and logpattern.
//
// # Absent and unknown
//
// A path under a gap is unknown, and a control that depends on it is unknown
// too; CEL's own rules carry this, so false && unknown is false. A path that the
// vendor did not set is absent: an absent string is "", an absent list is empty,
// and everything below an absent object is the zero value of its kind. An
// absent boolean, number or time of a present object has no value: reading it
// is an error, and the verdict unknown, unless has() is asked first. A missing
// boolean is never read as false.
//
// # Evaluation
//
// Expressions are parsed and checked by cel-go, and its functions are called, but
// the tree that is walked is ours: plan.go and its siblings, one for each family of
// nodes, make functions of Go of it. They give what CEL's interpreter gives, to
// which expressions are left that have a form they do not know.
package policy
