package sonobuoy

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"zerocopy-conformance/hack/report"
)

// most is how large a file of a node may be, in bytes: a report has one or two MiB.
const most = 64 << 20

// node is what an archive holds of one.
type node struct{ report, results, failure []byte }

// Read reads what each node has answered from the archive that sonobuoy retrieve brings: a column for each, in the order of
// their names. A node that has not reported, or whose kit broke, is a column that says so. No node at all is an error.
func Read(file string) ([]report.Column, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	nodes, err := unpack(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: the archive that sonobuoy retrieve brings is expected", file, err)
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("%s holds no node's results under plugins/%s: was the plugin run?", file, Plugin)
	}
	var columns []report.Column
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		c, err := nodes[name].column(name)
		if err != nil {
			return nil, fmt.Errorf("%s: node %s: %w", file, name, err)
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// unpack finds what there is of each node.
func unpack(packed io.Reader) (map[string]*node, error) {
	zip, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	nodes := map[string]*node{}
	for archive := tar.NewReader(zip); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nodes, nil
		}
		if err != nil {
			return nil, err
		}
		// plugins/PLUGIN/results/NODE/FILE
		parts := strings.Split(path.Clean(header.Name), "/")
		if len(parts) != 5 || parts[0] != "plugins" || parts[1] != Plugin || header.Typeflag != tar.TypeReg {
			continue
		}
		n := nodes[parts[3]]
		if n == nil {
			n = &node{}
		}
		into, is := map[string]*[]byte{"results/report.json": &n.report, "results/" + resultsFile: &n.results, "errors/error.json": &n.failure}[parts[2]+"/"+parts[4]]
		if !is {
			continue
		}
		nodes[parts[3]] = n
		if header.Size > most {
			return nil, fmt.Errorf("%s has %d bytes, and %d are the most", header.Name, header.Size, int64(most))
		}
		if *into, err = io.ReadAll(archive); err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
	}
}

// column is what a node has answered.
func (n *node) column(name string) (c report.Column, err error) {
	c.Name = name
	if n.report != nil {
		if c.Report, err = report.Parse("report.json", n.report); err != nil {
			return c, err
		}
	}
	switch {
	case n.failure != nil:
		c.Broken, err = sonobuoysWords(n.failure)
	case n.results != nil:
		c.Broken, err = ownWords(n.results)
	default:
		c.Broken = "it has handed over no " + resultsFile
	}
	return c, err
}

// sonobuoysWords are why Sonobuoy has no results of a node: it timed out, or its pod failed.
func sonobuoysWords(text []byte) (string, error) {
	said := struct{ Error string }{}
	if err := json.Unmarshal(text, &said); err != nil {
		return "", fmt.Errorf("error.json: %w", err)
	}
	if said.Error == "" {
		return "", errors.New("error.json: key error is missing")
	}
	return "Sonobuoy has no results of it: " + said.Error, nil
}

// ownWords are why the kit has none, where it has not.
func ownWords(text []byte) (string, error) {
	var root item
	if err := json.Unmarshal(text, &root); err != nil {
		return "", fmt.Errorf("%s: %w", resultsFile, err)
	}
	if len(root.Items) == 0 {
		return "", fmt.Errorf("%s: it has no item", resultsFile)
	}
	reason, _ := root.Items[0].Details["error"].(string)
	return reason, nil
}
