/* listen.h - the API's Unix socket: made, taken over from the dead, removed.
 * Control thread; nothing here blocks. */
#ifndef API_LISTEN_H
#define API_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A socket file of ours, so that we never remove another's. */
struct listen_file {
	char *path;                    /* owned */
	dev_t device;
	ino_t inode;
};

/* A listening, non-blocking socket at path, mode 0660; its folder is made if missing. A file left by a dead
 * daemon is replaced. -1 with a message when it cannot be had: another daemon answers there, something that is no socket
 * is there, path is too long, or the system refuses. */
int listen_open(const char *path, struct listen_file *file, char *error, size_t size);

/* Removes the file if it is still the one that listen_open() made; frees path. */
void listen_remove(struct listen_file *file);

#endif
