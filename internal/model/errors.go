package model

import "errors"

// Sentinel errors. They are wrapped with what the caller was doing and matched
// with errors.Is; cmd/stance maps them to exit codes and api to HTTP statuses.
var (
	// ErrNotFound says that the named thing is not stored.
	ErrNotFound = errors.New("not found")
	// ErrInvalid says that the caller's input cannot be used as it is.
	ErrInvalid = errors.New("invalid")
	// ErrBusy says that another scan of the same scope is running.
	ErrBusy = errors.New("busy")
	// ErrCredentials says that the cloud refused or lacks the credentials.
	ErrCredentials = errors.New("credentials")
	// ErrUnreachable says that the cloud's endpoint could not be reached.
	ErrUnreachable = errors.New("unreachable")
)
