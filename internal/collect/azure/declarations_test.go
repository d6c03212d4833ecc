package azure

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	typeName   = regexp.MustCompile(`^Microsoft\.[A-Za-z]+(/[A-Za-z0-9]+)+$|^graph/[A-Za-z0-9]+$`)
	apiVersion = regexp.MustCompile(`^20\d\d-\d\d-\d\d(-preview)?$`)
	armAction  = regexp.MustCompile(`^[Mm]icrosoft\.[A-Za-z]+(/[A-Za-z0-9]+)+/(read|action)$`)
	graphScope = regexp.MustCompile(`^[A-Z][A-Za-z]+(\.[A-Za-z]+)+$`)
)

// TestDeclarations holds what every declaration promises.
func TestDeclarations(t *testing.T) {
	schemas := Schemas()
	seen := map[string]string{}
	named := map[string]bool{}
	for _, c := range Collectors() {
		if named[c.Name] {
			t.Errorf("two collectors are called %s", c.Name)
		}
		named[c.Name] = true
		for i := range c.Types {
			typ := &c.Types[i]
			key := strings.ToLower(typ.Name)
			if other := seen[key]; other != "" {
				t.Errorf("%s and %s declare %s", other, c.Name, typ.Name)
			}
			seen[key] = c.Name
			checkType(t, typ)
			if s := schemas[typ.Name]; s == nil || len(s.Fields) == 0 {
				t.Errorf("%s has no shape", typ.Name)
			}
		}
	}
	for _, c := range Collectors() {
		for i := range c.Types {
			typ := &c.Types[i]
			if l := typ.List; l != nil && l.Parent != "" && seen[strings.ToLower(l.Parent)] == "" {
				t.Errorf("%s is listed below %s, which nobody declares", typ.Name, l.Parent)
			}
			if w := typ.Within; w != nil && seen[strings.ToLower(w.Parent)] == "" {
				t.Errorf("%s is within %s, which nobody declares", typ.Name, w.Parent)
			}
		}
	}
	checkOperations(t)
}

func checkType(t *testing.T, typ *Type) {
	t.Helper()
	sources := 0
	for _, set := range []bool{typ.Table != "", typ.List != nil, typ.Within != nil, typ.Graph != nil} {
		if set {
			sources++
		}
	}
	switch {
	case !typeName.MatchString(typ.Name):
		t.Errorf("%s is no type's name", typ.Name)
	case typ.Class == "":
		t.Errorf("%s has no class", typ.Name)
	case sources != 1 && typ.Name != TenantType:
		t.Errorf("%s has %d sources, want one", typ.Name, sources)
	case (typ.Graph != nil) != strings.HasPrefix(typ.Name, "graph/"):
		t.Errorf("%s: types of the directory, and only they, begin with graph/", typ.Name)
	case typ.Graph == nil && typ.Version != "" && !apiVersion.MatchString(typ.Version),
		typ.List != nil && !apiVersion.MatchString(typ.List.Version):
		t.Errorf("%s has no api-version", typ.Name)
	case len(typ.Reread) > 0 && typ.Version == "":
		t.Errorf("%s is read again without an api-version", typ.Name)
	case typ.Table != "" && !strings.HasSuffix(typ.Table, "resources") && typ.Table != "resourcecontainers":
		t.Errorf("%s stands in table %q, which Resource Graph has not", typ.Name, typ.Table)
	}
	for i := range typ.Side {
		rd := &typ.Side[i]
		if !rd.Graph && !apiVersion.MatchString(rd.Version) {
			t.Errorf("%s: the read of %s has no api-version", typ.Name, rd.Member)
		}
		if typ.Graph != nil && !rd.Graph {
			t.Errorf("%s: objects of the directory are read from Microsoft Graph only, not %s", typ.Name, rd.Path)
		}
		if rd.Member == "" || rd.Path == "" || strings.HasSuffix(rd.Path, "/") {
			t.Errorf("%s: a read lacks its member or its path", typ.Name)
		}
	}
}

