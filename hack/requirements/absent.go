package requirements

import (
	"fmt"
	"io"
)

// Absence is something that a page promises and that the kit does not ask for.
type Absence struct{ What, Source, Why string }

// Absent are those that somebody may look for in the list.
var Absent = []Absence{
	{"a sink or a source that is an active swap file is ETXTBSY", "copy_file_range(2) ERRORS",
		"swapon(2) changes the memory of the whole machine, and another's pages would come to lie in the file"},
	{"a kernel without AF_ALG's zero-copy copies what is spliced into it", "crypto/userspace-if.rst",
		"that nothing is written to the source is owed, and asked for (SAFETY-ALG-…); who copies is not"},
	{"MSG_ZEROCOPY that is not copied after all", "Documentation/networking/msg_zerocopy.rst",
		"loopback and veth hand the packet to another socket, and copy, and elsewhere it is a hint; what the completions say is in the ledger (completions_zerocopied, completions_copied)"},
}

// PrintAbsent writes them for a person.
func PrintAbsent(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "\nNot asked for:"); err != nil {
		return err
	}
	for _, a := range Absent {
		if _, err := fmt.Fprintf(w, "    %s (%s): %s\n", a.What, a.Source, a.Why); err != nil {
			return err
		}
	}
	return nil
}
