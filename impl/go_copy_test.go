package impl_test

import (
	"bytes"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/impl"
)

// byLibrary are the methods that leave it to Go's library, and the sinks that they are made for.
var byLibrary = []impl.Method{impl.GoCopyFile, impl.GoCopyTCP, impl.GoCopyUnix, impl.GoCopyWrapped, impl.GoWriteTo}

// connections are the sinks that the library makes connections of.
var connections = []struct {
	name string
	kind impl.Ends
	open func() *pair
}{{"a TCP connection", impl.TCP, func() *pair { return overTCP(0) }}, {"a UNIX stream socket", impl.UnixStream, unixStream}}

var _ = Describe("A copy by Go's library", func() {
	all := content(20*page + 123)
	ranges := []struct {
		name                  string
		offset, length, chunk int
	}{
		{"the whole source in one chunk", 0, len(all), len(all)},
		{"the whole source in chunks of a page", 0, len(all), page},
		{"a range that begins and ends within pages", page - 7, 3*page + 20, 2 * page},
		{"the last byte", len(all) - 1, 1, 1},
		{"what there is of a range that ends past the source", 5, 2 * len(all), 16 * page},
		{"nothing of a range that begins past the source", len(all) + page, page, page},
		{"nothing of no bytes", 77, 0, page},
	}

	for _, m := range byLibrary {
		for _, r := range ranges {
			owed := all[min(r.offset, len(all)):min(r.offset+r.length, len(all))]

			for _, into := range connections {
				if !m.Writes(into.kind) {
					continue
				}
				It("delivers "+r.name+" into "+into.name+": "+m.Name, func() {
					sink := into.open()
					t := in(transfer(tempFile(all), len(all), sink, int64(r.offset), int64(r.length)), r.chunk)
					moved, err, arrived := delivered(m, t, sink)
					Expect(err).NotTo(HaveOccurred())
					Expect(moved).To(BeEquivalentTo(len(owed)))
					Expect(bytes.Equal(arrived, owed)).To(BeTrue(), "%d bytes arrived, %d were owed", len(arrived), len(owed))
				})
			}

			if m.Writes(impl.File) {
				It("delivers "+r.name+" into a file, to where its position is: "+m.Name, func() {
					folder := GinkgoT().TempDir()
					sink := &pair{write: openFor(folder+"/sink", unix.O_CREAT|unix.O_WRONLY), read: openFor(folder+"/sink", unix.O_RDONLY)}
					Expect(unix.Write(sink.write, []byte("before"))).To(Equal(6))
					t := in(transfer(tempFile(all), len(all), sink, int64(r.offset), int64(r.length)), r.chunk)
					Expect(move(m, readied(m, t))).To(BeEquivalentTo(len(owed)))
					arrived := soon(sink.received(), "the file has no end")
					Expect(bytes.Equal(arrived, append([]byte("before"), owed...))).To(BeTrue())
				})
			}
		}

		for _, into := range connections {
			if !m.Writes(into.kind) {
				continue
			}

			It("gives the connection back as it was: "+m.Name+" into "+into.name, func() {
				for _, nonblocking := range []bool{false, true} {
					sink := into.open()
					Expect(unix.SetNonblock(sink.write, nonblocking)).To(Succeed())
					before, descriptors := optionsOf(sink.write), openDescriptors()
					t := in(transfer(tempFile(all), len(all), sink, 0, 100), page)
					release := prepared(m, t)
					Expect(move(m, t)).To(BeEquivalentTo(100))
					Expect(release()).To(Succeed())
					Expect(optionsOf(sink.write)).To(Equal(before))
					Expect(openDescriptors()).To(Equal(descriptors + 1)) // the source
				}
			})

			It("ends with EAGAIN at a non-blocking sink that is full, and goes on from there: "+m.Name+" into "+into.name, func() {
				all := content(3<<20 + 13)
				source, sink := tempFile(all), into.open()
				Expect(unix.SetNonblock(sink.write, true)).To(Succeed())
				var arrived []byte
				taken, full := 0, 0
				for taken < len(all) {
					t := in(transfer(source, len(all), sink, int64(taken), int64(len(all)-taken)), 100000)
					release := prepared(m, t)
					moved, err := move(m, t)
					Expect(release()).To(Succeed())
					taken += int(moved)
					if err != nil {
						Expect(err == error(unix.EAGAIN)).To(BeTrue(), "%v", err)
						full++
						arrived = append(arrived, readUpTo(sink.read, 1<<20)...)
					}
				}
				Expect(full).To(BeNumerically(">", 2), "rounds")
				sink.closeWriter()
				arrived = append(arrived, soon(sink.received(), "the sink's end does not arrive")...)
				Expect(bytes.Equal(arrived, all)).To(BeTrue(), "%d of %d bytes arrived", len(arrived), len(all))
			})

			It("waits for the reader of one that blocks: "+m.Name+" into "+into.name, func() {
				all := content(3<<20 + 13)
				sink := into.open()
				moved, err, arrived := delivered(m, in(transfer(tempFile(all), len(all), sink, 0, int64(len(all))), 64<<10), sink)
				Expect(err).NotTo(HaveOccurred())
				Expect(moved).To(BeEquivalentTo(len(all)))
				Expect(bytes.Equal(arrived, all)).To(BeTrue())
			})

			It("to a reader that has left ends with the errno: "+m.Name+" into "+into.name, func() {
				all := content(12 << 20)
				sink := into.open()
				sink.closeReader()
				moved, err := move(m, readied(m, in(transfer(tempFile(all), len(all), sink, 0, int64(len(all))), 64<<10)))
				Expect(err == error(unix.EPIPE) || err == error(unix.ECONNRESET)).To(BeTrue(), "%v", err)
				Expect(moved).To(BeNumerically("<", len(all)))
			})
		}
	}

	It("into a file of another filesystem is refused before it begins, unless the kernel copies", func() {
		source := memfd(all)
		sink := openFor(GinkgoT().TempDir()+"/sink", unix.O_CREAT|unix.O_WRONLY)
		t := in(transfer(source, len(all), &pair{write: sink}, 0, int64(len(all))), page)
		release, err := impl.GoCopyFile.Prepare(t)
		if err == nil {
			Expect(move(impl.GoCopyFile, t)).To(BeEquivalentTo(len(all)))
			Expect(release()).To(Succeed())
			return
		}
		Expect(err).To(MatchError("copy_file_range: invalid cross-device link"))
		Expect(errors.Is(err, unix.EXDEV)).To(BeTrue())
	})

	It("of a source of which nobody knows the size ends with it", func() {
		sink := overTCP(0)
		moved, err, arrived := delivered(impl.GoWriteTo, in(transfer(tempFile(all), -1, sink, 7, int64(len(all))), page), sink)
		Expect(err).NotTo(HaveOccurred())
		Expect(moved).To(BeEquivalentTo(len(all) - 7))
		Expect(bytes.Equal(arrived, all[7:])).To(BeTrue())
	})
})

// optionsOf are a socket's flags, and the options that Go's library sets of TCP; -1 of one that it does not have.
func optionsOf(fd int) (options []int) {
	GinkgoHelper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	Expect(err).NotTo(HaveOccurred())
	options = append(options, flags)
	for _, option := range []int{unix.TCP_NODELAY, unix.TCP_KEEPIDLE, unix.TCP_KEEPINTVL, unix.TCP_KEEPCNT} {
		value, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, option)
		if err != nil {
			value = -1
		}
		options = append(options, value)
	}
	alive, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	Expect(err).NotTo(HaveOccurred())
	return append(options, alive)
}
