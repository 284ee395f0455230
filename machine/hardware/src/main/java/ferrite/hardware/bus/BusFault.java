package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;

/**
 * An access to an address without RAM or device, or an access that the device refuses. It is stackless, because it is
 * an event of the machine and not an error in our code.
 */
public final class BusFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final long pa;

    public BusFault(long pa, int width, String why) {
        super(width * 8 + "-bit access to physical " + Hex.grouped(pa) + ": " + why, null, false, false);
        this.pa = pa;
    }

    public long pa() {
        return pa;
    }
}
