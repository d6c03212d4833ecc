package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/stance-sec/stance/internal/model"
)

// httpClient returns the client for tokens and calls alike. It follows no
// redirects: none of the APIs answers with one, and a token must not leave the
// endpoint's host.
func httpClient(opts *Options) (*http.Client, error) {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if opts.Transport != nil {
		return &http.Client{Transport: opts.Transport, CheckRedirect: stay}, nil
	}
	proxy := http.ProxyFromEnvironment
	if opts.Proxy != "" {
		u, err := url.Parse(opts.Proxy)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("%w proxy %q: it needs a URL, such as http://proxy.example:3128", model.ErrInvalid, opts.Proxy)
		}
		proxy = func(r *http.Request) (*url.URL, error) {
			if isOwnHost(r.URL.Hostname()) {
				return nil, nil //nolint:nilnil // that is how net/http says "no proxy"
			}
			return u, nil
		}
	}
	t := &http.Transport{
		Proxy:                 proxy,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   opts.Concurrency,
		IdleConnTimeout:       60 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: opts.Timeout,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if opts.CAFile != "" {
		pem, err := os.ReadFile(opts.CAFile)
		if err != nil {
			return nil, fmt.Errorf("%w CA file: %w", model.ErrInvalid, err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%w CA file %s: it holds no certificate in PEM", model.ErrInvalid, opts.CAFile)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{Transport: t, CheckRedirect: stay}, nil
}

// isOwnHost says that a host is this machine or its metadata service, which no
// proxy can reach.
func isOwnHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast())
}

// signIn returns the SDK's own chain: environment (client secret, certificate),
// workload identity, managed identity, Azure CLI and the other tools of
// developers. AZURE_TOKEN_CREDENTIALS narrows it.
// https://aka.ms/azsdk/go/identity/credential-chains#defaultazurecredential-overview
func signIn(opts *Options, env *environment, client *http.Client) (azcore.TokenCredential, error) {
	if opts.Credential != nil {
		return opts.Credential, nil
	}
	o := &azidentity.DefaultAzureCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: env.Authority + "/"},
			Transport: client,
			Retry:     policy.RetryOptions{MaxRetries: 2},
			Telemetry: policy.TelemetryOptions{ApplicationID: "stance"},
		},
		DisableInstanceDiscovery: env.ownAuthority,
		TenantID:                 opts.Tenant,
	}
	if opts.Tenant != "" {
		o.AdditionallyAllowedTenants = []string{opts.Tenant}
	}
	chain, err := azidentity.NewDefaultAzureCredential(o)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH", model.ErrCredentials, firstLine(err))
	}
	return tenantCredential{chain, opts.Tenant}, nil
}

// tenantCredential asks for the tokens of one tenant, whichever the credential
// itself belongs to.
type tenantCredential struct {
	azcore.TokenCredential
	tenant string
}

// GetToken implements azcore.TokenCredential.
func (c tenantCredential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if o.TenantID == "" {
		o.TenantID = c.tenant
	}
	return c.TokenCredential.GetToken(ctx, o) //nolint:wrapcheck // the pipeline looks into it
}

// tokenTenant reads the tenant of an access token, or "" where the token cannot
// be read. The claim decides nothing: it says whose tenant the service, which
// does check the token, will answer about.
func tokenTenant(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	var claims struct {
		Tenant string `json:"tid"`
	}
	if json.Unmarshal(raw, &claims) != nil {
		return ""
	}
	return strings.ToLower(claims.Tenant)
}

