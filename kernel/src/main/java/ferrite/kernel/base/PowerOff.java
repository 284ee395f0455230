package ferrite.kernel.base;

/** Switches the machine off; offered by a driver. */
@DriverApi
@FunctionalInterface
public interface PowerOff {

    /** @param data the word that the driver registered with this function */
    void powerOff(long data);
}
