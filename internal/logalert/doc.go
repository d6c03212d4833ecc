// Package logalert reads the conditions of alert policies of Cloud Monitoring and
// decides whether one of them fires for a single log entry that a log-based metric
// counts, in whichever of the query languages it is written.
//
// It decides by what a query selects, how that is aligned and with what it is
// compared, never by a name that stands in it: a query that it cannot read in
// whole is undecided. It does not decide which entries the metric counts, which is
// for package logfilter, nor whom the policy tells.
package logalert
