package ask

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Level is how far an asset is open; higher is wider.
type Level uint8

// The levels, after what a caller must be.
const (
	Private          Level = iota
	External               // accounts outside, each of them named
	ServiceWide            // any customer of an AWS service, through that service
	AnyAuthenticated       // any AWS account
	Everybody              // no sign-in at all
)

// String returns the level in words.
func (l Level) String() string {
	return [...]string{"nobody outside", "named accounts outside", "any customer of a service", "any AWS account", "everybody without sign-in"}[l]
}

// Target is the asset that a resource policy belongs to.
type Target struct {
	ID      string // ARN
	Account string
	// Org is the account's organization, where it is known.
	Org string
	// Zone are further accounts that count as own.
	Zone []string
}

// Answer is the answer to a question about a policy.
type Answer struct {
	// Known is false when the question cannot be decided.
	Known bool
	Level Level
	// Gives names what the widest caller may do: read, write, invoke …
	Gives []string
	// Because are the statements that let the caller in, with the action.
	Because []string
}

// The stranger is somebody of an account, an organization and a network that no
// policy can mean.
const (
	strangerAccount = "999988887777"
	strangerOrg     = "o-zzstranger"
	strangerVPCE    = "vpce-0zzstranger"
	strangerVPC     = "vpc-0zzstranger"
)

// Public returns how far a resource policy opens an asset to callers outside.
// With gives, only actions with these capabilities count. Every caller is
// judged by all statements together: a Deny that covers a caller closes what an
// Allow opened, and a condition limits only if a stranger cannot meet it.
func Public(p Policy, t Target, gives ...string) Answer {
	ans := Answer{Known: true}
	service := serviceOf(t.ID)
	if p.Kind == Trust {
		service = "sts"
	}
	ps := []Policy{p}
	for _, who := range outsiders(&p, t) {
		if who.level < ans.Level || !p.mayName(&who.Caller) {
			continue
		}
		for _, use := range usesOf(service, &p, gives) {
			for _, resource := range targets(t.ID, service, &p, use.child) {
				r := Request{Caller: who.Caller, Action: use.action, Resource: resource, Owner: t.Account}
				by, known := admits(ps, &r, func(key string) ([][]string, bool) { return who.know(key, t) })
				if !known {
					ans.Known = false
				}
				if by == nil {
					continue
				}
				if who.level > ans.Level {
					ans = Answer{Known: ans.Known, Level: who.level}
				}
				if !slices.Contains(ans.Gives, use.gives) {
					ans.Gives = append(ans.Gives, use.gives)
				}
				for _, s := range by {
					text := fmt.Sprintf("%s allows %s to %s", s, use.action, who.text())
					if !slices.Contains(ans.Because, text) && len(ans.Because) < 6 {
						ans.Because = append(ans.Because, text)
					}
				}
			}
		}
	}
	if ans.Level >= AnyAuthenticated {
		ans.Known = true // what is open stays open whatever else is unknown
	}
	return ans
}

// mayName says whether some Allow names the caller.
func (p *Policy) mayName(c *Caller) bool {
	return slices.ContainsFunc(p.Statements, func(s Statement) bool { return s.Allow && s.names(c) != notNamed })
}

// outsider is a caller outside, and how wide the class is that it stands for.
type outsider struct {
	Caller
	level Level
}

func (o *outsider) text() string {
	switch o.level {
	case Everybody:
		return "everybody"
	case AnyAuthenticated:
		return "any AWS account"
	case ServiceWide:
		return "any customer of " + o.Arn
	}
	return "account " + o.Account
}

// outsiders returns the callers to try: nobody in particular, a stranger, the
// services that the policy names acting for a stranger, and the accounts
// outside that it names.
func outsiders(p *Policy, t Target) []outsider {
	user := func(account string, level Level) []outsider {
		return []outsider{
			{Caller{Kind: User, Account: account, Arn: "arn:aws:iam::" + account + ":user/zz"}, level},
			{Caller{Kind: RoleSession, Account: account, Arn: "arn:aws:iam::" + account + ":role/zz", Session: "zz"}, level},
		}
	}
	var out []outsider
	if p.Kind != Trust {
		out = append(out, outsider{Caller{Kind: Anonymous}, Everybody})
	}
	out = append(out, user(strangerAccount, AnyAuthenticated)...)
	seen := map[string]bool{t.Account: true, strangerAccount: true, "": true}
	for _, z := range t.Zone {
		seen[z] = true
	}
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.Allow {
			continue
		}
		for _, pr := range s.Principals {
			if pr.Type == "Service" {
				if !seen[pr.Value] {
					seen[pr.Value] = true
					out = append(out, outsider{Caller{Kind: ServicePrincipal, Arn: pr.Value}, ServiceWide})
				}
				continue
			}
			if pr.Value == "*" && p.Kind != Trust && !seen["service"] {
				// A service that calls for its customers meets "*" too.
				seen["service"] = true
				out = append(out, outsider{Caller{Kind: ServicePrincipal, Arn: "a service"}, ServiceWide})
			}
			account := pr.Value
			caller := []outsider(nil)
			if parts := strings.SplitN(pr.Value, ":", 6); len(parts) == 6 {
				account = parts[4]
				switch {
				case strings.HasPrefix(parts[5], "user/"):
					caller = []outsider{{Caller{Kind: User, Account: account, Arn: pr.Value}, External}}
				case strings.HasPrefix(parts[5], "role/"):
					caller = []outsider{{Caller{Kind: RoleSession, Account: account, Arn: pr.Value, Session: "zz"}, External}}
				}
			}
			if !isAccount(account) || seen[account] && account != strangerAccount && (caller == nil || account == t.Account || slices.Contains(t.Zone, account)) {
				continue
			}
			if caller == nil {
				seen[account] = true
				caller = user(account, External)
			}
			out = append(out, caller...)
		}
	}
	return out
}

