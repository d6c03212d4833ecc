package aws

import "github.com/stance-sec/stance/internal/collect"

// Calls returns the figures of the calls so far, most calls first.
func (s *Session) Calls() []collect.CallStats { return s.stats.Calls() }
