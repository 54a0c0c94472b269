# homing: `make` builds, `make run` shows a failover, `make test` proves it, `make bench` compares it.
#
# Variables: CC, B (build folder), SAN (-fsanitize= list), V=1 (show commands), PREFIX, DESTDIR, ONCE=1 (for run).
# Every folder is one static library and may use only those below it: a forbidden
# dependency does not link, and tests/layers.sh reads the includes.

B       ?= build
PREFIX  ?= /usr/local
VERSION := 0.1.0
Q       := $(if $(V),,@)

PKGS_zones   := ldns
PKGS_conf    := libconfig
PKGS_checker := libevent libevent_openssl libssl libcrypto libcurl libpcre2-8
PKGS_dnsd    := libevent libevent_openssl libssl libcrypto sqlite3 liburcu ldns
PKGS_api     := libevent jansson
PKGS_cli     := libcurl jansson

# What a folder's code may stand on, top first; itself included.
USES_base    := base
USES_conf    := conf base
USES_zones   := zones conf base
USES_checker := checker conf base
USES_dnsd    := dnsd zones checker conf base
USES_api     := api dnsd zones checker conf base
USES_cli     := cli conf base
LAYERS       := base conf zones checker dnsd api cli

WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wno-sign-conversion \
           -Wformat=2 -Wvla -Wundef -Wpointer-arith -Wno-missing-field-initializers
HARDEN  := -fPIE -fstack-protector-strong -fno-common $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
           $(if $(findstring clang,$(CC)),,-fstack-clash-protection -fcf-protection)
CFLAGS  ?= -O2 -g
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -DHOMING_VERSION='"$(VERSION)"' -I. $(WARN) $(HARDEN) \
           $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)

pkgs    = $(if $(1),$(shell pkg-config --libs $(1)))
# A group: dnsd calls the one interface of the layer above it (front_*, in dnsd/daemon.h).
libs    = -Wl,--start-group $(foreach l,$(USES_$(1)),$B/lib$l.a) -Wl,--end-group \
          $(call pkgs,$(sort $(foreach l,$(USES_$(1)),$(PKGS_$l)))) -lm -pthread
objects = $(patsubst %.c,$B/%.o,$(filter-out dnsd/main.c cli/main.c,$(wildcard $(1)/*.c)))

UNITS   := $(patsubst tests/unit/%.c,$B/unit/%,$(wildcard tests/unit/*/test_*.c))
BENCHES := $(patsubst tests/bench/%.c,$B/bench/%,$(wildcard tests/bench/*.c))
TOOLS   := $(patsubst tests/tools/%.c,$B/tools/%,$(wildcard tests/tools/*.c))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$B/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all deps deps-test deps-bench run test unit units tools bench benches fuzz fuzzers install clean
.DEFAULT_GOAL := all
.SECONDARY:

all: deps
	$(Q)$(MAKE) --no-print-directory $B/homingd $B/homing

deps deps-test deps-bench:
	$(Q)tests/deps.sh $@

$B/homingd: $B/dnsd/main.o $(foreach l,$(USES_api),$B/lib$l.a)
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(call libs,api)

$B/homing: $B/cli/main.o $(foreach l,$(USES_cli),$B/lib$l.a)
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(call libs,cli)

define layer
$B/lib$(1).a: $(call objects,$(1))
	$(Q)rm -f $$@ && ar rcs $$@ $$^
$B/unit/$(1)/%: $B/tests/unit/$(1)/%.o $(foreach l,$(USES_$(1)),$B/lib$l.a)
	@mkdir -p $$(@D); echo "  LINK $$@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $$@ $$< $$(call libs,$(1)) $$(shell pkg-config --libs check)
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$l)))

$B/%.o: %.c
	@mkdir -p $(@D); echo "  CC   $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$B/bench/%: $B/tests/bench/%.o $(foreach l,$(USES_dnsd),$B/lib$l.a)
	@mkdir -p $(@D); echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(call libs,dnsd)

$B/tools/%: $B/tests/tools/%.o $B/libbase.a
	@mkdir -p $(@D); echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(call libs,$(or $(LAYER_tool),base)) $(call pkgs,$(PKGS_tool))
$B/tools/crowd: PKGS_tool := libssl libcrypto
$B/tools/updater: LAYER_tool := dnsd
$B/tools/updater: $(foreach l,$(USES_dnsd),$B/lib$l.a)

# Fuzzers want every object built with coverage: clang, in a build folder of their own.
$B/fuzz/%: $B/tests/fuzz/fuzz_%.o $(foreach l,$(USES_api),$B/lib$l.a)
	@mkdir -p $(@D); echo "  LINK $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(call libs,api)

units: $(UNITS)
tools: $(TOOLS)
benches: $(BENCHES)
fuzzers: $(FUZZERS)

run: all
	$(Q)B=$B tests/demo/run.sh

test: deps deps-test
	$(Q)tests/run.sh

unit: deps deps-test
	$(Q)$(MAKE) --no-print-directory units && for t in $(UNITS); do $$t || exit 1; done

fuzz: deps deps-test
	$(Q)tests/fuzz/run.sh $(or $(SECONDS),600)

bench: all deps-bench
	$(Q)$(MAKE) --no-print-directory benches tools && B=$B tests/bench/run.sh && FLAP_S=60 B=$B tests/e2e/flap.sh

install: all
	install -D -m 755 $B/homingd $(DESTDIR)$(PREFIX)/sbin/homingd
	install -D -m 755 $B/homing $(DESTDIR)$(PREFIX)/bin/homing
	install -D -m 644 dnsd/homingd.8 $(DESTDIR)$(PREFIX)/share/man/man8/homingd.8
	install -D -m 644 conf/homing.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/homing.conf.5
	install -D -m 644 dnsd/homing.db.5 $(DESTDIR)$(PREFIX)/share/man/man5/homing.db.5
	install -D -m 644 cli/homing.1 $(DESTDIR)$(PREFIX)/share/man/man1/homing.1
	install -D -m 644 cli/homing.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/homing
	install -D -m 644 cli/_homing $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_homing
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g' dnsd/homingd.service.in >$(DESTDIR)$(PREFIX)/lib/systemd/system/homingd.service

clean:
	rm -rf $B

-include $(shell find $B -name '*.d' 2>/dev/null)
