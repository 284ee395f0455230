package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** The function of a {@link KernelTimer}, called in a softirq: it must not sleep, and interrupts are on. */
@DriverApi
@FunctionalInterface
public interface TimerFunction {

    /** @param data the argument that the timer was set with */
    void expired(long data);
}
