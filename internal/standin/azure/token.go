package azure

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // the thumbprint that ADFS and older clients send
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"
)

const opToken = "POST token"

// identity is who a token speaks for.
type identity struct{ client, object string }

// audiences of each service in the three clouds; the stand-in's own addresses
// are added to them.
var audiences = map[string][]string{
	"arm": {
		"https://management.azure.com", "https://management.core.windows.net", "https://management.usgovcloudapi.net",
		"https://management.core.usgovcloudapi.net", "https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn",
	},
	"graph": {
		"https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
		"00000003-0000-0000-c000-000000000000",
	},
	"logs": {"https://api.loganalytics.io", "https://api.loganalytics.us", "https://api.loganalytics.azure.cn"},
}

// serviceOf names the service that an audience belongs to, "" for none.
func (s *Server) serviceOf(aud string) string {
	aud = strings.ToLower(strings.TrimRight(aud, "/"))
	for svc, list := range audiences {
		if slices.Contains(list, aud) {
			return svc
		}
	}
	own := strings.ToLower(s.URL())
	switch aud {
	case own, own + "/arm":
		return "arm"
	case own + "/graph":
		return "graph"
	case own + "/logs":
		return "logs"
	}
	return ""
}

// oauthError is Entra's error form.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func (s *Server) oauthError(w http.ResponseWriter, status, number int, code, message string) {
	writeJSON(w, status, map[string]any{
		"error": code, "error_description": fmt.Sprintf("AADSTS%d: %s", number, message), "error_codes": []int{number},
		"timestamp": s.now().UTC().Format("2006-01-02 15:04:05Z"), "trace_id": s.requestID(), "correlation_id": s.requestID(),
		"error_uri": fmt.Sprintf("%s/error?code=%d", s.URL(), number),
	})
}

func (s *Server) inTenant(tenant string) bool {
	t := s.estate.seed.Tenant
	return strings.EqualFold(tenant, t.ID) || slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, tenant) }) ||
		strings.EqualFold(tenant, "organizations") || strings.EqualFold(tenant, "common")
}

func (s *Server) openIDConfiguration(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	if !s.inTenant(tenant) {
		s.oauthError(w, http.StatusBadRequest, 90002, "invalid_tenant", fmt.Sprintf("Tenant '%s' not found.", tenant))
		return
	}
	base := baseURL(r) + "/" + tenant
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": base + "/v2.0", "token_endpoint": base + "/oauth2/v2.0/token", "authorization_endpoint": base + "/oauth2/v2.0/authorize",
		"device_authorization_endpoint": base + "/oauth2/v2.0/devicecode", "jwks_uri": base + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"}, "response_types_supported": []string{"code", "id_token"},
		"subject_types_supported": []string{"pairwise"}, "id_token_signing_alg_values_supported": []string{"ES256"}, "tenant_region_scope": nil,
	})
}

func (s *Server) instanceDiscovery(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": baseURL(r) + "/" + s.estate.seed.Tenant.ID + "/v2.0/.well-known/openid-configuration", "api-version": "1.1",
		"metadata": []any{obj("preferred_network", r.Host, "preferred_cache", r.Host, "aliases", []string{r.Host})},
	})
}

func (s *Server) principal(client string, ok func(*Principal) bool) *Principal {
	list := s.estate.seed.Principals
	for i := range list {
		if (client == "" || strings.EqualFold(list[i].ClientID, client)) && (ok == nil || ok(&list[i])) {
			return &list[i]
		}
	}
	return nil
}

