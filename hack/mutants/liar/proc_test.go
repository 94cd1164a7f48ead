package liar_test

import (
	"fmt"
	"maps"
	"unsafe"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

func init() {
	maps.Copy(scenes, map[string]scene{
		"what a descriptor is of": {on(unix.SYS_READ, nil, func(c *liar.Call) {
			if c.Name(c.Descriptor(0)) == "/memfd:scene (deleted)" {
				c.Answer(3)
			}
		}), reading, `"012" 3 <nil> at 5`},
		"no name": {[]liar.Rule{{Calls: []uintptr{unix.SYS_TEE}, Exit: func(c *liar.Call) {
			if c.Name(c.Descriptor(0)) != "" {
				c.Refuse(unix.EIO)
			}
		}}}, func() string {
			_, err := unix.Tee(-1, -1, 1, 0)
			return fmt.Sprint(err)
		}, "bad file descriptor"},
		"which memory is a file's": {[]liar.Rule{{Calls: []uintptr{unix.SYS_MINCORE}, Exit: func(c *liar.Call) {
			if c.MapsFile(c.Arguments[0]) {
				c.Refuse(unix.EXDEV)
			}
		}}}, func() string {
			return fmt.Sprint(mincore(memory(file(), unix.PROT_READ, unix.MAP_SHARED)), mincore(memory(-1, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)))
		}, "invalid cross-device link errno 0"},
		"memory that the caller cannot write to": {on(unix.SYS_READ, nil, func(c *liar.Call) {
			if c.Errno == unix.EFAULT && !c.Write(c.Arguments[1], []byte("ab")) && c.Force(c.Arguments[1], []byte("cd")) && !c.Force(8, []byte("ef")) {
				c.Answer(2)
			}
		}), func() string {
			into := memory(-1, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)
			n, err := unix.Read(file(), into)
			return fmt.Sprintf("%q %v", into[:max(n, 0)], err)
		}, `"cd" <nil>`},
	})
}

// memory is a page, of a file or of none.
func memory(fd, protection, flags int) []byte {
	page, err := unix.Mmap(fd, 0, 4096, protection, flags)
	if err != nil {
		panic(err)
	}
	return page
}

func mincore(page []byte) unix.Errno {
	state := []byte{0}
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&page[0])), uintptr(len(page)), uintptr(unsafe.Pointer(&state[0])))
	return errno
}
