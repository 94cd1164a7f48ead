// Package lies holds what a kernel could do wrong in a system call, as data: each is told to the thread that makes the
// call, by a tracer, on the call's way.
//
// An interface has a file, with a family of lies: what can be said wrongly of any call is made for each by the
// generators of answers.go, offsets.go, contents.go, flags.go and waits.go; what is peculiar to one is said there.
package lies

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"zerocopy-conformance/fixtures/agent"
	"zerocopy-conformance/fixtures/reexec"
	"zerocopy-conformance/hack/mutants/liar"
	"zerocopy-conformance/hack/mutants/mutant"
)

// lie is one thing that the kernel could do wrong.
type lie struct {
	// name comes behind the family's, says and violates are as in mutant.Mutant.
	name, says string
	violates   []string
	rules      []liar.Rule
	// refuses are calls that fail with EINVAL, with no tracer at work.
	refuses []uintptr
	// only, a label filter, selects of the family's specs those that are enough to see it.
	only string
	// loses says that bytes are lost by it: it is not told to specs that then wait for them. hangs says that it is seen by
	// a hang alone.
	loses, hangs bool
	// everywhere: it is told to specs that take long, too.
	everywhere bool
}

// tell makes one.
func tell(name, says string, violates []string, rules []liar.Rule) lie {
	return lie{name: name, says: says, violates: violates, rules: rules}
}

// within is the lie, told to fewer specs.
func (l lie) within(filter string) lie {
	l.only = filter
	return l
}

// called is the lie by another name.
func (l lie) called(name string) lie {
	l.name = name
	return l
}

// losing is the lie, by which bytes are lost; hanging the lie, by which a call hangs.
func (l lie) losing() lie  { l.loses = true; return l }
func (l lie) hanging() lie { l.hangs = true; return l }

// everywhere are lies that are told to specs that take long, too.
func everywhere(lies ...lie) []lie {
	for i := range lies {
		lies[i].everywhere = true
	}
	return lies
}

// family are the lies about one interface.
type family struct {
	name string
	// filter selects the specs that the lies can reach. Some of these are transfers, which environment narrows; or else
	// there is none among them, and clauses alone can see the lies.
	filter      string
	transfers   bool
	environment []string
	// waits selects of them those that wait for ever for bytes that are lost.
	waits string
	// dear selects of them those that take long, by what they do or what they need: they are told few lies.
	dear string
	// told are the roles of the processes that are lied to; nil: movers.
	told []string
	// patience is how long a call may hang, where that is not as long as others.
	patience string
	lies     []lie
}

// families are all that there are.
var families = []family{
	sendfileLies,
	spliceLies,
	teeLies,
	vmspliceLies,
	copyFileRangeLies,
	sendfileTransfers,
	spliceTransfers,
	vmspliceTransfers,
	copyFileRangeTransfers,
	pipeLies,
	mmapLies,
	madviseLies,
	directLies,
	vectoredLies,
	preadv2Lies,
	accountingLies,
	costLies,
	diskLies,
	faultsLies,
	presentLies,
	deviceLies,
	goLies,
	tcpReceiveLies,
	safetyLies,
	goTraceLies,
	zerocopyLies,
	uringLies,
	tlsLies,
}

// few selects next to no transfers, and all clauses: to make thousands of specs that are not selected takes longer than
// to run some that are.
var few = []string{"ZC_METHODS=sendfile", "ZC_SINKS=pipe", "ZC_SOURCES=memfd"}

// How long a call may hang: as long as it takes a TCP connection to be full, whose timers have to run for that, and
// less for what is sure to hang, and is not told to TCP.
const (
	patience         = "10s"
	shortPatience    = "2s"
	shortestPatience = "1s"
)

// selects are the environment and the filter by which a lie is told to those specs that can see it.
func (f family) selects(l lie) (environment []string, filter string) {
	filter = "(" + f.filter + ")"
	if l.only != "" {
		filter += " && (" + l.only + ")"
	}
	if l.loses && f.waits != "" {
		filter += " && !(" + f.waits + ")"
	}
	if !l.everywhere && f.dear != "" {
		filter += " && !(" + f.dear + ")"
	}
	patience := cmp.Or(f.patience, patience)
	if l.hangs {
		patience = shortPatience
		filter += " && !/tcp/"
	}
	environment = append([]string{mutant.LieVariable + "=" + f.fullName(l), agent.PatienceVariable + "=" + patience}, f.environment...)
	if !f.transfers {
		environment = append(environment, few...)
	}
	return environment, filter
}

// The roles of the processes that move bytes, and that check clauses.
const (
	agentRole    = "agent"
	contractRole = "contract"
)

// Whom is lied to, by the roles of the kit's children: movers are those that move bytes or check clauses, kit is the
// process that has no role, and measures and judges what the others do.
var (
	movers = []string{agentRole, contractRole, "contract-toucher"}
	kit    = []string{""}
)

// Enter has the lie that the environment names told to this process, if it is one of those that are to hear it. In any
// other process it returns at once. A lie that does not exist is an error anywhere.
func Enter() error {
	name := os.Getenv(mutant.LieVariable)
	if name == "" {
		return nil
	}
	l, told, err := lookup(name)
	if err != nil {
		return err
	}
	if !liar.IsTracer() && !slices.Contains(told, reexec.Role()) {
		return nil
	}
	if l.refuses != nil {
		return liar.Refuse(unix.EINVAL, l.refuses...)
	}
	return liar.Tell(l.rules...)
}

// lookup finds a lie by its full name, and whom it is told.
func lookup(name string) (is lie, told []string, err error) {
	var names []string
	for _, f := range families {
		for _, l := range f.lies {
			if f.fullName(l) == name {
				if f.told == nil {
					return l, movers, nil
				}
				return l, f.told, nil
			}
			names = append(names, f.fullName(l))
		}
	}
	return lie{}, nil, fmt.Errorf("%s names %q, which does not exist; there are: %s", mutant.LieVariable, name, strings.Join(names, ", "))
}

func (f family) fullName(l lie) string { return f.name + ":" + l.name }

// Batches are the runs that tell all lies, one each.
func Batches() (batches []mutant.Batch) {
	for _, f := range families {
		for _, l := range f.lies {
			name := f.fullName(l)
			environment, filter := f.selects(l)
			batches = append(batches, mutant.Batch{
				Name: name, Environment: environment, Filter: filter,
				Mutants: []mutant.Mutant{{Name: name, Says: l.says, Violates: l.violates}},
			})
		}
	}
	return batches
}
