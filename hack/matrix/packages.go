package main

import (
	"context"
	"fmt"
	"os"
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
	if err := parse(f, arguments); err != nil {
		return err
	}
	store, err := p.Open()
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
	store, err := p.Open()
	if err != nil {
		return err
	}
	catalogue := kernels.Catalogue{Store: store}
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
