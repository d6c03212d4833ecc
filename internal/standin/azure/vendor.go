package azure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

const moduleRoot = "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/"

// moduleOf lists the vendor's modules whose source describes the wire, below
// moduleRoot. Adding one here and in modules.go is all that a new provider
// needs.
var moduleOf = []string{
	"authorization/armauthorization/v2",
	"compute/armcompute/v7",
	"containerregistry/armcontainerregistry",
	"containerservice/armcontainerservice/v6",
	"eventhub/armeventhub",
	"keyvault/armkeyvault",
	"managementgroups/armmanagementgroups",
	"monitor/armmonitor",
	"msi/armmsi",
	"network/armnetwork/v9",
	"privatedns/armprivatedns",
	"resourcegraph/armresourcegraph",
	"resources/armresources",
	"resources/armsubscriptions",
	"security/armsecurity",
	"sql/armsql",
	"storage/armstorage",
}

// vendor is what the modules say, read once a process: the source does not
// change under a running test.
var vendor = sync.OnceValues(loadVendor)

// catalogue holds the calls and, through their modules, the models of all
// providers.
type catalogue struct {
	modules []*module
	routes  *routeTree
}

// module is one vendor module. Calls are read at once, models when the first
// seed or list of the provider needs them.
type module struct {
	path, dir string
	calls     []*call
	versions  map[string]string // constants that hold an api-version

	once   sync.Once
	err    error
	models map[string]*modelType
	enums  map[string]*enumType
	unions map[string]*unionType
}

func loadVendor() (*catalogue, error) {
	dirs, err := moduleDirs()
	if err != nil {
		return nil, err
	}
	c := &catalogue{routes: newRouteTree()}
	errs := make([]error, len(dirs))
	c.modules = make([]*module, len(dirs))
	var wg sync.WaitGroup
	for i, d := range dirs {
		wg.Go(func() {
			m := &module{path: moduleOf[i], dir: d}
			c.modules[i] = m
			errs[i] = m.readCalls()
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, m := range c.modules {
		for _, call := range m.calls {
			c.routes.add(call)
		}
	}
	for _, e := range extraRoutes {
		c.routes.addExtra(e)
	}
	return c, nil
}

// moduleDirs asks the go command where the modules lie, downloading what is
// missing: `go list -m` names a folder only for what is in the module cache.
func moduleDirs() ([]string, error) {
	paths := make([]string, len(moduleOf))
	for i, m := range moduleOf {
		paths[i] = moduleRoot + m
	}
	dirs, err := listDirs(paths)
	if err != nil {
		return nil, err
	}
	var missing []string
	for i, d := range dirs {
		if d == "" {
			missing = append(missing, paths[i])
		}
	}
	if len(missing) == 0 {
		return dirs, nil
	}
	if _, err := goCommand(append([]string{"mod", "download"}, missing...)...); err != nil {
		return nil, err
	}
	dirs, err = listDirs(paths)
	if err != nil {
		return nil, err
	}
	for i, d := range dirs {
		if d == "" {
			return nil, fmt.Errorf("module %s is not in the module cache and was not downloaded", paths[i])
		}
	}
	return dirs, nil
}

func listDirs(paths []string) ([]string, error) {
	out, err := goCommand(append([]string{"list", "-m", "-f", "{{.Dir}}"}, paths...)...)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != len(paths) {
		return nil, fmt.Errorf("go list named %d folders for %d modules", len(lines), len(paths))
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines, nil
}

// goCommand runs the go command inside this repository, wherever the process
// was started.
func goCommand(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	if _, file, _, ok := runtime.Caller(0); ok {
		if dir := filepath.Dir(file); filepath.IsAbs(dir) {
			if _, err := os.Stat(dir); err == nil {
				cmd.Dir = dir
			}
		}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}
