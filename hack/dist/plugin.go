package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"zerocopy-conformance/hack/report"
	"zerocopy-conformance/hack/report/forms"
	"zerocopy-conformance/hack/report/page"
	"zerocopy-conformance/hack/sonobuoy"
)

// plugin runs what is asked for as a plugin of Sonobuoy's, and stays until it is ended. The worker has an answer whatever becomes
// of the run, also where that was asked for something that does not exist.
func (o options) plugin(ctx context.Context) (code int, err error) {
	worker, err := sonobuoy.Open()
	if err != nil {
		return misused, err
	}
	if worker.Reported() {
		// The container was started again: its results are on their way, or have arrived.
		<-ctx.Done()
		return 0, nil
	}
	teller := worker.Teller(os.Stderr)
	var words bytes.Buffer
	r, code, err := o.outcome(ctx, os.Stdout, io.MultiWriter(os.Stdout, &words), func(f far) {
		teller.Tell(sonobuoy.Progress{Message: f.String(), Total: f.Total, Completed: f.Done, Failures: f.Failed})
	})
	teller.End()
	result := sonobuoy.Result{Report: r, Failure: err, Code: code, Words: words.String()}
	files := map[string][]byte{}
	if r != nil {
		if files, err = asFiles(r); err != nil {
			result.Failure = err
		}
	}
	if err := worker.Report(result, files); err != nil {
		return misused, err
	}
	fmt.Println("handed over:", result)
	<-ctx.Done()
	return code, nil
}

// asFiles are a report in the forms that lie beside Sonobuoy's.
func asFiles(r *report.Report) (map[string][]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"report.json": append(text, '\n')}
	for name, write := range map[string]func(io.Writer, string, []report.Column) error{"junit.xml": forms.JUnit, "report.html": page.Write} {
		var form bytes.Buffer
		if err := write(&form, title(r), columns(r)); err != nil {
			return nil, err
		}
		files[name] = form.Bytes()
	}
	return files, nil
}
