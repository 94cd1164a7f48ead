// List prints every requirement of the kit: for a person, or with -json for a program.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/onsi/ginkgo/v2"

	"zerocopy-conformance/hack/requirements"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := list(*asJSON); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func list(asJSON bool) error {
	spec.SelectAll()
	for _, suite := range catalogue.Suites {
		suite.Specs()
	}
	all, err := requirements.List(spec.Requirements(), ginkgo.PreviewSpecs("requirements"))
	if err != nil {
		return err
	}
	if !asJSON {
		return errors.Join(requirements.Print(os.Stdout, all), requirements.PrintAbsent(os.Stdout))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
