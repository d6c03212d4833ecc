// Package aws decides what AWS policy documents allow. Parse compiles a document
// once into an immutable Policy; Decide answers one request; the questions
// (Public, External, DeniesAll, Administrator, AssumableBy, …) answer what holds
// for all requests of a kind, by solving and never by looking at the shape of a
// statement.
//
// Truth has three values. A condition whose key is not known stays in the answer
// as a residual Formula; a policy that could not be read makes the answer
// unknown unless what was read decides it alone.
//
// The package reads nothing and keeps nothing. It does not know which policies a
// principal or a resource has, does not expand one API call into its several
// requests (Combine joins their decisions), and does not look at the network.
package aws