// issueToken is the token endpoint.
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		s.oauthError(w, http.StatusBadRequest, 900144, "invalid_request", "The request body is not a form.")
		return
	}
	form := func(k string) string { return r.PostForm.Get(k) }
	if !s.inTenant(tenant) {
		s.oauthError(w, http.StatusBadRequest, 90002, "invalid_request", fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", tenant))
		return
	}
	if form("grant_type") != "client_credentials" {
		s.oauthError(w, http.StatusBadRequest, 70003, "unsupported_grant_type", fmt.Sprintf("The app requested an unsupported grant type '%s'.", form("grant_type")))
		return
	}
	p := s.principal(form("client_id"), nil)
	if p == nil || form("client_id") == "" {
		s.oauthError(w, http.StatusBadRequest, 700016, "unauthorized_client", fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'.", form("client_id"), tenant))
		return
	}
	scope := strings.Fields(form("scope"))
	scope = slices.DeleteFunc(scope, func(x string) bool { return x == "openid" || x == "offline_access" || x == "profile" })
	if len(scope) != 1 || !strings.HasSuffix(scope[0], "/.default") {
		s.oauthError(w, http.StatusBadRequest, 1002012, "invalid_scope", fmt.Sprintf("The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.", form("scope")))
		return
	}
	aud := strings.TrimSuffix(scope[0], "/.default")
	if s.serviceOf(aud) == "" {
		s.oauthError(w, http.StatusBadRequest, 500011, "invalid_resource", fmt.Sprintf("The resource principal named %s was not found in the tenant named %s.", aud, s.estate.seed.Tenant.DisplayName))
		return
	}
	if number, msg := s.authenticate(p, form("client_secret"), form("client_assertion"), form("client_assertion_type"), tenant); number != 0 {
		s.oauthError(w, http.StatusUnauthorized, number, "invalid_client", msg)
		return
	}
	tok, life, err := s.accessToken(p, aud)
	if err != nil {
		s.oauthError(w, http.StatusInternalServerError, 90033, "temporarily_unavailable", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": tok})
}

func (s *Server) authenticate(p *Principal, secret, assertion, typ, tenant string) (number int, message string) {
	switch {
	case secret != "":
		if p.Secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(p.Secret)) != 1 {
			return 7000215, fmt.Sprintf("Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", p.ClientID)
		}
		return 0, ""
	case assertion == "":
		return 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
	case typ != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		return 50027, "JWT token is invalid or malformed: client_assertion_type."
	}
	if claims, err := s.verify(assertion); err == nil {
		if !p.Federated || claims["iss"] != federatedIssuer || claims["sub"] != "system:serviceaccount:stance:"+p.ClientID {
			return 700213, fmt.Sprintf("No matching federated identity record found for presented assertion subject '%v'.", claims["sub"])
		}
		if claims["aud"] != "api://AzureADTokenExchange" {
			return 700212, fmt.Sprintf("No matching federated identity record found for presented assertion audience '%v'.", claims["aud"])
		}
		return 0, ""
	} else if errors.Is(err, errExpired) {
		return 700024, "Client assertion is not within its valid time range."
	}
	if err := s.verifyCertificate(p, assertion, tenant); err != nil {
		return 700027, "The certificate with identifier used to sign the client assertion is not registered on application, or its signature is wrong: " + err.Error()
	}
	return 0, ""
}

// verifyCertificate checks an assertion that the client signed with the key of
// its certificate.
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
func (s *Server) verifyCertificate(p *Principal, assertion, tenant string) error {
	s.mu.Lock()
	c := s.certs[p.ClientID]
	s.mu.Unlock()
	if !p.Certificate || c == nil {
		return errors.New("the application has no certificate")
	}
	head, claims, signed, sig, err := splitJWT(assertion)
	if err != nil {
		return err
	}
	sum256, sum1 := sha256.Sum256(c.cert.Raw), sha1.Sum(c.cert.Raw)
	thumb, want := text(head["x5t#S256"]), sum256[:]
	if thumb == "" {
		thumb, want = text(head["x5t"]), sum1[:]
	}
	// The documentation asks for base64url; the Go library sends plain base64
	// and Entra takes both.
	got, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(thumb))
	if err != nil || !bytes.Equal(got, want) {
		return errors.New("unknown thumbprint")
	}
	digest := sha256.Sum256([]byte(signed))
	pub := &c.key.PublicKey
	switch head["alg"] {
	case "RS256":
		err = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], sig)
	case "PS256":
		err = rsa.VerifyPSS(pub, crypto.SHA256, digest[:], sig, nil)
	default:
		err = fmt.Errorf("algorithm %v is not accepted", head["alg"])
	}
	if err != nil {
		return err
	}
	exp, _ := number(claims["exp"])
	switch {
	case claims["iss"] != p.ClientID || claims["sub"] != p.ClientID:
		return errors.New("iss and sub must be the client")
	case !strings.HasPrefix(text(claims["aud"]), s.URL()+"/"+tenant+"/"):
		return fmt.Errorf("aud %v is not this tenant's token endpoint", claims["aud"])
	case s.now().After(time.Unix(int64(exp), 0)):
		return errExpired
	}
	return nil
}

