# `make up` runs a control plane, `make test` runs every test; both install what is missing first.
SHELL := /bin/bash
.DELETE_ON_ERROR:

SWIFT ?= swift
# Tests and the replay of recordings use one build; what people run is built with optimization.
DEBUG_DIR := .build/debug
RELEASE_DIR := .build/release
# With Swift's libraries linked in, most of them is left out. Each function is in a section of its own, kept only where
# something calls it. With the linker's settings in `Package.swift` a server takes a third less memory so, and starts
# sooner.
RELEASE_FLAGS := -c release --static-swift-stdlib \
	-Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -Xfrontend -Xswiftc -internalize-at-link
DATA_DIR ?= $(CURDIR)/martlet-data
UP_FLAGS ?=

.PHONY: up test bench crash-test fuzz format lint build release dependencies test-dependencies clean

up: release
	@exec $(RELEASE_DIR)/martlet up --data-dir "$(DATA_DIR)" $(UP_FLAGS)

test: dependencies test-dependencies lint
	$(SWIFT) build --build-tests
	Scripts/check-dependencies.sh
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(SWIFT) test --skip-build

build: dependencies
	$(SWIFT) build

release: dependencies
	$(SWIFT) build $(RELEASE_FLAGS) --product martlet

bench: dependencies
	$(SWIFT) build $(RELEASE_FLAGS) --product martlet
	$(SWIFT) build $(RELEASE_FLAGS) --product martlet-bench
	$(RELEASE_DIR)/martlet-bench --server $(RELEASE_DIR)/martlet --results Benchmarks

# Kills the store under concurrent writers, many more times than the tests do.
crash-test: dependencies
	$(SWIFT) build --product martlet-crash-test
	Scripts/crash-test.sh 200

# Tries odd input on what parses it, and then odd requests on a server; what fails is written to fuzz-failures.
FUZZ_SECONDS ?= 300
FUZZ_FLAGS ?=
fuzz: dependencies
	$(SWIFT) build --product martlet-fuzz
	$(SWIFT) build --product martlet
	$(DEBUG_DIR)/martlet-fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_FLAGS)
	$(DEBUG_DIR)/martlet-fuzz --seconds $(FUZZ_SECONDS) --server $(DEBUG_DIR)/martlet $(FUZZ_FLAGS)

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	Scripts/check-imports.py

dependencies:
	@Scripts/install-dependencies.sh build

test-dependencies:
	@Scripts/install-dependencies.sh test

clean:
	rm -rf .build .venv
