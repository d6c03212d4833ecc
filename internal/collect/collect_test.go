package collect

import "testing"

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
