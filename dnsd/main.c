/* main.c - homingd's command line. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "dnsd/objects.h"
#include "dnsd/stage.h"
#include "dnsd/start.h"

#define DEFAULT_FILE "/etc/homing/homing.conf"

static int
usage(FILE *to, int status)
{
	fprintf(to,
	    "usage: homingd [-c FILE] [-d] [-t] [-V]\n"
	    "  -c FILE  configuration (default " DEFAULT_FILE ")\n"
	    "  -d       log more\n"
	    "  -t       check the configuration and its zones, list every mistake, and exit\n"
	    "  -V       print the version\n"
	    "See homingd(8) and homing.conf(5).\n");
	return status;
}

/* Every mistake to stderr, as FILE:LINE: PATH: text. */
static void
print_mistakes(const struct diag *diag)
{
	for (size_t i = 0; i < diag->count; i++)
		fprintf(stderr, "%s\n", diag->messages[i]);
	if (diag->dropped > 0)
		fprintf(stderr, "... and %zu more\n", diag->dropped);
}

/* What was added at run time does not keep a configuration from being served; what of it will not be is good to know before. */
static void
print_left_out(const struct stage *stage, const struct objects *objects)
{
	char words[OBJECT_WORDS];

	for (size_t i = 0; i < objects->count; i++) {
		const struct object *o = objects->list[i];
		const struct fit *fit = &stage->fits->list[i];

		if (fit->left_out != NULL)
			fprintf(stderr, "left out: %s, added at run time: %s\n", object_words(o->service, o->name, words), fit->left_out);
		else if (fit->configured)
			fprintf(stderr, "left out: %s, added at run time: the configuration has one itself\n",
			    object_words(o->service, o->name, words));
	}
}

static void
check_objects(struct stage *stage)
{
	struct objects *objects = objects_new();
	char error[512];

	if (objects_read(objects, stage->conf->daemon.state, error, sizeof(error))) {
		stage_objects(stage, objects);
		print_left_out(stage, objects);
	} else {
		fprintf(stderr, "what was added at run time is not considered: %s\n", error);
	}
	objects_free(objects);
}

static int
check(const char *file, struct stage *stage)
{
	bool ok = stage_zones(stage, NULL);

	print_mistakes(&stage->diag);
	check_objects(stage);
	if (ok)
		printf("%s: good; servers: %zu, services: %zu, zones: %zu\n", file, stage->conf->nservers,
		    stage->conf->nservices, stage->conf->nzones);
	stage_free(stage);
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const char *file = DEFAULT_FILE;
	enum log_level level = LOG_LEVEL_INFO;
	bool only_check = false;
	struct stage *stage;
	int option;

	while ((option = getopt(argc, argv, "c:dhtV")) != -1) {
		switch (option) {
		case 'c': file = optarg;              break;
		case 'd': level = LOG_LEVEL_DEBUG;    break;
		case 't': only_check = true;          break;
		case 'h': return usage(stdout, 0);
		case 'V': puts("homingd " HOMING_VERSION); return 0;
		default:  return usage(stderr, 2);
		}
	}
	if (optind < argc)
		return usage(stderr, 2);
	log_open(STDERR_FILENO, level);
	stage = stage_new();
	if (!stage_conf(stage, file)) {
		print_mistakes(&stage->diag);
		stage_free(stage);
		return 1;
	}
	return only_check ? check(file, stage) : daemon_run(file, stage);
}
