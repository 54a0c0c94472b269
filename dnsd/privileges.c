/* privileges.c - becoming server.user. */
#include "dnsd/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAP_BIT(cap) (1u << (cap))

static const struct passwd *
user_find(const char *user, char *error, size_t size)
{
	const struct passwd *pw = getpwnam(user);

	if (pw == NULL)
		snprintf(error, size, "server.user: there is no user \"%s\" on this machine", user);
	return pw;
}

bool
privileges_give(const char *path, const char *user, char *error, size_t size)
{
	const struct passwd *pw = user_find(user, error, size);

	if (pw == NULL)
		return false;
	if (geteuid() != 0)
		return true;                   /* drop() says what is wrong, if anything is */
	if ((mkdir(path, 0750) != 0 && errno != EEXIST) || chown(path, pw->pw_uid, pw->pw_gid) != 0) {
		snprintf(error, size, "%s: cannot give the folder to user %s: %s", path, user, strerror(errno));
		return false;
	}
	return true;
}

/* The kept capabilities become effective again: setuid() cleared the effective set and left the permitted one. */
static bool
capabilities_keep(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	unsigned keep = CAP_BIT(CAP_NET_RAW) | CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_NET_BIND_SERVICE);

	if (syscall(SYS_capget, &head, data) != 0)
		return false;
	data[0].permitted &= keep;             /* in a container some may be missing already */
	data[0].effective = data[0].permitted;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct){ 0 };
	return syscall(SYS_capset, &head, data) == 0;
}

bool
privileges_drop(const char *user, char *error, size_t size)
{
	const struct passwd *pw = user_find(user, error, size);

	if (pw == NULL)
		return false;
	if (pw->pw_uid == geteuid())
		return true;
	if (prctl(PR_SET_KEEPCAPS, 1) != 0 || initgroups(user, pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0 ||
	    setuid(pw->pw_uid) != 0 || !capabilities_keep()) {
		snprintf(error, size, "server.user: cannot become user %s: %s (expected to be started as root or as %s)",
		    user, strerror(errno), user);
		return false;
	}
	return true;
}
