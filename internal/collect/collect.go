// Package collect holds what collectors of all clouds share: the redaction of
// secrets and the replay of recorded HTTP that every collector is tested with.
package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"github.com/stance-sec/stance/internal/model"
)

// detectors recognize credentials in text by forms that hardly anything else
// has. They name what they found; they never return it.
var detectors = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"aws_access_key_id", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"aws_secret_access_key", regexp.MustCompile(`(?i)aws.{0,20}?(?:secret|sk).{0,20}?['"=:\s][A-Za-z0-9/+]{40}\b`)},
	{"private_key", regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----`)},
	{"github_token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})`)},
	{"gitlab_token", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"slack_token", regexp.MustCompile(`\bxox[abposr]-[A-Za-z0-9-]{10,}`)},
	{"stripe_key", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{20,}`)},
	{"google_api_key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}\b`)},
	{"azure_access_key", regexp.MustCompile(`(?i)\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}={0,2}`)},
	{"azure_shared_access_signature", regexp.MustCompile(`(?i)\b(?:sig=|SharedAccessSignature sr=)[A-Za-z0-9%+/=.&_-]{40,}`)},
	{"npm_token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"json_web_token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{"url_with_password", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{3,}@`)},
	{"password_assignment", regexp.MustCompile(`(?i)\b[a-z0-9_-]*(?:password|passwd|pwd|secret|api_?key|token)['"]?\s*[:=]\s*['"]?[^\s'"$\{<%]{8,}`)},
}

// secretNames are names of settings whose value is a secret whatever it looks
// like; a value that only refers to one (an ARN, a path, a variable) is none.
var (
	secretNames = regexp.MustCompile(`(?i)(?:^|[_-])(?:password|passwd|pwd|secret|secret_?key|api_?key|access_?key|auth_?token|private_?key)$`)
	arns        = regexp.MustCompile(`\barn:[a-z-]+:[^\s'"]+`)
	references  = regexp.MustCompile(`^(?:arn:|@Microsoft\.(?:KeyVault|AppConfiguration)\(|ssm:|\{\{resolve:|\$\{|/|https?://|true$|false$|\d{1,6}$|$)`)
)

// Redact replaces a text that may be secret by its length, its hash and what
// was detected in it. The name of the setting counts: the value of a variable
// called DB_PASSWORD is a secret unless it refers to one kept elsewhere.
func Redact(name, text string) map[string]any {
	sum := sha256.Sum256([]byte(text))
	detected := []any{}
	for _, d := range detectors {
		if d.pattern.MatchString(text) && (d.name != "password_assignment" || d.pattern.MatchString(arns.ReplaceAllString(text, ""))) {
			detected = append(detected, d.name)
		}
	}
	if len(detected) == 0 && secretNames.MatchString(name) && !references.MatchString(text) {
		detected = append(detected, "named_secret")
	}
	return map[string]any{
		"Length":   int64(len(text)),
		"SHA256":   hex.EncodeToString(sum[:8]),
		"Detected": detected,
	}
}

// RedactedSchema is the shape of what Redact returns.
func RedactedSchema() *model.Schema {
	return &model.Schema{Kind: model.Object, Fields: map[string]*model.Schema{
		"Length":   {Kind: model.Int},
		"SHA256":   {Kind: model.String},
		"Detected": {Kind: model.List, Elem: &model.Schema{Kind: model.String}},
	}}
}
