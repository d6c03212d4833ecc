package gcp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/stance-sec/stance/internal/model"
)

// readScope is the OAuth scope of the tokens. The read-only variant is not
// accepted by all of the APIs; what may be done is decided by IAM.
const readScope = "https://www.googleapis.com/auth/cloud-platform"

// errSignIn says that no token could be had.
var errSignIn = errors.New("sign in")

// connection is how the APIs are reached: transport, base URLs and tokens.
type connection struct {
	plain     *http.Client // without credentials; for calls and for sign-in
	endpoints map[string]string
	universe  string
	quota     string

	source oauth2.TokenSource
	signIn *remembering
	mu     sync.Mutex
	cached *oauth2.Token
}

// remembering keeps the error of the last request of the sign-in, of which some
// token sources give the text only.
type remembering struct {
	next http.RoundTripper
	mu   sync.Mutex
	err  error
}

// RoundTrip implements http.RoundTripper.
func (r *remembering) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
	return resp, err //nolint:wrapcheck // of a transport
}

func (r *remembering) last() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// connect reads the credentials. No call is made yet, except to a metadata
// server.
func connect(ctx context.Context, opts *Options) (*connection, error) {
	if err := checkEndpoints(opts.Endpoints); err != nil {
		return nil, err
	}
	c := &connection{endpoints: opts.Endpoints, universe: cmp.Or(opts.UniverseDomain, universe)}
	transport := opts.Transport
	if transport == nil {
		t, err := newTransport(opts)
		if err != nil {
			return nil, err
		}
		transport = t
	}
	c.plain = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.quota = cmp.Or(opts.QuotaProject, os.Getenv("GOOGLE_CLOUD_QUOTA_PROJECT"))
	if opts.TokenSource != nil {
		c.source = opts.TokenSource
		return c, nil
	}
	// The context lives as long as the session: tokens are renewed with it.
	c.signIn = &remembering{next: transport}
	signIn := &http.Client{Transport: c.signIn, Timeout: opts.Timeout}
	life := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, signIn)
	creds, err := findCredentials(life, opts)
	if err != nil {
		return nil, err
	}
	if opts.UniverseDomain == "" {
		if u, err := creds.GetUniverseDomain(); err == nil {
			c.universe = u
		}
	}
	c.source = creds.TokenSource
	var file struct {
		Type         string `json:"type"`
		QuotaProject string `json:"quota_project_id"`
	}
	if len(creds.JSON) > 0 && json.Unmarshal(creds.JSON, &file) == nil {
		c.quota = cmp.Or(c.quota, file.QuotaProject)
		if file.Type == string(google.ServiceAccount) {
			opts.Logger.Warn("signed in with a key of a service account, which does not expire: prefer impersonation or workload identity federation")
			// Token endpoints serve the public universe only.
			// https://google.aip.dev/auth/4111
			if c.universe != universe {
				if c.source, err = google.JWTAccessTokenSourceWithScope(creds.JSON, readScope); err != nil {
					return nil, wrapf(model.ErrCredentials, "the key file cannot be used: %w", err)
				}
			}
		}
	}
	if opts.Impersonate != "" {
		c.source = newImpersonation(c, opts, c.source)
	}
	return c, nil
}

// findCredentials follows the order of application default credentials.
func findCredentials(ctx context.Context, opts *Options) (*google.Credentials, error) {
	params := google.CredentialsParams{Scopes: []string{readScope}, UniverseDomain: opts.UniverseDomain}
	file := opts.CredentialsFile
	if file == "" {
		file = os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	}
	if file == "" {
		creds, err := google.FindDefaultCredentialsWithParams(ctx, params)
		if err != nil {
			return nil, wrapf(model.ErrCredentials, "none found: run gcloud auth application-default login, set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials, or run where a service account is attached; --impersonate-service-account acts as another account on top of these")
		}
		return creds, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, wrapf(model.ErrCredentials, "the file of GOOGLE_APPLICATION_CREDENTIALS cannot be read: %w", err)
	}
	var kind struct {
		Type google.CredentialsType `json:"type"`
	}
	if err := json.Unmarshal(data, &kind); err != nil || kind.Type == "" {
		return nil, wrapf(model.ErrCredentials, "%s is no file of Google credentials: it has no \"type\"", file)
	}
	creds, err := google.CredentialsFromJSONWithTypeAndParams(ctx, data, kind.Type, params)
	if err != nil {
		return nil, wrapf(model.ErrCredentials, "%s cannot be used: %w", file, err)
	}
	return creds, nil
}

