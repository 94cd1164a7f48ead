package safety

import (
	"os"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/probe"
	"zerocopy-conformance/suites/contract"
)

// receivers: what a receiver is given of a file's pages is for it to read, not to have.
var receivers = contract.Interface{
	Page: "tcp(7)", Needs: []probe.Interface{probe.Sendfile},
	Clauses: []contract.Clause{
		{ID: "SAFETY-TCP-RECEIVE", Since: "6.1.77", Source: "linux/tcp.h: TCP_ZEROCOPY_RECEIVE; CVE-2024-26640",
			Text: "a receiver on the same machine is not given a mapping of the page cache's pages that sendfile(2) has sent it", Check: func(t *contract.T) {
				t.Step("pages that are nobody's")
				t.MapsPages()
				t.Step("pages of a file")
				const pages = 16
				file := t.File(int64(pages * pageBytes))
				open, sender := t.Pair("tcp")
				receiver := open.Receiving()
				room := t.Reserve(receiver)
				offset := int64(0)
				n, err := unix.Sendfile(sender, file.Descriptor(), &offset, pages*pageBytes)
				t.Must(os.NewSyscallError("sendfile", err))
				contract.Equal(t, "sendfile", n, pages*pageBytes)
				t.AwaitQueued(receiver, int64(pages*pageBytes))
				contract.Equal(t, "bytes mapped", t.Mapped(receiver, room, pages*pageBytes), 0)
				asBefore(t, file)
			}},
	},
}
