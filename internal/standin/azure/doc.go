// Package azure is a test server that speaks the wire of Azure Resource
// Manager, Azure Resource Graph, Microsoft Graph and the Entra authority, so
// that the shipped binary can be driven from an empty sign-in configuration to
// findings without a tenant.
//
// What it knows of the services it reads, when it starts, from the source of
// the vendor's own Go modules: verb, path and api-version of every call from
// their clients, members and enum values from their models. A seed is checked
// against them when it is loaded. Microsoft Graph has no such module; its
// names stand in a table here.
//
// It answers reads only: a write is refused as it would be for a reader. What
// the seed does not hold is denied in the vendor's own error form and never an
// empty list, because a stand-in that says "there is none" of what it does not
// know hides the very faults it is built to find.
//
// The package is test code; nothing outside tests and the command
// internal/standin imports it.
package azure
