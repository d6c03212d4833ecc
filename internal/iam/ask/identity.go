package ask

import (
	"fmt"
	"slices"
	"strings"
)

// The principal and the resource of questions about identity policies: somebody
// of an account, and a resource that no policy names.
const (
	someAccount = "111122223333"
	somebody    = "arn:aws:iam::111122223333:user/zz"
)

// grants says whether identity policies allow an action on a resource that no
// policy names, for some value of every condition key that the caller, the time
// or the network sets. Tags and other properties of the resource are not set: a
// policy that needs them does not reach every resource.
func grants(ps []Policy, action, resource string) (by []string, known bool) {
	r := Request{Caller: Caller{Kind: User, Account: someAccount, Arn: somebody}, Action: action, Resource: resource, Owner: someAccount}
	sp := newSpace(ps, func(key string) ([][]string, bool) {
		switch {
		case strings.Contains(key, "resourcetag/"), strings.HasPrefix(key, "aws:requesttag/"), key == "aws:resourceorgid", key == "aws:resourceaccount":
			return [][]string{nil}, true
		case key == "aws:principalarn":
			return [][]string{{somebody}}, true
		case key == "aws:principalaccount":
			return [][]string{{someAccount}}, true
		case key == "aws:principalisawsservice":
			return [][]string{{"false"}}, true
		case key == "aws:viaawsservice":
			return [][]string{{"false"}}, true
		case key == "aws:sourcearn", key == "aws:sourceaccount", key == "aws:calledvia", key == "aws:principalservicename":
			return [][]string{nil}, true
		}
		return nil, false
	})
	known = sp.each(func(ctx Context) bool {
		r.Context = ctx
		for i := range ps {
			if t, _ := ps[i].denies(&r); t == yes {
				return true
			}
		}
		if t, s := anyAllow(ps, &r); t == yes {
			by = s
		}
		return by == nil
	})
	return by, known || by != nil
}

// unnamed is a resource of a service that no policy names.
func unnamed(service string) string {
	switch service {
	case "s3":
		return "arn:aws:s3:::" + fresh
	case "iam":
		return "arn:aws:iam::" + someAccount + ":user/" + fresh
	case "kms":
		return "arn:aws:kms:us-east-1:" + someAccount + ":key/" + fresh
	}
	return "arn:aws:" + service + ":us-east-1:" + someAccount + ":zz/" + fresh
}

// everywhere returns the resource in each partition, region and account that
// the policies name: a policy that reaches every key of one account, or of one
// region, reaches every key there.
func everywhere(ps []Policy, resource string) []string {
	out := []string{resource}
	want := strings.SplitN(resource, ":", 6)
	for i := range ps {
		for j := range ps[i].Statements {
			for _, pattern := range ps[i].Statements[j].Resources {
				parts := strings.SplitN(pattern, ":", 6)
				if len(parts) < 6 || len(want) < 6 {
					continue
				}
				arn := slices.Clone(want)
				for _, k := range []int{1, 3, 4} {
					if parts[k] != "" && !strings.ContainsAny(parts[k], "*?$") {
						arn[k] = parts[k]
					}
				}
				if v := strings.Join(arn, ":"); !slices.Contains(out, v) && len(out) < 50 {
					out = append(out, v)
				}
			}
		}
	}
	return out
}

// Yes is the answer to a question of yes or no about identity policies.
type Yes struct {
	Known, Value bool
	Because      []string
}

// Allows says whether the policies together allow the action on any resource,
// named or not: "kms:Decrypt with every key".
func Allows(ps []Policy, action string) Yes {
	service, _, _ := strings.Cut(action, ":")
	resource := unnamed(service)
	if service == "iam" && (strings.Contains(action, "Role") || strings.Contains(action, "AssumeRole")) {
		resource = "arn:aws:iam::" + someAccount + ":role/zz-stance-unnamed"
	}
	if service == "sts" {
		resource = "arn:aws:iam::" + someAccount + ":role/zz-stance-unnamed"
	}
	if service == "iam" && strings.Contains(action, "Policy") && strings.Contains(action, "Version") {
		resource = "arn:aws:iam::" + someAccount + ":policy/zz-stance-unnamed"
	}
	if service == "iam" && strings.Contains(action, "Group") {
		resource = "arn:aws:iam::" + someAccount + ":group/zz-stance-unnamed"
	}
	var by []string
	known := true
	for _, arn := range everywhere(ps, resource) {
		found, ok := grants(ps, action, arn)
		known = known && ok
		if found != nil {
			by, known = found, true
			break
		}
	}
	y := Yes{Known: known, Value: by != nil}
	for _, s := range by {
		y.Because = append(y.Because, s+" allows "+action+" on every resource")
	}
	return y
}

// GrantsService says whether the policies allow every action of a service, also
// those that are published later.
func GrantsService(ps []Policy, service string) Yes {
	by, known := grants(ps, service+":ZzStanceUnnamed", unnamed(service))
	y := Yes{Known: known, Value: by != nil}
	for _, s := range by {
		y.Because = append(y.Because, s+" allows all of "+service)
	}
	return y
}

