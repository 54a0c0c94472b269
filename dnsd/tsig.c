/* tsig.c - the answer to a signature by a key that is not known. */
#include "dnsd/tsig.h"

#include "zones/zone.h"

enum { TSIG_BADKEY = 17, TSIG_WHEN = 8 };      /* time signed (48 bits) and fudge (16) */

bool
tsig_refuse(struct wr *w, const struct question *q, const uint8_t id[2])
{
	struct rd r = rd_begin(q->tsig, q->tsig_size);
	uint8_t algorithm_size;
	const uint8_t *algorithm = rd_name(&r, &algorithm_size);
	const uint8_t *when = rd_bytes(&r, TSIG_WHEN);

	rd_bytes(&r, rd_u16(&r));              /* the MAC */
	rd_bytes(&r, 4);                       /* original ID, error */
	rd_bytes(&r, rd_u16(&r));              /* other data */
	if (r.bad || rd_left(&r) > 0)
		return false;

	wr_bytes(w, q->tsig_key, q->tsig_key_size);
	wr_u16(w, TYPE_TSIG);
	wr_u16(w, CLASS_ANY);
	wr_u32(w, 0);
	uint8_t *rdlength = wr_open(w);
	wr_bytes(w, algorithm, algorithm_size);
	wr_bytes(w, when, TSIG_WHEN);
	wr_u16(w, 0);                          /* no MAC: unsigned */
	wr_bytes(w, id, 2);
	wr_u16(w, TSIG_BADKEY);
	wr_u16(w, 0);
	wr_close(w, rdlength);
	return true;
}
