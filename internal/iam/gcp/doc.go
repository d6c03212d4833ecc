// Package gcp decides what allow policies, deny policies and audit
// configurations of Google Cloud say. Parse compiles an allow policy once into
// an immutable Policy; the questions (Public, Holders, External, SameMember,
// Audits) are answered by its bindings, and Decide answers one request over the
// policies of a resource and of all that hold it.
//
// Truth has three values. A condition on time is decided for the time that is
// given; what a condition asks of the resource or of the request stays unknown.
//
// The package reads nothing and keeps nothing. It does not know who is a member
// of which group, and knows nothing of principal access boundaries, service
// perimeters, organization policies and access lists.
package gcp
