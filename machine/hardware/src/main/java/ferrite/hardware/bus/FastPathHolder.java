package ferrite.hardware.bus;

/** Holder of page arrays for direct access. It must drop the arrays when the bus tells it to. */
public interface FastPathHolder {

    /** Drops all arrays. */
    void dropAll();

    /** Drops store access to the page with these words. */
    void dropStores(int[] page);
}
