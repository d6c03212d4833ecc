package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
)

// writer owns the one connection that writes. It speaks to the driver
// directly: with millions of small rows, database/sql's conversions would cost
// more than SQLite.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	lock  chan struct{} // a mutex that a context can leave
	stmts map[string]statement
}

type driverConn interface {
	driver.ConnPrepareContext
	driver.ExecerContext
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func openWriter(ctx context.Context, dsn string) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &writer{db: db, conn: conn, lock: make(chan struct{}, 1), stmts: map[string]statement{}}, nil
}

func (w *writer) close() error {
	var errs []error
	for _, st := range w.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// tx runs do in a write transaction and commits it when do returns nil. The
// context ends waiting for the lock; do looks at it between statements.
func (w *writer) tx(ctx context.Context, do func(*tx) error) error {
	return w.with(ctx, func(t *tx) error { return t.run(do) })
}

// durable is tx with a commit that reaches the disk before it returns.
func (w *writer) durable(ctx context.Context, do func(*tx) error) error {
	return w.with(ctx, func(t *tx) (err error) {
		if err := t.script("PRAGMA synchronous = FULL"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, t.script("PRAGMA synchronous = NORMAL")) }()
		return t.run(do)
	})
}

// view runs do in a read transaction of the writing connection, whose cache
// holds what was written last.
func (w *writer) view(ctx context.Context, do func(*tx) error) error {
	return w.with(ctx, func(t *tx) error {
		if err := t.script("BEGIN"); err != nil {
			return err
		}
		return errors.Join(do(t), t.script("ROLLBACK"))
	})
}

// with runs do while nothing else uses the connection.
func (w *writer) with(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.lock <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.lock }()
	return explain(w.conn.Raw(func(c any) error {
		dc, ok := c.(driverConn)
		if !ok {
			return fmt.Errorf("the SQLite driver's connection %T lacks its context methods", c)
		}
		return do(&tx{ctx: ctx, quiet: context.WithoutCancel(ctx), conn: dc, stmts: w.stmts})
	}))
}

// tx is a transaction of the writer. Statements are prepared once and kept.
type tx struct {
	ctx   context.Context // of the call that the transaction serves
	quiet context.Context // without its end: the driver starts a goroutine for each statement that can end
	conn  driverConn
	stmts map[string]statement
	args  []driver.NamedValue
}

func (t *tx) run(do func(*tx) error) error {
	// IMMEDIATE: wait for other writers here, where nothing is done yet. When
	// the context ends meanwhile, there may be an error and a transaction.
	if _, err := t.conn.ExecContext(t.ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return errors.Join(fmt.Errorf("begin a write transaction: %w", err), t.rollback())
	}
	err := do(t)
	if err == nil {
		err = t.ctx.Err()
	}
	if err == nil {
		if err = t.script("COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	return errors.Join(err, t.rollback())
}

// rollback ends the transaction if there is one: some errors end it already.
func (t *tx) rollback() error {
	err := t.script("ROLLBACK")
	if err == nil || strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return fmt.Errorf("roll back: %w", err)
}

// script runs statements without arguments.
func (t *tx) script(text string) error {
	_, err := t.conn.ExecContext(t.quiet, text, nil)
	return err
}

func (t *tx) prepare(query string) (statement, error) {
	if st, ok := t.stmts[query]; ok {
		return st, nil
	}
	prepared, err := t.conn.PrepareContext(t.quiet, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	st, ok := prepared.(statement)
	if !ok {
		return nil, fmt.Errorf("the SQLite driver's statement %T lacks its context methods", prepared)
	}
	t.stmts[query] = st
	return st, nil
}

// bind returns args as the driver takes them; int and the like become int64.
func (t *tx) bind(args []any) []driver.NamedValue {
	t.args = t.args[:0]
	for i, a := range args {
		if n, ok := a.(int); ok {
			a = int64(n)
		}
		t.args = append(t.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return t.args
}

// exec runs one statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	st, err := t.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(t.quiet, t.bind(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// query runs one statement and calls row for each row of its result; the
// values are valid during the call only.
func (t *tx) query(query string, row func([]driver.Value) error, args ...any) error {
	st, err := t.prepare(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.quiet, t.bind(args))
	if err != nil {
		return err
	}
	dest := make([]driver.Value, len(rows.Columns()))
	for {
		if err = rows.Next(dest); err != nil {
			break
		}
		if err = row(dest); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// int returns the first column of the first row, 0 when it is NULL or there is
// none.
func (t *tx) int(query string, args ...any) (n int64, err error) {
	err = t.query(query, func(v []driver.Value) error { n, _ = v[0].(int64); return nil }, args...)
	return n, err
}

// bulkRows is how many rows one statement of a bulk inserts; measured, more
// gain nothing.
const bulkRows = 32

// bulk inserts many rows into one table, several with each statement.
type bulk struct {
	t         *tx
	one, many string
	cols      int
	args      []driver.NamedValue
}

// bulk starts an insert; head ends in "VALUES ".
func (t *tx) bulk(head string, cols int) *bulk {
	tuple := "(?" + strings.Repeat(",?", cols-1) + ")"
	return &bulk{
		t: t, cols: cols, one: head + tuple, many: head + tuple + strings.Repeat(","+tuple, bulkRows-1),
		args: make([]driver.NamedValue, 0, bulkRows*cols),
	}
}

// add inserts one row, now or with later ones.
func (b *bulk) add(vals ...any) error {
	for _, v := range vals {
		b.args = append(b.args, driver.NamedValue{Ordinal: len(b.args) + 1, Value: v})
	}
	if len(b.args) < bulkRows*b.cols {
		return nil
	}
	if err := b.t.ctx.Err(); err != nil {
		return err
	}
	err := b.exec(b.many, b.args)
	b.args = b.args[:0]
	return err
}

// flush inserts the rows that still wait.
func (b *bulk) flush() error {
	for rest := b.args; len(rest) > 0; rest = rest[b.cols:] {
		row := rest[:b.cols]
		for i := range row {
			row[i].Ordinal = i + 1
		}
		if err := b.exec(b.one, row); err != nil {
			return err
		}
	}
	b.args = b.args[:0]
	return nil
}

func (b *bulk) exec(query string, args []driver.NamedValue) error {
	st, err := b.t.prepare(query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(b.t.quiet, args)
	return err
}
