package acceptance_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"
)

// serveArgument has this very program be a server that a spec of the kit's tries: of the ways in which one may go wrong, at
// an address, with a folder's files.
const serveArgument = "serve"

// signVariable names a file that a server makes which was asked and never answers.
const signVariable = "SERVE_SIGN"

// serving are the ways.
var serving = map[string]http.HandlerFunc{
	"right":     func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, asked(r)) },
	"missing":   http.NotFound,
	"forbidden": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) },
	"elsewhere": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/there"+r.URL.Path, http.StatusMovedPermanently)
	},
	"encoded": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		whole(w, r, func(b []byte) []byte { return b })
	},
	"in chunks": func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		whole(w, r, func(b []byte) []byte { return b })
	},
	"too little": func(w http.ResponseWriter, r *http.Request) {
		whole(w, r, func(b []byte) []byte { return b[:len(b)/2] })
		panic(http.ErrAbortHandler)
	},
	"something else": func(w http.ResponseWriter, r *http.Request) {
		whole(w, r, func(b []byte) []byte {
			if len(b) > 4096 {
				copy(b[4096:], b[:len(b)-4096])
			}
			return b
		})
	},
	"another part": func(w http.ResponseWriter, r *http.Request) {
		var from, to int
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil {
			whole(w, r, func(b []byte) []byte { return b })
			return
		}
		content, err := os.ReadFile(asked(r))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(to+1-from))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[:to+1-from])
	},
	"only once": func(w http.ResponseWriter, r *http.Request) {
		whole(w, r, func(b []byte) []byte { return b })
		w.(http.Flusher).Flush()
		fmt.Fprintln(os.Stderr, "that is enough")
		os.Exit(3)
	},
	"never": func(http.ResponseWriter, *http.Request) {
		if sign := os.Getenv(signVariable); sign != "" {
			_ = os.WriteFile(sign, nil, 0o600)
		}
		select {}
	},
	"no more when somebody leaves": func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open(asked(r))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if _, err := io.Copy(w, file); err != nil {
			os.Exit(4)
		}
	},
}

var served string

func asked(r *http.Request) string { return filepath.Join(served, filepath.Base(r.URL.Path)) }

func whole(w http.ResponseWriter, r *http.Request, change func([]byte) []byte) {
	content, err := os.ReadFile(asked(r))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if w.Header().Get("Transfer-Encoding") == "" {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	}
	_, _ = w.Write(change(content))
}

// serve is that server.
func serve(way, address, folder string) {
	served = folder
	switch way {
	case "nobody":
		time.Sleep(time.Hour)
	case "not at all":
		fmt.Fprintln(os.Stderr, "no configuration")
		os.Exit(2)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	if way == "encrypted" {
		server := httptest.NewUnstartedServer(serving["right"])
		server.Listener = listener
		server.StartTLS()
		select {}
	}
	_ = http.Serve(listener, serving[way])
}
