// Package risk orders work and sums it up: a score from 0 to 100 with its
// reasons for one finding in its context, the posture score of a set of
// findings, and the status of a framework's requirements. It is pure; it does
// not find exposure or privileges itself but is told of them.
package risk