// signInError says what to do about an error of the first token or call.
func signInError(err error, opts *Options, env *environment) error {
	tenant := "AZURE_TENANT_ID"
	if opts.Tenant != "" {
		tenant = "--tenant " + opts.Tenant
	}
	if netErr := unreachable(err, env); netErr != nil {
		return netErr
	}
	var api *apiError
	if errors.As(err, &api) {
		switch {
		case api.code == "SubscriptionNotFound" || api.code == "InvalidAuthenticationTokenTenant":
			return fmt.Errorf("%w: the token is of another tenant (%s): name the tenant with --tenant", model.ErrCredentials, api.code)
		case api.status == http.StatusUnauthorized || api.status == http.StatusForbidden:
			return fmt.Errorf("%w: Azure Resource Manager refused the caller (%s): check the tenant (%s) and the cloud (--cloud), and assign Reader to the caller", model.ErrCredentials, api.name(), tenant)
		case api.code == "":
			return fmt.Errorf("%w: what answered is not Azure Resource Manager (HTTP status %d, no code): check the endpoints and HTTPS_PROXY", model.ErrUnreachable, api.status)
		}
		return fmt.Errorf("%w: Azure Resource Manager answered %s", model.ErrUnreachable, api.name())
	}
	var failed *azidentity.AuthenticationFailedError
	// Metadata services of other clouds answer the chain too, without a code.
	if errors.As(err, &failed) && (entraCode(err) != "" || failed.RawResponse != nil && !strings.Contains(err.Error(), "ManagedIdentityCredential")) {
		hint := "check AZURE_CLIENT_ID and the secret or certificate"
		code := entraCode(err)
		switch code {
		case "AADSTS7000215", "AADSTS7000222":
			hint = "AZURE_CLIENT_SECRET is wrong or has expired: make a new secret, and give its value and not its id"
		case "AADSTS700016":
			hint = "the application AZURE_CLIENT_ID is not in this tenant: check it and " + tenant
		case "AADSTS90002", "AADSTS900023":
			hint = "there is no such tenant: check " + tenant
		case "AADSTS700027":
			hint = "the certificate is not one of the application's: check AZURE_CLIENT_CERTIFICATE_PATH"
			if os.Getenv("AZURE_CLIENT_CERTIFICATE_PATH") == "" && os.Getenv("AZURE_FEDERATED_TOKEN_FILE") != "" {
				hint = "the token is not signed by the issuer that the application trusts: check AZURE_FEDERATED_TOKEN_FILE and the application's federated credentials"
			}
		case "AADSTS70021", "AADSTS700211", "AADSTS700213":
			hint = "no federated credential of the application fits the token's issuer, subject and audience: check AZURE_FEDERATED_TOKEN_FILE and the application"
		case "AADSTS50076", "AADSTS50079", "AADSTS700082", "AADSTS70043":
			hint = "sign in again with az login"
		}
		return fmt.Errorf("%w: sign-in was refused (%s): %s", model.ErrCredentials, orElse(code, "no code"), hint)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: the sign-in did not end in time: check the network, HTTPS_PROXY and --cloud", model.ErrUnreachable)
	}
	if reason := environmentReason(err); reason != "" {
		return fmt.Errorf("%w: those of the environment cannot be used: %s: correct AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE, or unset them and run az login", model.ErrCredentials, reason)
	}
	return fmt.Errorf("%w: none found: run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH and AZURE_FEDERATED_TOKEN_FILE, or give the machine a managed identity", model.ErrCredentials)
}

// environmentReason is why credentials that the environment names could not be
// used; empty where it names none.
func environmentReason(err error) string {
	if os.Getenv("AZURE_CLIENT_ID") == "" {
		return ""
	}
	for line := range strings.Lines(err.Error()) {
		if _, reason, ok := strings.Cut(line, "EnvironmentCredential: "); ok {
			return strings.TrimRight(strings.TrimSpace(reason), ".")
		}
	}
	return ""
}

// unreachable recognizes what no credential can mend; nil for everything else.
func unreachable(err error, env *environment) error {
	var dns *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: %w: where a proxy or a private cloud signs with its own authority, name that in the configuration's CA file", model.ErrUnreachable, certificate)
	case errors.As(err, &dns):
		return fmt.Errorf("%w: no address for %s: check the network, HTTPS_PROXY and --cloud", model.ErrUnreachable, dns.Name)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return fmt.Errorf("%w: the proxy does not answer (%w): correct it or unset it", model.ErrUnreachable, op.Err)
	case errors.As(err, &op):
		return fmt.Errorf("%w: no connection to %v (%w): check the network, HTTPS_PROXY and the endpoints", model.ErrUnreachable, op.Addr, op.Err)
	}
	// The SDK turns some causes into text.
	text := err.Error()
	if strings.Contains(text, "proxyconnect") && strings.Contains(text, hostOf(env.Authority)) {
		return fmt.Errorf("%w: the proxy on the way to the sign-in service %s does not answer: correct or unset HTTPS_PROXY or the proxy that is configured", model.ErrUnreachable, env.Authority)
	}
	for _, sign := range []string{"certificate signed by unknown authority", "failed to verify certificate", "connection refused", "no such host"} {
		if strings.Contains(text, sign) && strings.Contains(text, hostOf(env.Authority)) {
			return fmt.Errorf("%w: the sign-in service %s: %s: check the network, HTTPS_PROXY, the endpoints and the CA file", model.ErrUnreachable, env.Authority, sign)
		}
	}
	return nil
}

// entraCode is Entra's own code for a refusal: "AADSTS700016".
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func entraCode(err error) string {
	text := err.Error()
	at := strings.Index(text, "AADSTS")
	if at < 0 {
		return ""
	}
	end := at + len("AADSTS")
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[at:end]
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Host
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimRight(line, ".: ")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
