package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"zerocopy-conformance/hack/matrix/debian"
	"zerocopy-conformance/hack/matrix/kernels"
)

// cacheVariable names the folder in which packages are kept, and mirrorVariable where they come from: the address of a
// mirror and, if it is not beside that, of the one with the security updates.
const (
	cacheVariable  = "ZC_CACHE"
	mirrorVariable = "ZC_MIRROR"
)

// packages are the flags that say where packages are.
type packages struct{ cache, mirror string }

func (p *packages) add(f *flag.FlagSet) {
	cache := os.Getenv(cacheVariable)
	if cache == "" {
		if own, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(own, "zerocopy-conformance")
		} else {
			cache = filepath.Join(os.TempDir(), fmt.Sprintf("zerocopy-conformance-%d", os.Getuid()))
		}
	}
	f.StringVar(&p.cache, "cache", cache, "the folder in which packages are kept ("+cacheVariable+")")
	f.StringVar(&p.mirror, "mirror", os.Getenv(mirrorVariable), "the address of Debian's archive and, after a blank, of its security archive ("+mirrorVariable+"); those of this machine's own apt if there is none")
}

func (p *packages) open() (*debian.Store, error) {
	mirror, security, _ := strings.Cut(strings.TrimSpace(p.mirror), " ")
	store, err := debian.Open(p.cache, mirror, strings.TrimSpace(security))
	if err != nil {
		return nil, fmt.Errorf("the cache of packages: %w", err)
	}
	return store, nil
}

// list prints the kernels that can be had.
func list(ctx context.Context, arguments []string) error {
	f := flags("list")
	var p packages
	p.add(f)
	update := f.Bool("update", false, "ask the mirror what there is now")
	if err := parse(f, arguments); err != nil {
		return err
	}
	store, err := p.open()
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
	var p packages
	p.add(f)
	if err := parse(f, arguments); err != nil {
		return err
	}
	if err := checkNames(f.Args()); err != nil {
		return err
	}
	store, err := p.open()
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
