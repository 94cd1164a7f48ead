package spec

// Requirement is one normative sentence that a kernel or a method is held to.
type Requirement struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Source string `json:"source"` // a man page and section, or a kernel document
	Since  string `json:"since"`  // the first kernel version that owes it
}
