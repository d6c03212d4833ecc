package azure

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where the server listens and what time it is.
type Options struct {
	// Listen is host:port; a free port of loopback when empty.
	Listen string
	// PageSize overrides the seed's when it is not 0.
	PageSize int
	// Now is the clock for tokens and quotas; time.Now when nil.
	Now func() time.Time
}

// Call is a request that the server got.
type Call struct {
	Operation string // as in Fault
	Method    string
	URL       string // path and query
	Status    int
	Client    string // who asked
}

// Server is a running stand-in.
type Server struct {
	estate  *estate
	cat     *catalogue
	ca      *authority
	http    *http.Server
	addr    net.Addr
	host    string
	now     func() time.Time
	plan    plan
	closing chan struct{}
	served  chan struct{}
	once    sync.Once

	identityHeader string
	ids            atomic.Int64
	quotas         quotas

	mu    sync.Mutex
	certs map[string]*clientCert
	calls []Call
	jobs  map[string]*job
}

// New checks the seed and starts a server. Close ends it.
func New(seed Seed, opt Options) (*Server, error) {
	cat, err := vendor()
	if err != nil {
		return nil, fmt.Errorf("read the vendor's modules: %w", err)
	}
	if opt.PageSize > 0 {
		seed.PageSize = opt.PageSize
	}
	est, err := newEstate(&seed, cat)
	if err != nil {
		return nil, err
	}
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	listen := opt.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", listen, err)
	}
	cert, err := ca.serverCert(host)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", listen, err)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, errors.Join(fmt.Errorf("make the identity header: %w", err), ln.Close())
	}
	s := &Server{
		estate: est, cat: cat, ca: ca, addr: ln.Addr(), host: host, now: opt.Now,
		closing: make(chan struct{}), served: make(chan struct{}), identityHeader: hex.EncodeToString(secret),
		certs: map[string]*clientCert{}, jobs: map[string]*job{},
	}
	s.quotas.limits = seed.Limits
	for _, f := range seed.Faults {
		s.plan.add(f)
	}
	s.http = &http.Server{
		Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	go func() {
		defer close(s.served)
		_ = s.http.ServeTLS(ln, "", "") // ends when Close shuts the listener
	}()
	return s, nil
}

// URL is the server's address, without a slash at the end. ARM is at /arm (and
// at the root), Microsoft Graph at /graph, log queries at /logs; the address
// itself is the authority.
func (s *Server) URL() string {
	_, port, err := net.SplitHostPort(s.addr.String())
	if err != nil {
		return "https://" + s.addr.String()
	}
	host := s.host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "https://" + net.JoinHostPort(host, port)
}

// ManagedIdentity gives the values of IDENTITY_ENDPOINT and IDENTITY_HEADER.
func (s *Server) ManagedIdentity() (endpoint, header string) {
	return s.URL() + "/msi/token", s.identityHeader
}

// Calls lists the requests so far, in the order in which they were answered.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Fault adds faults to the plan; the first that fits a request spoils it.
func (s *Server) Fault(faults ...Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("fault: %w", err)
		}
		s.plan.add(f)
	}
	return nil
}

// ClearFaults empties the plan.
func (s *Server) ClearFaults() { s.plan.clear() }

// Close ends the server and everything that waits in it.
func (s *Server) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			err = s.http.Close()
		}
		<-s.served
	})
	return err
}

func (s *Server) requestID() string {
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.ids.Add(1))
}

