package lies

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// goLies: the process that checks a clause traces Go's copy itself, and a thread has one tracer. So the kernel refuses
// the copy the call that it is to make; and where it is to make none but read and write, its tracer is told of others.
var goLies = family{
	name: "go", filter: "/^GO-/", told: []string{agentRole},
	lies: []lie{
		refused("sendfile", unix.SYS_SENDFILE, "GO-FILE-TO-SOCKET", "GO-LIMIT-READER", "GO-PASSED-ON").within("GO-FILE-TO-SOCKET || GO-LIMIT-READER || GO-PASSED-ON"),
		refused("copy_file_range", unix.SYS_COPY_FILE_RANGE, "GO-FILE-TO-FILE", "GO-LIMIT-READER").within("GO-FILE-TO-FILE || GO-LIMIT-READER"),
		refused("splice", unix.SYS_SPLICE, "GO-SOCKET-TO-*", "GO-LIMIT-READER").within("/^GO-SOCKET/ || GO-LIMIT-READER"),
	},
}

var goTraceLies = family{
	name: "go-trace", filter: "GO-WRAPPED || GO-FALLBACK || GO-PASSED-ON", told: []string{contractRole},
	lies: []lie{renamed("write-as-writev", unix.SYS_WRITE, unix.SYS_WRITEV, "GO-WRAPPED", "GO-FALLBACK")},
}

// refused is the lie that there is nothing that a call could do.
func refused(call string, number uintptr, violates ...string) lie {
	return lie{name: call + "-refused", says: "refuses every " + call + " (EINVAL)", violates: violates, refuses: []uintptr{number}}
}

// Where struct ptrace_syscall_info of linux/ptrace.h has what it is about, and which call.
const (
	stopEntry  = 1 // PTRACE_SYSCALL_INFO_ENTRY, in its first byte
	stopNumber = 24
)

// renamed is the lie that a thread which is traced has made another call than it has.
func renamed(name string, is, said uintptr, violates ...string) lie {
	return tell(name, "shows a tracer another call than there was", violates, calls{
		[]uintptr{unix.SYS_PTRACE}, func(c *liar.Call) bool { return c.Arguments[0] == unix.PTRACE_GET_SYSCALL_INFO },
	}.exit(func(c *liar.Call) {
		var op [1]byte
		at := c.Arguments[3]
		if number, there := c.Word(at + stopNumber); there && c.Read(at, op[:]) && op[0] == stopEntry && uintptr(number) == is {
			c.SetWord(at+stopNumber, int64(said))
		}
	}))
}
