package azure

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

func TestSignIn(t *testing.T) {
	s := start(t, testSeed(t))
	c := transport(t, s)
	opt := clientOptions(s, c)
	dir := t.TempDir()
	scope := policy.TokenRequestOptions{Scopes: []string{"https://management.core.windows.net//.default"}}
	certFile, err := s.Certificate(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	tokenFile, err := s.FederatedToken(dir, clientID)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	certs, key, err := azidentity.ParseCertificates(pem, nil)
	if err != nil {
		t.Fatal(err)
	}
	foreignKey, foreign, err := s.ca.clientCert(clientID)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, header := s.ManagedIdentity()
	t.Setenv("IDENTITY_ENDPOINT", endpoint)
	t.Setenv("IDENTITY_HEADER", header)

	for _, tt := range []struct {
		name string
		cred func() (azcore.TokenCredential, error)
		want string // in the error; none when empty
	}{
		{"client secret", func() (azcore.TokenCredential, error) { return secret(t, s, c, "s3cret"), nil }, ""},
		{"wrong secret", func() (azcore.TokenCredential, error) { return secret(t, s, c, "guess"), nil }, "AADSTS7000215"},
		{"certificate", func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(tenantID, clientID, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: opt, DisableInstanceDiscovery: true})
		}, ""},
		{"certificate that is not registered", func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(tenantID, clientID, append(certs[:0:0], foreign), foreignKey, &azidentity.ClientCertificateCredentialOptions{ClientOptions: opt, DisableInstanceDiscovery: true})
		}, "AADSTS700027"},
		{"workload identity", func() (azcore.TokenCredential, error) {
			return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
				ClientOptions: opt, DisableInstanceDiscovery: true, ClientID: clientID, TenantID: tenantID, TokenFilePath: tokenFile,
			})
		}, ""},
		{"workload identity of another client", func() (azcore.TokenCredential, error) {
			return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
				ClientOptions: opt, DisableInstanceDiscovery: true, ClientID: "cccccccc-0000-4000-8000-000000000002", TenantID: tenantID, TokenFilePath: tokenFile,
			})
		}, "AADSTS700213"},
		{"unknown application", func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(tenantID, objectID, "s3cret", &azidentity.ClientSecretCredentialOptions{ClientOptions: opt, DisableInstanceDiscovery: true})
		}, "AADSTS700016"},
		{"unknown tenant", func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(objectID, clientID, "s3cret", &azidentity.ClientSecretCredentialOptions{ClientOptions: opt, DisableInstanceDiscovery: true})
		}, "90002"},
		{"managed identity", func() (azcore.TokenCredential, error) {
			return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: opt})
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cred, err := tt.cred()
			if err != nil {
				t.Fatal(err)
			}
			tok, err := cred.GetToken(t.Context(), scope)
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want == "" && tok.Token == "":
				t.Error("the token is empty")
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error with %s", err, tt.want)
			}
		})
	}
}

func TestTokensAreBound(t *testing.T) {
	now := time.Now()
	s, err := New(testSeed(t), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := transport(t, s)
	token := func(scope string) string {
		tok, err := secret(t, s, c, "s3cret").GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{scope}})
		if err != nil {
			t.Fatal(err)
		}
		return tok.Token
	}
	armToken, graphToken := token("https://management.azure.com/.default"), token("https://graph.microsoft.com/.default")
	ask := func(path, bearer string) (int, string, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("X-Ms-Error-Code"), resp.Header.Get("WWW-Authenticate")
	}
	const arm, graph = "/arm/subscriptions?api-version=2022-12-01", "/graph/v1.0/users"
	for _, tt := range []struct {
		name, path, token string
		status            int
		code              string
	}{
		{"ARM", arm, armToken, 200, ""},
		{"ARM at the root", "/subscriptions?api-version=2022-12-01", armToken, 200, ""},
		{"Graph", graph, graphToken, 200, ""},
		{"no token", arm, "", 401, "AuthenticationFailed"},
		{"no token for Graph", graph, "", 401, "InvalidAuthenticationToken"},
		{"Graph's token for ARM", arm, graphToken, 401, "InvalidAuthenticationTokenAudience"},
		{"ARM's token for Graph", graph, armToken, 401, "InvalidAuthenticationToken"},
		{"forged", arm, armToken[:len(armToken)-4] + "AAAA", 401, "InvalidAuthenticationToken"},
	} {
		status, code, challenge := ask(tt.path, tt.token)
		if status != tt.status || code != tt.code || (status == 401) != strings.HasPrefix(challenge, "Bearer ") {
			t.Errorf("%s: %d %q %q, want %d %q", tt.name, status, code, challenge, tt.status, tt.code)
		}
	}
	now = now.Add(2 * time.Hour)
	if status, code, _ := ask(arm, armToken); status != 401 || code != "ExpiredAuthenticationToken" {
		t.Errorf("expired: %d %s", status, code)
	}
}

func TestTokenFaults(t *testing.T) {
	s := start(t, testSeed(t))
	if err := s.Fault(Fault{Operation: opToken, Kind: FaultDenied, Times: 1}); err != nil {
		t.Fatal(err)
	}
	cred := secret(t, s, transport(t, s), "s3cret")
	_, err := cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}})
	var fail *azidentity.AuthenticationFailedError
	if !errors.As(err, &fail) || !strings.Contains(err.Error(), "AADSTS7000112") {
		t.Errorf("got %v, want AADSTS7000112", err)
	}
}
