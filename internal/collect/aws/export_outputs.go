package aws

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/stance-sec/stance/internal/collect"
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
	hookLists = []*List{
		iamRoleList, iamUserList, launchTemplateVersions, hubStandards, alarms, deliveryChannels, deliveryStatus, eventSources, orgAdmins, orgRoots,
		snsSubscriptions, daxClusters, tableTargets, tableScaling, engineVersions,
		guardDutyAdmins, hubAdmins,
	}
	hookOutputs = []reflect.Type{
		reflect.TypeFor[iam.GetAccountAuthorizationDetailsOutput](),
		reflect.TypeFor[iam.GetCredentialReportOutput](),
		reflect.TypeFor[cloudtrail.DescribeTrailsOutput](),
		reflect.TypeFor[ec2.GetEbsDefaultKmsKeyIdOutput](),
		reflect.TypeFor[classic.DescribeTagsOutput](),
		reflect.TypeFor[elb.DescribeTagsOutput](),
		reflect.TypeFor[organizations.DescribeOrganizationOutput](),
		reflect.TypeFor[securityhub.DescribeHubOutput](),
	}
)

// readables returns the operations by name. They follow from the declarations.
var readables = sync.OnceValue(func() map[string]*readable {
	outs := outputsByName(hookOutputs)
	for _, l := range hookLists {
		outs[l.op.String()] = l.out
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
			if t.Root != nil && isSettings(t) {
				add(t.Root.op.String(), t.Root.out, true)
			}
			for j := range t.Side {
				rd := &t.Side[j]
				for _, op := range append([]operation{rd.op}, rd.more...) {
					if op.Service != rd.op.Service {
						continue // it is read where it is listed
					}
					if isSettings(t) || outs[op.String()] != nil {
						add(op.String(), rd.out, isSettings(t))
					}
				}
			}
		}
	}
	who := operationOf[sts.GetCallerIdentityInput]()
	out[who.String()] = &readable{name: who.String(), out: reflect.TypeFor[sts.GetCallerIdentityOutput](), global: true, root: true}
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

// candidates are those of some operations whose output may have these members.
func candidates(of []*readable, members []string) []*readable {
	var out []*readable
	for _, r := range of {
		fits := true
		for _, m := range members {
			if ignored[strings.ToLower(m)] {
				continue
			}
			_, ok := fieldOf(r.out, m)
			fits = fits && ok
		}
		if fits {
			out = append(out, r)
		}
	}
	return out
}

func sortedReadables(of map[string]*readable) []*readable {
	out := make([]*readable, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		out = append(out, of[name])
	}
	return out
}

// OutputRefusal says why a file is not the output of a command of the AWS CLI of
// which a scan makes use, "" when it is one: by its members, by the name of the
// file or by what the command said when it was refused.
func OutputRefusal(path string, members []string, failure *collect.Failure) string {
	o := &output{path: path, named: nameOf(path), failure: failure, doc: map[string]any{}}
	for _, m := range members {
		o.doc[m] = nil
	}
	if first, _ := cutName(filepath.Base(path)); plainName(first) == "generatecredentialreport" {
		return "what generate-credential-report prints, which is not the report: that is what get-credential-report prints"
	}
	if len(o.ofAsset()) > 0 || len(o.ofPlace()) > 0 {
		return ""
	}
	said := fmt.Sprintf("an object with the members %s", shortList(members))
	switch {
	case failure != nil:
		said = "the refusal of " + failure.Operation
	case len(members) == 0:
		said = "an object without members"
	}
	if failure == nil && len(o.told()) > 0 {
		if found := candidates(sortedReadables(abouts()), members); len(found) > 0 {
			return said + ", which does not say which asset it is of: name the file by the command and the asset, as " + commandOf(found[0].name) + ".NAME.json"
		}
	}
	return said + ", which is the output of no command that a scan uses"
}

var words = []*regexp.Regexp{regexp.MustCompile(`(.)([A-Z][a-z]+)`), regexp.MustCompile(`([a-z0-9])([A-Z])`)}

// commandOf returns the command of an operation: "describe-db-instances".
func commandOf(op string) string {
	_, name, _ := strings.Cut(op, ":")
	for _, w := range words {
		name = w.ReplaceAllString(name, "$1-$2")
	}
	return strings.ToLower(name)
}

func shortList(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// told are the members that tell one output from another.
func (o *output) told() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(o.doc)), func(m string) bool { return ignored[strings.ToLower(m)] })
}

// ofAsset are the operations about one asset of which this may be the output: the
// name of the file says which command and asset.
func (o *output) ofAsset() []*readable {
	if o.named.about == "" {
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(o.named.ops), func(r *readable) bool { return abouts()[r.name] != r })
	return o.closest(named)
}

// ofPlace are the operations about a whole account or region of which this may be
// the output.
func (o *output) ofPlace() []*readable {
	named := slices.DeleteFunc(slices.Clone(o.named.ops), func(r *readable) bool { return readables()[r.name] != r })
	if o.failure == nil && len(o.told()) == 0 {
		return named // an answer without members: the name alone tells
	}
	found := o.closest(sortedReadables(readables()))
	if len(found) > 1 { // some outputs are alike; people name files by the command
		if both := slices.DeleteFunc(slices.Clone(found), func(r *readable) bool { return !slices.Contains(named, r) }); len(both) > 0 {
			return both
		}
		return byCommand(found, o.path)
	}
	return found
}

// closest are those of some operations whose output has all members, and the
// fewest members that the operation does not have inside of them.
func (o *output) closest(of []*readable) []*readable {
	if o.failure != nil {
		return slices.DeleteFunc(slices.Clone(of), func(r *readable) bool {
			_, name, _ := strings.Cut(r.name, ":")
			return name != o.failure.Operation
		})
	}
	best, fewest := []*readable(nil), -1
	for _, r := range candidates(of, slices.Collect(maps.Keys(o.doc))) {
		n := strangers(o.doc, r.out)
		switch {
		case fewest < 0 || n < fewest:
			best, fewest = []*readable{r}, n
		case n == fewest:
			best = append(best, r)
		}
	}
	return best
}

// identify finds out which command printed the output, and of what account and
// region it is.
func (o *output) identify() error {
	if o.alike = o.ofAsset(); len(o.alike) > 0 {
		o.op = o.alike[0]
		o.locateAbout()
		return nil
	}
	best := o.ofPlace()
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
func byCommand(of []*readable, path string) []*readable {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(s))
	}
	file := plain(filepath.Base(path))
	var out []*readable
	for _, r := range of {
		_, command, _ := strings.Cut(r.name, ":")
		if strings.Contains(file, plain(command)) {
			out = append(out, r)
		}
	}
	if out == nil {
		return of
	}
	return out
}
