package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"

	"github.com/stance-sec/stance/internal/model"
)

// SQLite's primary result codes that a user can do something about.
const (
	codeBusy     = 5
	codeReadOnly = 8
	codeCorrupt  = 11
	codeFull     = 13
	codeNotADB   = 26
)

// explain adds to an error of SQLite what it means here and what to do.
func explain(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codeBusy:
		return fmt.Errorf("%w: another process has been writing to the store all the time: wait for it, or stop it: %w", model.ErrBusy, err)
	case codeReadOnly:
		return fmt.Errorf("the store cannot be written: give this user write access to the file and its directory: %w", err)
	case codeFull:
		return fmt.Errorf("the disk is full: free some space and scan again: %w", err)
	case codeCorrupt, codeNotADB:
		return fmt.Errorf("the file is damaged: move it away and scan again, or restore a copy: %w", err)
	}
	return err
}
