package impl_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// kinds are sinks that are asked for the bytes alone: what else sets them apart is the kernel's doing.
var kinds = []sinkKind{
	{"a UNIX seqpacket socket", impl.UnixMessages, unixPackets},
	{"a UNIX datagram socket", impl.UnixMessages, unixDatagrams},
	{"a TCP connection", impl.TCP, tcp},
	{"a connected UDP socket", impl.UDP, udp},
	fileSink,
	{"a file that is appended to", impl.Append, appended},
}

// fileSink is a file that is written from the middle of its first page on.
var fileSink = sinkKind{"a file", impl.File, func() *pair { return file(0) }}

// firstSink is one that a method is made for.
func firstSink(m impl.Method) sinkKind {
	all := slices.Concat(sinks, kinds)
	return all[slices.IndexFunc(all, func(k sinkKind) bool { return m.Writes(k.class) })]
}

var _ = Describe("A sink", func() {
	size := 3*page + 123
	ranges := []struct{ offset, length, chunk int }{
		{0, size, page},
		{0, size, size},
		{0, size, 1000},
		{1, size - 1, size},
		{page - 1, page + 2, 999},
		{page + 5, 7, 1},
		{0, 0, page},
		{size, page, page},
		{page + 5, size, page},
	}

	for _, into := range kinds {
		for _, m := range between(impl.File, into.class) {
			It(fmt.Sprintf("that is %s gets exactly the range from %s", into.name, m.Name), func() {
				for _, r := range ranges {
					if into.class == impl.UDP && m.Claim.Shares {
						needSplicedUDP()
						if r.offset+r.length > size {
							// Of these sendfile(2) sends some with a wrong checksum: they do not arrive.
							continue
						}
					}
					all := content(size)
					source, sink := tempFile(all), into.open(m)
					t := in(transfer(source, size, sink, int64(r.offset), int64(r.length)), r.chunk)
					owed := all[r.offset:min(r.offset+r.length, size)]
					moved, err, arrived := deliver(m, t, sink)
					Expect(err).NotTo(HaveOccurred(), "%+v", r)
					Expect(moved).To(BeEquivalentTo(len(owed)), "%+v", r)
					Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%+v: %d bytes arrived, %d were owed", r, len(arrived), len(owed))
				}
			})
		}
	}

	for _, m := range between(impl.File, impl.Device) {
		It("that is /dev/null swallows what "+m.Name+" moves", func() {
			all := content(size)
			t := in(transfer(tempFile(all), size, &pair{write: openFor("/dev/null", unix.O_WRONLY)}, 1, int64(size)), page)
			if m.Two {
				t.Second = openFor("/dev/null", unix.O_WRONLY)
			}
			Expect(run(m, t)).To(BeEquivalentTo(size - 1))
		})
	}
})

func unixPackets() *pair {
	GinkgoHelper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	return closedWithSpec(ends, err)
}

func unixDatagrams() *pair {
	GinkgoHelper()
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	p := closedWithSpec(ends, err)
	p.endless = true
	return p
}

func tcp() *pair {
	GinkgoHelper()
	return overTCP(0)
}

func udp() *pair {
	GinkgoHelper()
	p := overUDP()
	p.endless = true
	return p
}

// file has some bytes already, and stands behind them.
func file(flags int) *pair {
	GinkgoHelper()
	folder, err := os.MkdirTemp(GinkgoT().TempDir(), "")
	Expect(err).NotTo(HaveOccurred())
	name, before := folder+"/sink", []byte("what was there")
	Expect(os.WriteFile(name, before, 0o600)).To(Succeed())
	p := &pair{write: openFor(name, unix.O_WRONLY|flags), read: openFor(name, unix.O_RDONLY), atRest: true}
	seek(p.read, int64(len(before)))
	if flags&unix.O_APPEND == 0 {
		seek(p.write, int64(len(before)))
	}
	return p
}

func appended() *pair { return file(unix.O_APPEND) }

// splicesUDP says whether pages that are sent by UDP arrive: on old kernels they stay corked.
var splicesUDP = sync.OnceValue(func() bool {
	source, sink := tempFile(content(page)), udp()
	_, err := unix.Sendfile(sink.write, source, nil, page)
	Expect(err).NotTo(HaveOccurred())
	arrived := []unix.PollFd{{Fd: int32(sink.read), Events: unix.POLLIN}}
	n, err := unix.Poll(arrived, 1000)
	for err == unix.EINTR {
		n, err = unix.Poll(arrived, 1000)
	}
	Expect(err).NotTo(HaveOccurred())
	return n > 0
})

func needSplicedUDP() {
	GinkgoHelper()
	if !splicesUDP() {
		Skip("not-checked: this kernel keeps pages that are sent by UDP for itself")
	}
}
