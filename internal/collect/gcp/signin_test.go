package gcp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/stance-sec/stance/internal/model"
)

const userFile = `{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "quota_project_id": "charged"}`

// isolated takes away what the machine of the test has of credentials.
func isolated(t *testing.T) {
	t.Helper()
	home := t.TempDir()
	for k, v := range map[string]string{"HOME": home, "APPDATA": home, "CLOUDSDK_CONFIG": home, "GOOGLE_APPLICATION_CREDENTIALS": "", "GOOGLE_CLOUD_QUOTA_PROJECT": "", "HTTPS_PROXY": "", "HTTP_PROXY": ""} {
		t.Setenv(k, v)
	}
}

func writeTemp(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// keyFile is a key of a service account that signs in at a base URL.
func keyFile(t *testing.T, base string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "a@p.iam.gserviceaccount.com", "token_uri": base + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSignInErrors(t *testing.T) {
	grant := func(status int, body string) func(string, *http.Request) reply {
		return func(op string, _ *http.Request) reply {
			if op == "token" {
				return reply{status: status, body: body, header: map[string]string{"Content-Type": "application/json"}}
			}
			return reply{body: `{}`}
		}
	}
	unknown := httptest.NewTLSServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer unknown.Close()
	for _, tt := range []struct {
		name   string
		file   string // credentials
		opts   Options
		answer func(op string, req *http.Request) reply
		err    error
		says   string
	}{
		{"no such file", "-", Options{CredentialsFile: "/nowhere/key.json"}, nil, model.ErrCredentials, "cannot be read"},
		{"no credentials in the file", `{"a": 1}`, Options{}, nil, model.ErrCredentials, `no "type"`},
		{"an unknown kind", `{"type": "magic"}`, Options{}, nil, model.ErrCredentials, "cannot be used"},
		{"a broken key", `{"type": "service_account", "client_email": "a@b", "private_key": "x", "token_uri": "https://t/"}`, Options{}, nil, model.ErrCredentials, ""},
		{"expired", userFile, Options{}, grant(400, `{"error": "invalid_grant"}`), model.ErrCredentials, "gcloud auth application-default login"},
		{"to be confirmed", userFile, Options{}, grant(400, `{"error": "invalid_rapt"}`), model.ErrCredentials, "confirmed"},
		{"refused client", userFile, Options{}, grant(401, `{"error": "invalid_client"}`), model.ErrCredentials, "invalid_client"},
		{"sign-in service fails", userFile, Options{}, grant(503, `busy`), model.ErrUnreachable, "503"},
		{"dead proxy", userFile, Options{Proxy: "http://127.0.0.1:1"}, nil, model.ErrUnreachable, "proxy does not answer"},
		{"proxy is no URL", userFile, Options{Proxy: "::"}, nil, model.ErrInvalid, "proxy"},
		{"no such CA file", userFile, Options{CAFile: "/nowhere.pem"}, nil, model.ErrInvalid, "certificates cannot be read"},
		{"no certificate", userFile, Options{CAFile: writeTemp(t, "x")}, nil, model.ErrInvalid, "no certificate"},
		{"endpoint is no URL", userFile, Options{Endpoints: map[string]string{"iam": "localhost"}}, nil, model.ErrInvalid, "endpoint"},
		{"endpoints of all without a place", userFile, Options{Endpoints: map[string]string{"*": "https://localhost/"}}, nil, model.ErrInvalid, "{api}"},
		{"signed out", userFile, Options{}, func(op string, _ *http.Request) reply {
			if op == "token" {
				return reply{body: `{"access_token": "t", "expires_in": 3600}`, header: map[string]string{"Content-Type": "application/json"}}
			}
			return refusal(401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED")
		}, model.ErrCredentials, "sign in again"},
		{"quota project", userFile, Options{}, func(op string, _ *http.Request) reply {
			if op == "token" {
				return reply{body: `{"access_token": "t", "expires_in": 3600}`, header: map[string]string{"Content-Type": "application/json"}}
			}
			return refusal(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED")
		}, model.ErrCredentials, "the quota project charged may not be used"},
		{"may not be acted as", userFile, Options{Impersonate: "reader@p.iam.gserviceaccount.com"}, func(op string, req *http.Request) reply {
			if strings.Contains(req.URL.Path, "generateAccessToken") {
				return denied("iam.serviceAccounts.getAccessToken")
			}
			return reply{body: `{"access_token": "t", "expires_in": 3600}`, header: map[string]string{"Content-Type": "application/json"}}
		}, model.ErrCredentials, "roles/iam.serviceAccountTokenCreator"},
		{"a key, and an authority that nobody knows", keyFile(t, unknown.URL), Options{}, nil, model.ErrUnreachable, "CA file"},
		{"a key, and nothing that listens", keyFile(t, "https://127.0.0.1:1"), Options{}, nil, model.ErrUnreachable, "no connection"},
		{"a key, and a dead proxy", keyFile(t, unknown.URL), Options{Proxy: "http://127.0.0.1:1"}, nil, model.ErrUnreachable, "proxy does not answer"},
		{"a revoked key", keyFile(t, "https://t.example"), Options{}, grant(400, `{"error": "invalid_grant"}`), model.ErrCredentials, "invalid_grant"},
		{"no answer", userFile, Options{}, func(string, *http.Request) reply { return reply{err: io.ErrUnexpectedEOF} }, model.ErrUnreachable, "network"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			isolated(t)
			if tt.file != "-" {
				t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", writeTemp(t, tt.file))
			}
			if tt.answer != nil {
				tt.opts.Transport = &wire{answer: tt.answer}
			}
			tt.opts.Attempts, tt.opts.Timeout = 1, 5*time.Second
			s, err := Open(t.Context(), tt.opts)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %v that says %q", err, tt.err, tt.says)
			}
		})
	}
}

// TestNoCredentials holds that a machine without any gets told what to do. It runs
// in a process of its own: Google's module looks for the machine's metadata server,
// and where something answers at that address it keeps the connection for a minute,
// in a client of its own that nobody else can close.
func TestNoCredentials(t *testing.T) {
	if os.Getenv(alone) == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestNoCredentials$", "-test.v")
		cmd.Env = append(os.Environ(), alone+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestNoCredentials") {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	isolated(t)
	_, err := Open(t.Context(), Options{Timeout: time.Second, Attempts: 1})
	if !errors.Is(err, model.ErrCredentials) && !errors.Is(err, model.ErrUnreachable) {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(err.Error(), "gcloud auth application-default login") {
		t.Errorf("%v", err)
	}
}

// TestImpersonation holds the call that acts as another account, and that its
// token is used for the reads.
func TestImpersonation(t *testing.T) {
	isolated(t)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", writeTemp(t, userFile))
	var bodies, auth []string
	w := &wire{answer: func(op string, req *http.Request) reply {
		switch {
		case strings.Contains(req.URL.Path, "generateAccessToken"):
			data, _ := io.ReadAll(req.Body)
			bodies = append(bodies, req.URL.String()+" "+req.Header.Get("Authorization")+" "+string(data))
			return reply{body: `{"accessToken": "theirs", "expireTime": "2099-01-01T00:00:00Z"}`}
		case op == "token":
			return reply{body: `{"access_token": "mine", "expires_in": 3600}`, header: map[string]string{"Content-Type": "application/json"}}
		}
		auth = append(auth, req.URL.Host+" "+req.Header.Get("Authorization")+" "+req.Header.Get("X-Goog-User-Project"))
		return hierarchy(op, req)
	}}
	s, err := Open(t.Context(), Options{
		Transport: w, Impersonate: "step@p.iam.gserviceaccount.com, reader@p.iam.gserviceaccount.com", Projects: []string{"shop-prod"},
		Endpoints: map[string]string{"iamcredentials": "https://private.example/iam", "*": "https://all.example/{api}/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := []string{`https://private.example/iam/v1/projects/-/serviceAccounts/reader@p.iam.gserviceaccount.com:generateAccessToken Bearer mine {"delegates":["projects/-/serviceAccounts/step@p.iam.gserviceaccount.com"],"lifetime":"3600s","scope":["https://www.googleapis.com/auth/cloud-platform"]}`}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(auth) == 0 || auth[0] != "all.example Bearer theirs charged" {
		t.Errorf("calls were made as %q", auth)
	}
}

// TestEndpoints holds where APIs answer.
func TestEndpoints(t *testing.T) {
	for _, tt := range []struct {
		endpoints map[string]string
		universe  string
		api, path string
		want      string
	}{
		{nil, universe, "cloudasset", "v1/organizations/1/assets", "https://cloudasset.googleapis.com/v1/organizations/1/assets"},
		{nil, universe, "compute", "projects/p", "https://compute.googleapis.com/compute/v1/projects/p"},
		{nil, universe, "compute", "compute/v1/projects/p", "https://compute.googleapis.com/compute/v1/projects/p"},
		{nil, "apis.example", "iam", "v1/x", "https://iam.apis.example/v1/x"},
		{map[string]string{"*": "https://127.0.0.1:8443/{api}"}, universe, "iam", "/v1/x", "https://127.0.0.1:8443/iam/v1/x"},
		{map[string]string{"*": "https://127.0.0.1:8443/{api}/", "iam": "https://iam.private"}, universe, "iam", "v1/x", "https://iam.private/v1/x"},
	} {
		c := &connection{endpoints: tt.endpoints, universe: tt.universe}
		if got := c.url(tt.api, tt.path); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.api, tt.path, got, tt.want)
		}
	}
}

// failing is a source whose tokens cannot be renewed.
type failing struct{}

func (failing) Token() (*oauth2.Token, error) {
	return nil, &oauth2.RetrieveError{Response: &http.Response{StatusCode: http.StatusBadRequest, Status: "400"}, ErrorCode: "invalid_grant"}
}

// TestSignInEnds holds that credentials which expire during a scan make gaps.
func TestSignInEnds(t *testing.T) {
	s := testSession(t, Options{Transport: &wire{answer: hierarchy}, Types: only(bucketType)})
	plant(s)
	s.conn.source, s.conn.cached = failing{}, nil
	got := units(t, s)
	want := []string{"gap " + bucketType + " in organizations/1 and below: cloudasset:assets.list failed, invalid_grant, the sign-in could not be renewed"}
	if diff := cmp.Diff(want, got.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
