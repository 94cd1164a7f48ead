// Command to writes a run's result, or many kernels', in the form that its reader takes.
//
//	to html FILE...          a page for a browser: one file, which asks no network for anything
//	to markdown FILE...      for a pull request, or $GITHUB_STEP_SUMMARY
//	to junit FILE...         for GitLab, Jenkins, GitHub
//	to ktap FILE...          for the kernel's own test parsers
//	to annotations FILE...   for a workflow of GitHub's: a line for each failure
//
// FILE is reports/report.json, reports/matrix.json, or the archive that sonobuoy retrieve brings, with its nodes. Several are
// reports of as many nodes, which are called as their files are: node-a.json. -bench=reports/bench.json, before the form, adds what
// the methods of a kernel among them are worth in time, which the page shows. What is written goes to standard output. The exit
// code is 0, or 2 where a file cannot be read, or is not of this version of the kit.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/forms"
	"zerocopy-conformance/hack/report/page"
)

// form is what a result can be written in.
type form struct {
	name  string
	write func(w io.Writer, title string, columns []report.Column) error
}

var known = []form{
	{"html", page.Write},
	{"markdown", forms.Markdown},
	{"junit", forms.JUnit},
	{"ktap", forms.KTAP},
	{"annotations", forms.Annotations},
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "to:", err)
		os.Exit(2)
	}
}

func run(arguments []string, out io.Writer) error {
	f := flag.NewFlagSet("to", flag.ContinueOnError)
	timed := f.String("bench", "", "a bench report, of a kernel among those of the files")
	if err := f.Parse(arguments); err != nil {
		return err
	}
	arguments = f.Args()
	var names []string
	for _, f := range known {
		names = append(names, f.name)
		if len(arguments) < 2 || arguments[0] != f.name {
			continue
		}
		title, columns, err := read(arguments[1:])
		if err != nil {
			return err
		}
		if err := addSpeeds(columns, *timed); err != nil {
			return err
		}
		w := bufio.NewWriter(out)
		if err := f.write(w, title, columns); err != nil {
			return err
		}
		return w.Flush()
	}
	return fmt.Errorf("%q: usage: to [-bench=FILE] %s FILE...", arguments, strings.Join(names, "|"))
}
