package ferrite.kernel.work;

import ferrite.kernel.base.DriverApi;

/** The function of {@code call_rcu}, called with softirqs disabled: it must not sleep. */
@DriverApi
@FunctionalInterface
public interface RcuFunction {

    /** @param head the record that was given to {@code call_rcu} */
    void free(long head);
}
