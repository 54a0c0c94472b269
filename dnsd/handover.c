/* handover.c - the queue to the control thread, and the end of what went through it. */
#include "dnsd/handover.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dnsd/mailbox.h"

struct handed_mail {
	struct mail mail;
	struct handed handed;
};

struct handover {
	struct mailbox *box;
};

struct handover *
handover_new(struct event_base *base, void (*fn)(void *arg), void *arg)
{
	struct handover *h = mem_alloc(sizeof(*h));

	h->box = mailbox_new(base, HANDOVER_MESSAGES, HANDOVER_BYTES, fn, arg);
	return h;
}

void
handover_free(struct handover *h)
{
	struct handed one;

	if (h == NULL)
		return;
	handover_close(h);
	while (handover_take(h, &one))
		handed_reply(&one, NULL, 0);
	mailbox_free(h->box);
	free(h);
}

bool
handover_put(struct handover *h, const struct handed *one)
{
	struct handed_mail *m;

	if (h == NULL)
		return false;
	m = mem_alloc(sizeof(*m));
	m->handed = *one;
	m->mail.size = one->size;
	if (mailbox_put(h->box, &m->mail))
		return true;
	free(m);
	return false;
}

void
handover_close(struct handover *h)
{
	mailbox_close(h->box);
}

bool
handover_take(struct handover *h, struct handed *out)
{
	struct handed_mail *m = (struct handed_mail *)(void *)mailbox_take(h->box);

	if (m == NULL)
		return false;
	*out = m->handed;
	free(m);
	return true;
}

void
handed_reply(struct handed *h, const uint8_t *message, size_t size)
{
	if (size > 0)
		h->back->send(h->back, message, size);
	else
		h->back->drop(h->back);
	free(h->message);
	h->message = NULL;
	h->back = NULL;
}

void
handed_again(struct handed *h)
{
	h->back->again(h->back, h->message, h->size);
	h->message = NULL;
	h->back = NULL;
}
