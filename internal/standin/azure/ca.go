package azure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is the certificate authority that each stand-in makes for itself.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the authority's key: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Stance Azure stand-in"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	return &authority{cert: cert, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return big.NewInt(time.Now().UnixNano())
	}
	return n
}

// serverCert is good for loopback and for the host that the server listens on.
func (a *authority) serverCert(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the server's key: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
	} else if host != "" {
		tmpl.DNSNames = append(tmpl.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the server's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}, nil
}

// clientCert is the certificate of an application. Entra takes RSA only.
func (a *authority) clientCert(client string) (*rsa.PrivateKey, *x509.Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("make the client's key: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: client},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, nil, fmt.Errorf("make the client's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("make the client's certificate: %w", err)
	}
	return key, cert, nil
}

func writeFile(dir, name string, data []byte) (string, error) {
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return path, nil
}

// CAFile writes the authority's certificate (PEM) and names the file.
func (s *Server) CAFile(dir string) (string, error) { return writeFile(dir, "ca.pem", s.ca.pem) }

// CAPool holds the authority's certificate.
func (s *Server) CAPool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.ca.cert)
	return p
}

// Certificate writes a client's certificate with its key (PEM), made at the
// first call, and names the file. The client must have "certificate" in the
// seed; an empty client is the first that has.
func (s *Server) Certificate(dir, client string) (string, error) {
	p := s.principal(client, func(p *Principal) bool { return p.Certificate })
	if p == nil {
		return "", fmt.Errorf("no principal %q with a certificate in the seed", client)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.certs[p.ClientID]
	if c == nil {
		key, cert, err := s.ca.clientCert(p.ClientID)
		if err != nil {
			return "", err
		}
		c = &clientCert{key, cert}
		s.certs[p.ClientID] = c
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		return "", fmt.Errorf("write the client's key: %w", err)
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})...)
	return writeFile(dir, "client.pem", data)
}

type clientCert struct {
	key  *rsa.PrivateKey
	cert *x509.Certificate
}

// FederatedToken writes a token of an outside issuer that the client trusts
// (workload identity federation) and names the file.
func (s *Server) FederatedToken(dir, client string) (string, error) {
	p := s.principal(client, func(p *Principal) bool { return p.Federated })
	if p == nil {
		return "", fmt.Errorf("no principal %q with a federated credential in the seed", client)
	}
	tok, err := s.sign(map[string]any{
		"iss": federatedIssuer, "sub": "system:serviceaccount:stance:" + p.ClientID, "aud": "api://AzureADTokenExchange",
		"iat": s.now().Unix(), "exp": s.now().Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", err
	}
	return writeFile(dir, "federated.jwt", []byte(tok))
}

const federatedIssuer = "https://issuer.stand-in.invalid/"
