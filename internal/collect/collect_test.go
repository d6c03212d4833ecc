package collect

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, tt := range []struct {
		name, text, detected string
	}{
		{"DB_PASSWORD", "hunter2hunter2", "named_secret"},
		{"DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/payments-a1B2c3", ""},
		{"SECRET_ARN", "arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:shop/payments", ""},
		{"", `{"secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/payments"}`, ""},
		{"", "export PASSWORD=hunter2hunter2", "password_assignment"},
		{"", "arn:aws:s3:::x password=hunter2hunter2", "password_assignment"},
		{"STAGE", "production", ""},
		{"DB_PASSWORD", "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/db)", ""},
		{"AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=st1;AccountKey=" + strings.Repeat("Ab1+", 21) + "==;EndpointSuffix=core.windows.net", "azure_access_key"},
		{"HUB", "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=app;SharedAccessKey=" + strings.Repeat("Ab1+", 10) + "123=", "azure_access_key"},
		{"HUB", "Endpoint=sb://x.servicebus.windows.net/;Authentication=ManagedIdentity", ""},
		{"PACKAGE", "https://st1.blob.core.windows.net/p/app.zip?sv=2024-11-04&sp=r&sig=" + strings.Repeat("aB3", 14) + "%3D", "azure_shared_access_signature"},
	} {
		detected, _ := Redact(tt.name, tt.text)["Detected"].([]any)
		got := ""
		if len(detected) > 0 {
			got, _ = detected[0].(string)
		}
		if got != tt.detected || len(detected) > 1 {
			t.Errorf("%s=%s: detected %v, want %q", tt.name, tt.text, detected, tt.detected)
		}
	}
}
