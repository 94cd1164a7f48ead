package impl

// Ends is a set of kinds of descriptors that a method can be given as its source or as its sink.
type Ends uint

const (
	// File is a regular file: it has a size, and a position of its own.
	File Ends = 1 << iota
	// HugeFile is a file of huge pages (hugetlbfs): it can be read and mapped, and nothing else.
	HugeFile
	// Append is a regular file that was opened O_APPEND.
	Append
	// Pipe is a pipe or a FIFO.
	Pipe
	// UnixStream is a UNIX stream socket, UnixMessages one of datagrams or of a sequence of packets.
	UnixStream
	UnixMessages
	// TCP is a TCP socket over IPv4 or IPv6, UDP a connected UDP socket, and CorkedUDP one that sends nothing before it
	// is told to (UDP_CORK).
	TCP
	UDP
	CorkedUDP
	// TLS is a TCP socket that the kernel encrypts what is written to (tls.rst, kTLS).
	TLS
	// VSOCK is a stream socket of the family AF_VSOCK.
	VSOCK
	// Device is a character device such as /dev/null.
	Device
)

const (
	// Streams are the sockets without message boundaries.
	Streams = UnixStream | TCP | TLS | VSOCK
	// Sockets are all sockets.
	Sockets = Streams | UnixMessages | UDP | CorkedUDP
	// AnySink is what write(2) can write to.
	AnySink = File | Append | Pipe | Sockets | Device
	// Unappended is the same without Append: sendfile(2) and splice(2) refuse such a file.
	Unappended = AnySink &^ Append
)

// Has says whether a kind of descriptor is in the set.
func (e Ends) Has(kind Ends) bool { return kind != 0 && e&kind == kind }