// routes tells the services apart by the first segment. A pattern mux cannot:
// a tenant and "subscriptions" stand at the same place.
func (s *Server) routes() http.Handler {
	token := s.handle(opToken, "", plain(s.issueToken))
	openID := s.handle("GET openid-configuration", "", plain(s.openIDConfiguration))
	instance := s.handle("GET instance-discovery", "", plain(s.instanceDiscovery))
	msi := s.handle("GET identity", "", plain(s.managedIdentity))
	arm, graph, logs := s.handle("", "arm", s.arm), s.handle("", "graph", s.msgraph), s.handle("", "logs", s.logQuery)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch strings.ToLower(first) {
		case "arm", "subscriptions", "providers", "tenants":
			arm(w, r)
			return
		case "graph":
			graph(w, r)
			return
		case "logs":
			logs(w, r)
			return
		}
		r.SetPathValue("tenant", first)
		switch {
		case rest == "oauth2/v2.0/token" && r.Method == http.MethodPost:
			token(w, r)
		case rest == "v2.0/.well-known/openid-configuration" && r.Method == http.MethodGet:
			openID(w, r)
		case first == "common" && rest == "discovery/instance":
			instance(w, r)
		case first == "msi" && rest == "token":
			msi(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// request is a call under way.
type request struct {
	*http.Request
	who   identity
	path  []string // without the service's prefix
	op    string
	fault *Fault
}

type handler func(http.ResponseWriter, *request)

func plain(h http.HandlerFunc) handler {
	return func(w http.ResponseWriter, r *request) { h(w, r.Request) }
}

// handle does what all services share: token, fault plan, record.
func (s *Server) handle(op, service string, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, raw *http.Request) {
		r := &request{Request: raw, op: op, path: segments(raw.URL.Path)}
		if len(r.path) > 0 && (strings.EqualFold(r.path[0], "arm") || service == "graph" || service == "logs") {
			r.path = r.path[1:]
		}
		if op == "" {
			r.op = operation(service, raw.Method, r.path)
		}
		rec := &recorder{ResponseWriter: w}
		defer func() {
			s.mu.Lock()
			s.calls = append(s.calls, Call{r.op, raw.Method, raw.URL.RequestURI(), rec.status, r.who.client})
			s.mu.Unlock()
		}()
		id := s.requestID()
		w.Header().Set("X-Ms-Request-Id", id)
		w.Header().Set("Request-Id", id)
		if service != "" {
			var e *apiError
			if r.who, e = s.authorize(raw, service); e != nil {
				e.write(rec, raw)
				return
			}
		}
		body := ""
		if raw.Body != nil && s.plan.needsBody() {
			data, err := io.ReadAll(io.LimitReader(raw.Body, 8<<20))
			if err != nil {
				return // the client has gone
			}
			body = string(data)
			raw.Body = io.NopCloser(bytes.NewReader(data))
		}
		r.fault = s.plan.take(r.op, raw.URL.RequestURI(), body)
		if op != "" && r.fault != nil && s.oauthFault(rec, r) || r.fault.answer(rec, raw, r.who, r.path, s.closing) {
			return
		}
		if r.fault.is(FaultTruncated) {
			s.truncated(rec, r, h)
			return
		}
		h(rec, r)
	}
}

// oauthFault answers an error of the authority in its own form.
func (s *Server) oauthFault(w http.ResponseWriter, r *request) bool {
	switch r.fault.Kind {
	case FaultDenied:
		s.oauthError(w, http.StatusUnauthorized, 7000112, "unauthorized_client", "Application is disabled.")
	case FaultThrottled:
		w.Header().Set("Retry-After", strconv.Itoa(r.fault.RetryAfter))
		s.oauthError(w, http.StatusTooManyRequests, 50196, "temporarily_unavailable", "The server terminated an operation because it encountered a loop while processing a request.")
	case FaultError, FaultUnavailable:
		s.oauthError(w, http.StatusServiceUnavailable, 90033, "temporarily_unavailable", "A transient error has occurred. Please try again.")
	default:
		return false
	}
	return true
}

// truncated sends the answer's length and only half of it.
func (s *Server) truncated(w http.ResponseWriter, r *request, h handler) {
	buf := newBuffer()
	h(buf, r)
	for k, v := range buf.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(buf.body.Len()))
	w.WriteHeader(buf.code())
	_, _ = w.Write(buf.body.Bytes()[:buf.body.Len()/2]) // the connection is cut next
	panic(http.ErrAbortHandler)
}

// operation names a request for the fault plan: the verb and the type.
func operation(service, verb string, path []string) string {
	switch service {
	case "graph":
		return verb + " graph/" + graphOperation(path)
	case "logs":
		return verb + " logs/query"
	}
	if t := typeOfPath(path); t != "" {
		return verb + " " + t
	}
	return verb + " " + strings.Join(path, "/")
}

// recorder remembers the status.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

// buffer takes an answer that is not sent as it is.
type buffer struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func newBuffer() *buffer { return &buffer{header: http.Header{}} }

func (b *buffer) Header() http.Header         { return b.header }
func (b *buffer) WriteHeader(code int)        { b.status = code }
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }

func (b *buffer) code() int {
	if b.status == 0 {
		return http.StatusOK
	}
	return b.status
}
