# Delegates to npm scripts; everything is set up on the way.
.PHONY: setup demo test check bench conformance clean
.DEFAULT_GOAL := demo

setup:
	@hack/setup.sh

demo: setup
	@npm run --silent demo -- $(if $(KEEP),--keep)

test: setup
	@hack/test.sh

check: setup
	@npm run --silent check

bench: setup
	@npm run --silent bench

conformance: setup
	@npm run --silent conformance

clean:
	rm -rf node_modules dist coverage .cache
