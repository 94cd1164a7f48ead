package wire_test

import (
	"bytes"
	"errors"
	"io"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/matrix/wire"
)

// said are the bytes of a short conversation, and where its last record begins.
func said() (text []byte, last int) {
	var to bytes.Buffer
	w := wire.NewWriter(&to)
	Expect(w.Send(wire.Hello, "", []byte("{}"))).To(Succeed())
	Expect(w.Send(wire.Output, "cost", bytes.Repeat([]byte("line\n"), 50_000))).To(Succeed())
	last = to.Len()
	Expect(w.Close()).To(Succeed())
	return to.Bytes(), last
}

// heard is all that comes out of the bytes.
func heard(text []byte) (records []*wire.Record, err error) {
	r := wire.NewReader(bytes.NewReader(text))
	for {
		record, err := r.Receive()
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
}

var _ = Describe("records", func() {
	It("arrive as they were sent", func() {
		text, _ := said()
		records, err := heard(text)
		Expect(err).To(Equal(io.EOF))
		Expect(records).To(HaveLen(2))
		Expect(records[1].Kind).To(Equal(wire.Output))
		Expect(records[1].Name).To(Equal("cost"))
		Expect(records[1].Body).To(Equal(bytes.Repeat([]byte("line\n"), 50_000)))
	})

	It("are cut wherever the bytes end before the last", func() {
		text, last := said()
		for _, end := range []int{0, 1, 14, 20, last / 2, last, len(text) - 1} {
			_, err := heard(text[:end])
			Expect(err).To(MatchError(wire.ErrCut), "cut at %d", end)
		}
	})

	It("say what came last before a cut", func() {
		text, last := said()
		_, err := heard(text[:last])
		Expect(err).To(MatchError(ContainSubstring("after record 1 ('o' cost)")))
	})

	It("are refused when a bit of them was changed, whichever", func() {
		text, _ := said()
		for _, at := range []int{0, 4, 5, 9, 11, 15, 16, 5000, len(text) - 1} {
			altered := bytes.Clone(text)
			altered[at] ^= 0x10
			_, err := heard(altered)
			Expect(err).NotTo(Equal(io.EOF), "byte %d", at)
		}
	})

	It("are refused when one is missing, and when one comes twice", func() {
		text, last := said()
		_, err := heard(append(bytes.Clone(text[:last]), text...))
		Expect(err).To(MatchError(ContainSubstring("the guest has begun anew after record 1")))
		var first bytes.Buffer
		Expect(wire.NewWriter(&first).Send(wire.Hello, "", []byte("{}"))).To(Succeed())
		_, err = heard(text[first.Len():])
		Expect(err).To(MatchError(ContainSubstring("record 1 came where 0 was next before the first record")))
	})

	It("are refused when other output stands between them", func() {
		text, last := said()
		_, err := heard(append(append(bytes.Clone(text[:last]), "a driver's remark"...), text[last:]...))
		Expect(err).To(MatchError(ContainSubstring(`no record: "a driver's rema" stands where record 2 should begin`)))
	})

	It("end for good with the first that cannot be written", func() {
		broken := errors.New("no reader")
		w := wire.NewWriter(refusing{broken})
		Expect(w.Send(wire.Began, "cost", nil)).To(MatchError(broken))
		Expect(w.Close()).To(MatchError(broken))
	})
})

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
