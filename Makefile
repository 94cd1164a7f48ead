# go tool ginkgo is the version that go.mod names: nothing has to be installed.
GINKGO = go tool ginkgo run

.PHONY: test vet
test: vet ## the kit's own tests and the suites
	go test ./...

vet:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt-clean: $$unformatted"; exit 1; }
	go vet ./...
