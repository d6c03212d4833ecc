package aws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Options say how to reach an account. The zero value uses the SDK's own chain:
// environment, shared files, identity center, container and instance roles.
type Options struct {
	Profile    string
	RoleARN    string
	ExternalID string
	// MFAToken asks for the code of the MFA device that a profile names.
	MFAToken func() (string, error)
	// Regions to read; empty means all that are enabled. Exclude wins.
	Regions        []string
	ExcludeRegions []string
	// Concurrency bounds the calls under way at once; default 32.
	Concurrency int
	// Timeout bounds one attempt of one call; default 30 s.
	Timeout time.Duration
	// Attempts bounds the tries of a throttled call; default 8.
	Attempts int
	// Transport replaces the HTTP transport, for tests.
	Transport http.RoundTripper
	// Needed says whether a member of a type's documents is wanted; what is not
	// needed is not read. Nil reads everything.
	Needed func(typ, member string) bool
	// Types limits what is listed; nil lists everything.
	Types  func(typ string) bool
	Logger *slog.Logger
}

// Session is a signed-in connection to one account. It is safe for concurrent
// use and keeps one client per service and region.
type Session struct {
	Account   string
	Partition string
	// Arn and UserID are those of the caller.
	Arn    string
	UserID string

	opts     Options
	cfg      aws.Config
	home     string   // region of global services
	scanned  []string // regions that the units read
	clients  sync.Map
	governor *governor
	stats    *collect.Stats
	slots    chan struct{}
	custom   bool // endpoints are not AWS's own
	probes   sync.Map
	circuits sync.Map
	memo     sync.Map // see shared
	log      *slog.Logger
}

// Open signs in and finds out which account the credentials belong to. Errors
// wrap model.ErrCredentials or model.ErrUnreachable and say what to do.
func Open(ctx context.Context, opts Options) (*Session, error) {
	s, err := open(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := s.identify(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// open makes a session whose account is not known yet.
func open(ctx context.Context, opts Options) (*Session, error) {
	if opts.Concurrency <= 0 {
		opts.Concurrency = 32
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 30 * time.Second
	}
	if opts.Attempts <= 0 {
		opts.Attempts = 8
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	client := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = opts.Concurrency
			t.MaxConnsPerHost = opts.Concurrency
			t.ResponseHeaderTimeout = opts.Timeout
		})
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		config.WithAppID("stance"),
		config.WithLogger(logging.Nop{}), // what goes wrong becomes a gap, not a line among the progress
		config.WithAPIOptions([]func(*middleware.Stack) error{keepText}),
	}
	if opts.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(opts.Profile))
	}
	if opts.MFAToken != nil {
		load = append(load, config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.TokenProvider = opts.MFAToken }))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, signInError(err, opts)
	}
	if opts.Transport != nil {
		cfg.HTTPClient = &http.Client{Transport: opts.Transport}
	}
	s := &Session{opts: opts, log: opts.Logger, stats: collect.NewStats(), slots: make(chan struct{}, opts.Concurrency)}
	s.custom = endpointIsCustom(cfg)
	s.governor = newGovernor(!s.custom)
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
		if len(opts.Regions) > 0 {
			cfg.Region = opts.Regions[0]
		}
	}
	if opts.RoleARN != "" {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), opts.RoleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "stance"
			o.Duration = time.Hour
			if opts.ExternalID != "" {
				o.ExternalID = aws.String(opts.ExternalID)
			}
			o.TokenProvider = opts.MFAToken
		})
		cfg.Credentials = aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = 10 * time.Minute })
	}
	s.cfg = cfg
	return s, nil
}

func (s *Session) identify(ctx context.Context) error {
	op := operationOf[sts.GetCallerIdentityInput]()
	c := clientFor(s, s.cfg.Region, sts.NewFromConfig)
	out, err := invoke(ctx, s, s.cfg.Region, op, func(ctx context.Context) (*sts.GetCallerIdentityOutput, error) {
		return c.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	})
	if err != nil {
		return signInError(err, s.opts)
	}
	s.Account, s.Arn, s.UserID = aws.ToString(out.Account), aws.ToString(out.Arn), aws.ToString(out.UserId)
	parts := strings.SplitN(s.Arn, ":", 6)
	if len(parts) < 6 || s.Account == "" {
		return fmt.Errorf("%w: the sign-in service answered without an account", model.ErrUnreachable)
	}
	s.Partition = parts[1]
	s.home = homeRegion(s.Partition)
	return nil
}

