# One word, one deed. `make run` and `make test` set up everything that they need.
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: setup build run test durability stops golden catalog format lint bench peers throughput interpreter transformation lineage agreement aa calibrate check clean

# Debian packages by name; on another system the missing ones are printed.
PACKAGES := pkg-config libclang-dev libisl-dev libz3-dev libsqlite3-dev libseccomp-dev gcc patch
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
BUDGET ?= 10s
TOUR := fixtures/kernels/tour

setup:
	@missing=(); \
	for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing+=($$package); \
	done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  if command -v apt-get >/dev/null; then \
	    sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
	    echo "installing: $${missing[*]}"; \
	    $$sudo apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $${missing[*]} >/dev/null; \
	  else \
	    echo "error: missing packages: $${missing[*]}; install them (names are Debian's) and run make again" >&2; exit 2; \
	  fi; \
	fi
	@command -v swift >/dev/null || { echo "error: no swift on PATH; install Swift 6.1 or later" >&2; exit 2; }

build: setup
	swift build $(SWIFT_FLAGS)

run: build
	.build/release/ratchet optimize $(TOUR) --budget $(BUDGET)

# What ends programs that run too long, and campaigns, which are timed, run by themselves after everything
# else. Failures are repeated at the end, where they are seen.
LIMITS := HostileCorpusTests|GuardLimitTests|GuardedSessionTests
test: setup
	@mkdir -p .build; set -o pipefail; \
	run() { swift test $(SWIFT_FLAGS) "$$@" 2>&1 | tee -a .build/test.log; }; \
	: > .build/test.log; \
	run --skip '$(LIMITS)|CampaignTests' && run --skip-build --filter '$(LIMITS)' && \
	run --skip-build --filter CampaignTests || \
	{ echo; echo "failed:"; grep -aE 'recorded an issue|error:' .build/test.log | grep -av '^◇'; exit 1; }

# Sixteen writers that are killed, and many more states after a crash than `make test` looks at.
durability: setup
	RATCHET_DURABILITY=1 RATCHET_CRASH_STATES=2000 swift test $(SWIFT_FLAGS) --filter LineageLogTests

# A hundred stops from every phase of a campaign; half an hour.
STOPS ?= 100
stops: setup
	RATCHET_STOPS=$(STOPS) swift test $(SWIFT_FLAGS) --filter StoppingCampaignTests

# Rewrites golden expectations and still fails, so that nothing blesses itself.
golden: setup
	RATCHET_UPDATE=1 RATCHET_GOLDEN=1 swift test $(SWIFT_FLAGS) --filter "GoldenTests|ReportingTests"

# Regenerates the catalog of passes from their folder, and the figures that `ratchet audit` prints from the
# pages and tables of calibrations.
GENERATED := CatalogTests|CalibrationFiguresTests
catalog: setup
	RATCHET_UPDATE=1 swift test $(SWIFT_FLAGS) --filter '$(GENERATED)' || true
	swift test $(SWIFT_FLAGS) --filter '$(GENERATED)'

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# Compilers to compare with: gcc, gcc with Graphite, clang with Polly. Debian's clang-19 has Polly built in; its
# plugin beside that registers the same options again and crashes. `make peers` installs all three.
PEER_PACKAGES := gcc clang-19
SUITES ?= $(TOUR) fixtures/kernels/loops
bench: build
	@against=(); \
	for peer in "gcc -O3 -march=native" "gcc -O3 -march=native -fgraphite-identity -floop-nest-optimize" \
	    "clang-19 -O3 -march=native -mllvm -polly"; do \
	  if $$peer -x c -c -o /dev/null /dev/null 2>/dev/null; then against+=(--against "$$peer"); \
	  else echo "skipped: '$$peer' does not work here ('make peers' installs it)"; fi; \
	done; \
	for suite in $(SUITES); do .build/release/ratchet bench $$suite "$${against[@]}" || exit; done

peers:
	@$(MAKE) --no-print-directory setup PACKAGES="$(PEER_PACKAGES)"

# Candidates per second and the agent's own share of the time; results stay in Benchmarks/results.
throughput: build
	cd Benchmarks && swift run -c release throughput

# Operations a second of the judge's interpreter.
interpreter:
	cd Benchmarks && swift run -c release interpreter

# Legality questions and passes a second, and the time to analyse a deep nest.
transformation:
	cd Benchmarks && swift run -c release transformation

# A lineage of so many entries: appending, verifying, and every question that can be asked of it.
LINEAGE_ENTRIES ?= 1000000
lineage: build
	cd Benchmarks && swift run -c release lineage --entries $(LINEAGE_ENTRIES)

# The same campaign twice: do its winners agree?
agreement: build
	cd Benchmarks && swift run -c release agreement --budget $(BUDGET)

# Campaigns with known answers on this machine. Sittings add up: outcomes are kept in AA_OUTCOMES.
AA_SECONDS ?= 7200
AA_OUTCOMES ?= .build/aa-outcomes.jsonl
AA_NOTE ?= nothing is known of what else ran
aa: build
	mkdir -p Benchmarks/results
	.build/release/ratchet aa --outcomes $(AA_OUTCOMES) --seconds $(AA_SECONDS) \
	  --note "$(AA_NOTE)" --table Benchmarks/results/aa-$$(date -u +%F).json

# Defects planted into right programs: how many does each level of the judge find? One process for the
# pairs and one for the tour; outcomes are kept, so that sittings add up.
CALIBRATION_SECONDS ?= 3600
CALIBRATION_EVERY ?= 8
CALIBRATION_FOLDER ?= .build/calibration
CALIBRATION_NOTE ?= $$(git describe --always --dirty); nothing is known of what else ran
CALIBRATE = .build/release/ratchet calibrate --every $(CALIBRATION_EVERY)
calibrate: build
	mkdir -p Benchmarks/results $(CALIBRATION_FOLDER)
	$(CALIBRATE) fixtures/equivalence/accepted --seconds $(CALIBRATION_SECONDS) \
	  --outcomes $(CALIBRATION_FOLDER)/pairs.jsonl --survivors $(CALIBRATION_FOLDER)/survivors & \
	pairs=$$!; \
	$(CALIBRATE) fixtures/kernels/tour --seconds $(CALIBRATION_SECONDS) \
	  --outcomes $(CALIBRATION_FOLDER)/tour.jsonl --survivors $(CALIBRATION_FOLDER)/survivors; \
	tour=$$?; wait $$pairs && exit $$tour
	cat $(CALIBRATION_FOLDER)/pairs.jsonl $(CALIBRATION_FOLDER)/tour.jsonl > $(CALIBRATION_FOLDER)/all.jsonl
	$(CALIBRATE) fixtures/equivalence/accepted fixtures/kernels/tour --seconds 0 \
	  --outcomes $(CALIBRATION_FOLDER)/all.jsonl --document Docs/Calibration.md \
	  --note "$(CALIBRATION_NOTE)" --table Benchmarks/results/calibration-$$(date -u +%F).json
	@$(MAKE) --no-print-directory catalog

check: test lint

clean:
	rm -rf .build
