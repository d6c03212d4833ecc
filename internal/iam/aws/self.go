package aws

import (
	"slices"
	"strings"
)

// climbs asks about one step of an escalation: whether it is allowed broadly or,
// where that is enough, on what is the principal's own.
func (q *identityQuestion) climbs(step *escalationStep) Answer {
	return q.unbounded(step.lower, step.ctx, func() Answer { return q.reaches(step) })
}

// unbounded asks about an action with which one gives rights: those that are there
// only for principals under a given boundary lead no further than that.
func (q *identityQuestion) unbounded(action string, ctx Context, ask func() Answer) Answer {
	q.step = ctx
	if !q.bounded || !demandsBoundary[action] {
		return ask()
	}
	var a Answer
	for _, b := range noBoundary {
		q.step = Context{"iam:PermissionsBoundary": b}
		for k, v := range ctx {
			q.step[k] = v
		}
		if a = ask(); a.Value == True {
			break
		}
	}
	return a
}

func (q *identityQuestion) reaches(step *escalationStep) Answer {
	a := q.broadly(step.action)
	if a.Value == True || !step.self {
		return a
	}
	if own := q.onOwn(step); own.Value == True {
		return own
	}
	return a
}

// demandsBoundary are the actions with which one gives rights and that tell the
// boundary of whom they are given to.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
var demandsBoundary = map[string]bool{
	"iam:createuser": true, "iam:createrole": true, "iam:putuserpolicy": true, "iam:putrolepolicy": true,
	"iam:attachuserpolicy": true, "iam:attachrolepolicy": true,
}

// noBoundary are what iam:PermissionsBoundary is for a principal whom no boundary
// holds: absent, or a policy that allows everything.
var noBoundary = []Value{
	{State: Absent},
	Is("arn:aws:iam::aws:policy/AdministratorAccess"),
	Is("arn:aws-cn:iam::aws:policy/AdministratorAccess"), Is("arn:aws-us-gov:iam::aws:policy/AdministratorAccess"),
}

// mentions reports whether a condition of the policies is on the key.
func (r Rights) mentions(key string) bool {
	in := func(p Policy) bool {
		return slices.ContainsFunc(p.statements, func(s Statement) bool {
			return slices.ContainsFunc(s.conditions, func(c *condition) bool { return c.key == key })
		})
	}
	return slices.ContainsFunc(r.Identity, in) || r.Boundary != nil && in(*r.Boundary) ||
		slices.ContainsFunc(r.SCP, func(level []Policy) bool { return slices.ContainsFunc(level, in) })
}

// onOwn asks about what is the principal's own.
func (q *identityQuestion) onOwn(step *escalationStep) Answer {
	typ := ":group/"
	switch {
	case strings.Contains(step.lower, "user"):
		typ = ":user/"
	case strings.Contains(step.lower, "role"):
		typ = ":role/"
	case strings.Contains(step.lower, "version"):
		typ = ":policy/"
	}
	for _, arn := range q.Self {
		if strings.Contains(arn, typ) {
			if a := q.all([]string{step.action}, arn); a.Value == True {
				return a
			}
		}
	}
	if typ == ":user/" && !slices.ContainsFunc(q.Self, func(arn string) bool { return strings.Contains(arn, ":role/") }) {
		return q.onNamesake(step)
	}
	return Answer{Value: False}
}

// onNamesake asks about the user whose name a resource takes from a variable:
// whoever holds the policy is meant.
func (q *identityQuestion) onNamesake(step *escalationStep) Answer {
	for _, keys := range q.known {
		if _, known := keys["aws:username"]; known {
			return Answer{Value: False} // one who is not named is not meant
		}
	}
	for i := range q.Identity {
		for j := range q.Identity[i].statements {
			s := &q.Identity[i].statements[j]
			for k := range s.resources {
				r := &s.resources[k]
				if !s.Allow || s.notResources || !slices.ContainsFunc(r.pieces, func(p piece) bool { return p.key == "aws:username" }) {
					continue
				}
				known := q.step
				q.step = Context{"aws:username": Is("any0")}
				for key, v := range known {
					q.step[key] = v
				}
				e := env{keys: q.step.lower(), under: q.known}
				g, state := r.resolved(&e)
				a := Answer{Value: False}
				if arn := example(g); state == substituted && strings.Contains(arn, ":user/") {
					a = q.all([]string{step.action}, arn)
				}
				if q.step = known; a.Value == True {
					return a
				}
			}
		}
	}
	return Answer{Value: False}
}

// identityDomain lets every key have any value, but for the policy that is
// attached: one that gives nobody more power over the account is no gain.
func identityDomain(key string) domain {
	d := openDomain(key)
	if key == "iam:policyarn" {
		d.within = weakPolicies
	}
	return d
}

// weakPolicies bans policies of AWS that read, or let a machine report on itself.
var weakPolicies = func() []constraint {
	var ban constraint
	for _, name := range strings.Fields("ReadOnlyAccess job-function/ViewOnlyAccess SecurityAudit IAMReadOnlyAccess IAMUserChangePassword " +
		"AmazonSSMManagedInstanceCore CloudWatchAgentServerPolicy AWSXRayDaemonWriteAccess AmazonEC2ContainerRegistryReadOnly AmazonS3ReadOnlyAccess " +
		"service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaVPCAccessExecutionRole") {
		ban.globs = append(ban.globs, newGlob("arn:*:iam::aws:policy/"+name))
	}
	return []constraint{ban}
}()
