// Command fileserver answers with the files of a folder, as programs of Go do by net/http, for the gallery: as it comes, or
// with something wrapped around what the standard library knows to be a file, or a connection.
package main

import (
	"flag"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "the `address` to answer at")
	wrap := flag.String("wrap", "nothing", "what is wrapped: nothing, reader or writer")
	flag.Parse()
	serve, known := map[string]func(folder string) http.Handler{
		"nothing": func(folder string) http.Handler { return http.FileServer(http.Dir(folder)) },
		"reader":  func(folder string) http.Handler { return http.FileServerFS(wrapping{os.DirFS(folder)}) },
		"writer":  func(folder string) http.Handler { return counting(http.FileServer(http.Dir(folder))) },
	}[*wrap]
	if !known || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	log.Fatal(http.ListenAndServe(*listen, serve(flag.Arg(0))))
}

// wrapping hands out files that are no *os.File, as one does who counts, limits or decrypts what is read.
type wrapping struct{ fs.FS }

func (w wrapping) Open(name string) (fs.File, error) {
	file, err := w.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return wrapped{file, file.(io.Seeker)}, nil
}

type wrapped struct {
	fs.File
	io.Seeker
}

// counting has answers written through what is no more than an http.ResponseWriter, as middleware does that logs sizes.
func counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(&counted{ResponseWriter: w}, r) })
}

type counted struct {
	http.ResponseWriter
	bytes int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}
