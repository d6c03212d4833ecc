package report

import "github.com/stance-sec/stance/internal/model"

// shared holds what was made of lists of requirements. The findings of a
// control have one list in common, which is most of what many formats write;
// it is known again by where it lies in memory.
type shared[T any] struct{ made map[place]T }

// sharedMost bounds what is held where findings have no lists in common: more
// than there are controls.
const sharedMost = 16 << 10

// place keeps a list, and so its memory from other lists.
type place struct {
	first  *model.RequirementRef
	length int
}

// of returns what build makes of a list.
func (s *shared[T]) of(list []model.RequirementRef, build func([]model.RequirementRef) T) T {
	var at place
	if len(list) > 0 {
		at = place{&list[0], len(list)}
	}
	made, ok := s.made[at]
	if !ok {
		if s.made == nil || len(s.made) == sharedMost {
			s.made = map[place]T{}
		}
		made = build(list)
		s.made[at] = made
	}
	return made
}
