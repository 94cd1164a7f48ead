package external

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/follow"
	"zerocopy-conformance/fixtures/netns"
	"zerocopy-conformance/fixtures/program"
	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/source"
	"zerocopy-conformance/fixtures/web"
	"zerocopy-conformance/suites/spec"
)

// host is a server under test that is up, and the folder whose files it answers with.
type host struct {
	service *follow.Service
	web.Server
	// root is the folder, and at where requests find it: it ends with a slash. name is the file that is asked for, empty
	// where any will do.
	root, at, name string
	words          *lastSaid
	ends           []func() error
	files          int
}

// unfit is a server that does not do what is asked of it: it is its fault, or the fault of who has named it.
type unfit struct{ why string }

func (e *unfit) Error() string { return e.why }

// up starts a server, where that sink is to be had, or takes the one that runs, and waits until it answers.
func up(ctx context.Context, p program.Program, kind sink.Kind) (h *host, err error) {
	h = &host{words: &lastSaid{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.down())
			h = nil
		}
	}()
	if p.Server.URL != nil {
		if err := h.asNamed(p.Server); err != nil {
			return h, err
		}
	}
	switch {
	case p.Server.PID != 0:
		h.service, err = follow.Attach(ctx, p.Server.PID)
	default:
		err = h.start(ctx, p, kind)
	}
	if err != nil {
		return h, err
	}
	h.ends = append(h.ends, func() error { _, err := h.service.End(); return err })
	return h, h.awaitAnswer()
}

// asNamed takes over where the user's server answers.
func (h *host) asNamed(s *program.Server) error {
	port := s.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[s.URL.Scheme]
	}
	name := s.URL.Hostname()
	if name == "localhost" {
		name = "127.0.0.1"
	}
	address, err := netip.ParseAddr(name)
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return &unfit{fmt.Sprintf("%s=%s: port %q is none", program.URLVariable, s.URL, port)}
	}
	h.Server = web.Server{Address: netip.AddrPortFrom(address, uint16(number)), Host: s.URL.Host, TLS: s.URL.Scheme == "https"}
	h.root, h.at, h.name = s.Root, s.URL.EscapedPath(), ""
	if !strings.HasSuffix(h.at, "/") {
		h.name = path.Base(s.URL.Path)
		h.at = h.at[:strings.LastIndex(h.at, "/")+1]
	}
	return nil
}

// start starts the program, at a port and with a folder of the kit's where the user has named none.
func (h *host) start(ctx context.Context, p program.Program, kind sink.Kind) error {
	asked := follow.Program{Environment: environment(), Folder: os.TempDir()}
	with := map[string]string{}
	if p.Server.URL == nil {
		port, err := web.FreePort()
		if err != nil {
			return err
		}
		h.ends = append(h.ends, port.Close)
		if asked.Scratch, err = h.scratch(); err != nil {
			return err
		}
		at := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if kind.Network {
			pair, err := spec.Namespaces(kind)
			if err != nil {
				return err
			}
			at, asked.Start, h.Dial = pair.Address(), pair.Start, across(pair, port.Number)
		}
		h.Address, h.Host = netip.AddrPortFrom(at, uint16(port.Number)), at.String()
		h.root, h.at, asked.Folder = filepath.Join(asked.Scratch, "root"), "/", filepath.Join(asked.Scratch, "root")
		with = map[string]string{"host": at.String(), "port": strconv.Itoa(port.Number), "root": h.root, "folder": filepath.Join(asked.Scratch, "own")}
		for i, path := range p.Configurations() {
			text, err := p.Configuration(path, with)
			if err != nil {
				return &follow.NotStarted{Why: err.Error()}
			}
			filled := filepath.Join(asked.Scratch, fmt.Sprintf("%d-%s", i, filepath.Base(path)))
			if err := os.WriteFile(filled, []byte(text), 0o644); err != nil {
				return err
			}
			with["conf:"+path] = filled
		}
	}
	var err error
	if asked.Line, err = p.Filled(with); err != nil {
		return &follow.NotStarted{Why: err.Error()}
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	said, says, err := os.Pipe()
	if err != nil {
		return err
	}
	defer says.Close()
	h.ends = append(h.ends, said.Close)
	go h.words.take(said)
	asked.Descriptors = []int{int(null.Fd()), int(says.Fd()), int(says.Fd())}
	h.service, err = follow.Serve(ctx, asked)
	return err
}

// across connects to a port from the other end of a pair.
func across(pair *netns.Pair, port int) func(web.Options) (net.Conn, error) {
	return func(o web.Options) (net.Conn, error) {
		fd, err := pair.Dial(port, o.ReceiveBuffer)
		if err != nil {
			return nil, err
		}
		file := os.NewFile(uintptr(fd), "the client's end")
		defer file.Close()
		return net.FileConn(file)
	}
}

// scratch makes a folder that other users may look into: servers become others.
func (h *host) scratch() (string, error) {
	folder, err := os.MkdirTemp("", "zerocopy-conformance-server-")
	if err != nil {
		return "", err
	}
	h.ends = append(h.ends, func() error { return os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{"root", "own"} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.Mkdir(path, 0o755), os.Chmod(path, 0o755)); err != nil {
			return "", err
		}
	}
	return folder, nil
}

// awaitAnswer waits until the server takes connections.
func (h *host) awaitAnswer() error {
	deadline := time.Now().Add(agent.Patience())
	for {
		c, err := h.Connect(deadline, web.Options{})
		if err == nil {
			return c.Close()
		}
		trail, gone, failed := h.service.Trail()
		switch {
		case failed != nil:
			return failed
		case gone:
			return &unfit{"it has ended before it has answered: " + (&ended{trail, h.words.text()}).end()}
		case !errors.Is(err, unix.ECONNREFUSED) || time.Now().After(deadline):
			return &unfit{fmt.Sprintf("it does not answer at %v: %v%s", h.Address, err, aside(h.words.text()))}
		}
		// It has to be asked again and again: nobody tells that somebody listens.
		time.Sleep(2 * time.Millisecond)
	}
}

// down ends the server, and takes away what was made for it.
func (h *host) down() (err error) {
	for len(h.ends) > 0 {
		last := h.ends[len(h.ends)-1]
		h.ends = h.ends[:len(h.ends)-1]
		err = errors.Join(err, last())
	}
	return err
}

// file puts one of that size where the server finds it.
func (h *host) file(bytes int64) (*source.File, error) {
	name := h.name
	if name == "" {
		h.files++
		name = fmt.Sprintf("zerocopy-conformance-%d-%d.bin", os.Getpid(), h.files)
	}
	file, err := source.Named(h.root, name, bytes)
	if errors.Is(err, os.ErrExist) {
		return nil, &unfit{fmt.Sprintf("%s is there already, and the kit writes to no file that it has not made: have %s name one that is not there, or a folder, with a slash at its end", filepath.Join(h.root, name), program.URLVariable)}
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, &unfit{err.Error() + ": the kit has to put its file there"}
	}
	return file, err
}

// path is what a file of the folder is asked for by.
func (h *host) path(file *source.File) string {
	return h.at + url.PathEscape(filepath.Base(file.Path()))
}
