package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/kernels"
)

// list prints the kernels that can be had.
func list(ctx context.Context, arguments []string) error {
	f := flags("list")
	var p debian.Place
	p.Add(f)
	update := f.Bool("update", false, "ask the mirror what there is now")
	architecture := f.String("architecture", debian.Architectures[0], "list the kernels of this one: "+strings.Join(debian.Architectures, " or "))
	if err := parse(f, arguments); err != nil {
		return err
	}
	if !slices.Contains(debian.Architectures, *architecture) {
		return misuse{fmt.Errorf("-architecture=%s: must be %s", *architecture, strings.Join(debian.Architectures, " or "))}
	}
	store, err := p.Open(*architecture)
	if err != nil {
		return err
	}
	if *update {
		if err := store.Refresh(ctx); err != nil {
			return err
		}
	}
	fmt.Println("A kernel is one of")
	fmt.Println(kernels.Usage())
	available, err := store.Kernels(ctx)
	if err != nil {
		return err
	}
	if len(available) == 0 {
		fmt.Println("\nNo list of packages is here yet: matrix list -update gets one.")
		return nil
	}
	fmt.Println("\nOf the distribution:")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, a := range available {
		cached := ""
		if a.Cached {
			cached = "cached"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", a.Name, a.Version, a.Package, cached)
	}
	return w.Flush()
}

// fetch gets what kernels need.
func fetch(ctx context.Context, arguments []string) error {
	f := flags("fetch")
	var p debian.Place
	p.Add(f)
	if err := parse(f, arguments); err != nil {
		return err
	}
	if err := checkNames(f.Args()); err != nil {
		return err
	}
	stores, err := p.OpenAll()
	if err != nil {
		return err
	}
	catalogue := kernels.Catalogue{Stores: stores}
	for _, name := range f.Args() {
		if _, err := catalogue.Open(ctx, name); err != nil {
			return err
		}
		fmt.Println(name)
	}
	return nil
}

// checkNames: all names of kernels are checked before anything is done for one.
func checkNames(names []string) error {
	if len(names) == 0 {
		return misuse{fmt.Errorf("no kernel is named; a kernel is one of\n%s", kernels.Usage())}
	}
	seen := map[string]bool{}
	for _, name := range names {
		if err := kernels.Check(name); err != nil {
			return misuse{err}
		}
		if seen[name] {
			return misuse{fmt.Errorf("kernel %s is named twice", name)}
		}
		seen[name] = true
	}
	return nil
}
