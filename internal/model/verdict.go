package model

import "fmt"

// Verdict is the outcome of one control on one asset.
type Verdict string

// The verdicts. Unknown means that a gap keeps the control from being decided;
// it never counts as Pass.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Unknown       Verdict = "unknown"
	NotApplicable Verdict = "not_applicable"
	Manual        Verdict = "manual"
)

// Severity is how bad a failing control is, before context.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists the severities, worst first.
var Severities = []Severity{Critical, High, Medium, Low, Info}

// Rank orders severities: 5 for critical down to 1 for info, 0 for others.
func (s Severity) Rank() int {
	switch s {
	case Critical:
		return 5
	case High:
		return 4
	case Medium:
		return 3
	case Low:
		return 2
	case Info:
		return 1
	}
	return 0
}

// Weight is the share of a severity in the posture score.
func (s Severity) Weight() int {
	switch s {
	case Critical:
		return 10
	case High:
		return 5
	case Medium:
		return 2
	case Low:
		return 1
	}
	return 0
}

// ParseSeverity returns the severity of that name, or an error that lists them.
func ParseSeverity(name string) (Severity, error) {
	s := Severity(name)
	if s.Rank() == 0 {
		return "", fmt.Errorf("%w severity %q: use critical, high, medium, low or info", ErrInvalid, name)
	}
	return s, nil
}
