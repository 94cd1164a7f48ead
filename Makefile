# go tool ginkgo is the version that go.mod names: nothing has to be installed.
GINKGO = go tool ginkgo run

.PHONY: conformance test vet

conformance: ## the main job: a verdict on this kernel, with numbers; Ginkgo's own reports go to reports/
	@mkdir -p reports
	$(GINKGO) --output-dir=reports --json-report=ginkgo.json --junit-report=junit.xml ./suites/...

test: vet ## the kit's own tests and the suites
	go test ./...

vet:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt-clean: $$unformatted"; exit 1; }
	go vet ./...
