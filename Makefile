# Delegates to npm scripts; everything is set up on the way.
.PHONY: setup demo cluster node test check bench conformance clean
.DEFAULT_GOAL := demo

setup:
	@hack/setup.sh

# CLUSTER=1: on a real API server. KEEP=1: everything stays up until Ctrl-C.
demo: setup
	@npm run --silent $(if $(CLUSTER),cluster -- --play,demo --) $(if $(KEEP),--keep)

cluster: setup
	@npm run --silent cluster

# A real cluster with real nodes, as root: until Ctrl-C.
node: setup
	@npm run --silent node

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
