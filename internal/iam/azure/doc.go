// Package azure decides what Azure role definitions, role assignments and deny
// assignments allow. The Parse functions compile a document of Azure Resource
// Manager once; Definition answers what a role allows and what its holder could
// make of it; Decide answers one request over assignments and denies.
//
// Truth has three values. A condition of an assignment is decided as far as the
// action goes; what it says about attributes stays unknown, and so does what
// rests on a definition that was not read.
//
// The package reads nothing and keeps nothing. It does not know who is a member
// of which group, does not activate eligible assignments, and knows nothing of
// locks, of Azure Policy, or of the keys and logins that single services have
// beside roles.
package azure
