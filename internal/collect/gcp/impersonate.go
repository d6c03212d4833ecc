package gcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// impersonation gets tokens of a service account that the caller may act as.
// Google's own module does the same but knows one host only, and every base URL
// is configuration here.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
type impersonation struct {
	conn      *connection
	base      oauth2.TokenSource
	target    string
	delegates []string
	timeout   time.Duration
}

func newImpersonation(c *connection, opts *Options, base oauth2.TokenSource) oauth2.TokenSource {
	var chain []string
	for name := range strings.SplitSeq(opts.Impersonate, ",") {
		chain = append(chain, strings.TrimSpace(name))
	}
	i := &impersonation{conn: c, base: oauth2.ReuseTokenSource(nil, base), target: chain[len(chain)-1], timeout: opts.Timeout}
	for _, d := range chain[:len(chain)-1] {
		i.delegates = append(i.delegates, "projects/-/serviceAccounts/"+d)
	}
	return i
}

// impersonationError is a refusal to act as an account.
type impersonationError struct{ api *apiError }

// Error implements error.
func (e *impersonationError) Error() string { return "impersonate: " + e.api.Error() }

// Unwrap implements the convention of package errors.
func (e *impersonationError) Unwrap() error { return e.api }

// Token implements oauth2.TokenSource.
func (i *impersonation) Token() (*oauth2.Token, error) {
	own, err := i.base.Token()
	if err != nil {
		return nil, err
	}
	ask := map[string]any{"scope": []string{readScope}, "lifetime": "3600s"}
	if len(i.delegates) > 0 {
		ask["delegates"] = i.delegates
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, fmt.Errorf("impersonate: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), i.timeout)
	defer cancel()
	target := i.conn.url("iamcredentials", "v1/projects/-/serviceAccounts/"+i.target+":generateAccessToken")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("impersonate: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	own.SetAuthHeader(req)
	resp, err := i.conn.plain.Do(req)
	if err != nil {
		return nil, fmt.Errorf("impersonate: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("impersonate: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, &impersonationError{parseError(resp, text)}
	}
	var out struct {
		AccessToken string    `json:"accessToken"`
		ExpireTime  time.Time `json:"expireTime"`
	}
	if err := json.Unmarshal(text, &out); err != nil || out.AccessToken == "" {
		return nil, fmt.Errorf("impersonate: %w", errShort)
	}
	return &oauth2.Token{AccessToken: out.AccessToken, TokenType: "Bearer", Expiry: out.ExpireTime}, nil
}
