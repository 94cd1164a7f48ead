package impl_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// mapping are the methods that map a source chunk by chunk, and what that looks like in their address space.
var mapping = []struct {
	method impl.Method
	// resident is how much of a chunk is entered before the sink takes any of it; flags are among those of VmFlags
	// in proc_pid_smaps(5).
	private, resident bool
	flag              string
}{
	{method: impl.MmapWrite},
	{method: impl.MmapPopulate, resident: true},
	{method: impl.MmapPrivate, private: true},
	{method: impl.MmapSequential, flag: "sr"},
	{method: impl.Vmsplice, resident: true},
	{method: impl.VmspliceGift, resident: true},
}

var _ = Describe("A method that maps its source", func() {
	all := content(5*page + 100)

	for _, how := range mapping {
		m := how.method
		Describe("as "+m.Name+" does", func() {
			DescribeTable("leaves nothing mapped", func(change func(*impl.Transfer, *pair), ends error) {
				source, sink := memfd(all), unixStream()
				Expect(mapped()).To(BeEmpty())
				t := in(transfer(source, len(all), sink, 3, int64(len(all))), 2*page)
				change(t, sink)
				if ends == nil {
					moved, err, _ := deliver(m, t, sink)
					Expect(err).NotTo(HaveOccurred())
					Expect(moved).To(BeEquivalentTo(len(all) - 3))
				} else {
					_, err := run(m, t)
					Expect(err).To(Equal(ends))
				}
				Expect(mapped()).To(BeEmpty())
			},
				Entry("when it is done", func(*impl.Transfer, *pair) {}, nil),
				Entry("when the sink is full", func(_ *impl.Transfer, sink *pair) {
					Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
					fill(sink)
				}, unix.EAGAIN),
				Entry("when the reader has left", func(_ *impl.Transfer, sink *pair) { sink.closeReader() }, unix.EPIPE),
				Entry("when the sink is none", func(t *impl.Transfer, _ *pair) { t.Sink = t.Source }, unix.EBADF),
				Entry("when the source was cut short behind its back", func(t *impl.Transfer, _ *pair) {
					t.Offset, t.SourceBytes = 8*int64(page), 16*int64(page)
				}, unix.EFAULT),
			)

			It("is seen to have it mapped meanwhile", func() {
				source, sink := memfd(all), unixStream()
				Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
				fill(sink)
				Expect(unix.SetNonblock(sink.write, false)).To(Succeed())
				t := in(transfer(source, len(all), sink, 3, int64(len(all))), 2*page)
				ready(m, t)
				call, _ := blockedIn(m)
				tid, done := onThread(func() (int64, error) { return m.Move(t) })
				awaitBlocked(tid, call)
				Expect(mapped()).To(HaveLen(1))
				seen := mapped()[0]
				sink.closeReader()
				soon(done, m.Name+" hangs")

				sharing := "r--s"
				if how.private {
					sharing = "r--p"
				}
				Expect(seen).To(ContainElement(sharing))
				resident := 0
				if how.resident {
					resident = 3 * page // two pages of a chunk that begins in the middle of one
				}
				Expect(seen).To(ContainElements("Rss:", fmt.Sprint(resident>>10)), "kB in memory")
				at := slices.Index(seen, "Rss:")
				Expect(seen[at+1]).To(Equal(fmt.Sprint(resident >> 10)))
				if how.flag != "" {
					Expect(seen).To(ContainElement(how.flag))
				}
			})

			Describe("from a source of which nobody knows the size", func() {
				for _, r := range []struct {
					name           string
					offset, length int
				}{
					{"delivers a range of it", 1, 2 * page},
					{"ends with it, and makes no zeros up", page + 1, 9 * page},
					{"moves nothing from past its end", 9 * page, page},
				} {
					It(r.name, func() {
						source, sink := tempFile(all), unixStream()
						t := in(transfer(source, -1, sink, int64(r.offset), int64(r.length)), page)
						owed := all[min(r.offset, len(all)):min(r.offset+r.length, len(all))]
						moved, err, arrived := deliver(m, t, sink)
						Expect(err).NotTo(HaveOccurred())
						Expect(moved).To(BeEquivalentTo(len(owed)))
						Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
					})
				}

				It("says that what has no size cannot be mapped", func() {
					source, sink := pipe(), unixStream()
					Expect(unix.Write(source.write, all[:100])).To(Equal(100))
					moved, err := run(m, &impl.Transfer{Source: source.read, Sink: sink.write, Length: 100, SourceBytes: -1, Chunk: page})
					Expect(err).To(Equal(unix.ENODEV))
					Expect(moved).To(BeZero())
					Expect(queued(source.read)).To(Equal(100))
				})
			})
		})
	}
})

// mapped are the mappings of memfd's files that this process has, each as the words that proc_pid_smaps(5) says of it.
func mapped() (all [][]string) {
	GinkgoHelper()
	text, err := os.ReadFile("/proc/self/smaps")
	Expect(err).NotTo(HaveOccurred())
	inside := false
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if !strings.HasSuffix(words[0], ":") {
			if inside = strings.Contains(line, "/memfd:impl-test"); inside {
				all = append(all, nil)
			}
		}
		if inside {
			all[len(all)-1] = append(all[len(all)-1], words...)
		}
	}
	return all
}
