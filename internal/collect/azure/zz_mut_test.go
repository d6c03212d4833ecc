package azure
import ("testing";"math/rand";"os";"path/filepath";"encoding/json";"time")
func TestMut(t *testing.T){
	seeds := mutSeeds()
	toks := []string{"null","[]","{}","\"x\"","1","1e309","true","[null]","[{}]","{\"a\":[null]}","-1","\"/\"","\"projects/\"","\"\""}
	path := filepath.Join(t.TempDir(), "x.json")
	r := rand.New(rand.NewSource(7)); ok,n:=0,0
	for start := time.Now(); time.Since(start) < 40*time.Second; n++ {
		s := seeds[r.Intn(len(seeds))]
		for k:=0;k<1+r.Intn(3);k++ {
			pos := r.Intn(len(s))
			for j:=0;j<len(s) && s[pos]!=':';j++ { pos=(pos+1)%len(s) }
			end := pos+1
			depth:=0; str:=false
			for end < len(s) { c:=s[end]; if c=='"' {str=!str}; if !str { if c=='{'||c=='[' {depth++}; if c=='}'||c==']' { if depth==0 {break}; depth-- }; if c==',' && depth==0 {break} }; end++ }
			s = s[:pos+1]+toks[r.Intn(len(toks))]+s[end:]
		}
		os.WriteFile(path, []byte(s), 0o600)
		assets, _, _, err := convert(t, ExportOptions{Complete: r.Intn(2)==0}, path)
		if err==nil { ok++ }
		for _,a := range assets { if a.ID=="" || a.Scope.Account=="" { t.Fatalf("%s %+v", s, a) } }
	}
	t.Log(ok, n)
}
var _ = json.Marshal
func mutSeeds() []string { a,_ := json.Marshal([]any{storageRow("a", nil)}); b,_ := json.Marshal(storageRow("a", map[string]any{"tenantId": "left out", "subscriptionId": "left out"})); return []string{string(a), string(b),
`[{"id": "/subscriptions/s", "type": "microsoft.resources/subscriptions", "tenantId": "t", "properties": {"managementGroupAncestorsChain": [{"name": "a"}, {"name": "a"}, null]}},{"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v","type":"microsoft.network/virtualnetworks","properties":{"subnets":[{"id":"/subscriptions/s/x","name":"s"}]}}]`,
`[{"id": "/providers/microsoft.management/managementgroups/m", "type": "microsoft.management/managementgroups", "tenantId": "t", "properties": {"details": {"managementGroupAncestorsChain":[{"name":"q"}]}}}]`}}
