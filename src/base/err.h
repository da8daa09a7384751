/* A failure told as one sentence for the user. Any thread but the real-time one may fill it. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* The sentence says what was asked, what was wrong and what to do, without a final full stop or newline. */
struct err {
	char text[1024];
};

/* Fills err (which may be NULL) as printf does and returns -1, so that a function can `return err_set(...)`. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "WHAT: " before the sentence already there and returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
