// Package gcp reads Google Cloud: Cloud Asset Inventory is the bulk source of
// documents and policies, and single services are read for what it lacks. Each
// service is one file that declares its asset types; paging, rates, retries,
// gaps and the shape of documents are the runtime's. It does not decide
// anything about what it reads.
package gcp
