package gcp

import "fmt"

// AuditsService is Audits for the data access of one service, such as
// "storage.googleapis.com": a configuration of all services covers it, and so
// does one of its own. Exemptions of either count.
// https://cloud.google.com/logging/docs/audit/configure-data-access
func AuditsService(path []Policy, logTypes []string, service string) Answer {
	out := Answer{Value: True}
	for _, t := range logTypes {
		one := auditedService(path, t, service)
		if one.Value == False {
			return one.finished()
		}
		out.Value = out.Value.And(one.Value)
		out.Because = append(out.Because, one.Because...)
		out.Missing = append(out.Missing, one.Missing...)
	}
	return out.finished()
}

func auditedService(path []Policy, logType, service string) Answer {
	var faults, on, exempt []string
	for _, p := range path {
		faults = append(faults, p.at(p.auditProblems)...)
		for _, c := range p.audits {
			if c.logType != logType || c.service != allServices && c.service != service {
				continue
			}
			at := fmt.Sprintf("auditConfigs[%d] logs %s of %s", c.index, logType, c.service)
			on = append(on, p.at([]string{at})...)
			for _, m := range c.exempt {
				if !m.Deleted {
					exempt = append(exempt, p.at([]string{at + " but exempts " + m.Text})...)
				}
			}
		}
	}
	switch {
	case len(exempt) > 0:
		return Answer{Value: False, Because: exempt}
	case len(faults) > 0:
		return Answer{Value: Unknown, Because: on, Missing: faults}
	case len(on) == 0:
		return Answer{Value: False, Because: []string{"no configuration logs " + logType + " of " + service}}
	}
	return Answer{Value: True, Because: on}
}