func newTransport(opts *Options) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   opts.Concurrency,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: opts.Timeout,
	}
	if opts.Proxy != "" {
		u, err := url.Parse(opts.Proxy)
		if err != nil || u.Host == "" {
			return nil, wrapf(model.ErrInvalid, "proxy %q is no URL like http://proxy:3128", opts.Proxy)
		}
		t.Proxy = http.ProxyURL(u)
	}
	if opts.CAFile != "" {
		pem, err := os.ReadFile(opts.CAFile)
		if err != nil {
			return nil, wrapf(model.ErrInvalid, "the file of certificates cannot be read: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, wrapf(model.ErrInvalid, "%s holds no certificate in PEM form", opts.CAFile)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return t, nil
}

// token returns a token that is valid now. Sources know nothing of contexts, so
// one that has to be fetched is waited for no longer than ctx.
func (c *connection) token(ctx context.Context) (*oauth2.Token, error) {
	c.mu.Lock()
	cached := c.cached
	c.mu.Unlock()
	if cached.Valid() {
		return cached, nil
	}
	type result struct {
		token *oauth2.Token
		err   error
	}
	got := make(chan result, 1)
	go func() {
		t, err := c.fetch()
		if ctx.Err() != nil {
			// Nobody waits any more, and the session may be closed already.
			c.plain.CloseIdleConnections()
		}
		got <- result{t, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			return nil, fmt.Errorf("%w: %w", errSignIn, r.err)
		}
		return r.token, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch asks for one token at a time.
func (c *connection) fetch() (*oauth2.Token, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cached.Valid() {
		return c.cached, nil
	}
	t, err := c.source.Token()
	if err == nil {
		c.cached = t
	} else if c.signIn != nil {
		if cause := c.signIn.last(); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", err, cause)
		}
	}
	return t, err
}

// signInError says what to do about an error of the first calls.
func (s *Session) signInError(err error) error {
	var api *apiError
	if errors.As(err, &api) && !errors.Is(err, errSignIn) {
		f := s.classify(err, nil)
		switch {
		case api.is(disabledReasons...):
			return wrapf(model.ErrCredentials, "%s", f.detail)
		case api.is(quotaReasons...):
			return wrapf(model.ErrCredentials, "the quota project %s may not be used (%s): grant roles/serviceusage.serviceUsageConsumer on it, or name another one", s.quota, f.code)
		case api.status == http.StatusUnauthorized:
			return wrapf(model.ErrCredentials, "were refused (%s): sign in again, for example with gcloud auth application-default login", f.code)
		case f.reason == model.Denied && f.by == "perimeter":
			return wrapf(model.ErrCredentials, "a perimeter of VPC Service Controls refuses the caller: let it in by an access level or an ingress policy")
		case f.reason == model.Denied:
			return wrapf(model.ErrCredentials, "the caller was refused (%s): grant roles/browser on the organization, or name projects with --project", f.code)
		case f.reason == model.Throttled:
			return wrapf(model.ErrUnreachable, "Google Cloud throttles the calls (%s): try again later", f.code)
		}
		return wrapf(model.ErrUnreachable, "Google Cloud answered %s: check --universe-domain and the endpoints that are configured", f.code)
	}
	if errors.Is(err, errSignIn) {
		if told := tokenError(err, s.opts.Impersonate); told != nil {
			return told
		}
	}
	return connectionError(err)
}

// tokenError explains why the sign-in service refused; nil where it did not
// answer.
func tokenError(err error, impersonate string) error {
	var refused *impersonationError
	if errors.As(err, &refused) {
		switch refused.api.status {
		case http.StatusForbidden, http.StatusNotFound:
			return wrapf(model.ErrCredentials, "the service account %s may not be acted as (%s): check its name, grant the caller roles/iam.serviceAccountTokenCreator on it, and enable iamcredentials.googleapis.com", impersonate, refused.api.tag())
		case http.StatusBadRequest:
			return wrapf(model.ErrInvalid, "service account %q: name it by its address, NAME@PROJECT.iam.gserviceaccount.com", impersonate)
		}
		return wrapf(model.ErrUnreachable, "the sign-in service answered %s to acting as %s", refused.api.tag(), impersonate)
	}
	var token *oauth2.RetrieveError
	if errors.As(err, &token) && token.Response != nil {
		code := token.ErrorCode
		if code == "" { // as for keys of service accounts
			var body struct {
				Error string `json:"error"`
			}
			if json.Unmarshal(token.Body, &body) == nil {
				code = body.Error
			}
		}
		switch code {
		case "invalid_grant":
			return wrapf(model.ErrCredentials, "have expired or were revoked (invalid_grant): run gcloud auth application-default login again; for a service account's key check that it exists and that the clock is right")
		case "invalid_rapt", "rapt_required":
			return wrapf(model.ErrCredentials, "need to be confirmed again (%s): run gcloud auth application-default login", code)
		case "":
			if token.Response.StatusCode >= http.StatusInternalServerError {
				return wrapf(model.ErrUnreachable, "the sign-in service answered %d: try again later", token.Response.StatusCode)
			}
		}
		return wrapf(model.ErrCredentials, "the sign-in service refused them (%s)", cmp.Or(code, token.Response.Status))
	}
	// The federation's exchange reports refusals as text only.
	if text := err.Error(); strings.Contains(text, "status code 4") || strings.Contains(text, "invalid_") || strings.Contains(text, "unable to generate access token") {
		return wrapf(model.ErrCredentials, "the federation was refused: check that the token of the identity provider is fresh, that the pool's provider takes its issuer, audience and attributes, and that it may act as the service account")
	}
	return nil
}

func connectionError(err error) error {
	var dns *net.DNSError
	var netOp *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return wrapf(model.ErrUnreachable, "%w: where a proxy signs with its own authority, name that in the option for the CA file", certificate)
	case errors.As(err, &dns):
		return wrapf(model.ErrUnreachable, "no address for %s: check --universe-domain, the network and HTTPS_PROXY", dns.Name)
	case errors.As(err, &netOp):
		if netOp.Op == "proxyconnect" {
			return wrapf(model.ErrUnreachable, "the proxy does not answer (%w): correct or unset HTTPS_PROXY or the proxy that is configured", netOp.Err)
		}
		return wrapf(model.ErrUnreachable, "no connection to %v (%w): check the network, the proxy and the endpoints that are configured", netOp.Addr, netOp.Err)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return wrapf(model.ErrUnreachable, "no answer in time: check the network, the proxy and the endpoints that are configured")
	}
	var sent *url.Error
	if errors.Is(err, errSignIn) && !errors.As(err, &sent) {
		return wrapf(model.ErrCredentials, "cannot be used: %w", err)
	}
	return wrapf(model.ErrUnreachable, "%w: check the network, the proxy and the endpoints that are configured", err)
}
