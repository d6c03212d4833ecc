// Package sqlite is the embedded store: one file, no server, no cgo.
//
// # Visibility
//
// Each scan has a generation, a number that only grows. Every row that a scan
// saves carries its generation and its part, which stands for one provider,
// account and asset type. The table visible holds, for each part, the one
// generation that readers see; readers join it. A running scan therefore
// writes rows that nobody sees, and Finish moves the pointers of all the parts
// that the scan covers in one transaction. Rows that no pointer names any more
// and whose scan is not running are garbage, whatever way they came about; a
// background purge removes them in small transactions. Nothing has to be
// undone after a crash: the pointers of an unfinished scan were never moved.
//
// # Rows and blocks
//
// What is filtered or ordered by stands in integer columns. Everything else
// (documents, facts, messages, evidence) is gathered into blocks of about
// 64 KB, compressed by zstd and referred to by block number and position: the
// rows stay some tens of bytes long, documents of one type compress many times
// better together than alone, and the writer inserts a few large values in
// place of millions of small ones. Documents are stored once for each hash.
//
// # Writing
//
// What a scan saves is encoded in the caller's goroutine, gathered in memory up
// to a fixed number of rows, sorted in the readers' order and written in one
// transaction. Save functions may be called from many goroutines. A failed
// write keeps its rows for the next call, and Finish does not succeed before
// every row is written.
//
// # Durability
//
// The file is in WAL mode with synchronous=NORMAL, and with synchronous=FULL
// in the transaction of Finish: its sync covers everything that was written to
// the log before. So a finished scan survives a loss of power, and a running
// one costs no syncs.
//
// # Attestations
//
// What people attested belongs to no scan and has no generation. It is on disk
// when SaveAttestation returns, and triggers refuse to change or delete a row.
//
// # What it does not do
//
// Only the store that began a scan can save to it. Static texts of findings
// (title, fix, frameworks, other tools' ids) are not stored; they belong to
// the catalogue. Versions of documents are kept for ever.
package sqlite
