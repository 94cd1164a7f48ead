package impl_test

import (
	"bytes"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

var _ = Describe("A non-blocking sink that is full", func() {
	for _, into := range sinks {
		for _, m := range between(impl.File, into.class) {
			for _, round := range []struct{ size, offset, chunk, read int }{
				{1<<20 + 13, 0, 64 << 10, 64<<10 + 1},
				{384<<10 + 13, 0, page, 3333},
				{1<<20 + 13, page + 7, 10000, 50021},
			} {
				It(fmt.Sprintf("is told of by %s into %s with an honest count: from offset %d in chunks of %d, read by %d",
					m.Name, into.name, round.offset, round.chunk, round.read), func() {
					all := content(round.size)
					source, sink := tempFile(all), into.open(m)
					if m.Claim.Calls["sendfile"] > 0 {
						needHonestSendfile(source, into.make())
					}
					Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
					owed := all[round.offset:]
					t := in(transfer(source, len(all), sink, int64(round.offset), int64(len(owed))), round.chunk)
					release := ready(m, t)
					var arrived []byte
					taken, full := 0, 0
					for {
						moved, err := move(m, t)
						taken += int(moved)
						if err == nil {
							break
						}
						// The bare number, which a caller may compare.
						Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
						full++
						Expect(queued(sink.read)).To(Equal(taken-len(arrived)), "the sink holds what it was said to have taken")
						arrived = append(arrived, readUpTo(sink.read, round.read)...)
						t.Offset, t.Length = int64(round.offset+taken), int64(len(owed)-taken)
						seek(source, t.Offset)
						if full%2 == 0 {
							// The caller may as well begin anew.
							release()
							release = ready(m, t)
						}
					}
					Expect(full).To(BeNumerically(">", 2), "rounds")
					Expect(taken).To(Equal(len(owed)))
					// A method may hold the sink as well.
					release()
					sink.closeWriter()
					arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
					Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(owed))
					sink.sameInSecond(owed)
				})
			}
		}
	}

	for _, m := range between(impl.File, impl.UnixStream) {
		It("is told of by "+m.Name+" at once, and nothing was taken", func() {
			sink := sinks[0].open(m)
			Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
			fill(sink)
			before := queued(sink.read)
			moved, err := run(m, transfer(tempFile(content(page)), page, sink, 0, int64(page)))
			Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
			Expect(moved).To(BeZero())
			Expect(queued(sink.read)).To(Equal(before))
			sink.sameInSecond(nil)
		})
	}

	It("leaves what read+write had read behind the source's position", func() {
		all := content(1 << 20)
		source, sink := tempFile(all), unixStream()
		Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
		const chunk = 100000
		moved, err := run(impl.ReadWrite, in(transfer(source, len(all), sink, 0, int64(len(all))), chunk))
		Expect(err).To(MatchError(unix.EAGAIN))
		Expect(position(source)).To(BeEquivalentTo((moved + chunk - 1) / chunk * chunk))
	})
})

// queued is how many bytes wait in a sink, by the kernel's own count.
func queued(fd int) int {
	GinkgoHelper()
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ) // FIONREAD
	Expect(err).NotTo(HaveOccurred())
	return n
}

// readUpTo takes at most that many bytes, in one call; there must be some.
func readUpTo(fd, limit int) []byte {
	GinkgoHelper()
	buffer := make([]byte, limit)
	n, err := unix.Read(fd, buffer)
	Expect(err).NotTo(HaveOccurred())
	Expect(n).To(BeNumerically(">", 0))
	return buffer[:n]
}

// fill writes until a non-blocking sink takes no more, not even a byte, nor a page: before 6.5 a socket that is full of
// bytes takes some pages still.
func fill(p *pair) {
	GinkgoHelper()
	for _, size := range []int{64 << 10, 1} {
		for {
			if _, err := unix.Write(p.write, make([]byte, size)); err != nil {
				Expect(err).To(Equal(unix.EAGAIN))
				break
			}
		}
	}
	pages := memfd(make([]byte, 64<<10))
	for {
		seek(pages, 0)
		if _, err := unix.Sendfile(p.write, pages, nil, 64<<10); err != nil {
			Expect(err).To(Equal(unix.EAGAIN))
			break
		}
	}
}

// needHonestSendfile skips the spec on a kernel whose sendfile(2) itself miscounts into a full sink of that kind:
// no method can count better.
func needHonestSendfile(source int, p *pair) {
	GinkgoHelper()
	Expect(unix.SetNonblock(p.write, true)).To(Succeed())
	offset, taken := int64(0), 0
	for {
		n, err := unix.Sendfile(p.write, source, &offset, 64<<10)
		if err != nil {
			Expect(err).To(Equal(unix.EAGAIN))
			break
		}
		taken += n
	}
	if waiting := queued(p.read); taken != waiting || offset != int64(taken) {
		Skip(fmt.Sprintf("not-checked: this kernel's sendfile says %d bytes, offset %d, and the sink holds %d", taken, offset, waiting))
	}
}
