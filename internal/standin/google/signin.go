package google

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	grantJWT      = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	grantRefresh  = "refresh_token"
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAccess    = "urn:ietf:params:oauth:token-type:access_token"
	typeJWT       = "urn:ietf:params:oauth:token-type:jwt"
	typeIDToken   = "urn:ietf:params:oauth:token-type:id_token"

	defaultAccount = "stance@standin.iam.gserviceaccount.com"
	poolAudience   = "//iam.googleapis.com/projects/100/locations/global/workloadIdentityPools/standin/providers/oidc"
	issuer         = "https://issuer.standin.example"
	subject        = "stance-scanner"
	tokenLife      = time.Hour
)

// signIn issues tokens and checks them. Access tokens carry their claims under a
// code that only this server can make, so that none has to be kept.
type signIn struct {
	SignIn
	secret  []byte
	refresh string
	tokens  []string
	now     func() time.Time
	key     func() (*rsa.PrivateKey, error)
}

func newSignIn(seeded SignIn, options Options) *signIn {
	if seeded.ServiceAccount == "" {
		seeded.ServiceAccount = defaultAccount
	}
	seeded.Impersonate = slices.Clone(seeded.Impersonate)
	if seeded.FederateAs != "" {
		seeded.Impersonate = append(seeded.Impersonate, seeded.FederateAs)
	}
	if len(seeded.Impersonate) == 0 {
		seeded.Impersonate = []string{seeded.ServiceAccount}
	}
	s := &signIn{SignIn: seeded, secret: make([]byte, 32), tokens: options.Tokens, now: options.Now}
	_, _ = rand.Read(s.secret) // never fails, see crypto/rand
	s.refresh = "1//standin-" + rand.Text()
	// The key takes a while to make and few tests sign in by it.
	s.key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	return s
}

type claims struct {
	Subject string `json:"sub"`
	Expires int64  `json:"exp"`
}

// issue makes an access token.
func (s *signIn) issue(principal string) (token string, expires time.Time) {
	expires = s.now().Add(tokenLife)
	data, _ := json.Marshal(claims{principal, expires.Unix()}) // two plain members always marshal
	payload := base64.RawURLEncoding.EncodeToString(data)
	return "ya29.standin." + payload + "." + s.code(payload), expires
}

func (s *signIn) code(payload string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(payload))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// principal is who a token was issued to; empty for a token that is not good.
func (s *signIn) principal(token string) string {
	if slices.Contains(s.tokens, token) {
		return s.ServiceAccount
	}
	payload, code, ok := strings.Cut(strings.TrimPrefix(token, "ya29.standin."), ".")
	if !ok || !hmac.Equal([]byte(code), []byte(s.code(payload))) {
		return ""
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return ""
	}
	var c claims
	if json.Unmarshal(data, &c) != nil || s.now().Unix() >= c.Expires {
		return ""
	}
	return c.Subject
}

// bearer checks the Authorization header.
func (s *signIn) bearer(r *http.Request) (string, *status) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok {
		if p := s.principal(token); p != "" {
			return p, nil
		}
	}
	st := newStatus(nil, http.StatusUnauthorized, "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
	st.header = http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/"`}}
	reason := "ACCESS_TOKEN_TYPE_UNSUPPORTED"
	if !ok {
		st.message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential."
		reason = "CREDENTIALS_MISSING"
		st.reason = "required"
	} else {
		st.header.Set("Www-Authenticate", st.header.Get("Www-Authenticate")+`, error="invalid_token"`)
	}
	return "", st.info("googleapis.com", reason, map[string]any{"service": r.Host})
}

// serveSignIn answers the endpoints that hand out tokens without one; it reports
// whether the request was for them. They answer on their own hosts, under their
// service's prefix, and at the root, where key files usually point.
func (s *Server) serveSignIn(w http.ResponseWriter, r *http.Request, label, path string, data []byte) bool {
	full := r.URL.EscapedPath()
	own := label == strings.SplitN(strings.TrimPrefix(full, "/"), "/", 2)[0]
	var grant func(url.Values) (map[string]any, error)
	switch {
	case label == "oauth2" && path == "/token", own && full == "/token":
		s.count("signin/token")
		grant = s.grantToken
	case label == "sts" && path == "/v1/token", own && full == "/v1/token":
		s.count("signin/exchange")
		grant = s.exchangeToken
	default:
		return false
	}
	if r.Method != http.MethodPost {
		s.write(w, newStatus(nil, http.StatusMethodNotAllowed, "Tokens are asked for by POST."), nil, nil)
		return true
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		err = &grantError{"invalid_request", err.Error()}
	}
	var body map[string]any
	if err == nil {
		body, err = grant(form)
	}
	code := http.StatusOK
	if err != nil {
		var known *grantError
		if !errors.As(err, &known) {
			known = &grantError{"server_error", err.Error()}
		}
		code, body = http.StatusBadRequest, map[string]any{"error": known.code, "error_description": known.text}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // a client that went away does not need it
	return true
}

// grantError is an error of RFC 6749, section 5.2.
type grantError struct{ code, text string }

func (e *grantError) Error() string { return e.code + ": " + e.text }

func invalidGrant(format string, args ...any) error {
	return &grantError{"invalid_grant", fmt.Sprintf(format, args...)}
}

// grantToken answers service account keys and refresh tokens.
// See https://developers.google.com/identity/protocols/oauth2/service-account.
func (s *Server) grantToken(form url.Values) (map[string]any, error) {
	var principal string
	switch form.Get("grant_type") {
	case grantJWT:
		c, err := s.signIn.verify(form.Get("assertion"))
		if err != nil {
			return nil, err
		}
		if text(c, "iss") != s.signIn.ServiceAccount {
			return nil, invalidGrant("Invalid grant: account not found: %s", text(c, "iss"))
		}
		if aud := text(c, "aud"); !slices.Contains([]string{s.URL + "/token", s.URL + "/oauth2/token", "https://oauth2." + s.options.Universe + "/token"}, aud) {
			return nil, invalidGrant("Invalid JWT: the audience is %s", aud)
		}
		if text(c, "scope") == "" {
			return nil, &grantError{"invalid_scope", "Invalid OAuth scope or ID token audience provided."}
		}
		// A subject is a user that the account acts for (domain-wide delegation).
		if principal = text(c, "sub"); principal == "" {
			principal = s.signIn.ServiceAccount
		}
	case grantRefresh:
		if form.Get("refresh_token") != s.signIn.refresh {
			return nil, invalidGrant("Token has been expired or revoked.")
		}
		if form.Get("client_id") != userClient || form.Get("client_secret") != userSecret {
			return nil, &grantError{"invalid_client", "The OAuth client was not found."}
		}
		principal = userName
	default:
		return nil, &grantError{"unsupported_grant_type", "Invalid grant_type: " + form.Get("grant_type")}
	}
	token, _ := s.signIn.issue(principal)
	return map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds())}, nil
}

