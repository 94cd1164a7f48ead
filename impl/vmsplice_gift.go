package impl

import "golang.org/x/sys/unix"

// VmspliceGift is vmsplice with SPLICE_F_GIFT: the pages are given away, and their giver promises never to change them.
// He has no right to that here, for they are the page cache's; and no kernel takes them, for they have other owners. The
// man page wants whole pages for it, the kernel does not ask.
var VmspliceGift = Method{
	Name: "vmsplice-gift",
	Claim: Claim{
		Source:   "mmap(2), vmsplice(2): SPLICE_F_GIFT, splice(2)",
		Calls:    Vmsplice.Claim.Calls,
		Teardown: Vmsplice.Claim.Teardown,
		Faults:   1,
		Shares:   true, Piped: true,
	},
	Prepare: preparePipe,
	Move: mapped(unix.MAP_SHARED, ofUsualPages, func(t *Transfer, mapping []byte, skip int) (int, error) {
		return lend(t, mapping[skip:], unix.SPLICE_F_GIFT)
	}),
}
