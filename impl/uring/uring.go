// Package uring is as much of io_uring(7) as moving bytes takes: one ring without a kernel thread of its own, by raw
// system calls. Entries are pushed, Enter hands them to the kernel, and completions are taken one by one, with all
// that the kernel wrote into them. Everything is as io_uring_setup(2) and io_uring_enter(2) have it; nothing is
// retried, reordered or hidden.
//
// A ring belongs to one goroutine at a time. What is handed in belongs to the thread that did it, and is cancelled when
// that thread ends: a goroutine that was started for the purpose stays on its thread (runtime.LockOSThread) and outlives
// its entries. Errors of its calls are *os.SyscallError with the call's name and its
// errno: ENOSYS where the kernel has no io_uring, EPERM where the sysctl kernel.io_uring_disabled or a filter
// (seccomp(2)) forbids it.
package uring

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Ring is an open ring. Close gives it back.
type Ring struct {
	fd       int
	features uint32
	sq       submissions
	cq       completions
	mapped   [][]byte
}

// parameters is struct io_uring_params.
type parameters struct {
	sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD, _, _, _ uint32

	sq struct {
		head, tail, ringMask, ringEntries, flags, dropped, array, _, _, _ uint32
	}
	cq struct {
		head, tail, ringMask, ringEntries, overflow, cqes, flags, _, _, _ uint32
	}
}

// What mmap(2) is told to map of a ring, as its offset.
const (
	offSQRing = 0
	offCQRing = 0x8000000
	offSQEs   = 0x10000000
)

// Setup makes a ring for that many entries at a time, rounded up to a power of two; its completion queue has room for
// twice as many. EINVAL: there are none, or more than 32,768. ENOMEM: before 5.12 the ring counts against
// RLIMIT_MEMLOCK.
func Setup(entries uint32) (*Ring, error) {
	var p parameters
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("io_uring_setup", errno)
	}
	r := &Ring{fd: int(fd), features: p.features}
	if err := r.mapAll(&p); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// mapAll maps the two rings one by one: where the kernel has them in one piece (IORING_FEAT_SINGLE_MMAP), both
// mappings show that piece.
func (r *Ring) mapAll(p *parameters) error {
	const cqeBytes, sqeBytes = int(unsafe.Sizeof(CQE{})), int(unsafe.Sizeof(SQE{}))
	sq, err := r.mapOne(offSQRing, int(p.sq.array)+int(p.sqEntries)*4)
	if err != nil {
		return err
	}
	cq, err := r.mapOne(offCQRing, int(p.cq.cqes)+int(p.cqEntries)*cqeBytes)
	if err != nil {
		return err
	}
	sqes, err := r.mapOne(offSQEs, int(p.sqEntries)*sqeBytes)
	if err != nil {
		return err
	}
	r.sq = submissions{
		head: word(sq, p.sq.head), tail: word(sq, p.sq.tail),
		array:   unsafe.Slice(word(sq, p.sq.array), p.sqEntries),
		entries: unsafe.Slice((*SQE)(unsafe.Pointer(&sqes[0])), p.sqEntries),
	}
	r.cq = completions{
		head: word(cq, p.cq.head), tail: word(cq, p.cq.tail), lost: word(cq, p.cq.overflow),
		entries: unsafe.Slice((*CQE)(unsafe.Pointer(&cq[p.cq.cqes])), p.cqEntries),
	}
	return nil
}

func (r *Ring) mapOne(offset int64, length int) ([]byte, error) {
	memory, err := unix.Mmap(r.fd, offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	r.mapped = append(r.mapped, memory)
	return memory, nil
}

func word(memory []byte, offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&memory[offset])) }

// Descriptor is the ring's own: poll(2) finds it readable when there are completions.
func (r *Ring) Descriptor() int { return r.fd }

// Features are the IORING_FEAT_ bits of io_uring_setup(2).
func (r *Ring) Features() uint32 { return r.features }

// Close unmaps the ring and closes its descriptor. What is still under way is cancelled or comes to its end without a
// word, some time later: the memory and the descriptors that it is about are in use until then.
func (r *Ring) Close() error {
	var errs []error
	for _, memory := range r.mapped {
		errs = append(errs, os.NewSyscallError("munmap", unix.Munmap(memory)))
	}
	r.mapped, r.sq, r.cq = nil, submissions{}, completions{}
	if r.fd >= 0 {
		errs = append(errs, os.NewSyscallError("close", unix.Close(r.fd)))
		r.fd = -1
	}
	return errors.Join(errs...)
}
