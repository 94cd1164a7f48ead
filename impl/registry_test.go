package impl_test

import (
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/impl"
)

var _ = Describe("The registry", func() {
	BeforeEach(func() { DeferCleanup(impl.KeepMethods()) })

	own := func(name string) impl.Method {
		return impl.Method{
			Name:  name,
			Claim: impl.Claim{Source: "own(3)", Calls: map[string]int{"read": 1}},
			Move:  func(*impl.Transfer) (int64, error) { return 42, nil },
		}
	}

	It("has the textbook's techniques, and says of each method where its claim stands and what it costs", func() {
		Expect(impl.Names()).To(ContainElements("read+write", "mmap+write", "sendfile"))
		for _, m := range impl.Methods() {
			Expect(m.Claim.Source).NotTo(BeEmpty(), m.Name)
			Expect(len(m.Claim.Calls)+len(m.Claim.Waits)).To(BeNumerically(">", 0), m.Name)
		}
	})

	It("takes a method of one's own, after those that are there", func() {
		before := impl.Names()
		impl.Register(own("own"))
		Expect(impl.Names()).To(Equal(append(before, "own")))
		Expect(impl.Methods()).To(HaveLen(len(before) + 1))
		m, err := impl.Lookup("own")
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Move(nil)).To(BeEquivalentTo(42))
	})

	It("does not hand out the list that it keeps", func() {
		impl.Methods()[0].Name = "changed"
		Expect(impl.Names()).To(HaveEach(Not(Equal("changed"))))
	})

	It("finds each by its name", func() {
		for _, name := range impl.Names() {
			m, err := impl.Lookup(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(m.Name).To(Equal(name))
		}
	})

	It("lists the valid names to who asks for another", func() {
		impl.Register(own("own"))
		_, err := impl.Lookup("sendfiel")
		Expect(err).To(MatchError(HavePrefix(`unknown method "sendfiel"; there are: read+write, `)))
		Expect(err).To(MatchError(HaveSuffix(`, own`)))
	})

	DescribeTable("refuses", func(m impl.Method, says string) {
		before := impl.Names()
		Expect(func() { impl.Register(m) }).To(PanicWith(says))
		Expect(impl.Names()).To(Equal(before))
	},
		Entry("a method without a name", own(""), `impl: method name "": `+rule),
		Entry("a name with a blank", own("my method"), `impl: method name "my method": `+rule),
		Entry("a name with a line's end", own("mine\n"), `impl: method name "mine\n": `+rule),
		Entry("a name with a wide blank", own("my\u2003method"), `impl: method name "my\u2003method": `+rule),
		Entry("a name with a comma, which separates names", own("mine,yours"), `impl: method name "mine,yours": `+rule),
		Entry("a name that a label filter would take apart", own("sendfile(2)"), `impl: method name "sendfile(2)": `+rule),
		Entry("a name in capitals", own("Mine"), `impl: method name "Mine": `+rule),
		Entry("a method that cannot move", impl.Method{Name: "mine", Claim: own("").Claim}, "impl: method mine has no Move"),
		Entry("a method that claims no calls", impl.Method{Name: "mine", Move: own("").Move}, "impl: method mine claims no calls: its cost could not be judged"),
		Entry("a method that is there already", own("sendfile"), "impl: method sendfile is registered twice"),
	)

	It("refuses the same one twice", func() {
		impl.Register(own("own"))
		Expect(func() { impl.Register(own("own")) }).To(PanicWith("impl: method own is registered twice"))
	})

	It("has a method stand in another's place, by its name", func() {
		before := impl.Names()
		impl.Replace(own("sendfile"))
		Expect(impl.Names()).To(Equal(before))
		m, err := impl.Lookup("sendfile")
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Claim.Source).To(Equal("own(3)"))
	})

	It("refuses to replace what is not there", func() {
		Expect(func() { impl.Replace(own("own")) }).To(PanicWith("impl: there is no method own that could be replaced"))
	})

	It("is shown in the README as it is tried here", func() {
		here, err := os.ReadFile("example_test.go")
		if err != nil {
			Skip("not-checked: the package's folder is not the working directory: " + err.Error())
		}
		readme, err := os.ReadFile("../README.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(registration(string(readme))).To(Equal(registration(string(here))))
	})
})

// rule is what a refused name is held against.
const rule = "a name in lower case is needed, without blanks and without any of ,&|!()/:"

// registration are the lines of a text that register a method, each without its indentation.
func registration(text string) (lines []string) {
	GinkgoHelper()
	_, text, found := strings.Cut(text, "impl.Register(")
	Expect(found).To(BeTrue(), "nothing is registered there")
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
		if lines[len(lines)-1] == "})" {
			break
		}
	}
	return lines
}
