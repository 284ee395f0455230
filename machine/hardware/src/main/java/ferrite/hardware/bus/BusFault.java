package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;

/** Nothing answers at a physical address, or what is there refuses the access. Stackless: it is an event of the machine, not of our code. */
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
