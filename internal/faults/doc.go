// Package faults holds the test that fails every read operation of a scan in
// turn, in every way in which a cloud, a network or a middlebox fails, and
// checks that no control passes and no asset vanishes because of it.
package faults
