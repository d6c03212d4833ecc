# Stance: everything that people and CI run. See README.md.
SHELL := /bin/bash
export CGO_ENABLED := 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/stance-sec/stance/internal/app.Version=$(VERSION)
# grpc's tracing would keep the linker from dropping what nobody calls: the binary
# would be three times as large. Nothing here speaks grpc.
TAGS := grpcnotrace
CACHE := $(CURDIR)/.cache
MOTO_VERSION := 5.2.1

.PHONY: help build demo test race bench faults scale lint fmt clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

build: ## build the static binary bin/stance
	@go version >/dev/null 2>&1 || { echo "make: Go is not installed; see https://go.dev/dl/" >&2; exit 1; }
	@mkdir -p bin
	go build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o bin/stance ./cmd/stance

demo: build ## scan the built-in estate and write a report of it
	@bin/stance demo --out dist/demo

test: $(CACHE)/moto/ready ## bring in what the tests need and run all of them
	@scripts/test

race: $(CACHE)/moto/ready ## run the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./internal/... ./content/...

bench: ## print the figures of speed
	@scripts/bench

faults: ## fail every read operation in turn and print what came of it
	go test ./internal/faults -run 'Faults$$' -v -count=1 -timeout 90m -faults.full

scale: $(CACHE)/moto/ready ## scan a large estate on the moto server and print what it cost
	@scripts/scale

lint: ## vet, and the linter of tools/go.mod
	go vet ./...
	@test -z "$$(gofmt -l cmd content internal)" || { echo "make lint: not formatted:"; gofmt -l cmd content internal; exit 1; }
	cd tools && go build -o ../.cache/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	.cache/golangci-lint run ./...

fmt: ## format the code
	gofmt -w cmd content internal

# The moto server is the AWS of the whole-run tests. It lives in a virtual
# environment of its own unless Python has it already.
$(CACHE)/moto/ready:
	@scripts/moto-install '$(CACHE)/moto' '$(MOTO_VERSION)'

clean: ## remove what was built
	rm -rf bin dist $(CACHE)
