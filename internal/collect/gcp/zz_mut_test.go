package gcp
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
		assets, _, err := convert(t, ExportOptions{Complete: r.Intn(2)==0}, path)
		if err==nil { ok++ }
		for _,a := range assets { if a.ID=="" || a.Scope.Account=="" { t.Fatalf("%s %+v", s, a) } }
	}
	t.Log(ok, n)
}
var _ = json.Marshal
func mutSeeds() []string { return []string{
`{"name":"//storage.googleapis.com/b","asset_type":"storage.googleapis.com/Bucket","resource":{"version":"v1","location":"EU","data":{"name":"b","labels":{"a":"b"}}},"iam_policy":{"bindings":[{"role":"x","members":["y"]}],"audit_configs":[{"audit_log_configs":[{"log_type":1}]}]},"ancestors":["projects/7","organizations/1"]}`,
`{"name":"//cloudresourcemanager.googleapis.com/projects/7","asset_type":"cloudresourcemanager.googleapis.com/Project","resource":{"data":{"projectId":"pp"}},"ancestors":["projects/7","folders/2"]}`,
`[{"name":"//compute.googleapis.com/projects/pp/zones/z/instances/i","assetType":"compute.googleapis.com/Instance","resource":{"location":"z","data":{"metadata":{"items":[{"key":"a","value":"b"}]}}}},{"name":"//cloudresourcemanager.googleapis.com/folders/2","assetType":"cloudresourcemanager.googleapis.com/Folder","ancestors":["folders/2","folders/2"],"resource":{"data":{}}}]`}}
