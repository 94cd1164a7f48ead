package lies

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// files are reads of files of a name: what a process is told of another, by /proc.
func files(suffix string) calls {
	return calls{[]uintptr{unix.SYS_READ, unix.SYS_PREAD64}, func(c *liar.Call) bool {
		return strings.HasSuffix(c.Name(c.Descriptor(0)), suffix)
	}}
}

// accounts are readings of the io accounting (proc_pid_io(5)) of a thread or a process.
var accounts = files("/io")

var accountingLies = family{
	name: "accounting", filter: "/^ACCOUNTING-/", told: []string{contractRole},
	lies: []lie{
		overcounted("rchar", 1, "ACCOUNTING-*"),
		overcounted("wchar", 1, "ACCOUNTING-*"),
		overcounted("syscr", 1, "ACCOUNTING-*"),
		overcounted("syscw", 1, "ACCOUNTING-*"),
		frozen(accounts, "ACCOUNTING-*"),
	},
}

// overcounted is the lie that there was so much more of something, between any two readings of the accounting.
func overcounted(field string, each int64, violates ...string) lie {
	line, more := regexp.MustCompile(`(?m)^`+field+`: (\d+)$`), int64(0)
	return tell(field+"-more", "counts more in "+field+" than there was", violates, accounts.exit(func(c *liar.Call) {
		rewrite(c, func(text string) string {
			more += each
			return line.ReplaceAllStringFunc(text, func(old string) string {
				n, _ := strconv.ParseInt(strings.TrimPrefix(old, field+": "), 10, 64)
				return field + ": " + strconv.FormatInt(n+more, 10)
			})
		})
	}))
}

// frozen is the lie that all is as it was when a file was first read.
func frozen(of calls, violates ...string) lie {
	first := map[string]string{}
	return tell("frozen", "counts nothing any more", violates, of.exit(func(c *liar.Call) {
		name := c.Name(c.Descriptor(0))
		rewrite(c, func(text string) string {
			if _, read := first[name]; !read {
				first[name] = text
			}
			return first[name]
		})
	}))
}

// rewrite gives the caller another text than it has read, where it has room for that.
func rewrite(c *liar.Call, how func(text string) string) {
	if !moved(c) {
		return
	}
	text := make([]byte, c.Result)
	if !c.Read(c.Arguments[1], text) {
		return
	}
	other := how(string(text))
	if uint64(len(other)) <= c.Arguments[2] && c.Write(c.Arguments[1], []byte(other)) {
		c.Answer(int64(len(other)))
	}
}
