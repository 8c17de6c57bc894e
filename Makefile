# The commands of this repository. `make help` lists them; each is explained by the comment on its line.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Where the data of `make run` lives; more settings of `invoke up` can be given in ARGS.
ROOT ?=
ARGS ?=
# The case names that `make goldens` runs (a regular expression); empty: all.
ONLY ?=
# The files of tests/cluster that `make cluster` runs; empty: all.
FILES ?=
# How `make images` compiles: debug, which the tests share, or release.
PROFILE ?= debug
# An InvokeAI to compare with: the URL of a running one, or the path of its program `invokeai-web`
PEER ?=

.PHONY: help run test units operator goldens browser cluster cluster-up cluster-down images reproducible bench s3 fmt lint sqlx crds

help: ## Lists these commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## ?/  make \1\t/' | expand -t 22

build: ## Fetches what is missing and builds in release: target/release/invoke, with invoke-useradd and its siblings
	@tests/setup/postgres
	@tests/setup/onnxruntime >/dev/null
	@tests/setup/ui >/dev/null
	@tests/setup/build --release

run: build ## Builds and starts a studio on this machine (ROOT=dir ARGS="--port 9091")
	@export ORT_DYLIB_PATH=$${ORT_DYLIB_PATH:-$$(tests/setup/onnxruntime)}; ui=$$(tests/setup/ui); \
	exec "$${CARGO_TARGET_DIR:-target}/release/invoke" up --ui-dir "$$ui" $(if $(ROOT),--root "$(ROOT)") $(ARGS)

test: ## Runs everything: units, integration on real Postgres, goldens on real ONNX Runtime, the UI in Chromium, a real Kubernetes
	@tests/run all

units: ## Only the tests of cargo, against a private Postgres
	@tests/run units

operator: ## Only the tests of the operator that need no cluster
	@tests/run operator

goldens: ## Compares all recorded graphs with InvokeAI's outputs and prints the list (ONLY=regex)
	@ONLY='$(ONLY)' tests/run goldens

browser: ## Only the stock UI in headless Chromium
	@tests/run browser

cluster: ## Only the tests on a real Kubernetes, brought up for them unless it is up (FILES="studio faults": some of them)
	@tests/cluster/run test $(FILES)

cluster-up: ## Builds what is missing and starts a Kubernetes of one node on this machine; prints its kubeconfig
	@tests/cluster/run up

cluster-down: ## Removes that Kubernetes and everything it made
	@tests/cluster/run down

images: ## Builds the container images; the test cluster, when it is up, gets them (PROFILE=release)
	@PROFILE='$(PROFILE)' tests/cluster/run images

reproducible: ## Builds what images hold twice from nothing, as the Containerfile does, and compares it: half an hour
	@tests/cluster/reproducible

parity: ## Compares images of every scheduler with an InvokeAI that runs or is started (PEER=http://… or its program)
	@PEER='$(PEER)' ONLY='$(ONLY)' tests/run parity

s3: ## Only the test of images in a bucket, on a server that it installs from PyPI
	@tests/run s3

bench: ## Measures requests, start, memory, images, steps and the queue, beside InvokeAI's with PEER=http://… or its program
	@PEER='$(PEER)' tests/run bench

fmt: ## Formats the Rust code
	cargo fmt --all

lint: licences ## Formatting, clippy, and what `licences` checks
	@tests/run lint

licences: ## Licences, sources and duplicates of the dependencies, by cargo-deny
	@tests/run licences

crds: ## Writes crds/, the chart's definitions and the reference of their fields anew, after a change of the types
	SQLX_OFFLINE=true cargo run --quiet -p operator --bin crdgen .

sqlx: ## Writes .sqlx anew, the descriptions of all checked queries, after a change of SQL
	@tests/run sqlx
