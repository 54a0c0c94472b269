/* systemd.h - what systemd is told (sd_notify(3)), over the datagram socket it names in NOTIFY_SOCKET.
 * Without one, nothing is sent. Any thread. */
#ifndef DNSD_SYSTEMD_H
#define DNSD_SYSTEMD_H

#include <stdint.h>

void systemd_ready(void);               /* READY=1: also ends RELOADING */
void systemd_reloading(void);           /* RELOADING=1 with the monotonic time */
void systemd_stopping(void);
void systemd_alive(void);               /* WATCHDOG=1 */

/* How often systemd_alive() is due, half of WATCHDOG_USEC; 0: not wanted. */
uint64_t systemd_alive_interval_us(void);

#endif
