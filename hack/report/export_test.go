package report

// For the specs, which stand outside the package.
var (
	Fields = fields
	Join   = join
)
