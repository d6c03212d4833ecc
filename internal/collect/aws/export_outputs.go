package aws

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"

	"github.com/stance-sec/stance/internal/model"
)

// readable is an operation whose output can be told by its members, and of which
// one answer serves a whole account or region.
type readable struct {
	name   string       // "ec2:DescribeInstances"
	out    reflect.Type // of the SDK
	global bool
	// homes says that one region tells of the assets of all, each with the region
	// that it is at home in.
	homes bool
	// root says that assets are listed by it, and not only completed.
	root bool
	// types are those of whose units the operation is part.
	types []*Type
}

// hookLists and hookOutputs are the answers of operations that hooks call; of all
// others the declarations tell.
var (
	hookLists   = []*List{iamRoleList, iamUserList, launchTemplateVersions, hubStandards, alarms}
	hookOutputs = []reflect.Type{
		reflect.TypeFor[iam.GetAccountAuthorizationDetailsOutput](),
		reflect.TypeFor[iam.GetCredentialReportOutput](),
		reflect.TypeFor[cloudtrail.DescribeTrailsOutput](),
		reflect.TypeFor[securityhub.DescribeHubOutput](),
	}
)

// readables returns the operations by name. They follow from the declarations.
var readables = sync.OnceValue(func() map[string]*readable {
	outs := map[string]reflect.Type{}
	for _, l := range hookLists {
		outs[l.op.String()] = l.out
	}
	for _, t := range hookOutputs {
		service := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
		outs[service+":"+strings.TrimSuffix(t.Name(), "Output")] = t
	}
	out := map[string]*readable{}
	for _, c := range registry {
		for i := range c.Types {
			t := &c.Types[i]
			add := func(name string, typ reflect.Type, root bool) {
				if typ = cmp.Or(outs[name], typ); typ == nil {
					return
				}
				if out[name] == nil {
					out[name] = &readable{name: name, out: typ, global: t.Global}
				}
				out[name].root = out[name].root || root
				out[name].homes = name == trailsOp.String()
				out[name].types = append(out[name].types, t)
			}
			if t.List != nil && t.List.op.Name != "" {
				add(t.List.op.String(), t.List.out, true)
			}
			if t.Custom != nil {
				for _, op := range t.Custom.Ops {
					add(op.String(), nil, true)
					for j := range c.Types {
						if r := out[op.String()]; r != nil && slices.Contains(t.Custom.Yields, c.Types[j].Name) {
							r.types = append(r.types, &c.Types[j])
						}
					}
				}
			}
			for j := range t.Side {
				rd := &t.Side[j]
				for _, op := range append([]operation{rd.op}, rd.more...) {
					if isSettings(t) || outs[op.String()] != nil {
						add(op.String(), rd.out, isSettings(t))
					}
				}
			}
		}
	}
	return out
})

// isSettings says of a type that there is one asset of it, whose reads name none.
func isSettings(t *Type) bool {
	return t.List != nil && t.List.op.Name == "" && t.List.item == nil && t.List.member == ""
}

// rootOperations are the operations by which assets of a type are listed.
func rootOperations(t *Type) []string {
	var out []string
	for name, r := range readables() {
		if r.root && slices.Contains(r.types, t) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ignored are members of outputs that hold nothing.
var ignored = map[string]bool{"nexttoken": true, "marker": true, "nextmarker": true, "istruncated": true, "responsemetadata": true, "maxresults": true, "requestid": true}

// candidates are the operations whose output may have these members.
func candidates(members []string) []*readable {
	var out []*readable
	for _, name := range slices.Sorted(maps.Keys(readables())) {
		r := readables()[name]
		found := 0
		fits := true
		for _, m := range members {
			if ignored[strings.ToLower(m)] {
				continue
			}
			_, ok := fieldOf(r.out, m)
			fits = fits && ok
			found++
		}
		if fits && found > 0 {
			out = append(out, r)
		}
	}
	return out
}

// KnowsOutput says whether there is a command of the AWS CLI whose output has
// these members, and of which a scan makes use.
func KnowsOutput(members []string) bool { return len(candidates(members)) > 0 }

// identify finds out which command printed the output, and of what account and
// region it is.
func (o *output) identify() error {
	found := candidates(slices.Collect(maps.Keys(o.doc)))
	best, fewest := []*readable(nil), -1
	for _, r := range found {
		n := strangers(o.doc, r.out)
		switch {
		case fewest < 0 || n < fewest:
			best, fewest = []*readable{r}, n
		case n == fewest:
			best = append(best, r)
		}
	}
	if len(best) > 1 { // some outputs are alike; people name files by the command
		best = byCommand(best, o.file)
	}
	if len(best) != 1 {
		names := make([]string, len(best))
		for i, r := range best {
			names[i] = r.name
		}
		return fmt.Errorf("%s: %w: the output may be that of %s, and what it holds does not tell which: name the file by the command, as describe-volumes.json", o.file, model.ErrInvalid, strings.Join(names, " or "))
	}
	o.op = best[0]
	return o.locate()
}

// byCommand keeps the operations whose command a file's name holds, all where it holds
// none.
func byCommand(of []*readable, file string) []*readable {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(s))
	}
	var out []*readable
	for _, r := range of {
		_, command, _ := strings.Cut(r.name, ":")
		if strings.Contains(plain(file), plain(command)) {
			out = append(out, r)
		}
	}
	if out == nil {
		return of
	}
	return out
}
