package methods_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"zerocopy-conformance/hack/mutants/methods"
	"zerocopy-conformance/hack/mutants/mutant"
	"zerocopy-conformance/impl"
	_ "zerocopy-conformance/suites/catalogue" // so that every requirement's ID is known
	"zerocopy-conformance/suites/spec"
)

func TestMethods(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "methods")
}

var _ = Describe("The mutated methods", func() {
	// As long as none is registered.
	originals := impl.Methods()
	all := map[string]mutant.Mutant{}
	for _, batch := range methods.Batches() {
		for _, m := range batch.Mutants {
			all[m.Name] = m
		}
	}

	It("are many, and many of each method", func() {
		mutations, of := map[string]bool{}, map[string]int{}
		for name := range all {
			_, mutation, _ := strings.Cut(name, mutant.Separator)
			mutations[mutation] = true
			of[mutant.MethodOf(name)]++
		}
		Expect(len(mutations)).To(BeNumerically(">=", 40))
		for _, m := range originals {
			Expect(of[m.Name]).To(BeNumerically(">=", 16), m.Name)
		}
	})

	It("of each method have the essential defects", func() {
		everyOne := []string{"one-bit-flipped", "byte-left-out", "one-byte-more-said", "nothing-moved", "nothing-moved-all-counted", "panic"}
		ofFiles := []string{"one-byte-fewer", "one-byte-more", "offset-ignored", "offset-kept", "one-call-more-on-source", "source-written", "source-kept", "sink-made-nonblocking"}
		for _, m := range originals {
			essential := everyOne
			if m.Reads(impl.File) {
				essential = slices.Concat(everyOne, ofFiles)
			}
			for _, mutation := range essential {
				Expect(all).To(HaveKey(m.Name + mutant.Separator + mutation))
			}
		}
	})

	It("violate requirements that there are, and each says what it does", func() {
		patterns := map[string]string{}
		for name, m := range all {
			Expect(m.Says).NotTo(BeEmpty(), name)
			Expect(m.Violates).NotTo(BeEmpty(), name)
			for _, pattern := range m.Violates {
				patterns[pattern] = name
			}
		}
		known := spec.Requirements()
		for pattern, name := range patterns {
			one := mutant.Mutant{Violates: []string{pattern}}
			Expect(slices.ContainsFunc(known, func(r spec.Requirement) bool { return one.Owns(r.ID) })).To(BeTrue(), "%s: no requirement is %s", name, pattern)
		}
	})

	It("are each in a batch that names them, under a name of its own", func() {
		names := map[string]bool{}
		for _, batch := range methods.Batches() {
			Expect(names[batch.Name]).To(BeFalse(), batch.Name)
			names[batch.Name] = true
			set := map[string]int{}
			for _, variable := range batch.Environment {
				_, value, _ := strings.Cut(variable, "=")
				for name := range strings.SplitSeq(value, ",") {
					set[name]++
				}
			}
			for _, m := range batch.Mutants {
				Expect(set[m.Name]).To(Equal(1), m.Name)
			}
		}
	})
})

var _ = Describe("Registering", func() {
	It("makes those known that the environment names, and puts others in their originals' places", func() {
		GinkgoT().Setenv("ZC_METHODS", "sendfile~one-byte-fewer,sendfile")
		GinkgoT().Setenv(mutant.ReplaceVariable, "read+write~nothing-moved-all-counted")
		before := impl.Names()
		original, err := impl.Lookup("read+write")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(impl.Replace, original)
		methods.Register()
		Expect(impl.Names()).To(Equal(append(before, "sendfile~one-byte-fewer")))
		replaced, err := impl.Lookup("read+write")
		Expect(err).NotTo(HaveOccurred())
		Expect(replaced.Claim).To(Equal(original.Claim))
		Expect(replaced.Move(&impl.Transfer{Length: 7, SourceBytes: 7})).To(BeEquivalentTo(7))
	})

	It("panics on a name that is none, and says which there are", func() {
		GinkgoT().Setenv("ZC_METHODS", "sendfile~no-such")
		Expect(methods.Register).To(PanicWith(And(
			HavePrefix(`ZC_METHODS names "sendfile~no-such", which is no mutated method; of sendfile there are: sendfile~`), ContainSubstring("sendfile~one-bit-flipped"))))
	})
})