// homeRegion is where a partition's global services answer.
func homeRegion(partition string) string {
	switch partition {
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

func endpointIsCustom(cfg aws.Config) bool {
	if cfg.BaseEndpoint != nil {
		return true
	}
	for _, kv := range os.Environ() {
		if strings.HasPrefix(kv, "AWS_ENDPOINT_URL") {
			return true
		}
	}
	return false
}

// clientFor returns the session's client of a service in a region.
func clientFor[C, Opt any](s *Session, region string, create func(aws.Config, ...func(*Opt)) C) C {
	type key struct {
		client reflect.Type
		region string
	}
	k := key{reflect.TypeFor[C](), region}
	if c, ok := s.clients.Load(k); ok {
		return c.(C) //nolint:forcetypeassert // the key holds the type
	}
	cfg := s.cfg.Copy()
	cfg.Region = region
	c, _ := s.clients.LoadOrStore(k, create(cfg, func(o *Opt) { adjust(o, s.custom) }))
	return c.(C) //nolint:forcetypeassert // the key holds the type
}

var (
	errCircuit = errors.New("circuit is open")
	errShort   = errors.New("answer ended early")
)

// invoke makes one call: it waits for a free slot and for the rate that the
// account can bear, tries again what may work a moment later, and asks an
// operation that is not served only once.
func invoke[Out any](ctx context.Context, s *Session, region string, op operation, call func(context.Context) (*Out, error)) (*Out, error) {
	probe := s.probe(region, op)
	if err := probe.enter(ctx); err != nil {
		return nil, err
	}
	out, err := attempt(ctx, s, region, op, call)
	probe.leave(err, op.answers)
	return out, err
}

func attempt[Out any](ctx context.Context, s *Session, region string, op operation, call func(context.Context) (*Out, error)) (*Out, error) {
	lane := s.governor.lane(region, op)
	circuit := s.circuit(region, op.Service)
	for try := 1; ; try++ {
		if err := circuit.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		if err := lane.Wait(ctx); err != nil {
			return nil, err
		}
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		callCtx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
		start := time.Now()
		out, err := call(callCtx)
		cancel()
		<-s.slots
		s.stats.Count(op.String(), time.Since(start), err != nil, err != nil && isThrottle(err))
		if err == nil {
			lane.Succeed()
			circuit.succeed()
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		limit := 1
		switch {
		case isThrottle(err):
			lane.Throttle()
			limit = s.opts.Attempts
		case hasCode(err, expiredCodes), classify(err).state == model.UnitUnsupported:
		case isTransient(err):
			limit = 3
			if isTransport(err) {
				circuit.fail()
			}
		}
		if try >= limit {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
}

// isTransport says that no answer came at all.
func isTransport(err error) bool {
	var re *awshttp.ResponseError
	return !errors.As(err, &re) || re.HTTPStatusCode() == 0
}

// backoffBase is the first pause between tries; tests shorten it.
var backoffBase = 100 * time.Millisecond

// pause sleeps with full jitter, up to 20 s.
func pause(ctx context.Context, try int) error {
	d := min(backoffBase<<try, 20*time.Second)
	t := time.NewTimer(rand.N(d))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// circuit stops asking an endpoint that failed three times in a row.
type circuit struct {
	mu     sync.Mutex
	strike int
}

func (s *Session) circuit(region, service string) *circuit {
	c, _ := s.circuits.LoadOrStore(region+"/"+service, &circuit{})
	return c.(*circuit) //nolint:forcetypeassert // nothing else is stored
}

func (c *circuit) check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.strike >= 3 {
		return errCircuit
	}
	return nil
}

func (c *circuit) fail()    { c.mu.Lock(); c.strike++; c.mu.Unlock() }
func (c *circuit) succeed() { c.mu.Lock(); c.strike = 0; c.mu.Unlock() }

// probe lets the first call of an operation go alone; when it turns out that
// the operation is not served, nobody asks again.
type probe struct {
	once chan struct{} // holds the token of the first caller
	done chan struct{}
	err  error
}

func (s *Session) probe(region string, op operation) *probe {
	if s.custom {
		region = "" // one server answers for all regions
	}
	p := &probe{once: make(chan struct{}, 1), done: make(chan struct{})}
	p.once <- struct{}{}
	q, _ := s.probes.LoadOrStore(region+"/"+op.String(), p)
	return q.(*probe) //nolint:forcetypeassert // nothing else is stored
}

func (p *probe) enter(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	default:
	}
	select {
	case <-p.done:
		return p.err
	case <-p.once:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave ends the first call. The codes of answers say something about the asset
// that was asked about, and nothing about the operation.
func (p *probe) leave(err error, answers []string) {
	select {
	case <-p.done:
		return
	default:
	}
	if err != nil && classify(err).state == model.UnitUnsupported && !hasCode(err, answers) {
		p.err = err
	}
	close(p.done)
}
