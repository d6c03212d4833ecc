package google

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options say how a stand-in is served. The zero value listens on a free port of
// the loopback address.
type Options struct {
	// Listen is host:port; "127.0.0.1:0" where it is empty.
	Listen string
	// PageSize caps the items of a page, so that small seeds make several pages;
	// 0 keeps what the client asks for, or 100.
	PageSize int
	// Tokens are bearer tokens that are taken besides those that sign-in issues.
	Tokens []string
	// Universe is the domain of the services' hosts; "googleapis.com" where it is
	// empty.
	Universe string
	// Discovery is the folder of google.golang.org/api; asked of the go command
	// where it is empty.
	Discovery string
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
}

// Server is a running stand-in.
type Server struct {
	// URL is the address without a path: "https://127.0.0.1:8443".
	URL string

	options   Options
	lib       *library
	tree      *tree
	inventory *inventory
	answers   map[string][]*prepared
	denied    map[string]bool
	signIn    *signIn
	tls       *authority

	http     *http.Server
	client   *http.Client
	done     chan struct{}
	handlers sync.WaitGroup
	serving  sync.WaitGroup

	mu         sync.Mutex
	faults     []*Fault
	calls      map[string]int
	operations map[string]*running
}

// New checks a seed against the discovery documents and serves it. The error
// names the place of everything that does not fit.
func New(seed *Seed, options Options) (*Server, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Listen == "" {
		options.Listen = "127.0.0.1:0"
	}
	if options.Universe == "" {
		options.Universe = "googleapis.com"
	}
	lib, err := openLibrary(options.Discovery)
	if err != nil {
		return nil, err
	}
	s := &Server{
		options: options, lib: lib, done: make(chan struct{}), denied: map[string]bool{},
		calls: map[string]int{}, operations: map[string]*running{},
	}
	if err := s.load(seed); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) load(seed *Seed) error {
	if seed == nil {
		seed = &Seed{}
	}
	seed = seed.grown()
	crm, err := s.lib.load("cloudresourcemanager", "v3")
	if err != nil {
		return err
	}
	cai, err := s.lib.load("cloudasset", "v1")
	if err != nil {
		return err
	}
	if s.tree, err = newTree(crm, seed); err != nil {
		return err
	}
	l := &loader{lib: s.lib, cai: cai, tree: s.tree, unchecked: map[string]bool{}}
	for _, kind := range seed.Unchecked {
		l.unchecked[kind] = true
	}
	var errs []error
	if s.inventory, err = l.inventory(seed); err != nil {
		errs = append(errs, err)
	} else if s.inventory.synth, err = newSynthetic(seed.Synthetic, l); err != nil {
		errs = append(errs, err)
	}
	if s.answers, err = l.responses(seed); err != nil {
		errs = append(errs, err)
	}
	for i, f := range seed.Faults {
		if err := s.Fault(f); err != nil {
			errs = append(errs, fmt.Errorf("faults[%d].%w", i, err))
		}
	}
	for _, permission := range seed.Denied {
		s.denied[permission] = true
	}
	s.signIn = newSignIn(seed.SignIn, s.options)
	return errors.Join(errs...)
}

func (s *Server) listen() error {
	listener, err := net.Listen("tcp", s.options.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.options.Listen, err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", s.options.Listen, err), listener.Close())
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	s.URL = "https://" + net.JoinHostPort(host, port)
	if s.tls, err = newAuthority(host, s.options.Universe); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.http = &http.Server{
		Handler: s, TLSConfig: s.tls.server(), ReadHeaderTimeout: 30 * time.Second,
		// Clients that do not trust the authority are the client's affair to report.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: s.tls.client(), ForceAttemptHTTP2: true}}
	s.serving.Go(func() {
		// Close ends it; there is nobody to tell of another end.
		_ = s.http.ServeTLS(listener, "", "")
	})
	return nil
}

// Close ends the server and waits for its requests, the hanging ones included.
func (s *Server) Close() error {
	close(s.done)
	err := s.http.Close()
	s.serving.Wait()
	s.handlers.Wait()
	s.client.CloseIdleConnections()
	return err
}

// Endpoint is the base URL under which a service answers on the stand-in's own
// host: Endpoint("compute") stands for "https://compute.googleapis.com/".
func (s *Server) Endpoint(service string) string { return s.URL + "/" + service + "/" }

// Client trusts the stand-in's authority. It sends no token.
func (s *Server) Client() *http.Client { return s.client }

// Fault adds a line to the fault plan; the first line that fits a request
// decides. It refuses a fault that the method cannot have.
func (s *Server) Fault(f Fault) error {
	if err := f.check(s.lib); err != nil {
		return err
	}
	f.Match = slices.Clone(f.Match)
	f.seen = 0
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return nil
}

// ClearFaults empties the fault plan.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Calls counts the requests by method ("cloudasset:v1/assets.list"), answered or
// not, and by sign-in ("signin/token", "signin/exchange").
// Requests that fit no method are counted under "unknown".
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

func (s *Server) count(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call]++
}
