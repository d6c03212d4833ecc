// Package network answers reachability questions from the vendor's own packet
// filter and route documents: which sources reach which ports, whether that is
// the internet, and which rule decided.
//
// Everything is an exact set. Addresses and ports are canonical intervals, what
// a filter admits is a canonical set of boxes (addresses x protocol x ports),
// so that a question about the union of many rules is one set operation:
// 0.0.0.0/1 and 128.0.0.0/1 in two rules are the internet.
//
// Rules that are tried in order and may hold for some destinations only, as those
// of Azure and Google Cloud, are a Chain: At one destination, or Somewhere, it is
// a filter like all others.
//
// What could not be read is carried as a second, larger set: a filter knows
// what it surely admits and what it may admit. An answer is true when the first
// set decides it, false when the second one does, and unknown otherwise.
//
// The package does not read anything, does not know which process listens on a
// port, and does not search paths between networks.
package network