// exchangeToken answers workload identity federation.
// See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token.
func (s *Server) exchangeToken(form url.Values) (map[string]any, error) {
	for name, want := range map[string][]string{
		"grant_type":           {grantExchange},
		"requested_token_type": {typeAccess},
		"subject_token_type":   {typeJWT, typeIDToken},
		"audience":             {poolAudience},
	} {
		if !slices.Contains(want, form.Get(name)) {
			return nil, &grantError{"invalid_request", fmt.Sprintf("Invalid value for %q: %q", name, form.Get(name))}
		}
	}
	if form.Get("scope") == "" {
		return nil, &grantError{"invalid_scope", "the scope is missing"}
	}
	who := subject
	if given := form.Get("subject_token"); !slices.Contains(s.signIn.SubjectTokens, given) {
		c, err := s.signIn.verify(given)
		if err != nil {
			return nil, err
		}
		if text(c, "iss") != issuer || text(c, "aud") != poolAudience {
			return nil, invalidGrant("The issuer or audience of the subject token does not match the provider.")
		}
		who = text(c, "sub")
	}
	pool := strings.TrimPrefix(beforeProviders(poolAudience), "//")
	token, _ := s.signIn.issue("principal://" + pool + "/subject/" + who)
	return map[string]any{"access_token": token, "issued_token_type": typeAccess, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds())}, nil
}

// impersonate answers generateAccessToken; the caller's own token was checked.
// See https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken.
func (s *Server) impersonate(req *request) *answer {
	name := req.params["name"]
	email := name[strings.LastIndex(name, "/")+1:]
	if !slices.Contains(s.signIn.Impersonate, email) {
		st := denied(req.m, "iam.serviceAccounts.getAccessToken", name)
		return &answer{err: st}
	}
	if scopes, _ := req.body["scope"].([]any); len(scopes) == 0 {
		return &answer{err: newStatus(req.m, http.StatusBadRequest, "Request contains an invalid argument.").violation("scope", "at least one scope is needed")}
	}
	token, expires := s.signIn.issue(email)
	return &answer{body: map[string]any{"accessToken": token, "expireTime": expires.UTC().Format(time.RFC3339)}}
}

// verify checks the signature and times of a JWT that was signed by the key that
// this server handed out.
func (s *signIn) verify(token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, invalidGrant("Bad Request: the assertion is no JWT")
	}
	var decoded [3][]byte
	for i, part := range parts {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return nil, invalidGrant("Bad Request: %v", err)
		}
		decoded[i] = data
	}
	header, err := object(decoded[0])
	if err != nil || text(header, "alg") != "RS256" {
		return nil, invalidGrant("Invalid JWT: want RS256")
	}
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], decoded[2]) != nil {
		return nil, invalidGrant("Invalid JWT Signature.")
	}
	c, err := object(decoded[1])
	if err != nil {
		return nil, invalidGrant("Bad Request: %v", err)
	}
	expires, _ := c["exp"].(json.Number)
	if exp, err := expires.Int64(); err != nil || s.now().Unix() >= exp {
		return nil, invalidGrant("Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.")
	}
	return c, nil
}

// sign makes a JWT with the key of this server.
func (s *signIn) sign(c map[string]any) (string, error) {
	key, err := s.key()
	if err != nil {
		return "", err
	}
	all := maps.Clone(c)
	all["iat"], all["exp"] = s.now().Unix(), s.now().Add(24*time.Hour).Unix()
	payload, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + encode(signature), nil
}

// beforeProviders is the pool of a provider's audience.
func beforeProviders(audience string) string {
	pool, _, _ := strings.Cut(audience, "/providers/")
	return pool
}
