/*
 * Asking RTKit for real-time priority, of a service made here on a bus of our own: what it is told, the limit it wants,
 * and what a refusal is. Skipped where the build has no D-Bus or there is no dbus-daemon.
 */
#include "desktest.h"
#include "device/rtkit.h"

#include "config.h"

#include <stdio.h>
#include <string.h>

#if HAVE_DBUS

#include <dbus/dbus.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static char bus_address[512];
static int bus_pid;

static int
start_bus(void)
{
	FILE *f = popen("dbus-daemon --session --fork --print-address=1 --print-pid=1 --nopidfile 2>/dev/null", "r");
	int there = f && fgets(bus_address, sizeof bus_address, f) && fscanf(f, "%d", &bus_pid) == 1;
	if (f)
		pclose(f);
	bus_address[strcspn(bus_address, "\n")] = '\0';
	if (there)
		setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_address, 1);
	return there;
}

static struct {
	int most, refuse, stop; /* as the test wants it */
	int asked;
	uint64_t thread;
	uint32_t priority;
	pthread_mutex_t lock;
	pthread_cond_t ready;
	int is_ready;
} service = {.lock = PTHREAD_MUTEX_INITIALIZER, .ready = PTHREAD_COND_INITIALIZER};

static DBusMessage *
answer(DBusMessage *m)
{
	if (dbus_message_is_method_call(m, "org.freedesktop.RealtimeKit1", "MakeThreadRealtime")) {
		dbus_uint64_t thread = 0;
		dbus_uint32_t priority = 0;
		dbus_message_get_args(m, NULL, DBUS_TYPE_UINT64, &thread, DBUS_TYPE_UINT32, &priority, DBUS_TYPE_INVALID);
		service.asked++;
		service.thread = thread;
		service.priority = priority;
		return service.refuse ? dbus_message_new_error(m, DBUS_ERROR_ACCESS_DENIED, "no")
		                      : dbus_message_new_method_return(m);
	}
	if (dbus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Get") && service.most) {
		DBusMessageIter at, inside;
		dbus_int32_t value = service.most;
		DBusMessage *back = dbus_message_new_method_return(m);
		dbus_message_iter_init_append(back, &at);
		dbus_message_iter_open_container(&at, DBUS_TYPE_VARIANT, "i", &inside);
		dbus_message_iter_append_basic(&inside, DBUS_TYPE_INT32, &value);
		dbus_message_iter_close_container(&at, &inside);
		return back;
	}
	return dbus_message_new_error(m, DBUS_ERROR_UNKNOWN_METHOD, "what?");
}

static void *
serve(void *arg)
{
	DBusError error = DBUS_ERROR_INIT;
	DBusConnection *bus = dbus_bus_get_private(DBUS_BUS_SYSTEM, &error);
	(void)arg;
	if (bus && dbus_bus_request_name(bus, "org.freedesktop.RealtimeKit1", 0, &error) > 0) {
		pthread_mutex_lock(&service.lock);
		service.is_ready = 1;
		pthread_cond_signal(&service.ready);
		pthread_mutex_unlock(&service.lock);
	}
	for (int stop = !bus; !stop;) {
		dbus_connection_read_write(bus, 20);
		pthread_mutex_lock(&service.lock);
		for (DBusMessage *m; (m = dbus_connection_pop_message(bus)); dbus_message_unref(m)) {
			if (dbus_message_get_type(m) != DBUS_MESSAGE_TYPE_METHOD_CALL)
				continue;
			DBusMessage *back = answer(m);
			dbus_connection_send(bus, back, NULL);
			dbus_message_unref(back);
		}
		dbus_connection_flush(bus);
		stop = service.stop;
		pthread_mutex_unlock(&service.lock);
	}
	if (bus) {
		dbus_connection_close(bus);
		dbus_connection_unref(bus);
	}
	return NULL;
}

START_TEST(test_what_is_asked)
{
	pthread_t thread;
	struct rlimit limit;
	if (!start_bus()) {
		puts("NOT RUN: there is no dbus-daemon (Debian package dbus)");
		return;
	}
	dbus_threads_init_default();
	/* nobody there */
	ck_assert_int_eq(rtkit_ask(1234, 70), -1);
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	pthread_mutex_lock(&service.lock);
	while (!service.is_ready)
		pthread_cond_wait(&service.ready, &service.lock);
	service.most = 15;
	pthread_mutex_unlock(&service.lock);
	ck_assert_int_eq(rtkit_ask(1234, 70), 0);
	ck_assert_int_eq(service.asked, 1);
	ck_assert_uint_eq(service.thread, 1234);
	ck_assert_uint_eq(service.priority, 15);
	/* what the service demands of those it favours, and a handler for who goes past the first limit */
	struct sigaction action;
	ck_assert_int_eq(getrlimit(RLIMIT_RTTIME, &limit), 0);
	ck_assert_uint_le(limit.rlim_max, 200000);
	ck_assert_uint_lt(limit.rlim_cur, limit.rlim_max);
	ck_assert_int_eq(sigaction(SIGXCPU, NULL, &action), 0);
	ck_assert(action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
	/* less than it would give; a service that does not say how much it gives; a refusal */
	ck_assert_int_eq(rtkit_ask(1234, 7), 0);
	ck_assert_uint_eq(service.priority, 7);
	service.most = 0;
	ck_assert_int_eq(rtkit_ask(1234, 70), 0);
	ck_assert_uint_eq(service.priority, 20);
	service.refuse = 1;
	ck_assert_int_eq(rtkit_ask(1234, 70), -1);
	pthread_mutex_lock(&service.lock);
	service.stop = 1;
	pthread_mutex_unlock(&service.lock);
	pthread_join(thread, NULL);
	kill(bus_pid, SIGTERM);
	ck_assert_int_eq(rtkit_ask(1234, 70), -1);
}
END_TEST

#else

START_TEST(test_what_is_asked)
{
	puts("NOT RUN: built without D-Bus (Debian package libdbus-1-dev)");
	ck_assert_int_eq(rtkit_ask(1, 70), -1);
}
END_TEST

#endif

TEST_MAIN("rtkit", 60, test_what_is_asked)
