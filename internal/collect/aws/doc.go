// Package aws collects AWS assets. A collector is a declaration of types and of
// the reads that fill their documents; everything else — pages, retries, rates,
// regions, gaps, the shape of documents — is the runtime's and stands in the
// files whose names are not services.
//
// The contract is that of the AWS collection specification: a document is what
// the vendor's API returns, a side read is nested under the member that it
// returns, and a read ends as present, absent or gap.
package aws
