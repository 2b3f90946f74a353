# Everything a fresh machine needs, each step by itself. `make demo` and `make test` are where to start.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
PREFIX ?= /usr/local
PYTHON ?= python3
DURATION ?= 600
BUILD := .build/debug
RELEASE := .build-release
SIZE ?= full

.PHONY: setup program build dbutils venv demo test torture sanitize fuzz fuzz-api lint format bench bench-server bench-vaults bench-apply bench-redaction install clean

# The system's libraries; asks the package manager only for what is missing.
setup:
	@scripts/setup.sh

build: program dbutils

program: setup
	swift build

# What notebooks import: a library and its textual interface beside the executable. Only after the program: the build
# system makes $(BUILD) itself, as a link, and leaves a folder that stands there already.
dbutils: $(BUILD)/hush-dbutils/libDBUtils.so

$(BUILD)/hush-dbutils/libDBUtils.so: $(wildcard Sources/DBUtils/*.swift) scripts/build-dbutils.sh | program
	scripts/build-dbutils.sh $(BUILD)/hush-dbutils

# Python clients that the tests talk to, in the versions that Tests/requirements.txt pins.
venv: .venv/ready

.venv/ready: Tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	touch $@

demo: build
	scripts/demo.sh $(BUILD)/hush

# Each test target in a process of its own: they start servers, children and terminals, and must not meet in one table
# of descriptors.
test: build venv
	swift build --build-tests
	for target in $(notdir $(wildcard Tests/*Tests)); do \
	    echo "== $$target"; \
	    SWIFT_BACKTRACE=enable=no swift test --skip-build --filter "^$$target\." 2>&1; \
	done

# Redaction against its reference, by libFuzzer, for so many seconds.
fuzz: FUZZING := 60
fuzz: setup
	scripts/fuzz-redaction.sh .build-fuzz $(FUZZING)

# More than 2,000 generated requests against a server; no 5xx and nothing that its description does not tell of.
fuzz-api: program .venv-fuzz/ready
	scripts/fuzz-api.sh $(BUILD)/hush .venv-fuzz/bin/schemathesis

.venv-fuzz/ready: Tests/requirements-fuzz.txt
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements-fuzz.txt
	touch $@

# The durability tests on and on, for so many seconds: `make torture DURATION=3600`.
torture: setup
	scripts/torture.sh $(DURATION)

sanitize: setup venv
	scripts/sanitize.sh thread address

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

# SIZE=small takes a minute; the targets are about SIZE=full, whose stores are made once and kept.
bench: setup
	scripts/bench.sh $(RELEASE) $(SIZE)

# The server beside a bare route of its HTTP library and beside nginx; installs wrk and nginx where they are missing.
bench-server: setup
	scripts/bench-server.sh $(RELEASE) $(SIZE)

# Linked scopes beside a bare request to the same vault, and native ones while a vault is down.
bench-vaults: setup
	scripts/bench.sh $(RELEASE) $(SIZE) --only vaults

# Manifests of 1,000 scopes: plan and apply.
bench-apply: setup
	scripts/bench.sh $(RELEASE) $(SIZE) --only apply

# Redaction beside memcpy, rg, Hyperscan and an Aho-Corasick library; installs them where they are missing.
bench-redaction: setup
	scripts/bench-redaction.sh $(RELEASE) $(SIZE)

# The release is linked with the Swift runtime inside, so that it runs where no Swift is installed.
install: setup
	swift build -c release --static-swift-stdlib --scratch-path $(RELEASE) --product hush
	install -D -m 0755 $(RELEASE)/release/hush $(DESTDIR)$(PREFIX)/bin/hush
	scripts/build-dbutils.sh $(DESTDIR)$(PREFIX)/lib/hush/swift

clean:
	rm -rf .build $(RELEASE) .build-tsan .build-asan .build-fuzz .venv .venv-fuzz
