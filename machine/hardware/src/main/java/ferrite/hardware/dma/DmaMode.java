package ferrite.hardware.dma;

import java.util.Locale;

/** A channel's use of the bus: bits 6-7 of the mode register. */
enum DmaMode {
    /** Transfers until terminal count, or until the device drops its request. It continues with the next request. */
    DEMAND,
    /** One byte or word. Then the bus is granted anew. */
    SINGLE,
    /** Transfers until terminal count. The request line only has to be seen once. */
    BLOCK,
    /** The bus is for another controller or a bus master on the request line. The channel itself moves nothing. */
    CASCADE;

    private static final DmaMode[] BY_BITS = values();

    static DmaMode of(int modeRegister) {
        return BY_BITS[modeRegister >> 6];
    }

    /** Returns the data sheet's name of the mode. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
