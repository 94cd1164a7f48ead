// List prints every requirement of the kit: for a person, or with -json for a program. With -suites it prints the
// packages of those suites that have specs which a label filter selects.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"zerocopy-conformance/hack/requirements"
	"zerocopy-conformance/suites/catalogue"
	"zerocopy-conformance/suites/spec"
)

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	filter := flag.String("suites", "", "print the packages of the suites that have specs with these labels")
	flag.Parse()
	if *filter == "" {
		spec.SelectAll()
	} else if err := spec.SelectFor(*filter); err != nil {
		fatal(err)
	}
	for _, suite := range catalogue.Suites {
		suite.Specs()
	}
	preview := ginkgo.PreviewSpecs("requirements")
	var err error
	if *filter != "" {
		err = suites(*filter, preview)
	} else {
		err = list(*asJSON, preview)
	}
	if err != nil {
		fatal(err)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func list(asJSON bool, preview types.Report) error {
	all, err := requirements.List(spec.Requirements(), preview)
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

func suites(filter string, preview types.Report) error {
	names, err := requirements.Suites(filter, preview)
	for _, name := range names {
		fmt.Println("./suites/" + name)
	}
	return err
}