func (s *Server) accessToken(p *Principal, aud string) (string, int, error) {
	life := p.TokenSeconds
	if life == 0 {
		life = 3600
	}
	now := s.now()
	tok, err := s.sign(map[string]any{
		"aud": aud, "iss": "https://sts.windows.net/" + s.estate.seed.Tenant.ID + "/", "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(time.Duration(life) * time.Second).Unix(), "appid": p.ClientID, "oid": p.ObjectID, "sub": p.ObjectID,
		"tid": s.estate.seed.Tenant.ID, "idtyp": "app", "ver": "1.0",
	})
	return tok, life, err
}

// managedIdentity is the endpoint of App Service, which IDENTITY_ENDPOINT and
// IDENTITY_HEADER name.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
func (s *Server) managedIdentity(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-IDENTITY-HEADER")), []byte(s.identityHeader)) != 1 {
		writeJSON(w, http.StatusUnauthorized, obj("statusCode", 401, "message", "Unauthorized"))
		return
	}
	p := s.principal(q.Get("client_id"), func(p *Principal) bool { return p.ManagedIdentity })
	if p == nil || s.serviceOf(q.Get("resource")) == "" {
		writeJSON(w, http.StatusBadRequest, obj("statusCode", 400, "message", "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."))
		return
	}
	tok, life, err := s.accessToken(p, q.Get("resource"))
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, obj("statusCode", 500, "message", err.Error()))
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": tok, "expires_on": fmt.Sprint(s.now().Unix() + int64(life)), "resource": q.Get("resource"), "token_type": "Bearer", "client_id": p.ClientID,
	})
}

var errExpired = errors.New("the token has expired")

// sign makes a JWT with the stand-in's own key.
func (s *Server) sign(claims map[string]any) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256","kid":"stand-in"}`)) + "." + enc.EncodeToString(body)
	sum := sha256.Sum256([]byte(signed))
	r, t, err := ecdsa.Sign(rand.Reader, s.ca.key, sum[:])
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	t.FillBytes(sig[32:])
	return signed + "." + enc.EncodeToString(sig), nil
}

// verify checks a JWT that sign made.
func (s *Server) verify(tok string) (map[string]any, error) {
	_, claims, signed, sig, err := splitJWT(tok)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(signed))
	if len(sig) != 64 || !ecdsa.Verify(&s.ca.key.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return nil, errors.New("the signature is wrong")
	}
	if exp, _ := number(claims["exp"]); !s.now().Before(time.Unix(int64(exp), 0)) {
		return nil, errExpired
	}
	return claims, nil
}

func splitJWT(tok string) (head, claims map[string]any, signed string, sig []byte, err error) {
	parts := strings.Split(tok, ".")
	if len(parts) != 3 {
		return nil, nil, "", nil, errors.New("not a JWT")
	}
	var raw [3][]byte
	for i, p := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			return nil, nil, "", nil, fmt.Errorf("read a JWT: %w", err)
		}
	}
	if err = json.Unmarshal(raw[0], &head); err == nil {
		err = json.Unmarshal(raw[1], &claims)
	}
	return head, claims, parts[0] + "." + parts[1], raw[2], err
}

// authorize checks the bearer token of a call to a service.
func (s *Server) authorize(r *http.Request, service string) (identity, *apiError) {
	code := "AuthenticationFailed"
	if service == "graph" {
		code = "InvalidAuthenticationToken"
	}
	refuse := func(code, msg string) (identity, *apiError) {
		return identity{}, &apiError{status: http.StatusUnauthorized, code: code, message: msg}
	}
	tok, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return refuse(code, "Authentication failed. The 'Authorization' header is missing.")
	}
	claims, err := s.verify(tok)
	switch {
	case errors.Is(err, errExpired) && service != "graph":
		return refuse("ExpiredAuthenticationToken", "The access token expiry is earlier than the current time.")
	case err != nil:
		if service == "arm" {
			code = "InvalidAuthenticationToken"
		}
		return refuse(code, "The access token is invalid: "+err.Error())
	case s.serviceOf(text(claims["aud"])) != service:
		if service == "arm" {
			code = "InvalidAuthenticationTokenAudience"
		}
		return refuse(code, fmt.Sprintf("The access token has been obtained for wrong audience or resource '%v'.", claims["aud"]))
	}
	return identity{text(claims["appid"]), text(claims["oid"])}, nil
}
