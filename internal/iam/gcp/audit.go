package gcp

import (
	"fmt"
	"slices"
)

// LogTypes are the kinds of data access that audit configurations turn on.
var LogTypes = []string{"ADMIN_READ", "DATA_READ", "DATA_WRITE"}

// allServices is the service of a configuration that concerns every one.
const allServices = "allServices"

// auditConfig is one entry of auditConfigs for one type of log.
type auditConfig struct {
	index   int
	service string
	logType string
	exempt  []Member
}

func parseAudits(v any) (configs []auditConfig, problems []string) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, []string{"auditConfigs is no list"}
	}
	for i, e := range list {
		m, _ := e.(map[string]any)
		service, _ := m["service"].(string)
		logs, ok := m["auditLogConfigs"].([]any)
		if service == "" || !ok && m["auditLogConfigs"] != nil {
			problems = append(problems, fmt.Sprintf("auditConfigs[%d] is no configuration", i))
			continue
		}
		for j, l := range logs {
			at := fmt.Sprintf("auditConfigs[%d].auditLogConfigs[%d]", i, j)
			m, _ := l.(map[string]any)
			c := auditConfig{index: i, service: service}
			if c.logType, _ = m["logType"].(string); c.logType == "" {
				problems = append(problems, at+" has no logType")
			}
			exempt, ok := m["exemptedMembers"].([]any)
			if !ok && m["exemptedMembers"] != nil {
				problems = append(problems, at+".exemptedMembers is no list")
			}
			for _, x := range exempt {
				s, _ := x.(string)
				c.exempt = append(c.exempt, ParseMember(s))
			}
			configs = append(configs, c)
		}
	}
	return configs, problems
}

// Audits says whether the data access of the given types is logged for all
// services and everybody, by the policies of an asset and of all that hold it
// together: what one turns on stays on below, and whoever one of them exempts
// from a log of that type, of any service, is not logged.
// https://cloud.google.com/logging/docs/audit/configure-data-access
func Audits(path []Policy, logTypes []string) Answer { return audits(path, logTypes, "") }

// AuditsService is Audits for the data access of one service, such as
// "storage.googleapis.com": a configuration of all services covers it, and so
// does one of its own. Exemptions of either count.
func AuditsService(path []Policy, logTypes []string, service string) Answer {
	return audits(path, logTypes, service)
}

func audits(path []Policy, logTypes []string, service string) Answer {
	out := Answer{Value: True}
	for _, t := range logTypes {
		one := audited(path, t, service)
		if one.Value == False {
			return one.finished()
		}
		out.Value = out.Value.And(one.Value)
		out.Because = append(out.Because, one.Because...)
		out.Missing = append(out.Missing, one.Missing...)
	}
	return out.finished()
}

// audited answers for one type of log, of a service or, with "", of all.
func audited(path []Policy, logType, service string) Answer {
	var faults, on, exempt []string
	for _, p := range path {
		faults = append(faults, p.at(p.auditProblems)...)
		for _, c := range p.audits {
			if c.logType != logType || service != "" && c.service != service && c.service != allServices {
				continue
			}
			at := fmt.Sprintf("auditConfigs[%d] logs %s of %s", c.index, logType, c.service)
			if c.service == allServices || c.service == service {
				on = append(on, p.at([]string{at})...)
			}
			for _, m := range c.exempt {
				if !m.Deleted {
					exempt = append(exempt, p.at([]string{at + " but exempts " + m.Text})...)
				}
			}
		}
	}
	of := "all services"
	if service != "" {
		of = service
	}
	switch {
	case len(exempt) > 0:
		return Answer{Value: False, Because: exempt}
	case len(faults) > 0:
		return Answer{Value: Unknown, Because: on, Missing: faults}
	case len(on) == 0:
		return Answer{Value: False, Because: []string{"no configuration logs " + logType + " of " + of}}
	}
	return Answer{Value: True, Because: on}
}

// IsLogType says whether a name is one of LogTypes.
func IsLogType(name string) bool { return slices.Contains(LogTypes, name) }
