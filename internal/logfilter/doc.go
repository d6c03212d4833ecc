// Package logfilter gives meaning to filters in Cloud Logging's query language,
// as log-based metrics and sinks have them: whether a filter matches every entry
// that a requirement describes, however the two are written.
//
// The language is that of "Logging query language" in the documentation of Cloud
// Logging: NOT binds more tightly than OR, and OR more tightly than AND; what
// stands side by side is joined by AND; comparisons of text ignore case, regular
// expressions do not; a comparison with a member that an entry lacks is false.
// https://cloud.google.com/logging/docs/view/logging-query-language
//
// The package does not fetch filters and does not know what a metric is.
package logfilter
