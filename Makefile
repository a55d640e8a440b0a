# Each target is one script in .ci/, so that the same steps run here, in the pipeline and by hand.
.PHONY: demo test soak lint install uninstall scan bench campaign mutants coverage fuzz screenshots clean

# Extra words for `cafsync demo`: make demo ARGS=--quick
ARGS ?=
PREFIX ?= /usr/local
# How long each decoder is fuzzed.
SECONDS ?= 60

demo: ; @.ci/demo $(ARGS)
test: ; @.ci/test
soak: ; @CAFSYNC_SOAK=1 .ci/test
lint: ; @.ci/lint
install: ; @.ci/install '$(PREFIX)'
uninstall: ; @.ci/install --remove '$(PREFIX)'
scan: ; @.ci/scan
bench: ; @.ci/bench $(ARGS)
campaign: ; @.ci/campaign
mutants: ; @.ci/mutants $(ARGS)
coverage: ; @.ci/coverage $(ARGS)
fuzz: ; @.ci/fuzz $(SECONDS)
screenshots: ; @.ci/screenshots
clean: ; @rm -rf .build
