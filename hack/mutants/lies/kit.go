package lies

import (
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/liar"
)

// What the kit asks the kernel by itself, of its movers and of what there is, no lie to a mover can change: these are
// told to the kit.

var costLies = family{
	name: "kit-cost", filter: "COST-ACCOUNTING", transfers: true, told: kit,
	lies: []lie{
		overcounted("syscr", 1, "COST-ACCOUNTING"),
		overcounted("syscw", 1, "COST-ACCOUNTING").within("tmp && (pipe || file)"),
	},
}

var diskLies = family{
	name: "kit-disk", filter: "/^COPIES-DISK/", transfers: true, told: kit,
	lies: []lie{overcounted("read_bytes", 4096, "COPIES-DISK-*")},
}

var faultsLies = family{
	name: "kit-faults", filter: "COST-FAULTS", transfers: true, told: kit,
	lies: []lie{frozen(files("/stat"), "COST-FAULTS")},
}

// probed are the calls by which the kit asks whether there is an interface.
var probed = calls{numbers: []uintptr{
	unix.SYS_SENDFILE, unix.SYS_SPLICE, unix.SYS_TEE, unix.SYS_VMSPLICE, unix.SYS_COPY_FILE_RANGE, unix.SYS_PREADV2, unix.SYS_IO_URING_SETUP,
}}

var presentLies = family{
	name: "kit-probe", filter: "/^PRESENT-/", told: kit,
	lies: []lie{
		probed.refusing("ENOSYS", unix.ENOSYS, "PRESENT-*"),
		tell("success", "succeeds, whatever it is asked for", []string{"PRESENT-*"}, probed.entry(func(c *liar.Call) { c.Answer(0) })),
	},
}
