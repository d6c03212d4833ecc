package gcp_test

import (
	"testing"

	"github.com/stance-sec/stance/internal/iam/gcp"
)

func TestAuditsService(t *testing.T) {
	policy := func(service string, exempt ...any) gcp.Policy {
		return gcp.Parse(map[string]any{"auditConfigs": []any{map[string]any{"service": service, "auditLogConfigs": []any{
			map[string]any{"logType": "DATA_READ", "exemptedMembers": exempt},
		}}}})
	}
	none := gcp.Parse(map[string]any{})
	for _, c := range []struct {
		name string
		path []gcp.Policy
		want gcp.Truth
	}{
		{"of the service", []gcp.Policy{policy("storage.googleapis.com"), none}, gcp.True},
		{"of all services, above", []gcp.Policy{none, policy("allServices")}, gcp.True},
		{"of another service", []gcp.Policy{policy("bigquery.googleapis.com")}, gcp.False},
		{"somebody is exempted", []gcp.Policy{policy("storage.googleapis.com", "user:ann@shop.example")}, gcp.False},
		{"somebody is exempted above", []gcp.Policy{policy("storage.googleapis.com"), policy("allServices", "user:ann@shop.example")}, gcp.False},
		{"somebody is exempted from another service", []gcp.Policy{policy("storage.googleapis.com"), policy("bigquery.googleapis.com", "user:ann@shop.example")}, gcp.True},
		{"above was not read", []gcp.Policy{policy("storage.googleapis.com"), gcp.Unread("organizations/1")}, gcp.Unknown},
		{"nowhere", []gcp.Policy{none}, gcp.False},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := gcp.AuditsService(c.path, []string{"DATA_READ"}, "storage.googleapis.com"); got.Value != c.want {
				t.Errorf("%s, want %s: %+v", got.Value, c.want, got)
			}
		})
	}
}
