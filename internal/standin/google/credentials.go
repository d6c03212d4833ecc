package google

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"path/filepath"
)

const (
	userClient = "standin.apps.googleusercontent.com"
	userSecret = "standin-client"
	userName   = "user@standin.example"
)

// Token is an access token that is good for an hour.
func (s *Server) Token() string {
	token, _ := s.signIn.issue(s.signIn.ServiceAccount)
	return token
}

// ServiceAccountKey writes the key file of the seed's service account into dir
// and returns the path. Its token_uri is the stand-in.
func (s *Server) ServiceAccountKey(dir string) (string, error) {
	key, err := s.serviceAccount()
	if err != nil {
		return "", err
	}
	return writeJSON(dir, "service-account.json", key)
}

func (s *Server) serviceAccount() (map[string]any, error) {
	key, err := s.signIn.key()
	if err != nil {
		return nil, fmt.Errorf("make a service account key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a service account key: %w", err)
	}
	return map[string]any{
		"type": "service_account", "project_id": "standin", "private_key_id": "standin-1", "client_id": "100000000000000000001",
		"client_email": s.signIn.ServiceAccount, "token_uri": s.URL + "/token", "auth_uri": s.URL + "/auth",
		"private_key":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"universe_domain": s.options.Universe,
	}, nil
}

// AuthorizedUser writes the file that a user's own sign-in leaves behind: a
// refresh token for the stand-in.
func (s *Server) AuthorizedUser(dir string) (string, error) {
	return writeJSON(dir, "authorized-user.json", map[string]any{
		"type": "authorized_user", "client_id": userClient, "client_secret": userSecret, "refresh_token": s.signIn.refresh,
		"token_uri": s.URL + "/token", "auth_uri": s.URL + "/auth", "universe_domain": s.options.Universe,
	})
}

// ExternalAccount writes the configuration of workload identity federation into
// dir, beside a file with the subject token that it names. The federated
// identity acts for itself, or as the account that the seed's signIn.federateAs
// names.
func (s *Server) ExternalAccount(dir string) (string, error) {
	token, err := s.signIn.sign(map[string]any{"iss": issuer, "sub": subject, "aud": poolAudience})
	if err != nil {
		return "", fmt.Errorf("sign a subject token: %w", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("write the subject token: %w", err)
	}
	path, err := writeFile(dir, "subject-token.jwt", []byte(token))
	if err != nil {
		return "", err
	}
	config := map[string]any{
		"type": "external_account", "audience": poolAudience, "subject_token_type": typeJWT,
		"token_url": s.URL + "/v1/token", "credential_source": map[string]any{"file": path}, "universe_domain": s.options.Universe,
	}
	if s.signIn.FederateAs != "" {
		config["service_account_impersonation_url"] = s.ImpersonationURL(s.signIn.FederateAs)
	}
	return writeJSON(dir, "external-account.json", config)
}

// ImpersonatedAccount writes a configuration that becomes email by way of the
// service account key.
func (s *Server) ImpersonatedAccount(dir, email string) (string, error) {
	source, err := s.serviceAccount()
	if err != nil {
		return "", err
	}
	return writeJSON(dir, "impersonated-account.json", map[string]any{
		"type": "impersonated_service_account", "service_account_impersonation_url": s.ImpersonationURL(email),
		"source_credentials": source, "delegates": []string{}, "universe_domain": s.options.Universe,
	})
}

// ImpersonationURL is where a signed-in caller gets a token of email.
func (s *Server) ImpersonationURL(email string) string {
	return s.URL + "/v1/projects/-/serviceAccounts/" + email + ":generateAccessToken"
}

func writeJSON(dir, name string, v any) (string, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return writeFile(dir, name, append(data, '\n'))
}
