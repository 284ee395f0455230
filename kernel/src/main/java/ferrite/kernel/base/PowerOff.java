package ferrite.kernel.base;

/** Switches the machine off; offered by a driver. */
@DriverApi
@FunctionalInterface
public interface PowerOff {

    /** @param data the word that was registered with it */
    void powerOff(long data);
}
