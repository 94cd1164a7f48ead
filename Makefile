# go tool ginkgo is the version that go.mod names: nothing has to be installed.
GINKGO = go tool ginkgo run

# The kernels that make matrix runs: each word is one, as go run ./hack/matrix list names them.
KERNELS = debian:5.10 debian:6.1 debian:6.12 debian:7.3 uml gvisor host

# How long make soak begins runs.
SOAK = 20m

# What make image calls the image, and what builds it: docker build does as well.
IMAGE = zerocopy-conformance:latest
BUILDER = podman build --timestamp=0

# What make report reads: one file, or a report of each of several nodes, and what make bench has written of one of these
# kernels; and the forms that it writes.
FROM = reports/report.json
BENCH =
FORMS = html markdown junit ktap annotations

# The architectures that make dist builds for.
ARCHITECTURES = amd64 arm64 riscv64

.PHONY: conformance dist image matrix mutants mutants-kernel requirements test gallery report soak bench vet

conformance: ## the main job: a verdict on this kernel, with numbers, or of it what LABELS='…' selects; Ginkgo's own reports go to reports/
	@# An earlier run's reports say nothing of this one.
	@mkdir -p reports && rm -f reports/ginkgo.json reports/junit.xml reports/report.json
	@# A suite of which nothing is selected fails: it is left out. The report is made of a red run as well; its exit
	@# code stays the run's.
	@suites=./suites/...; if test -n '$(LABELS)'; then suites=$$(go run ./hack/requirements/list -suites '$(LABELS)') || exit; fi; \
	$(GINKGO) --keep-going --label-filter='$(LABELS)' --output-dir=reports --json-report=ginkgo.json --junit-report=junit.xml $$suites; verdict=$$?; \
	go run ./hack/report/gather reports/ginkgo.json reports/report.json && exit $$verdict

matrix: ## the suites, or what LABELS='…' selects of them, on each of KERNELS='…', booted on this machine; OWES=7.3 holds all to that version
	@go run ./hack/matrix run -labels='$(LABELS)' -owes='$(OWES)' $(KERNELS)

mutants: ## what the kit catches: methods that go wrong and lies in the kernel's name, all or those that ONLY='…' matches, and who sees them
	@go run ./hack/mutants -only='$(ONLY)'

mutants-kernel: ## what the kit catches of kernels that do wrong: each of its defects, or those that ONLY='…' matches, built and run as User-Mode Linux
	@go run ./hack/mutants/kernel -only='$(ONLY)'

requirements: ## what the kit holds kernels to: each requirement, its source, since when it is owed, and its specs
	@go run ./hack/requirements/list

test: vet ## the kit's own tests and the suites
	@# Each package has 10 minutes if nothing is said, which the slowest may take on a busy machine.
	go test -timeout=20m ./...

dist: ## one static program with all suites for each of ARCHITECTURES='amd64 arm64 riscv64', alike byte for byte whoever builds it, and SHA256SUMS
	@mkdir -p reports/dist && rm -f reports/dist/*; for each in $(ARCHITECTURES); do \
	GOFLAGS= CGO_ENABLED=0 GOOS=linux GOARCH=$$each go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o reports/dist/zerocopy-conformance-$$each ./hack/dist || exit; done; \
	cd reports/dist && sha256sum zerocopy-conformance-* | tee SHA256SUMS

image: dist ## what make dist builds for this machine as an image FROM scratch, IMAGE='zerocopy-conformance:latest', for hack/sonobuoy
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cp reports/dist/zerocopy-conformance-* "$$folder" && mkdir -m 1777 "$$folder/tmp" && \
	$(BUILDER) --build-arg TARGETARCH=$$(go env GOARCH) -f hack/sonobuoy/Containerfile -t '$(IMAGE)' "$$folder"

gallery: ## by what the programs and servers of hack/gallery/programs move bytes, those that are there, or that ONLY='…' matches
	@own=$$(mktemp -d) && trap 'rm -rf "$$own"' EXIT && go build -o "$$own/fileserver" ./hack/gallery/fileserver && \
	PATH="$$own:$$PATH" ZC_PROGRAMS=$(CURDIR)/hack/gallery/programs $(GINKGO) --label-filter='EXTERNAL-TECHNIQUE$(if $(ONLY), && /^($(ONLY))$$/)' ./suites/external

report: ## what FROM=reports/report.json says, or matrix.json, or Sonobuoy's archive, or 'node-a.json node-b.json', for other readers: beside it, in each of FORMS='html markdown junit ktap annotations'
	@# Of several nodes it goes into a file of their own.
	@set -- $(FROM); out=$${1%.json}; out=$${out%.tar.gz}; test $$# -le 1 || { mkdir -p reports; out=reports/nodes; }; for form in $(FORMS); do \
	go run ./hack/report/to -bench='$(BENCH)' $$form "$$@" > "$$out.$$form" || { rm -f "$$out.$$form"; exit 2; }; echo "$$out.$$form"; done

soak: ## the suites again and again, for SOAK=1h, each time on a machine that is hard in another way, or ended by a signal
	@go run ./hack/soak -for='$(SOAK)'

bench: ## what the methods and the kit are worth in time, on this machine: no part of any verdict; reports/bench.json
	@ZC_BENCH=1 ZC_BENCH_JSON='$(CURDIR)/reports/bench.json' $(GINKGO) ./hack/bench

vet:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not gofmt-clean: $$unformatted"; exit 1; }
	go vet ./...
