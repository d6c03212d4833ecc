// Package logpattern gives meaning to the filter patterns of CloudWatch Logs
// for JSON events: whether a pattern matches an event, and whether it matches
// every event that a requirement describes, however the two are spelt.
//
// The language is that of "Using filter patterns to match terms in JSON log
// events" in the CloudWatch Logs user guide. Where the guide is silent the
// service's behaviour is followed: a comparison, also !=, is false when the
// property is missing, null, a boolean, an array or an object. A pattern for
// text or space-delimited events is accepted but matches no JSON event here.
//
// The package does not fetch filters and does not know what an alarm is.
package logpattern
