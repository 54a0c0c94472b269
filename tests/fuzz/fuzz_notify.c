/* fuzz_notify.c - any bytes as the answer to a NOTIFY: what is taken for one names a zone that is a name. */
#include <stdlib.h>
#include <string.h>

#include "dnsd/notify_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notify_answer a;

	if (!notify_answer_read(&a, data, size))
		return 0;
	if (size < 12 || (data[2] & 0x80) == 0 || a.rcode > 15)
		abort();
	if (a.question ? dname_read(a.zone, sizeof(a.zone)) == 0 : a.rcode == 0)
		abort();
	if (strlen(notify_rcode_text(a.rcode)) == 0)
		abort();
	return 0;
}
