package google

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	oauth "golang.org/x/oauth2/google"
	"google.golang.org/api/cloudasset/v1"
	"google.golang.org/api/option"
)

const scope = "https://www.googleapis.com/auth/cloud-platform"

// read lists assets with the credentials of a file, by the vendor's own chain.
func read(t *testing.T, s *Server, path string) error {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, s.Client())
	var kind struct{ Type oauth.CredentialsType }
	if err := json.Unmarshal(data, &kind); err != nil {
		t.Fatal(err)
	}
	creds, err := oauth.CredentialsFromJSONWithType(ctx, data, kind.Type, scope)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cloudasset.NewService(ctx, option.WithHTTPClient(oauth2.NewClient(ctx, creds.TokenSource)), option.WithEndpoint(s.Endpoint("cloudasset")))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Assets.List("organizations/111").ContentType("RESOURCE").Do()
	return err
}

func TestSignIn(t *testing.T) {
	const reader = "reader@web.iam.gserviceaccount.com"
	for _, tc := range []struct {
		name     string
		federate string
		file     func(*Server, string) (string, error)
		calls    map[string]int
	}{
		{"service account key", "", (*Server).ServiceAccountKey, map[string]int{"signin/token": 1}},
		{"user", "", (*Server).AuthorizedUser, map[string]int{"signin/token": 1}},
		{"federation", "", (*Server).ExternalAccount, map[string]int{"signin/exchange": 1}},
		{"federation as a service account", reader, (*Server).ExternalAccount, map[string]int{"signin/exchange": 1, generateToken: 1}},
		{
			"impersonation", "", func(s *Server, dir string) (string, error) { return s.ImpersonatedAccount(dir, reader) },
			map[string]int{"signin/token": 1, generateToken: 1},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{}, func(seed *Seed) { seed.SignIn.FederateAs = tc.federate })
			path, err := tc.file(s, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := read(t, s, path); err != nil {
				t.Fatal(err)
			}
			calls := s.Calls()
			for call, want := range tc.calls {
				if calls[call] != want {
					t.Errorf("%s: %d calls, want %d", call, calls[call], want)
				}
			}
		})
	}
}

const generateToken = "iamcredentials:v1/projects.serviceAccounts.generateAccessToken"

func TestSignInRefused(t *testing.T) {
	s, other := start(t, Options{}), start(t, Options{})
	for _, tc := range []struct {
		name, says string
		file       func(dir string) (string, error)
	}{
		{"key of another stand-in", "Invalid JWT Signature", func(dir string) (string, error) {
			return edited(dir, other.ServiceAccountKey, func(m map[string]any) { m["token_uri"] = s.URL + "/token" })
		}},
		{"another account", "account not found", func(dir string) (string, error) {
			return edited(dir, s.ServiceAccountKey, func(m map[string]any) { m["client_email"] = "x@y.iam.gserviceaccount.com" })
		}},
		{"revoked refresh token", "revoked", func(dir string) (string, error) {
			return edited(dir, s.AuthorizedUser, func(m map[string]any) { m["refresh_token"] = "1//old" })
		}},
		{"another pool", "audience", func(dir string) (string, error) {
			return edited(dir, s.ExternalAccount, func(m map[string]any) { m["audience"] = "//iam.googleapis.com/elsewhere" })
		}},
		{"subject token of another issuer", "Signature", func(dir string) (string, error) {
			return edited(dir, other.ExternalAccount, func(m map[string]any) { m["token_url"] = s.URL + "/v1/token" })
		}},
		{"account that may not be impersonated", "iam.serviceAccounts.getAccessToken", func(dir string) (string, error) {
			return s.ImpersonatedAccount(dir, "owner@web.iam.gserviceaccount.com")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path, err := tc.file(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := read(t, s, path); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("want an error about %q, got %v", tc.says, err)
			}
		})
	}
}

// edited writes a sign-in file and changes it.
func edited(dir string, write func(string) (string, error), change func(map[string]any)) (string, error) {
	path, err := write(dir)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	m, err := object(data)
	if err != nil {
		return "", err
	}
	change(m)
	return writeJSON(dir, "edited.json", m)
}

func TestBearer(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	s := start(t, Options{Now: clock, Tokens: []string{"fixed"}})
	old := s.Token()
	for _, tc := range []struct {
		name, header, reason string
		after                time.Duration
		code                 int
	}{
		{"none", "", "CREDENTIALS_MISSING", 0, 401},
		{"wrong", "Bearer ya29.other", "ACCESS_TOKEN_TYPE_UNSUPPORTED", 0, 401},
		{"forged", "Bearer " + old[:len(old)-2] + "AA", "ACCESS_TOKEN_TYPE_UNSUPPORTED", 0, 401},
		{"issued", "Bearer " + old, "", 0, 200},
		{"given", "Bearer fixed", "", 0, 200},
		{"expired", "Bearer " + old, "ACCESS_TOKEN_TYPE_UNSUPPORTED", 2 * time.Hour, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now = time.Now().Add(tc.after)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint("cloudasset")+"v1/organizations/111/assets", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.header != "" {
				req.Header.Set("Authorization", tc.header)
			}
			res, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var body map[string]any
			if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(body)
			if res.StatusCode != tc.code || !strings.Contains(string(text), tc.reason) {
				t.Errorf("%d %s", res.StatusCode, text)
			}
			if tc.code == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
}

func TestTokenForms(t *testing.T) {
	s := start(t, Options{}, func(seed *Seed) { seed.SignIn.SubjectTokens = []string{"from-elsewhere"} })
	exchange := url.Values{
		"grant_type": {grantExchange}, "requested_token_type": {typeAccess}, "subject_token_type": {typeJWT},
		"audience": {poolAudience}, "scope": {scope}, "subject_token": {"from-elsewhere"},
	}
	with := func(name, value string) url.Values {
		out := url.Values{}
		for k, v := range exchange {
			out[k] = v
		}
		out.Set(name, value)
		return out
	}
	for _, tc := range []struct {
		name, path string
		form       url.Values
		code       int
		says       string
	}{
		{"seeded subject token", "/v1/token", exchange, 200, "access_token"},
		{"under the service's prefix", "/sts/v1/token", exchange, 200, "access_token"},
		{"no JWT", "/v1/token", with("subject_token", "abc"), 400, "invalid_grant"},
		{"another grant", "/token", url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		{"no scope", "/v1/token", with("scope", ""), 400, "invalid_scope"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res, err := s.Client().PostForm(s.URL+tc.path, tc.form)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var body map[string]any
			if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(body)
			if res.StatusCode != tc.code || !strings.Contains(string(text), tc.says) {
				t.Errorf("%d %s", res.StatusCode, text)
			}
		})
	}
}
