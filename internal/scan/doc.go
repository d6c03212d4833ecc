// Package scan is the pipeline: it reads sources, evaluates controls and stores
// what comes out, and declares the seams that adapters fill. It owns
// concurrency and time; it knows no cloud, no engine and no format.
package scan
