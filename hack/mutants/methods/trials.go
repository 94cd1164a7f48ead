package methods

import (
	"fmt"
	"slices"
	"strings"

	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/impl"
)

// trial is where mutants are run, and on which specs.
type trial struct {
	// name tells it apart from others.
	name string
	// filter is a label filter.
	filter string
	// everywhere: at all places of a default run, and not at the method's home alone.
	everywhere bool
	// replaced: each mutant has a run of its own, in the place of its original.
	replaced bool
	// environment is what is set beside that.
	environment []string
}

// ofMutants selects all specs on mutated methods: one of a spec's labels is its method's name.
const ofMutants = "/" + mutant.Separator + "/"

var (
	// home tries all that is asked of a method, at one place: a failure for another reason than the defect shows.
	home = trial{name: "home", filter: ofMutants}
	// stuck tries little, of transfers that do not come to an end.
	stuck = trial{name: "stuck", filter: "INTEGRITY-RANGE", environment: []string{"ZC_PATIENCE=1s"}}
	// table tries the rows of the textbook's table.
	table = trial{name: "textbook", filter: "/^TEXTBOOK-/", replaced: true}
)

// inTextbook says of a mutated method whether the textbook's table has a row for its original.
func inTextbook(m impl.Method) bool {
	return slices.Contains([]string{"read+write", "mmap+write", "sendfile"}, mutant.MethodOf(m.Name))
}

// everywhere tries some requirements at every place: all specs of theirs are to fail.
func everywhere(requirements ...string) trial {
	filter := strings.Join(requirements, " || ")
	return trial{name: "everywhere " + strings.Join(requirements, ","), filter: filter, everywhere: true}
}

// atHome tries some requirements at one place.
func atHome(requirements ...string) trial {
	filter := strings.Join(requirements, " || ")
	return trial{name: "home " + strings.Join(requirements, ","), filter: filter}
}

// placeOf is one place at which a method can be tried, on every machine if there is such a one.
func placeOf(m impl.Method) (sink, source string) {
	switch {
	case m.Writes(impl.UnixStream):
		sink = "unix-stream"
	case m.Writes(impl.TCP):
		sink = "tcp"
	default:
		sink = "file"
	}
	switch {
	case m.Claim.Direct, m.Claim.Calls["preadv2"] > 0:
		// Where the temp directory is a tmpfs, these decline it.
		source = "disk"
	case m.Reads(impl.File):
		source = "tmp"
	case m.Reads(impl.HugeFile):
		source = "hugetlb"
	default:
		source = "from-tcp"
	}
	return sink, source
}

// mostInBatch is how many mutants a run tries at most, so that runs beside each other end at about the same time.
const mostInBatch = 240

// Batches are the runs that try all mutated methods.
func Batches() (batches []mutant.Batch) {
	var tried []*mutant.Batch
	filling := map[string]*mutant.Batch{}
	for _, m := range all() {
		for _, t := range m.tried {
			if t.replaced && !inTextbook(m.method) {
				continue
			}
			name, environment := t.place(m.method)
			batch := filling[name]
			if batch == nil || len(batch.Mutants) == mostInBatch {
				batch = &mutant.Batch{Name: fmt.Sprintf("%d: %s", len(tried)+1, name), Environment: environment, Filter: t.filter}
				filling[name] = batch
				tried = append(tried, batch)
			}
			batch.Mutants = append(batch.Mutants, m.mutant())
		}
	}
	for _, batch := range tried {
		if !slices.ContainsFunc(batch.Environment, func(set string) bool { return strings.HasPrefix(set, methodsVariable+"=") }) {
			batch.Environment = append(batch.Environment, methodsVariable+"="+names(batch.Mutants))
		}
		batches = append(batches, *batch)
	}
	return batches
}

// place is what a trial of a mutant is called, which those share that can share a run, and what selects its place.
func (t trial) place(m impl.Method) (name string, environment []string) {
	environment = slices.Clone(t.environment)
	switch {
	case t.replaced:
		return t.name + ", " + m.Name, append(environment, methodsVariable+"="+mutant.MethodOf(m.Name), mutant.ReplaceVariable+"="+m.Name)
	case t.everywhere:
		return t.name, environment
	}
	sink, source := placeOf(m)
	return t.name + ", " + source + " into " + sink, append(environment, "ZC_SINKS="+sink, "ZC_SOURCES="+source)
}

func names(mutants []mutant.Mutant) string {
	all := make([]string, len(mutants))
	for i, m := range mutants {
		all[i] = m.Name
	}
	return strings.Join(all, ",")
}
