package ferrite.hardware.dma;

import java.util.Locale;

/** How a channel uses the bus once it has it: bits 6-7 of the mode register. */
enum DmaMode {
    /** Until terminal count, or until the device drops its request; it goes on with the next request. */
    DEMAND,
    /** One byte or word, then everybody may ask anew. */
    SINGLE,
    /** Until terminal count, whatever the request line does once it has been seen. */
    BLOCK,
    /** The bus is for whoever is behind the request line, another controller or a bus master; the channel itself moves nothing. */
    CASCADE;

    private static final DmaMode[] BY_BITS = values();

    static DmaMode of(int modeRegister) {
        return BY_BITS[modeRegister >> 6];
    }

    /** The data sheet's word. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
