/* What somebody may have meant by an address that names nothing. Of session/ alone; control thread. */
#ifndef SESSION_ADVICE_H
#define SESSION_ADVICE_H

#include "session/store.h"

/* A clause to follow the refusal of an address or pattern, beginning with "; ", or "" where nothing is near; nodes:
 * whether it names nodes that are there, so that its parameter is what is wrong. The caller frees it. */
char *advice(struct session *s, const char *address, bool nodes);

#endif
