package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** What a {@link KernelTimer} calls when it is due, in interrupt context: it must not sleep. */
@DriverApi
@FunctionalInterface
public interface TimerFunction {

    /** @param data the word that the timer was set with */
    void expired(long data);
}