// know returns what is known of a condition key for the caller; the options are
// tried one by one, nil is absence.
func (o *outsider) know(key string, t Target) ([][]string, bool) {
	is := func(values ...string) ([][]string, bool) { return [][]string{values}, true }
	absent := [][]string{nil}
	signed := o.Kind == User || o.Kind == RoleSession
	service := o.Kind == ServicePrincipal
	switch key {
	case "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "kms:calleraccount", "aws:principalarn", "aws:principaltype", "aws:username":
		if !signed {
			return absent, true
		}
	case "aws:userid":
		if o.Kind == Anonymous {
			return is("anonymous")
		}
	case "aws:principalisawsservice":
		return is(fmt.Sprint(service))
	case "aws:principalservicename":
		if service {
			return is(o.Arn)
		}
		return absent, true
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths":
		if !service {
			return absent, true
		}
	case "aws:viaawsservice", "aws:multifactorauthpresent", "aws:multifactorauthage":
		if !signed {
			return absent, true
		}
		return nil, false
	case "aws:calledvia", "aws:calledviafirst", "aws:calledvialast":
		return nil, false
	case "aws:resourceaccount", "s3:resourceaccount":
		return is(t.Account)
	case "aws:resourceorgid":
		if t.Org == "" {
			return nil, false
		}
		return is(t.Org)
	case "aws:sourcevpce":
		if service {
			return absent, true
		}
		return [][]string{nil, {strangerVPCE}}, true
	case "aws:sourcevpc":
		if service {
			return absent, true
		}
		return [][]string{nil, {strangerVPC}}, true
	case "aws:vpceaccount":
		return [][]string{nil, {o.own()}}, true
	case "aws:vpceorgid":
		return [][]string{nil, {strangerOrg}}, true
	case "aws:vpceorgpaths":
		return [][]string{nil, {strangerOrg + "/r-zz/ou-zz/"}}, true
	case "aws:sourcevpcarn":
		return [][]string{nil, {"arn:aws:ec2:us-east-1:" + o.own() + ":vpc/" + strangerVPC}}, true
	case "s3:dataaccesspointaccount":
		return [][]string{nil, {o.own()}}, true
	case "s3:dataaccesspointarn":
		return [][]string{nil, {"arn:aws:s3:us-east-1:" + o.own() + ":accesspoint/zz"}}, true
	case "elasticfilesystem:accessedviamounttarget":
		return is("false")
	}
	switch key {
	case "aws:principalorgid", "aws:sourceorgid":
		return is(o.org(t))
	case "aws:principalorgpaths", "aws:sourceorgpaths":
		return is(o.org(t) + "/r-zz/ou-zz/")
	case "aws:principalaccount", "kms:calleraccount":
		return is(o.Account)
	case "aws:sourceaccount", "aws:sourceowner":
		return is(strangerAccount)
	case "aws:sourcearn":
		name, _, _ := strings.Cut(o.Arn, ".")
		return is("arn:aws:" + strings.ReplaceAll(name, " ", "") + ":us-east-1:" + strangerAccount + ":zz/zz")
	case "aws:principalarn":
		return is(o.Arn)
	case "aws:principaltype":
		if o.Kind == User {
			return is("User")
		}
		return is("AssumedRole")
	case "aws:userid":
		if o.Kind == RoleSession {
			return is("AROAZZSTRANGER:zz")
		}
		return is("AIDAZZSTRANGER")
	}
	if strings.HasPrefix(key, "aws:principaltag/") && !signed {
		return absent, true
	}
	return nil, false
}

func (o *outsider) own() string {
	if o.Account != "" {
		return o.Account
	}
	return strangerAccount
}

