package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/stance-sec/stance/internal/model"
)

// Memory is the path of a store that lasts as long as it is open. It lives in
// a private directory below the system's temporary directory, because readers
// that see one state while a scan writes the next need a file.
const Memory = ":memory:"

// Store is a store in one SQLite file. Its methods may be called from many
// goroutines; several processes may open the same file.
type Store struct {
	opts    Options
	limits  limits
	path    string
	dir     string // removed by Close, for Memory
	owner   owner
	write   *writer
	read    *sql.DB
	enc     *zstd.Encoder
	dec     *zstd.Decoder
	janitor *janitor

	mu      sync.Mutex
	running map[string]*running // scans that this store began
	names   map[int64]string    // cache of the tables names and controls
	ctrls   map[int64]string
	closed  bool
}

// Open opens the store at path, or creates it in an existing directory, with
// access for its owner only. An older schema is brought up to date; a newer
// one, and a file that is not a store, are refused. The caller calls Close.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	s := &Store{
		opts: opts.withDefaults(), limits: defaultLimits, path: path,
		running: map[string]*running{}, names: map[int64]string{}, ctrls: map[int64]string{},
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), s.release())
	}
	s.janitor = startJanitor(s)
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	file := s.path
	if file == Memory {
		if s.dir, err = os.MkdirTemp("", "stance-*"); err != nil {
			return fmt.Errorf("make a temporary directory: %w", err)
		}
		file = filepath.Join(s.dir, "store.db")
	}
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	if err := checkFile(file); err != nil {
		return err
	}
	if s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(128<<10)); err != nil {
		return fmt.Errorf("make the compressor: %w", err)
	}
	if s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0)); err != nil {
		return fmt.Errorf("make the decompressor: %w", err)
	}
	if s.owner, err = self(); err != nil {
		return err
	}
	if s.write, err = openWriter(ctx, dsn(file, s.opts, false)); err != nil {
		return err
	}
	if err := migrate(ctx, s.write); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", dsn(file, s.opts, true)); err != nil {
		return err
	}
	s.read.SetMaxIdleConns(runtime.GOMAXPROCS(0) + 2)
	return nil
}

// Close ends the scans that this store began and has not finished, as Abort
// does, waits for the purge to stop and closes the file. Iterations must have
// ended.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	var left []string
	for id := range s.running {
		left = append(left, id)
	}
	s.mu.Unlock()

	s.janitor.stop()
	var errs []error
	for _, id := range left {
		// One that has lost its lease is no longer there to be aborted.
		if err := s.Abort(context.Background(), id); !errors.Is(err, model.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, s.release())...)
}

// release closes whatever open has opened.
func (s *Store) release() error {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.close())
	}
	if s.dec != nil {
		s.dec.Close()
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// dsn returns the data source name of the file with the settings of a reading
// or the writing connection.
func dsn(file string, o Options, read bool) string {
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", o.BusyTimeout.Milliseconds()),
		"foreign_keys(1)",
		"temp_store(2)",
	}
	if read {
		pragmas = append(pragmas, "query_only(1)", fmt.Sprintf("cache_size(-%d)", o.CacheBytes/4>>10))
	} else {
		pragmas = append(pragmas,
			"page_size(8192)", // counts for a new file only
			"journal_mode(wal)",
			"synchronous(normal)",
			"wal_autocheckpoint(8192)", // pages: 64 MB
			"journal_size_limit(134217728)",
			fmt.Sprintf("cache_size(-%d)", o.CacheBytes>>10))
	}
	p := filepath.ToSlash(file)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a Windows drive
	}
	u := url.URL{Scheme: "file", Path: p, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// checkFile explains what SQLite would only give a number for: a directory
// that does not exist, a file that cannot be written or is no database. It
// creates the file when there is none.
func checkFile(file string) error {
	dir := filepath.Dir(file)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("its directory %s does not exist: create it, or choose another path: %w", dir, err)
	case err != nil:
		return fmt.Errorf("look at its directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory: choose another path", dir)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("it cannot be written: give this user write access to it and to %s, or choose another path: %w", dir, err)
		}
		return fmt.Errorf("open it for writing: %w", err)
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) {
		return nil // a new file
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read its header: %w", err)
	}
	if string(head[:n]) != magic {
		return fmt.Errorf("%w: move the file away, or choose another path", errNoDatabase)
	}
	return nil
}

var errNoDatabase = errors.New("the file is not a Stance store")
