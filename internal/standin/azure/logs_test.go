package azure

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

func TestLogQuery(t *testing.T) {
	seed := testSeed(t)
	seed.Logs = map[string]json.RawMessage{"w1": json.RawMessage(`[{"name": "PrimaryResult", "columns": [{"name": "n", "type": "long"}], "rows": [[3]]}]`)}
	s := start(t, seed)
	h := transport(t, s)
	opt := clientOptions(s, h)
	c := &client{t: t, base: s.URL() + "/logs", pl: runtime.NewPipeline("test", "v1.0.0", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(secret(t, s, h, "s3cret"), []string{"https://api.loganalytics.io/.default"}, nil)},
	}, &opt)}
	out, _, err := c.do(http.MethodPost, "/v1/workspaces/w1/query", `{"query": "AzureActivity | count"}`)
	if err != nil || len(out["tables"].([]any)) != 1 {
		t.Errorf("got %v, %v", out, err)
	}
	c.refused(http.MethodPost, "/v1/workspaces/w2/query", 403, "InsufficientAccessError")
	// A token of Azure Resource Manager does not open it.
	arm := armClient(t, s)
	arm.base = c.base
	arm.refused(http.MethodPost, "/v1/workspaces/w1/query", 401, "AuthenticationFailed")
}
