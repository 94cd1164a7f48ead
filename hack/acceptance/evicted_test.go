package acceptance_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/soak/adversity"
)

// The kernel is free to page out at any moment what was read a moment ago, and on some machines does so all the time: what a
// method costs then is not what it costs of a source that is in memory.
var _ = DescribeTable("While what a run has read is dropped from the page cache, it is judged as before:", func(name, labels, methods string) {
	t := suiteRun(suite(name), "ZC_METHODS="+methods, "ZC_SINKS=unix-stream,tcp", "ZC_SOURCES=tmp,disk,ext4").with("--ginkgo.label-filter=" + labels)
	plain, evicted := t.do(), t.start()
	ctx, done := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func(pid int) {
		defer close(ended)
		adversity.Evict(ctx, pid)
	}(evicted.pid())
	evicted.wait()
	done()
	<-ended
	Expect(evicted.code()).To(BeZero(), evicted.output())
	Expect(differences(plain, evicted)).To(BeEmpty())
},
	Entry(nil, "contract", "/^PREADV2-NOWAIT/ || DIRECT-UNCACHED", "read+write"),
	Entry(nil, "cost", "COST-CALLS", "nowait+write,mmap+write,sendfile"),
	Entry(nil, "copies", "/^COPIES-DISK/", "read+write,pread+write,direct+write,nowait+write,mmap+write,sendfile,splice"),
)
