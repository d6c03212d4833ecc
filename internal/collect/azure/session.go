package azure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// Options say which tenant to read and how to reach it. The zero value uses the
// SDK's own chain of credentials and reads every subscription that they see.
type Options struct {
	// Tenant is the id or a domain of the tenant; empty: that of the credentials.
	Tenant string
	// ManagementGroups and Subscriptions limit what is read, by name or id;
	// ExcludeSubscriptions wins over both.
	ManagementGroups     []string
	Subscriptions        []string
	ExcludeSubscriptions []string

	// Cloud is AzurePublic, AzureUSGovernment or AzureChinaCloud; empty: public.
	Cloud string
	// Endpoints replace single base URLs of the cloud.
	Endpoints Endpoints
	// CAFile holds further authorities in PEM; Proxy is a URL. Both count for
	// tokens and calls. Without Proxy HTTPS_PROXY counts.
	CAFile string
	Proxy  string

	// Concurrency bounds the calls under way at once; default 32.
	Concurrency int
	// Timeout bounds one attempt of one call; default 30 s.
	Timeout time.Duration
	// Attempts bounds the tries of a throttled call; default 8.
	Attempts int
	// Transport replaces the HTTP transport and Credential the chain, for tests.
	Transport  http.RoundTripper
	Credential azcore.TokenCredential
	// Sleep replaces the waits between tries and for rates, for tests.
	Sleep func(context.Context, time.Duration) error
	// Needed says whether a member of a type's documents is wanted; what is not
	// needed is not read. Nil reads everything.
	Needed func(typ, member string) bool
	// Types limits what is listed; nil lists everything.
	Types  func(typ string) bool
	Logger *slog.Logger
}

func (o *Options) defaults() {
	if o.Concurrency <= 0 {
		o.Concurrency = 32
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Attempts <= 0 {
		o.Attempts = 8
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Session is a signed-in connection to one tenant. It is safe for concurrent
// use.
type Session struct {
	// Tenant is the tenant's id in lower case.
	Tenant    string
	Partition string

	opts   Options
	env    environment
	client *http.Client
	// armPrefix is the path of the endpoint, where it has one.
	armPrefix string

	arm      runtime.Pipeline
	graph    runtime.Pipeline
	tree     *tree
	schemas  map[string]*model.Schema
	types    map[string]*Type   // by name in lower case
	children map[string][]*Type // by the parent's name
	scopes   sync.Map           // of subscriptions, by id
	quota    quota
	stats    *collect.Stats
	slots    chan struct{}
	busy     atomic.Int64 // assets under way, less what waits for rates; see run.begin
	lanes    sync.Map
	low      sync.Map // subscriptions of whose bucket little is left
	circuits sync.Map
	worn     sync.Map // exhaustion by operation and subscription
	provided sync.Map // registered providers by subscription
	sleep    func(context.Context, time.Duration) error
	log      *slog.Logger
}

// Open signs in and finds the tenant's subscriptions and management groups.
// Errors wrap model.ErrCredentials, model.ErrUnreachable or model.ErrInvalid
// and say what to do.
func Open(ctx context.Context, opts Options) (*Session, error) {
	s, err := open(opts)
	if err != nil {
		return nil, err
	}
	cred, err := signIn(&s.opts, &s.env, s.client)
	if err != nil {
		return nil, err
	}
	s.arm, s.graph = s.pipelineFor(cred, s.env.ARMAudience), s.pipelineFor(cred, s.env.GraphAudience)
	start, cancel := context.WithTimeout(ctx, 2*s.opts.Timeout)
	defer cancel()
	token, err := cred.GetToken(start, policy.TokenRequestOptions{Scopes: []string{s.env.ARMAudience + "/.default"}, EnableCAE: true})
	if err != nil {
		s.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, signInError(err, &s.opts, &s.env)
	}
	if err := s.discover(ctx, tokenTenant(token.Token)); err != nil {
		s.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, discoverError(err, &s.opts, &s.env)
	}
	return s, nil
}

// discoverError says what to do about an error of the first calls; those that
// say so already stay as they are.
func discoverError(err error, opts *Options, env *environment) error {
	for _, known := range []error{model.ErrCredentials, model.ErrInvalid, model.ErrUnreachable} {
		if errors.Is(err, known) {
			return err
		}
	}
	var api *apiError
	if errors.Is(err, errAnswer) || errors.As(err, &api) && api.code == "" && api.status >= 300 && api.status < 400 {
		return fmt.Errorf("%w: what answered at %s is not Azure Resource Manager: check the endpoints and HTTPS_PROXY", model.ErrUnreachable, env.ARM)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errCircuit) {
		return fmt.Errorf("%w: %s did not answer in time: check the network, HTTPS_PROXY and --cloud", model.ErrUnreachable, env.ARM)
	}
	return signInError(err, opts, env)
}

// open makes a session that is not signed in and whose tenant is not known.
func open(opts Options) (*Session, error) {
	opts.defaults()
	env, err := environmentOf(opts.Cloud, opts.Endpoints)
	if err != nil {
		return nil, err
	}
	client, err := httpClient(&opts)
	if err != nil {
		return nil, err
	}
	s := &Session{
		Partition: env.partition, opts: opts, env: env, client: client, schemas: Schemas(),
		stats: collect.NewStats(), slots: make(chan struct{}, opts.Concurrency), sleep: sleep, log: opts.Logger,
	}
	if opts.Sleep != nil {
		s.sleep = opts.Sleep
	}
	if u, err := url.Parse(env.ARM); err == nil {
		s.armPrefix = u.Path
	}
	types := map[string]*Type{}
	for i := range registry {
		for j := range registry[i].Types {
			t := &registry[i].Types[j]
			types[strings.ToLower(t.Name)] = t
		}
	}
	s.know(types)
	return s, nil
}

// Close ends the session's idle connections.
func (s *Session) Close() { s.client.CloseIdleConnections() }

// Calls returns the figures of every call so far, most calls first.
func (s *Session) Calls() []collect.CallStats { return s.stats.Calls() }

const (
	readsPerSecond = 25
	readsBurst     = 250
)

// lanesFor returns the rates of a subscription (or of the tenant, where it is
// empty) and of a provider in it. Azure Resource Manager documents one bucket a
// subscription; the providers' own are found by being throttled.
// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
func (s *Session) lanesFor(subscription, provider string) []*collect.Lane {
	rate := float64(readsPerSecond)
	if s.env.custom {
		rate = 0
	}
	return []*collect.Lane{s.lane(subscription, rate, readsBurst), s.lane(subscription+"/"+strings.ToLower(provider), 0, 1)}
}

func (s *Session) lane(key string, perSecond float64, burst int) *collect.Lane {
	if l, ok := s.lanes.Load(key); ok {
		return l.(*collect.Lane) //nolint:forcetypeassert // nothing else is stored
	}
	l, _ := s.lanes.LoadOrStore(key, collect.NewLane(perSecond, burst))
	return l.(*collect.Lane) //nolint:forcetypeassert // nothing else is stored
}

func (s *Session) wanted(t *Type) bool { return s.opts.Types == nil || s.opts.Types(t.Name) }

// schema is the shape of a type's documents.
func (s *Session) schema(t *Type) *model.Schema { return s.schemas[t.Name] }
