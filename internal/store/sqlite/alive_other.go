//go:build !unix

package sqlite

// alive reports that the process may exist: its lease decides.
func alive(int) bool { return true }