// org is the caller's organization: a stranger's is none that a policy means;
// that of a named account is not known and taken as foreign.
func (o *outsider) org(Target) string { return strangerOrg }

// admits looks for a request that the policies let in, and returns the
// statements that do. Addresses count by how many are let in: a list of single
// networks lets in nobody in particular.
func admits(ps []Policy, r *Request, know func(string) ([][]string, bool)) (by []string, known bool) {
	if !mayAdmit(ps, r) {
		return nil, true
	}
	sp := newSpace(ps, know)
	addresses := sp.take("aws:sourceip")
	resource := Policies{Resource: ps}
	known = sp.each(func(ctx Context) bool {
		r.Context = ctx
		if addresses == nil {
			if d := allowedByResource(r, &resource); d != nil {
				by = d
			}
			return by == nil
		}
		through := ctx["aws:sourcevpce"] != nil || ctx["aws:sourcevpc"] != nil || r.Caller.Kind == ServicePrincipal
		if through {
			if d := allowedByResource(r, &resource); d != nil {
				by = d
			}
			return by == nil
		}
		var four, six float64
		var first []string
		for _, seg := range addresses {
			ctx["aws:sourceip"] = []string{seg.first.String()}
			if d := allowedByResource(r, &resource); d != nil {
				if seg.first.Is4() {
					four += seg.size
				} else {
					six += seg.size
				}
				if first == nil {
					first = d
				}
			}
		}
		delete(ctx, "aws:sourceip")
		if four > 1<<24 || six > 1<<96 {
			by = first
		}
		return by == nil
	})
	return by, known
}

// mayAdmit says whether some Allow names the caller and covers action and
// resource, whatever its conditions say; without one nothing need be tried.
func mayAdmit(ps []Policy, r *Request) bool {
	for i := range ps {
		for j := range ps[i].Statements {
			s := &ps[i].Statements[j]
			if !s.Allow || s.names(&r.Caller) == notNamed {
				continue
			}
			variable := ps[i].Variables && slices.ContainsFunc(s.Resources, func(res string) bool { return strings.Contains(res, "${") })
			if variable || s.covers(r.action(), r.Resource, nil, &ps[i]) {
				return true
			}
		}
	}
	return false
}

// allowedByResource returns the statements of the resource policy that let the
// request in, nil when it is refused. The caller's own side allows everything:
// strangers give themselves what they need.
func allowedByResource(r *Request, p *Policies) []string {
	for i := range p.Resource {
		if t, _ := p.Resource[i].denies(r); t == yes {
			return nil
		}
	}
	var by []string
	for i := range p.Resource {
		for j := range p.Resource[i].Statements {
			s := &p.Resource[i].Statements[j]
			if s.Allow && s.names(&r.Caller) != notNamed && p.Resource[i].applies(s, r) == yes {
				by = append(by, s.String())
			}
		}
	}
	return by
}

// segment is a run of addresses that no condition tells apart.
type segment struct {
	first netip.Addr
	size  float64
}

// notRouted are prefixes that never arrive at a public endpoint.
// https://www.iana.org/assignments/iana-ipv4-special-registry
var notRouted = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/3", "4000::/2", "8000::/1", "2001:db8::/32",
}

// take removes a key from the space and returns the segments into which its
// values cut the routable addresses, nil when no condition speaks of it.
func (sp *space) take(key string) []segment {
	i := slices.Index(sp.keys, key)
	if i < 0 {
		return nil
	}
	values := sp.values[key]
	sp.keys = slices.Delete(sp.keys, i, i+1)
	if len(values) == 1 && values[0] == nil {
		return nil
	}
	starts := []netip.Addr{netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("::")}
	for _, v := range values {
		if len(v) == 1 {
			if a, err := netip.ParseAddr(v[0]); err == nil {
				starts = append(starts, a)
			}
		}
	}
	var dark []netip.Prefix
	for _, s := range notRouted {
		p := netip.MustParsePrefix(s)
		dark = append(dark, p)
		starts = append(starts, p.Addr())
		if n := last(p).Next(); n.IsValid() {
			starts = append(starts, n)
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	var out []segment
	for i, a := range starts {
		if slices.ContainsFunc(dark, func(p netip.Prefix) bool { return p.Contains(a) }) {
			continue
		}
		size := 0.0
		if i+1 < len(starts) && starts[i+1].BitLen() == a.BitLen() {
			size = number(starts[i+1]) - number(a)
		} else if a.Is4() {
			size = 1<<32 - number(a)
		} else {
			size = 340282366920938463463374607431768211456 - number(a)
		}
		out = append(out, segment{a, size})
	}
	return out
}

func number(a netip.Addr) float64 {
	n := 0.0
	for _, b := range a.AsSlice() {
		n = n*256 + float64(b)
	}
	return n
}