// WildcardServices returns the services of which an Allow grants every action,
// on whatever resource, sorted; "*" for all services.
func WildcardServices(ps []Policy) []string {
	names := []string{"zzunnamed"}
	for i := range ps {
		for j := range ps[i].Statements {
			for _, a := range ps[i].Statements[j].Actions {
				if s, _, ok := strings.Cut(a, ":"); ok && s != "*" && !slices.Contains(names, s) {
					names = append(names, s)
				}
			}
		}
	}
	var out []string
	for _, s := range names {
		resources := everywhere(ps, unnamed(s))
		for i := range ps {
			for j := range ps[i].Statements {
				for _, pattern := range ps[i].Statements[j].Resources {
					resources = append(resources, instances(pattern)...)
				}
			}
		}
		all := slices.ContainsFunc(resources, func(arn string) bool {
			by, _ := grants(ps, s+":ZzStanceUnnamed", arn)
			return by != nil
		})
		switch {
		case all && s == "zzunnamed":
			return []string{"*"}
		case all:
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// selfGrants are the writes by which who holds them gives themselves anything.
var selfGrants = []string{
	"iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy", "iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy",
	"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:AddUserToGroup",
}

// Administrator says whether the policies together make an administrator: they
// allow actions of every service, those that nobody names included, on every
// resource, and with them the writes of IAM that grant everything else. How it
// is written (Action *, *:*, NotAction of something harmless, several
// statements) makes no difference, and a Deny counts for what it denies.
func Administrator(ps []Policy) Yes {
	all := GrantsService(ps, "zzunnamed")
	if !all.Known || !all.Value {
		return Yes{Known: all.Known}
	}
	for _, a := range selfGrants {
		y := Allows(ps, a)
		if y.Value {
			return Yes{Known: true, Value: true, Because: []string{strings.TrimSuffix(all.Because[0], " allows all of zzunnamed") + " allows every action on every resource"}}
		}
		if !y.Known {
			return Yes{}
		}
	}
	return Yes{Known: true}
}

// escalation is a set of actions with which a principal gains rights that were
// not given to it.
type escalation struct {
	name string
	all  []string
}

// escalations are the combinations that identity policies alone decide.
var escalations = func() []escalation {
	out := []escalation{
		{"writes a new version of a policy", []string{"iam:CreatePolicyVersion"}},
		{"switches the version of a policy", []string{"iam:SetDefaultPolicyVersion"}},
		{"writes a policy of a user", []string{"iam:PutUserPolicy"}},
		{"writes a policy of a group", []string{"iam:PutGroupPolicy"}},
		{"writes a policy of a role and assumes it", []string{"iam:PutRolePolicy", "sts:AssumeRole"}},
		{"attaches a policy to a user", []string{"iam:AttachUserPolicy"}},
		{"attaches a policy to a group", []string{"iam:AttachGroupPolicy"}},
		{"attaches a policy to a role and assumes it", []string{"iam:AttachRolePolicy", "sts:AssumeRole"}},
		{"joins a group", []string{"iam:AddUserToGroup"}},
		{"makes an access key of another user", []string{"iam:CreateAccessKey"}},
		{"sets the password of another user", []string{"iam:CreateLoginProfile"}},
		{"changes the password of another user", []string{"iam:UpdateLoginProfile"}},
		{"rewrites who may assume a role", []string{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"}},
		{"changes the identity provider that roles trust", []string{"iam:UpdateSAMLProvider"}},
		{"changes the code of a function with a stronger role", []string{"lambda:UpdateFunctionCode"}},
		{"runs commands on instances with their roles", []string{"ssm:SendCommand"}},
		{"opens a session on instances with their roles", []string{"ssm:StartSession"}},
		{"changes a stack set with a stronger role", []string{"cloudformation:UpdateStack"}},
		{"signs in to a notebook with its role", []string{"sagemaker:CreatePresignedNotebookInstanceUrl"}},
	}
	pass := map[string][]string{
		"an instance": {"ec2:RunInstances"}, "a running instance's profile": {"ec2:AssociateIamInstanceProfile"},
		"a function": {"lambda:CreateFunction", "lambda:InvokeFunction"}, "a function that events start": {"lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
		"a function that everybody may call": {"lambda:CreateFunction", "lambda:AddPermission"},
		"a stack":                            {"cloudformation:CreateStack"}, "a Glue endpoint": {"glue:CreateDevEndpoint"}, "a Glue job": {"glue:CreateJob", "glue:StartJobRun"},
		"a pipeline": {"datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"}, "a build": {"codebuild:CreateProject", "codebuild:StartBuild"},
		"a notebook": {"sagemaker:CreateNotebookInstance"}, "a training job": {"sagemaker:CreateTrainingJob"}, "a task": {"ecs:RegisterTaskDefinition", "ecs:RunTask"},
		"a service": {"apprunner:CreateService"}, "a state machine": {"states:CreateStateMachine", "states:StartExecution"}, "a Batch job": {"batch:RegisterJobDefinition", "batch:SubmitJob"},
		"a schedule": {"scheduler:CreateSchedule"},
	}
	for what, actions := range pass {
		out = append(out, escalation{"passes a role to " + what, append([]string{"iam:PassRole"}, actions...)})
	}
	slices.SortFunc(out, func(a, b escalation) int { return strings.Compare(a.name, b.name) })
	return out
}()

// Escalates says whether the policies allow a combination by which their holder
// gains rights that were not given. An administrator has nothing to gain, and
// is named by Administrator.
func Escalates(ps []Policy) Yes {
	held := map[string]Yes{}
	ans := Yes{Known: true}
	for _, e := range escalations {
		complete := true
		for _, a := range e.all {
			y, ok := held[a]
			if !ok {
				y = Allows(ps, a)
				held[a] = y
			}
			ans.Known = ans.Known && y.Known
			complete = complete && y.Value
		}
		if complete {
			ans.Value = true
			if len(ans.Because) < 5 {
				ans.Because = append(ans.Because, fmt.Sprintf("%s: %s", strings.Join(e.all, " + "), e.name))
			}
		}
	}
	ans.Known = ans.Known || ans.Value
	return ans
}
