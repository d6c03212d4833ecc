package gcp

func init() {
	register(Collector{Name: "certificates", Types: []Type{
		{Name: "certificatemanager.googleapis.com/Certificate", Class: "certificate", Item: managedCertificate{}, Secret: []string{"selfManaged.pemPrivateKey"}},
		{Name: "privateca.googleapis.com/CaPool", Class: "certificate authority", Item: caPool{}, Policy: true},
		{Name: "privateca.googleapis.com/CertificateAuthority", Class: "certificate authority", Item: certificateAuthority{}},
	}})
}

// managedCertificate has the members of https://cloud.google.com/certificate-manager/docs/reference/certificate-manager/rest/v1/projects.locations.certificates
type managedCertificate struct {
	CreateTime  string            `json:"createTime"`
	Description string            `json:"description"`
	ExpireTime  string            `json:"expireTime"`
	Labels      map[string]string `json:"labels"`
	Managed     struct {
		AuthorizationAttemptInfo []any    `json:"authorizationAttemptInfo"`
		DnsAuthorizations        []string `json:"dnsAuthorizations"`
		Domains                  []string `json:"domains"`
		IssuanceConfig           string   `json:"issuanceConfig"`
		ProvisioningIssue        any      `json:"provisioningIssue"`
		State                    string   `json:"state"`
	} `json:"managed"`
	ManagedIdentity struct {
		Identity          string `json:"identity"`
		ProvisioningIssue any    `json:"provisioningIssue"`
		State             string `json:"state"`
	} `json:"managedIdentity"`
	Name           string   `json:"name"`
	PemCertificate string   `json:"pemCertificate"`
	SanDnsnames    []string `json:"sanDnsnames"`
	Scope          string   `json:"scope"`
	SelfManaged    struct {
		PemCertificate string `json:"pemCertificate"`
		PemPrivateKey  string `json:"pemPrivateKey"`
	} `json:"selfManaged"`
	Tags       map[string]string `json:"tags"`
	UpdateTime string            `json:"updateTime"`
	UsedBy     []struct {
		Name string `json:"name"`
	} `json:"usedBy"`
}

// caPool has the members of https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.caPools
type caPool struct {
	EncryptionSpec struct {
		CloudKmsKey string `json:"cloudKmsKey"`
	} `json:"encryptionSpec"`
	IssuancePolicy struct {
		AllowRequesterSpecifiedNotBeforeTime bool   `json:"allowRequesterSpecifiedNotBeforeTime"`
		AllowedIssuanceModes                 any    `json:"allowedIssuanceModes"`
		AllowedKeyTypes                      []any  `json:"allowedKeyTypes"`
		BackdateDuration                     string `json:"backdateDuration"`
		BaselineValues                       any    `json:"baselineValues"`
		IdentityConstraints                  any    `json:"identityConstraints"`
		MaximumLifetime                      string `json:"maximumLifetime"`
		PassthroughExtensions                any    `json:"passthroughExtensions"`
	} `json:"issuancePolicy"`
	Labels            map[string]string `json:"labels"`
	Name              string            `json:"name"`
	PublishingOptions struct {
		EncodingFormat string `json:"encodingFormat"`
		PublishCaCert  bool   `json:"publishCaCert"`
		PublishCrl     bool   `json:"publishCrl"`
	} `json:"publishingOptions"`
	Tier string `json:"tier"`
}

// certificateAuthority has the members of https://cloud.google.com/certificate-authority-service/docs/reference/rest/v1/projects.locations.caPools.certificateAuthorities
type certificateAuthority struct {
	AccessUrls struct {
		CaCertificateAccessUrl string   `json:"caCertificateAccessUrl"`
		CrlAccessUrls          []string `json:"crlAccessUrls"`
	} `json:"accessUrls"`
	CaCertificateDescriptions []struct {
		AiaIssuingCertificateUrls []string `json:"aiaIssuingCertificateUrls"`
		AuthorityKeyId            any      `json:"authorityKeyId"`
		CertFingerprint           any      `json:"certFingerprint"`
		CrlDistributionPoints     []string `json:"crlDistributionPoints"`
		PublicKey                 any      `json:"publicKey"`
		SubjectDescription        any      `json:"subjectDescription"`
		SubjectKeyId              any      `json:"subjectKeyId"`
		TbsCertificateDigest      string   `json:"tbsCertificateDigest"`
		X509Description           any      `json:"x509Description"`
	} `json:"caCertificateDescriptions"`
	Config struct {
		PublicKey     any `json:"publicKey"`
		SubjectConfig any `json:"subjectConfig"`
		SubjectKeyId  any `json:"subjectKeyId"`
		X509Config    any `json:"x509Config"`
	} `json:"config"`
	CreateTime string `json:"createTime"`
	DeleteTime string `json:"deleteTime"`
	ExpireTime string `json:"expireTime"`
	GcsBucket  string `json:"gcsBucket"`
	KeySpec    struct {
		Algorithm          string `json:"algorithm"`
		CloudKmsKeyVersion string `json:"cloudKmsKeyVersion"`
	} `json:"keySpec"`
	Labels            map[string]string `json:"labels"`
	Lifetime          string            `json:"lifetime"`
	Name              string            `json:"name"`
	PemCaCertificates []string          `json:"pemCaCertificates"`
	SatisfiesPzi      bool              `json:"satisfiesPzi"`
	SatisfiesPzs      bool              `json:"satisfiesPzs"`
	State             string            `json:"state"`
	SubordinateConfig struct {
		CertificateAuthority string `json:"certificateAuthority"`
		PemIssuerChain       any    `json:"pemIssuerChain"`
	} `json:"subordinateConfig"`
	Tier                  string `json:"tier"`
	Type                  string `json:"type"`
	UpdateTime            string `json:"updateTime"`
	UserDefinedAccessUrls struct {
		AiaIssuingCertificateUrls []string `json:"aiaIssuingCertificateUrls"`
		CrlAccessUrls             []string `json:"crlAccessUrls"`
	} `json:"userDefinedAccessUrls"`
}
