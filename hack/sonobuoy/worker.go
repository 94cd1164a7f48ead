// Package sonobuoy is the kit as a plugin of Sonobuoy's, which runs it on every node of a cluster and brings the results
// together: what the plugin's container says to the worker beside it in its pod.
//
// It promises that the worker gets an answer whatever becomes of the run. A kit that broke, or was ended before its time, is
// a result, and a red one: Sonobuoy would wait for the rest of its timeout for a node that says nothing.
package sonobuoy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	// Plugin is the name under which Sonobuoy keeps the results.
	Plugin = "zerocopy-conformance"
	// ResultsVariable names the folder that the worker watches, and ProgressVariable the port that it listens on.
	ResultsVariable, ProgressVariable = "SONOBUOY_RESULTS_DIR", "SONOBUOY_PROGRESS_PORT"

	// resultsFile is what Sonobuoy reads of the results, of a plugin whose results are manual.
	resultsFile = "sonobuoy_results.yaml"
	// doneFile tells the worker that there are results, and where: the first line is a path.
	doneFile = "done"
)

// Worker is Sonobuoy's worker, as the environment names it.
type Worker struct{ folder, port string }

// Open finds the worker. Its error is that there is none: the program was not started by Sonobuoy.
func Open() (*Worker, error) {
	w := &Worker{os.Getenv(ResultsVariable), os.Getenv(ProgressVariable)}
	if w.folder == "" {
		return nil, fmt.Errorf("%s is not set: Sonobuoy sets it in a plugin's container", ResultsVariable)
	}
	if info, err := os.Stat(w.folder); err != nil {
		return nil, fmt.Errorf("%s: %w", ResultsVariable, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s=%s is no folder", ResultsVariable, w.folder)
	}
	return w, nil
}

// Reported says that the worker has its results already. A DaemonSet's container is started again when it ends.
func (w *Worker) Reported() bool {
	_, err := os.Stat(filepath.Join(w.folder, doneFile))
	return err == nil
}

// Report hands the results over: files by their names, to which Sonobuoy's own is added.
func (w *Worker) Report(r Result, files map[string][]byte) error {
	text, err := r.yaml()
	if err != nil {
		return err
	}
	packed, err := pack(append([]file{{resultsFile, text}}, sorted(files)...))
	if err != nil {
		return err
	}
	path := filepath.Join(w.folder, Plugin+".tar.gz")
	if err := os.WriteFile(path, packed, 0o644); err != nil {
		return err
	}
	// The worker looks every second, and must not see a path that is half written.
	draft := filepath.Join(w.folder, "."+doneFile)
	if err := os.WriteFile(draft, []byte(path), 0o644); err != nil {
		return err
	}
	if err := os.Rename(draft, filepath.Join(w.folder, doneFile)); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return nil
}

// pack makes an archive, as the aggregator unpacks it into the node's folder.
func pack(files []file) ([]byte, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	for _, f := range files {
		if !fs.ValidPath(f.name) {
			return nil, fmt.Errorf("%q is no name of a file in an archive", f.name)
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.text))}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.text); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(archive.Close(), zip.Close()); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
