package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** The function of a high-resolution timer, called with interrupts off: it must not sleep. */
@DriverApi
@FunctionalInterface
public interface HrTimerFunction {

    /**
     * @param timer the timer's address
     * @return whether the timer is set again, to the time that {@code hrtimer_forward} has given it: Linux's
     *         {@code HRTIMER_RESTART} or {@code HRTIMER_NORESTART}
     */
    boolean expired(long timer);
}
