package azure

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	armruntime "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	tenantID = "11111111-1111-4111-8111-111111111111"
	subA     = "aaaaaaaa-0000-4000-8000-000000000001"
	subB     = "aaaaaaaa-0000-4000-8000-000000000002"
	clientID = "cccccccc-0000-4000-8000-000000000001"
	objectID = "cccccccc-0000-4000-8000-0000000000ff"
	rgA      = "/subscriptions/" + subA + "/resourceGroups/rg"
	accountA = rgA + "/providers/Microsoft.Storage/storageAccounts/logs"
)

func testSeed(t *testing.T) Seed {
	t.Helper()
	s, err := ReadSeedFile("testdata/estate.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t *testing.T, seed Seed) *Server {
	t.Helper()
	s, err := New(seed, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// transport trusts the stand-in through the CA file, as a user would.
func transport(t *testing.T, s *Server) *http.Client {
	t.Helper()
	file, err := s.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := s.CAPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the CA file holds no certificate")
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func clientOptions(s *Server, c *http.Client) azcore.ClientOptions {
	return azcore.ClientOptions{
		Transport: c,
		Retry:     policy.RetryOptions{MaxRetries: 2, RetryDelay: time.Millisecond, MaxRetryDelay: 5 * time.Millisecond},
		Cloud: cloud.Configuration{
			ActiveDirectoryAuthorityHost: s.URL() + "/",
			Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: s.URL() + "/arm", Audience: "https://management.core.windows.net/"},
			},
		},
	}
}

func secret(t *testing.T, s *Server, c *http.Client, value string) azcore.TokenCredential {
	t.Helper()
	cred, err := azidentity.NewClientSecretCredential(tenantID, clientID, value, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: clientOptions(s, c), DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cred
}

// client is a caller of ARM or Microsoft Graph through the SDK's pipeline.
type client struct {
	t    *testing.T
	base string
	pl   runtime.Pipeline
}

func armClient(t *testing.T, s *Server) *client {
	t.Helper()
	c := transport(t, s)
	pl, err := armruntime.NewPipeline("test", "v1.0.0", secret(t, s, c, "s3cret"), runtime.PipelineOptions{}, &arm.ClientOptions{ClientOptions: clientOptions(s, c), DisableRPRegistration: true})
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, base: s.URL() + "/arm", pl: pl}
}

func graphClient(t *testing.T, s *Server) *client {
	t.Helper()
	c := transport(t, s)
	opt := clientOptions(s, c)
	pl := runtime.NewPipeline("test", "v1.0.0", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(secret(t, s, c, "s3cret"), []string{"https://graph.microsoft.com/.default"}, nil)},
	}, &opt)
	return &client{t: t, base: s.URL() + "/graph/v1.0", pl: pl}
}

// do sends a request and gives the answer's JSON and header; a path without a
// host is below the service.
func (c *client) do(method, path, body string) (map[string]any, http.Header, error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	url := path
	if strings.HasPrefix(path, "/") {
		url = c.base + path
	}
	req, err := runtime.NewRequest(ctx, method, url)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		if err := runtime.MarshalAsJSON(req, json.RawMessage(body)); err != nil {
			c.t.Fatal(err)
		}
	}
	resp, err := c.pl.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return nil, resp.Header, runtime.NewResponseError(resp)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, resp.Header, err
	}
	if len(data) == 0 {
		return nil, resp.Header, nil
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, resp.Header, err
	}
	return out, resp.Header, nil
}

func (c *client) get(path string) map[string]any {
	c.t.Helper()
	out, _, err := c.do(http.MethodGet, path, "")
	if err != nil {
		c.t.Fatalf("GET %s: %v", path, err)
	}
	return out
}

// refused wants an error with a status and a code, and gives its text.
func (c *client) refused(method, path string, status int, code string) string {
	c.t.Helper()
	_, _, err := c.do(method, path, "")
	var re *azcore.ResponseError
	if !errors.As(err, &re) {
		c.t.Fatalf("%s %s: %v, want an answer with %d %s", method, path, err, status, code)
	}
	if re.StatusCode != status || re.ErrorCode != code {
		c.t.Errorf("%s %s: %d %s, want %d %s", method, path, re.StatusCode, re.ErrorCode, status, code)
	}
	return re.Error()
}

func names(items any, member string) []string {
	var out []string
	list, _ := items.([]any)
	for _, i := range list {
		out = append(out, text(i.(map[string]any)[member]))
	}
	return out
}

var noRetry = policy.RetryOptions{MaxRetries: -1}

func shortContext(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 200*time.Millisecond)
}
