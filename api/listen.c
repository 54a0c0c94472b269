/* listen.c - the API's Unix socket. */
#include "api/listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

/* Whoever finds it full is told that nobody answers: room for more than ever come at once. */
enum { BACKLOG = 256 };

/* Makes the folders above path that are missing; what fails shows in bind(). */
static void
folder_make(const char *path)
{
	char *folder = mem_text(path);

	for (char *p = strchr(folder + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(folder, 0755);
		*p = '/';
	}
	free(folder);
}

/* Somebody accepts at sun: a full backlog (EAGAIN) is somebody too. */
static bool
somebody_answers(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool answered = fd >= 0 && (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return answered;
}

/* Clears the way for bind(): true when nothing is there any more. */
static bool
place_clear(const struct sockaddr_un *sun, char *error, size_t size)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) != 0)
		return true;                   /* nothing there, or bind() will say why not */
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(error, size, "%s exists and is no socket (remove it, or set server.control to another path)", sun->sun_path);
		return false;
	}
	if (somebody_answers(sun)) {
		snprintf(error, size, "another homingd answers on %s", sun->sun_path);
		return false;
	}
	if (unlink(sun->sun_path) == 0 || errno == ENOENT)
		return true;
	snprintf(error, size, "%s is left over from a dead daemon and cannot be removed: %s", sun->sun_path, strerror(errno));
	return false;
}

/* The mode is set between bind() and listen(): nobody can connect before it holds. */
static int
socket_make(const struct sockaddr_un *sun, char *error, size_t size)
{
	const char *step = "socket";
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		goto failed;
	step = "bind";
	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0)
		goto failed;
	step = "chmod";
	if (chmod(sun->sun_path, 0660) != 0)
		goto failed;
	step = "listen";
	if (listen(fd, BACKLOG) != 0)
		goto failed;
	return fd;
failed:
	snprintf(error, size, "cannot make the control socket %s: %s: %s", sun->sun_path, step, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int
listen_open(const char *path, struct listen_file *file, char *error, size_t size)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st = { 0 };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		snprintf(error, size, "the control socket's path is too long: %zu bytes, at most %zu (%s)", strlen(path),
		    sizeof(sun.sun_path) - 1, path);
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	folder_make(path);
	if (!place_clear(&sun, error, size))
		return -1;
	fd = socket_make(&sun, error, size);
	if (fd < 0)
		return -1;
	lstat(path, &st);
	*file = (struct listen_file){ mem_text(path), st.st_dev, st.st_ino };
	return fd;
}

void
listen_remove(struct listen_file *file)
{
	struct stat st;

	if (lstat(file->path, &st) == 0 && st.st_dev == file->device && st.st_ino == file->inode && unlink(file->path) != 0)
		log_warn("cannot remove the control socket %s", file->path);
	free(file->path);
	file->path = NULL;
}
