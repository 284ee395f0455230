package ferrite.hardware.bus;

/** Who keeps pages' arrays to reach them without asking the bus, and lets go of them when told to. */
public interface FastPathHolder {

    /** Forget every page. */
    void dropAll();

    /** Forget how to store into the page that has these words. */
    void dropStores(int[] page);
}
