# `make` prints this list.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

CARGO ?= cargo
export CARGO_TARGET_DIR ?= $(CURDIR)/target

MACHINE := $(shell uname -m)
ARCHITECTURE := $(if $(filter aarch64,$(MACHINE)),arm64,amd64)
BINARIES := $(CARGO_TARGET_DIR)/binaries
IMAGES := $(CARGO_TARGET_DIR)/images
REVISION = $(shell git rev-parse HEAD)$(shell git diff --quiet HEAD || echo -changed)
CREATED = $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)

.PHONY: help
help: ## This list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: run
run: ## Build, and render the api overlay that is built in
	$(CARGO) build --release --locked
	@"$(CARGO_TARGET_DIR)/release/kserve-aws" render

# What a test could not say on this machine, one line each.
SKIPPED := $(CARGO_TARGET_DIR)/skipped

.PHONY: test
test: ## The tests that need only Rust; what is skipped stands at the end
	@mkdir -p "$(CARGO_TARGET_DIR)"; rm -f "$(SKIPPED)"; passed=0; \
	KSERVE_AWS_SKIPPED="$(SKIPPED)" $(CARGO) test --workspace --locked || passed=$$?; \
	touch "$(SKIPPED)"; echo "$$(wc -l <"$(SKIPPED)") skipped"; cat "$(SKIPPED)"; rm "$(SKIPPED)"; \
	exit $$passed

.PHONY: e2e
e2e: images ## Under real kustomize, kpt and Docker; what kubectl and kpt read; the release, built twice where that may differ
	KSERVE_AWS_IMAGES="$(IMAGES)" $(CARGO) test --locked --test hosts
	$(CARGO) test --workspace --locked --test readers
	@scripts/reproducible changed

.PHONY: mesh
mesh: ## Istio's generator, istioctl and Envoy, for make oracle; the first time takes minutes
	@scripts/mesh "$(CARGO_TARGET_DIR)/oracles"

.PHONY: kserve
kserve: ## KServe's own reconcilers, for make oracle; the first time takes minutes
	@scripts/kserve "$(CARGO_TARGET_DIR)/oracles" $(KSERVE)

.PHONY: oracle
oracle: mesh kserve ## What we say of a controller, and read of YAML, against their own code
	$(CARGO) test --locked --test oracles -- --include-ignored
	$(CARGO) test --workspace --locked --test judge

.PHONY: binary
binary: ## The static binary of this machine, target/images/kserve-aws
	@program="$$(scripts/build native)" && mkdir -p "$(IMAGES)" && install "$$program" "$(IMAGES)/kserve-aws"
	@"$(IMAGES)/kserve-aws" --version

.PHONY: binaries
binaries: ## The static binaries of Linux on amd64 and arm64, target/binaries
	@scripts/build linux

.PHONY: images
images: binaries ## The images of both, as target/images/images.tar, loaded where Docker runs
	@install -D "$$(ls "$(BINARIES)/$(MACHINE)"-unknown-linux-*/kserve-aws)" "$(IMAGES)/kserve-aws"
	@for binary in "$(BINARIES)"/*-linux-*/kserve-aws; do binaries+=(--binary "$$binary"); done; \
	$(CARGO) run --quiet --locked --package images -- "$${binaries[@]}" --docker $(ARCHITECTURE) \
	  --revision $(REVISION) --created $(CREATED) --out "$(IMAGES)/images.tar" | tee "$(IMAGES)/images.txt"
	@if docker info >/dev/null 2>&1; then docker load --quiet --input "$(IMAGES)/images.tar"; \
	else echo "no Docker engine answers: $(IMAGES)/images.tar is not loaded"; fi

.PHONY: dist
dist: images ## What a release consists of, target/dist; needs cargo-cyclonedx
	@scripts/dist "$(BINARIES)" "$(IMAGES)" "$(CARGO_TARGET_DIR)/dist"

.PHONY: workflows
workflows: ## actionlint, zizmor and shellcheck: they find nothing in a workflow, an example or a script
	@workflows="$$(grep -l '^jobs:' .github/workflows/*.yaml $$(find examples -name '*.yaml'))"; \
	echo $$workflows; actionlint $$workflows; \
	zizmor --quiet --offline --no-progress --persona auditor .github/ action.yaml $$workflows
	@shellcheck $$(grep -lE '^#!.*sh$$' .ci/* scripts/* fuzz/seeds 2>/dev/null)

.PHONY: docs
docs: ## These documents as a book, target/book; installs mdbook into ~/.cache/kserve-aws where it is absent
	@paths="$$(.ci/tools mdbook)" && eval "$$paths" && mdbook build --dest-dir "$(CARGO_TARGET_DIR)/book" docs

.PHONY: oldest
oldest: ## Compiles with the oldest Rust that Cargo.toml names, FOR=a target; without it, clippy's incompatible_msrv stands in
	@oldest="$$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"; \
	if rustup toolchain install --profile minimal $(FOR:%=--target %) "$$oldest" >/dev/null 2>&1; then \
	  rustup run "$$oldest" cargo check --workspace --locked --target-dir "$(CARGO_TARGET_DIR)/oldest" $(FOR:%=--target %); \
	else echo "oldest: Rust $$oldest can't be had here"; \
	  $(CARGO) clippy --workspace --locked -- -A clippy::all -D clippy::incompatible_msrv; fi

.PHONY: apple
apple: ## Compiles the program for macOS as far as goes without Apple's linker
	@if [ -d "$$(rustc --print target-libdir --target aarch64-apple-darwin)" ] || rustup target add aarch64-apple-darwin; \
	then $(CARGO) check --locked --bin kserve-aws --target aarch64-apple-darwin; \
	else echo "apple: Rust's target aarch64-apple-darwin can't be had here"; fi

.PHONY: mutants
mutants: ## Faults in the controllers' models, the proof, the path and krm-package, against their own tests; takes hours
	@paths="$$(.ci/tools cargo-mutants)" && eval "$$paths" && scripts/mutants $(MUTANTS)

.PHONY: bench
bench: binary ## The engine's speed, and the whole program's beside other means
	KSERVE_AWS="$(IMAGES)/kserve-aws" $(CARGO) bench --locked --bench engine --bench whole_process --bench fleet

.PHONY: fuzz
fuzz: ## Every fuzz target for SECONDS_EACH (60) seconds, on the nightly toolchain
	@for folder in fuzz crates/krm-package/fuzz; do cd "$(CURDIR)/$$folder"; \
	  for target in $$($(CARGO) +nightly fuzz list); do \
	    seeds="$(CARGO_TARGET_DIR)/fuzz-seeds/$$target"; "$(CURDIR)/fuzz/seeds" $$target "$$seeds"; \
	    words=yaml.dict; if [ -f $$target.dict ]; then words=$$target.dict; fi; mkdir -p corpus/$$target; \
	    $(CARGO) +nightly fuzz run $$target corpus/$$target "$$seeds" -- -dict=$$words \
	      -max_total_time=$${SECONDS_EACH:-60}; done; done

.PHONY: snapshots
snapshots: ## Write the expected outputs anew; read the difference before it is committed
	INSTA_UPDATE=always UPDATE_EXPECTED=1 $(CARGO) test --workspace --locked
