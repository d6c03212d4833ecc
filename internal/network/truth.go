package network

import "github.com/stance-sec/stance/internal/truth"

// Truth is an answer of three values; the zero value is Unknown.
type Truth = truth.Truth

// The truth values.
const (
	Unknown = truth.Unknown
	False   = truth.False
	True    = truth.True
)

// TruthOf returns True or False.
func TruthOf(b bool) Truth { return truth.Of(b) }
