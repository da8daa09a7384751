/*
 * Real-time marks: a checker of real-time rules that is preloaded looks closely at what runs between the two. Without
 * one they do nothing. For threads that must not wait.
 */
#ifndef BASE_RT_H
#define BASE_RT_H

extern void rtguard_enter(void) __attribute__((weak));
extern void rtguard_exit(void) __attribute__((weak));

static inline void
rt_enter(void)
{
	if (rtguard_enter)
		rtguard_enter();
}

static inline void
rt_exit(void)
{
	if (rtguard_exit)
		rtguard_exit();
}

#endif