var _ = Describe("A mutation", func() {
	content := make([]byte, 3*os.Getpagesize())
	for i := range content {
		content[i] = byte(i * 7 / 5)
	}

	// moved is what a mutated method delivers of all of that through a pipe, and what it says.
	moved := func(name string, length int64) (arrived []byte, count int64, err error) {
		GinkgoHelper()
		m := methods.Lookup(name)
		file, err := os.CreateTemp(GinkgoT().TempDir(), "source")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(file.Close)
		Expect(file.Write(content)).To(Equal(len(content)))
		_, err = file.Seek(0, 0)
		Expect(err).NotTo(HaveOccurred())
		var ends [2]int
		Expect(unix.Pipe2(ends[:], unix.O_CLOEXEC)).To(Succeed())
		t := &impl.Transfer{
			Source: int(file.Fd()), Sink: ends[1], Second: -1, Length: length, SourceBytes: int64(len(content)),
			Chunk: os.Getpagesize(), Buffer: make([]byte, 2*os.Getpagesize()),
		}
		release := func() error { return nil }
		if m.Prepare != nil {
			its, err := m.Prepare(t)
			Expect(err).NotTo(HaveOccurred())
			if its != nil {
				release = its
			}
		}
		count, err = m.Move(t)
		Expect(release()).To(Succeed())
		Expect(unix.Close(ends[1])).To(Succeed())
		reader := os.NewFile(uintptr(ends[0]), "pipe")
		defer reader.Close()
		var all bytes.Buffer
		_, failed := all.ReadFrom(reader)
		Expect(failed).NotTo(HaveOccurred())
		return all.Bytes(), count, err
	}

	page := os.Getpagesize()
	for _, each := range []struct {
		mutation string
		arrives  func() []byte
		says     int
	}{
		{"one-byte-fewer", func() []byte { return content[:len(content)-1] }, len(content) - 1},
		{"one-byte-fewer-counted", func() []byte { return content[:len(content)-1] }, len(content)},
		{"one-byte-less-said", func() []byte { return content }, len(content) - 1},
		{"nothing-said", func() []byte { return content }, 0},
		{"nothing-moved-all-counted", func() []byte { return nil }, len(content)},
		{"moved-twice", func() []byte { return slices.Concat(content, content) }, len(content)},
		{"offset-kept", func() []byte { return bytes.Repeat(content[:page], 3) }, len(content)},
		{"one-page-on", func() []byte { return content[page:] }, len(content) - page},
		{"chunks-halved", func() []byte { return content }, len(content)},
		{"by-user-memory", func() []byte { return content }, len(content)},
		{"by-a-copy-of-the-source", func() []byte { return content }, len(content)},
		{"position-moved", func() []byte { return content }, len(content)},
	} {
		for _, method := range []string{"sendfile", "splice"} {
			It(each.mutation+" is what it says, of "+method, func() {
				arrived, said, err := moved(method+mutant.Separator+each.mutation, int64(len(content)))
				Expect(err).NotTo(HaveOccurred())
				Expect(bytes.Equal(arrived, each.arrives())).To(BeTrue(), "%d bytes arrived", len(arrived))
				Expect(said).To(BeEquivalentTo(each.says))
			})
		}
	}

	It("one-bit-flipped flips one bit of each chunk", func() {
		arrived, said, err := moved("read+write~one-bit-flipped", int64(len(content)))
		Expect(err).NotTo(HaveOccurred())
		Expect(said).To(BeEquivalentTo(len(content)))
		wrong := 0
		for i := range content {
			if arrived[i] != content[i] {
				wrong++
				Expect(arrived[i] ^ content[i]).To(BeEquivalentTo(1))
			}
		}
		Expect(wrong).To(Equal(3))
	})
})
