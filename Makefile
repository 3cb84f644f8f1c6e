# What people and CI run. Each line also works by itself, without make.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/openmibi/openmibi/internal/cli.version=$(VERSION)
UNWATCHED := modernc.org/sqlite/lib modernc.org/libc/...
UNPARALLEL := mibi internal/adler internal/deflate internal/inflate internal/model internal/pixels internal/policy internal/preview
REFEREED := Python|Tifffile|Libtiff|Mibilib|OtherReaders|OthersRead|Oracles
LARGE := AMillionPages|PiecesAreThePage|CopyOfLongStrips|HostileDescriptions|CheckManyPages|OMEKeepsAllTypes
APART := TestKilledUnderLoad|TestFiltersDoNotEscape
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: all build test race lint openapi release clean
all: build lint test

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o build/ ./cmd/mibi

test:
	go test ./...

# The race detector needs a C compiler; the program itself does not. What kills
# the server, drives a browser or counts memory gains nothing from it: -short.
# Nor does SQLite, which is C in Go's clothes with locks of its own: to watch its
# every access makes the database ten times as slow. Its driver is watched. Rooms
# that start no goroutine have nothing to watch, nor have tests that make much
# data one after the other; in those that ask other programs the time is theirs,
# and where the server is a process of its own, or asked one thing at a time, there
# is nothing to see.
race:
	CGO_ENABLED=1 go test -race -short -vet=off -skip '$(REFEREED)|$(LARGE)|$(APART)' $(UNWATCHED:%=-gcflags=%=-race=false) \
		$(filter-out $(UNPARALLEL:%=github.com/openmibi/openmibi/%),$(shell go list ./...))

# The linter vets for the system that it runs on.
lint: build/golangci-lint
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	GOOS=windows go vet ./...
	build/golangci-lint run

# A second opinion on the API's description, for who changes the API. It is no
# part of lint: to build the validator takes longer than all the rest.
openapi:
	go -C tools/openapi run . ../../internal/api/testdata/openapi.json

# The linter has a module of its own, so that its dependencies are not ours.
# The first build takes a minute or more; after that it is cached.
build/golangci-lint: tools/go.mod tools/go.sum
	go -C tools build -o ../build/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# Each platform's program in dist/, and their sums.
release: $(PLATFORMS:%=release/%)
	cd dist && { sha256sum mibi_* || shasum -a 256 mibi_*; } > SHA256SUMS

.PHONY: $(PLATFORMS:%=release/%)
$(PLATFORMS:%=release/%): release/%:
	CGO_ENABLED=0 GOOS=$(*D) GOARCH=$(*F) go build -trimpath -ldflags "$(LDFLAGS)" \
		-o dist/mibi_$(*D)_$(*F)$(if $(filter windows,$(*D)),.exe) ./cmd/mibi

clean:
	rm -rf build dist
