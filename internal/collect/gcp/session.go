package gcp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Options say how to sign in and what to read. The zero value signs in with
// application default credentials and reads every organization that they see,
// or else every project.
// https://cloud.google.com/docs/authentication/application-default-credentials
type Options struct {
	// Organizations and Folders are read with all that is below them; they go by
	// number, with or without their kind ("organizations/1", "1"). Projects go by
	// id or number.
	Organizations []string
	Folders       []string
	Projects      []string
	// ExcludeProjects are left out whatever else names them.
	ExcludeProjects []string
	// ProjectLabels limits the projects to those that have all the labels; an
	// empty value stands for any.
	ProjectLabels map[string]string

	// CredentialsFile is used instead of application default credentials.
	CredentialsFile string
	// Impersonate is the service account to act as, after accounts to go through
	// where there are some: "step@p.iam.gserviceaccount.com,reader@p.iam…".
	Impersonate string
	// QuotaProject is charged for the calls. Empty: GOOGLE_CLOUD_QUOTA_PROJECT,
	// or the one that the credentials name. Where none is known, the project of
	// the caller's service account is charged by Google itself.
	QuotaProject string
	// UniverseDomain is the suffix of the services' hosts; empty: the one that the
	// credentials belong to, or googleapis.com.
	UniverseDomain string
	// Endpoints are base URLs by the name of the API, "cloudasset"; "*" stands for
	// all others and holds the placeholder {api}: "https://127.0.0.1:8443/{api}/".
	Endpoints map[string]string
	// CAFile names a file of PEM certificates to trust beside the system's, for
	// calls and sign-in.
	CAFile string
	// Proxy is the URL of the proxy for calls and sign-in; empty: HTTPS_PROXY.
	Proxy string

	// Concurrency bounds the calls under way at once; default 32.
	Concurrency int
	// Timeout bounds one attempt of one call; default 60 s.
	Timeout time.Duration
	// Attempts bounds the tries of a throttled call; default 8.
	Attempts int
	// SpoolDir holds what does not fit in memory while it is joined; default
	// os.TempDir.
	SpoolDir string
	// Transport replaces the HTTP transport and TokenSource the sign-in, for tests.
	Transport   http.RoundTripper
	TokenSource oauth2.TokenSource
	// Sleep replaces the waits between tries and for rates, for tests.
	Sleep func(context.Context, time.Duration) error
	// Needed says whether a member of a type's documents is wanted; what is not
	// needed is not read. Nil reads everything.
	Needed func(typ, member string) bool
	// Types limits what is listed; nil lists everything.
	Types  func(typ string) bool
	Logger *slog.Logger
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// Session is a signed-in connection to the organizations, folders and projects
// of a scan. It is safe for concurrent use.
type Session struct {
	opts  Options
	conn  *connection
	quota string // project that is charged
	tree  *tree
	stats *collect.Stats
	slots chan struct{}
	log   *slog.Logger
	// sleep waits between tries, and pace for the rate; tests replace them.
	sleep func(context.Context, time.Duration) error
	pace  func(*collect.Lane, context.Context) error

	lanes    sync.Map // project/service to *collect.Lane
	circuits sync.Map // API to *circuit
	services sync.Map // project/service to *serviceState
	schemas  func() map[string]*model.Schema
	batching batching

	clock sync.Mutex
	lag   time.Duration // of Google's clock behind ours
	at    string        // see readTime
}

// Open signs in and finds the tree of organizations, folders and projects.
// Errors wrap model.ErrCredentials, model.ErrUnreachable or model.ErrInvalid and
// say what to do.
func Open(ctx context.Context, opts Options) (*Session, error) {
	s, err := open(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// begin finds the tree.
func (s *Session) begin(ctx context.Context) error {
	if err := s.discover(ctx); err != nil {
		s.Close()
		return err
	}
	s.setReadTime()
	return nil
}

// open signs in.
func open(ctx context.Context, opts Options) (*Session, error) {
	if opts.Concurrency <= 0 {
		opts.Concurrency = 32
	}
	if opts.Timeout <= 0 {
		opts.Timeout = time.Minute
	}
	if opts.Attempts <= 0 {
		opts.Attempts = 8
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Session{
		opts: opts, log: opts.Logger, stats: collect.NewStats(), slots: make(chan struct{}, opts.Concurrency),
		sleep: sleep, pace: (*collect.Lane).Wait, tree: newTree(), schemas: sync.OnceValue(Schemas), batching: newBatching(),
	}
	if opts.Sleep != nil {
		s.sleep = opts.Sleep
		s.pace = func(_ *collect.Lane, ctx context.Context) error { return ctx.Err() }
	}
	var err error
	if s.conn, err = connect(ctx, &opts); err != nil {
		return nil, err
	}
	s.quota = s.conn.quota
	return s, nil
}

// Close lets go of idle connections.
func (s *Session) Close() {
	if s.conn != nil {
		s.conn.plain.CloseIdleConnections()
	}
}

// Calls returns the figures of the calls so far, most calls first.
func (s *Session) Calls() []collect.CallStats { return s.stats.Calls() }

// Accounts returns the accounts in scope, sorted: "organizations/1",
// "folders/2" and ids of projects.
func (s *Session) Accounts() []string { return s.tree.accounts() }

// schema returns the shape of a type's documents.
func (s *Session) schema(t *Type) *model.Schema {
	if known := s.schemas()[t.Name]; known != nil {
		return known
	}
	return t.schema(newShapes())
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errCircuit says that an API is not asked any more.
var errCircuit = errors.New("the endpoint failed three times in a row")

// circuit stops asking an API that could not be reached three times in a row, for
// half a minute each time.
type circuit struct {
	mu     sync.Mutex
	strike int
	until  time.Time
}

func (s *Session) circuit(api string) *circuit {
	c, _ := s.circuits.LoadOrStore(api, &circuit{})
	return c.(*circuit) //nolint:forcetypeassert // nothing else is stored
}

func (c *circuit) check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.strike < 3 {
		return nil
	}
	now := time.Now()
	if now.Before(c.until) {
		return errCircuit
	}
	c.until = now.Add(30 * time.Second) // one may try
	return nil
}

func (c *circuit) fail() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.strike++; c.strike == 3 {
		c.until = time.Now().Add(30 * time.Second)
	}
}

func (c *circuit) succeed() { c.mu.Lock(); c.strike = 0; c.mu.Unlock() }

// projectOf is the id or number of an account that is a project, else "".
func projectOf(account string) string {
	if account == "" || isAbove(account) {
		return ""
	}
	return account
}

// scope returns the scope of a node of the tree.
func (s *Session) scope(n *node) model.Scope {
	if n == nil {
		return model.Scope{Provider: model.GCP, Partition: model.GCP}
	}
	return model.Scope{Provider: model.GCP, Partition: model.GCP, Account: n.account(), OrgPath: s.tree.path(n)}
}

// setReadTime fixes the moment that the listings of the inventory describe: now
// by Google's clock, since a time in the future is refused.
func (s *Session) setReadTime() {
	s.clock.Lock()
	defer s.clock.Unlock()
	at := s.opts.Now().Add(-max(s.lag, 0))
	s.at = at.UTC().Truncate(time.Second).Format(time.RFC3339)
}

func (s *Session) readTime() string {
	s.clock.Lock()
	defer s.clock.Unlock()
	return s.at
}

func (s *Session) noteClock(date string) {
	at, err := http.ParseTime(date)
	if err != nil {
		return
	}
	s.clock.Lock()
	s.lag = s.opts.Now().Sub(at)
	s.clock.Unlock()
}

func wrapf(kind error, format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{kind}, args...)...)
}
