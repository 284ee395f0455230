package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/** A driver's function that {@code devm_add_action} registers. Task context; may sleep. */
@DriverApi
@FunctionalInterface
public interface DevmAction {

    /** Undoes a step of the probe. */
    void action(long data);
}
