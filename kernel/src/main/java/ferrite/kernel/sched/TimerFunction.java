package ferrite.kernel.sched;

import ferrite.kernel.base.DriverApi;

/** The function of a {@link KernelTimer}, called in interrupt context: it must not sleep. */
@DriverApi
@FunctionalInterface
public interface TimerFunction {

    /** @param data the argument that the timer was set with */
    void expired(long data);
}
