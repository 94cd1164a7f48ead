package debian_test

import (
	"os/exec"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/debian"
)

// ascending are versions, each older than the next, of this archive and of deb-version(7).
var ascending = []string{
	"~", "", "0.0~20240729.0-4~bpo12+2", "0.0~20240729.0-4", "5.10um3+b1", "6.1um4+b13", "6.1.9-1", "6.1.180-1~deb11u1",
	"6.1.180-1", "6.12um1+b22", "6.12.95-1~bpo12+1", "6.12.95-1", "6.12.117-1~deb12u1", "6.12.117-1", "6.12.117-2",
	"7.3~rc7-1~exp1", "7.3", "7.3-1", "7.3a", "7.3+", "7.3.4-1~bpo13+1", "1:0.1",
}

var _ = Describe("Versions", func() {
	It("are in Debian's order", func() {
		for i, a := range ascending {
			for j, b := range ascending {
				want := 0
				if i < j {
					want = -1
				} else if i > j {
					want = 1
				}
				Expect(debian.Compare(a, b)).To(Equal(want), "%q, %q", a, b)
			}
		}
		Expect(debian.Compare("6.1-01", "6.01-1")).To(BeZero())
	})

	It("are in the order that dpkg has them in", func() {
		dpkg, err := exec.LookPath("dpkg")
		if err != nil {
			Skip("not-checked: " + err.Error())
		}
		for i := 2; i < len(ascending)-1; i++ {
			Expect(exec.Command(dpkg, "--compare-versions", ascending[i], "lt", ascending[i+1]).Run()).To(Succeed(), ascending[i])
		}
	})

	DescribeTable("are of another in whole numbers:", func(version, asked string, within bool) {
		Expect(debian.Within(version, asked)).To(Equal(within))
	},
		Entry(nil, "6.1.9-1", "6.1", true),
		Entry(nil, "6.12.9-1", "6.1", false),
		Entry(nil, "6.12.9-1", "6.12.9-1", true),
		Entry(nil, "6.12.9-1~bpo13+1", "6.12.9-1", false),
		Entry(nil, "6.12.9-1~bpo13+1", "6.12.9", true),
		Entry(nil, "7.3~rc7-1~exp1", "7.3", true),
		Entry(nil, "6.12um1+b22", "6.12", true),
		Entry(nil, "6.12um1+b22", "6.1", false),
		Entry(nil, "6.12.9-1", "", true),
	)
})

var _ = Describe("The archive's sites", func() {
	const third = "https://third.example/debian bookworm main\n"
	const plain = "http://one.example/debian bookworm main\n"
	const updates = "http://two.example/os bookworm-updates main\n"
	const security = "http://two.example/sec bookworm-security main\n"
	const ubuntu = "http://other.example/ubuntu noble-updates main\n"

	DescribeTable("are chosen from what apt is told to use:", func(lines, mirror, safe string) {
		gotMirror, gotSecurity, err := debian.Sites(lines)
		Expect(err).NotTo(HaveOccurred())
		Expect([]string{gotMirror, gotSecurity}).To(Equal([]string{mirror, safe}))
	},
		Entry("the one with updates, of whatever name", third+plain+updates+security, "http://two.example/os", "http://two.example/sec"),
		Entry("or the first with a release", ubuntu+plain, "http://one.example/debian", ""),
	)

	It("are asked for where it is told none", func() {
		_, _, err := debian.Sites(ubuntu)
		Expect(err).To(MatchError(ContainSubstring("give a mirror")))
	})

	It("have kernels of architectures that are known", func() {
		_, err := debian.Open(GinkgoT().TempDir(), "riscv64", "", "")
		Expect(err).To(MatchError(`architecture "riscv64": must be amd64 or arm64`))
	})

	It("must be sites", func() {
		for _, wrong := range [][2]string{{"a host", ""}, {"host/debian", ""}, {"", "http://one.example/debian-security"}} {
			_, err := debian.Open(GinkgoT().TempDir(), "amd64", wrong[0], wrong[1])
			Expect(err).To(MatchError(ContainSubstring("mirror")), wrong[0])
		}
	})
})
