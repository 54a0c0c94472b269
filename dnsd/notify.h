/* notify.h - what systemd is told (sd_notify(3)), over the datagram socket it names in NOTIFY_SOCKET.
 * Without one, nothing is sent. Any thread. */
#ifndef DNSD_NOTIFY_H
#define DNSD_NOTIFY_H

#include <stdint.h>

void notify_ready(void);               /* READY=1: also ends RELOADING */
void notify_reloading(void);           /* RELOADING=1 with the monotonic time */
void notify_stopping(void);
void notify_alive(void);               /* WATCHDOG=1 */

/* How often notify_alive() is due, half of WATCHDOG_USEC; 0: not wanted. */
uint64_t notify_alive_interval_us(void);

#endif
