#include "device/rtkit.h"

#include "config.h"

#if HAVE_DBUS

#include <dbus/dbus.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#define SERVICE "org.freedesktop.RealtimeKit1"
#define OBJECT "/org/freedesktop/RealtimeKit1"
#define ANSWER_MS 1000
#define USUAL_MOST 20  /* the priority that the service gives where it does not say */
#define SOFT_US 100000 /* of processor time without a pause: priority is given up */
#define HARD_US 200000 /* the service wants a limit, this is its usual most */

static volatile sig_atomic_t favoured; /* the thread that has the priority */

/* What the service answered to a question, NULL: nothing. */
static DBusMessage *
ask(DBusConnection *bus, DBusMessage *question)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusMessage *answer = NULL;
	if (question)
		answer = dbus_connection_send_with_reply_and_block(bus, question, ANSWER_MS, &error);
	if (question)
		dbus_message_unref(question);
	dbus_error_free(&error);
	return answer;
}

/* The greatest priority that is given. */
static int
most(DBusConnection *bus)
{
	const char *interface = SERVICE, *name = "MaxRealtimePriority";
	DBusMessageIter at, inside;
	dbus_int32_t value = USUAL_MOST;
	DBusMessage *m = dbus_message_new_method_call(SERVICE, OBJECT, "org.freedesktop.DBus.Properties", "Get");
	if (m)
		dbus_message_append_args(m, DBUS_TYPE_STRING, &interface, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID);
	m = ask(bus, m);
	if (!m)
		return value;
	if (dbus_message_iter_init(m, &at) && dbus_message_iter_get_arg_type(&at) == DBUS_TYPE_VARIANT) {
		dbus_message_iter_recurse(&at, &inside);
		if (dbus_message_iter_get_arg_type(&inside) == DBUS_TYPE_INT32)
			dbus_message_iter_get_basic(&inside, &value);
	}
	dbus_message_unref(m);
	return value;
}

/* The thread did not pause for too long: it goes on like any other. Only a system call, as signal handlers may. */
static void
give_up(int number)
{
	struct sched_param none = {.sched_priority = 0};
	(void)number;
	sched_setscheduler(favoured, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
}

/* The limit of processor time without a pause that the service asks of those it favours. */
static int
limit_time(void)
{
	struct rlimit time;
	struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_RESTART};
	if (getrlimit(RLIMIT_RTTIME, &time))
		return -1;
	time.rlim_max = time.rlim_max < HARD_US ? time.rlim_max : HARD_US;
	time.rlim_cur = time.rlim_max < SOFT_US ? time.rlim_max : SOFT_US;
	return sigaction(SIGXCPU, &action, NULL) || setrlimit(RLIMIT_RTTIME, &time) ? -1 : 0;
}

int
rtkit_ask(pid_t thread, int priority)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusConnection *bus = dbus_bus_get_private(DBUS_BUS_SYSTEM, &error);
	dbus_error_free(&error);
	if (!bus)
		return -1;
	dbus_connection_set_exit_on_disconnect(bus, FALSE);
	dbus_uint64_t id = (dbus_uint64_t)thread;
	int top = most(bus);
	dbus_uint32_t wanted = (dbus_uint32_t)(priority < top ? priority : top);
	favoured = thread;
	DBusMessage *m = limit_time() ? NULL : dbus_message_new_method_call(SERVICE, OBJECT, SERVICE, "MakeThreadRealtime");
	if (m)
		dbus_message_append_args(m, DBUS_TYPE_UINT64, &id, DBUS_TYPE_UINT32, &wanted, DBUS_TYPE_INVALID);
	m = ask(bus, m);
	int failed = !m;
	if (m)
		dbus_message_unref(m);
	dbus_connection_close(bus);
	dbus_connection_unref(bus);
	return failed ? -1 : 0;
}

#else

int
rtkit_ask(pid_t thread, int priority)
{
	(void)thread;
	(void)priority;
	return -1;
}

#endif
