package machine

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("User-Mode Linux on a processor with AMX", func() {
	It("fits where it has room for the registers", func() {
		Expect(fits("6.12.118-zc")).To(Succeed())
		Expect(fits("7.2.13")).To(Succeed())
	})

	It("does not fit where it has not, with what would help", func() {
		Expect(fits("6.1.176")).To(MatchError(And(ContainSubstring("User-Mode Linux 6.1.176 has no room"), ContainSubstring("clearcpuid=amx_tile"))))
	})

	It("is not guessed about", func() {
		Expect(fits("unknown")).To(MatchError(ContainSubstring("unknown")))
	})
})
