/* fabrics.c - the list "fabrics". */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/reader.h"

static const struct row rows[] = {
	{ "name", &kind_name, AT(struct conf_fabric, name), .required = true },
	{ "subnets", &kind_prefix, LIST(struct conf_fabric, subnets, nsubnets), .most = 1024, .required = true },
	{ "source", &kind_beside },            /* two fields, one a family */
	{ "device", &kind_device, AT(struct conf_fabric, device) },
	{ "mark", &kind_number, AT(struct conf_fabric, mark), .least = 0, .most = UINT32_MAX },
	{ "witnesses", &kind_later },
	{ "witness_check", &kind_later },
};

static const struct row source_row = { "source", &kind_address, .most = 2, .list = true };

static const struct group group = GROUP("the settings of a fabric", rows);

static bool
has_family(const struct conf_fabric *f, uint8_t family)
{
	for (size_t i = 0; i < f->nsubnets; i++)
		if (f->subnets[i].base.family == family)
			return true;
	return false;
}

static void
source_check(struct reader *r, const config_setting_t *s, const struct conf_fabric *f, const struct addr *source)
{
	char text[ADDR_TEXT];

	if (f->nsubnets > 0 && !has_family(f, source->family))
		reader_say(r, s, "%s is IPv%d, but no subnet of this fabric is (expected the family of one of its subnets)",
		    addr_format(source, text), source->family);
}

static void
source_read(struct reader *r, const config_setting_t *s, struct conf_fabric *f)
{
	struct addr *list = NULL;
	size_t n = reader_values(r, &source_row, s, &list);

	for (size_t i = 0; i < n; i++) {
		struct addr *source = list[i].family == 4 ? &f->source4 : &f->source6;
		char text[ADDR_TEXT];

		if (source->family != 0)
			reader_say(r, s, "%s is a second IPv%d address (expected one of each family at most)",
			    addr_format(&list[i], text), list[i].family);
		*source = list[i];
		source_check(r, s, f, source);
	}
	free(list);
}

static void
fabric_twice(void *ctx, const void *item, const void *first)
{
	struct reader *r = ctx;
	const struct conf_fabric *f = item, *other = first;
	size_t n;
	const config_setting_t *s = reader_item(reader_list(r, r->root, "fabrics", &n), (size_t)(f - r->conf->fabrics));

	reader_say(r, reader_get(s, "name"), "\"%s\" is the name of the fabric in line %u too (expected another name)",
	    f->name, other->line);
}

static void
subnet_twice(void *ctx, const struct subnet *one, const struct subnet *other)
{
	struct reader *r = ctx;
	size_t n;
	const config_setting_t *list = reader_list(r, r->root, "fabrics", &n);
	const config_setting_t *s = reader_item(list, (size_t)(one->fabric - r->conf->fabrics));
	char text[ADDR_TEXT], text2[ADDR_TEXT];

	reader_say(r, reader_get(s, "subnets"), "%s overlaps %s of fabric %s (expected subnets apart)",
	    prefix_format(&one->prefix, text), prefix_format(&other->prefix, text2),
	    other->fabric->name != NULL ? other->fabric->name : "without a name");
}

void
fabrics_read(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_list(r, r->root, "fabrics", &c->nfabrics), *source;

	size_t before = reader_mistakes(r);

	c->fabrics = mem_array(c->nfabrics, sizeof(*c->fabrics));
	for (size_t i = 0; i < c->nfabrics; i++) {
		const config_setting_t *s = reader_item(list, i);
		struct conf_fabric *f = &c->fabrics[i];

		f->line = config_setting_source_line(s);
		reader_group(r, &group, s, 0, f);
		if ((source = reader_get(s, "source")) != NULL)
			source_read(r, source, f);
		if (f->name != NULL)
			names_add(&r->fabrics, NULL, f->name, f);
	}
	names_sort(&r->fabrics, fabric_twice, r);
	subnets_make(&r->subnets, c->fabrics, c->nfabrics, subnet_twice, r);
	r->subnets_doubtful = reader_mistakes(r) != before;
}

void
fabrics_free(struct conf *c)
{
	for (size_t i = 0; i < c->nfabrics; i++)
		reader_release(&group, &c->fabrics[i]);
	free(c->fabrics);
}
