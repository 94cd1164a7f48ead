package progress

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

func TestProgress(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/progress")
}

// terminal opens a pseudoterminal of so many columns (pts(4)), and returns the end of the program and that of the person.
func terminal(columns uint16) (program, person *os.File) {
	GinkgoHelper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		Skip("not-checked: a pseudoterminal: " + err.Error())
	}
	DeferCleanup(person.Close)
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	Expect(err).NotTo(HaveOccurred())
	Expect(unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)).To(Succeed())
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		Skip("not-checked: a pseudoterminal: " + err.Error())
	}
	DeferCleanup(program.Close)
	Expect(unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})).To(Succeed())
	return program, person
}

// seen is what the person has seen up to an end mark, which the program writes.
func seen(program, person *os.File) string {
	GinkgoHelper()
	_, err := program.WriteString("#")
	Expect(err).NotTo(HaveOccurred())
	text, err := bufio.NewReader(person).ReadString('#')
	Expect(err).NotTo(HaveOccurred())
	return strings.TrimSuffix(text, "#")
}

var _ = Describe("The progress of a long run", func() {
	It("is one line of a terminal, written over", func() {
		program, person := terminal(80)
		line := On(program)
		Expect(line.Watched()).To(BeTrue())
		line.Show("%d of %d", 1, 2)
		line.Show("2 of 2")
		line.End()
		Expect(seen(program, person)).To(Equal("\r\x1b[K1 of 2\r\x1b[K2 of 2\r\x1b[K"))
	})

	It("fits into the line, whatever it says", func() {
		program, person := terminal(10)
		line := On(program)
		line.Show("0123456789")
		Expect(seen(program, person)).To(Equal("\r\x1b[K01234567…"))
		line.Show("a\x1b[2J\nb")
		Expect(seen(program, person)).To(Equal("\r\x1b[Ka[2Jb"))
	})

	It("does not get into what stays", func() {
		program, person := terminal(80)
		line := On(program)
		line.Show("half")
		line.Print(program, "it panicked")
		Expect(seen(program, person)).To(Equal("\r\x1b[Khalf\r\x1b[Kit panicked\r\n"))
	})

	It("is quiet where nobody watches, but for what stays", func() {
		read, write, err := os.Pipe()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(read.Close)
		line := On(write)
		Expect(line.Watched()).To(BeFalse())
		line.Show("1 of 2")
		line.Print(write, "it panicked")
		line.End()
		Expect(write.Close()).To(Succeed())
		var text bytes.Buffer
		_, err = text.ReadFrom(read)
		Expect(err).NotTo(HaveOccurred())
		Expect(text.String()).To(Equal("it panicked\n"))
	})

	It("is whole when many tell of it", func() {
		program, person := terminal(80)
		line, many := On(program), sync.WaitGroup{}
		for range 8 {
			many.Go(func() { line.Show("abcdefgh") })
		}
		many.Wait()
		Expect(seen(program, person)).To(Equal(strings.Repeat("\r\x1b[Kabcdefgh", 8)))
	})
})
