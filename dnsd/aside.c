/* aside.c - messages that need more than look-up and copy: none of their askers may, so far. */
#include "dnsd/aside.h"

#include <string.h>

#include "dnsd/question.h"
#include "dnsd/wire.h"

void
aside_answer(const struct snapshot *s, const struct answer_terms *t, struct answer_job *job, struct transfer **transfer)
{
	struct question q;
	enum rcode rcode;

	(void)s, (void)t, (void)transfer;
	job->answered = 0;
	if (!question_read(&q, job->query, job->size, &rcode))
		return;
	memcpy(job->out, job->query, HEADER_SIZE + q.size);
	be16_put(job->out + 2, FLAG_QR | (q.flags & (FLAG_OPCODE | FLAG_RD | FLAG_CD)) | RCODE_REFUSED);
	memset(job->out + 6, 0, HEADER_SIZE - 6);
	job->answered = HEADER_SIZE + q.size;
}
