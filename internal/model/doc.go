// Package model holds the nouns of Stance: assets, gaps, controls, findings and
// what belongs to them. It has no behaviour beyond keeping its own values valid
// and comparable, does no I/O, and imports the standard library only.
package model
