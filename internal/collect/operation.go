package collect

// ReadOperation is one API call that scanning may make.
type ReadOperation struct {
	// Collector is the name for --services, Type the asset type that needs it.
	Collector string
	Type      string
	// Member is the part of the document that the call fills; empty for calls
	// that list or make up the whole document.
	Member    string
	Operation string // "s3:GetBucketPolicy"
	Action    string // the permission: "s3:GetBucketPolicy"
	Global    bool
}
