# make run    builds and runs the pipeline on the sample that the program carries
# make test   runs every test
# make check  what must hold before a change lands: format, vet, lint, tests with the race detector
# make pictures  draws the screens of the console for the documentation
# make soak   the long tests of reliability; NIGHTLY=1 makes them longer
SHELL := /bin/sh
GO ?= go
GOLANGCI_VERSION := v2.15.0
GOFUMPT_VERSION := v0.12.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)
TOOLS := $(shell $(GO) env GOPATH 2>/dev/null)/bin
TESTFLAGS ?= -timeout 14m

.PHONY: run build test race check lint format vet tools soak bench pictures clean toolchain

run: build
	./penstock --run

build: toolchain
	$(GO) build -ldflags '$(LDFLAGS)' -o penstock .

# The query engine is C++ behind cgo, so building takes Go and a C compiler; running takes neither.
toolchain:
	@command -v $(GO) >/dev/null 2>&1 || { \
		echo "Go 1.26 or newer builds Penstock, and there is no 'go' here."; \
		echo "  get it from https://go.dev/dl/ or your system's packages, then run make again"; exit 2; }
	@command -v $$($(GO) env CC) >/dev/null 2>&1 || { \
		echo "Penstock's query engine needs a C compiler to build, and '$$($(GO) env CC)' is not here."; \
		echo "  Debian, Ubuntu:  sudo apt-get install build-essential"; \
		echo "  Fedora, RHEL:    sudo dnf install gcc gcc-c++"; \
		echo "  Alpine:          sudo apk add build-base"; \
		echo "  macOS:           xcode-select --install"; \
		echo "then run make again"; exit 2; }

# The race detector watches what has goroutines of its own; the program as a whole, the query engine and the steps
# are too heavy for it here, and are left to make check.
RACED = ./config/... ./sql/... ./dbadmin/... ./pipeline ./pipeline/source ./pipeline/mart ./tui/...
PLAIN = . ./bench/... ./lake/... ./pipeline/steps/...

test: toolchain
	@all=$$($(GO) list ./... | sort); named=$$($(GO) list $(RACED) $(PLAIN) | sort -u); \
	if [ "$$all" != "$$named" ]; then echo "RACED and PLAIN of the Makefile leave packages out, or have too many"; exit 2; fi
	@status=0; \
	$(GO) test $(TESTFLAGS) $(PLAIN) || status=1; \
	$(GO) test -race $(TESTFLAGS) $(RACED) || status=1; \
	exit $$status

race: toolchain
	$(GO) test -race $(TESTFLAGS) ./...

check: format vet lint race

format: tools
	@out=$$($(TOOLS)/gofumpt -l $$(git ls-files '*.go')); \
	if [ -n "$$out" ]; then echo "not formatted (gofumpt -w):"; echo "$$out"; exit 1; fi

vet: toolchain
	$(GO) vet ./...
	$(GO) vet -tags soak,failpoint ./...

lint: tools
	$(TOOLS)/golangci-lint run ./...

tools: toolchain
	@test -x $(TOOLS)/gofumpt || $(GO) install mvdan.cc/gofumpt@$(GOFUMPT_VERSION)
	@test -x $(TOOLS)/golangci-lint || $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

SOAK_KILLS ?= $(if $(NIGHTLY),10000,1000)
FUZZTIME ?= $(if $(NIGHTLY),10m,30s)
SOAK_TIMEOUT ?= $(if $(NIGHTLY),24h,6h)

soak: toolchain
	SOAK_KILLS=$(SOAK_KILLS) $(GO) test -tags soak,failpoint -timeout $(SOAK_TIMEOUT) -v -run 'Kill|Soak|Crash' ./...
	@$(GO) list ./... | while read -r pkg; do \
		$(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' | while read -r name; do \
			echo "fuzz $$pkg $$name"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done || exit 1; \
	done

bench: build
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

pictures: toolchain
	$(GO) test -count=1 -run '^TestPictures$$' . -args -pictures $(CURDIR)/docs/pictures

clean:
	rm -f penstock