// checkOperations holds that every call is a read and has a permission.
func checkOperations(t *testing.T) {
	t.Helper()
	never := []string{"listKeys/action", "listSecrets/action", "regenerateKey/action", "listAccountSas/action"}
	for _, op := range Operations() {
		source, _, _ := strings.Cut(op.Operation, ":")
		switch source {
		case "arm", "resourcegraph":
			if !armAction.MatchString(op.Action) {
				t.Errorf("%s of %s needs %q, which is no action", op.Operation, op.Type, op.Action)
			}
		case "graph":
			if !graphScope.MatchString(op.Action) || strings.Contains(op.Action, "ReadWrite") {
				t.Errorf("%s of %s needs %q, which is no reading permission", op.Operation, op.Type, op.Action)
			}
		default:
			t.Errorf("%s of %s is of no known source", op.Operation, op.Type)
		}
		if slices.ContainsFunc(never, func(end string) bool { return strings.HasSuffix(op.Action, "/"+end) }) {
			t.Errorf("%s of %s gives keys away", op.Operation, op.Type)
		}
	}
}

// TestQueries holds that no bulk query of a declared type limits its rows, which
// would stop the paging, and that each has the scalar id and its order.
func TestQueries(t *testing.T) {
	limiting := regexp.MustCompile(`(?i)\|\s*(limit|take|sample|top)\b`)
	for _, c := range Collectors() {
		for i := range c.Types {
			typ := &c.Types[i]
			if typ.Table == "" {
				continue
			}
			q := query{table: typ.Table, types: []string{typ.Name}, where: typ.Where}
			text := q.text()
			if limiting.MatchString(text) || strings.ContainsAny(typ.Where, "|;") {
				t.Errorf("%s: the query limits its rows:\n%s", typ.Name, text)
			}
			if !strings.Contains(text, "| project id,") || !strings.HasSuffix(text, "| order by id asc") {
				t.Errorf("%s: the query does not keep the order of ids:\n%s", typ.Name, text)
			}
		}
	}
}

func TestActionOf(t *testing.T) {
	for _, tt := range []struct {
		parent, path string
		post         bool
		want         string
	}{
		{"Microsoft.Storage/storageAccounts", "blobServices/default", false, "Microsoft.Storage/storageAccounts/blobServices/read"},
		{"Microsoft.Storage/storageAccounts", "blobServices/default/containers", false, "Microsoft.Storage/storageAccounts/blobServices/containers/read"},
		{"Microsoft.Web/sites", "config/web", false, "Microsoft.Web/sites/config/read"},
		{"Microsoft.Web/sites", "config/appsettings/list", true, "Microsoft.Web/sites/config/list/action"},
		{"Microsoft.Network/networkInterfaces", "effectiveRouteTable", true, "Microsoft.Network/networkInterfaces/effectiveRouteTable/action"},
		{"Microsoft.KeyVault/vaults", "providers/Microsoft.Insights/diagnosticSettings", false, "Microsoft.Insights/diagnosticSettings/read"},
		{"Microsoft.Storage/storageAccounts", "providers/Microsoft.Security/defenderForStorageSettings/current", false, "Microsoft.Security/defenderForStorageSettings/read"},
		{"", "providers/Microsoft.Authorization/locks", false, "Microsoft.Authorization/locks/read"},
		{"X", "/subscriptions/{subscription}/providers/Microsoft.Security/pricings", false, "Microsoft.Security/pricings/read"},
		{"X", "/subscriptions/{subscription}/locations", false, "Microsoft.Resources/subscriptions/locations/read"},
		{"Microsoft.Compute/virtualMachines", "instanceView?$expand=x", false, "Microsoft.Compute/virtualMachines/instanceView/read"},
	} {
		if got := actionOf(tt.parent, tt.path, tt.post); got != tt.want {
			t.Errorf("actionOf(%q, %q) = %s, want %s", tt.parent, tt.path, got, tt.want)
		}
	}
}
