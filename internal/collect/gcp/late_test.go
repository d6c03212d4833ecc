package gcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// lateSource asks a server for a token when it is told to.
type lateSource struct {
	client *http.Client
	url    string
	asked  chan struct{}
	now    chan struct{}
}

func (l *lateSource) Token() (*oauth2.Token, error) {
	close(l.asked)
	<-l.now
	resp, err := l.client.Get(l.url) //nolint:noctx // sources know nothing of contexts
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	_, err = io.Copy(io.Discard, resp.Body)
	return &oauth2.Token{AccessToken: "t"}, err
}

// TestLateTokenKeepsNoConnection holds that a token that comes after everybody has
// gone, and the session is closed, leaves no connection behind.
func TestLateTokenKeepsNoConnection(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			select {
			case closed <- struct{}{}:
			default:
			}
		}
	}
	server.Start()
	defer server.Close()
	transport, err := newTransport(&Options{Concurrency: 1, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	source := &lateSource{client: &http.Client{Transport: transport}, url: server.URL, asked: make(chan struct{}), now: make(chan struct{})}
	s := &Session{conn: &connection{plain: source.client, source: source}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.conn.token(ctx)
		done <- err
	}()
	<-source.asked
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want canceled", err)
	}
	s.Close()
	close(source.now)
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("the connection of the late token stays open")
	}
}
