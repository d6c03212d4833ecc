// Package azure reads Azure and Entra ID: Azure Resource Graph is the bulk
// source of documents, Azure Resource Manager is read for what it lacks, and
// Microsoft Graph for the directory. Each provider is one file that declares its
// asset types; paging, rates, retries, gaps and the shape of documents are the
// runtime's. It does not decide anything about what it reads.
package azure
