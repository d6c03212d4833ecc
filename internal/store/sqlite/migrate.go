package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks the file as a store of Stance in SQLite's header.
const applicationID = 0x53744e63

// migrate brings the schema up to date: each file of migrations in order, all
// in one transaction, with the number of applied files in SQLite's
// user_version. A schema newer than this program is refused.
func migrate(ctx context.Context, w *writer) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	return w.tx(ctx, func(t *tx) error {
		version, err := t.int("PRAGMA user_version")
		if err != nil {
			return err
		}
		app, err := t.int("PRAGMA application_id")
		if err != nil {
			return err
		}
		tables, err := t.int("SELECT count(*) FROM sqlite_schema")
		if err != nil {
			return err
		}
		if tables > 0 && app != applicationID {
			return fmt.Errorf("it is a database of another program: move the file away, or choose another path: %w", errNoDatabase)
		}
		if int(version) > len(names) {
			return fmt.Errorf("%w: it was written by a newer version of Stance (its schema is %d, this one knows %d): install the newer version, or choose another path",
				model.ErrInvalid, version, len(names))
		}
		if int(version) == len(names) {
			return nil
		}
		for _, name := range names[version:] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return fmt.Errorf("read migration: %w", err)
			}
			if err := t.script(string(text)); err != nil {
				return fmt.Errorf("apply %s: %w", name, err)
			}
		}
		return t.script(fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(names), applicationID))
	})
}
