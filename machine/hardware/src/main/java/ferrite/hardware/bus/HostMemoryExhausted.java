package ferrite.hardware.bus;

/** The host has no memory left for pages that the guest touches. The run cannot go on; the message says what would help. */
public final class HostMemoryExhausted extends RuntimeException {

    private static final long serialVersionUID = 1;

    HostMemoryExhausted(long touchedBytes) {
        super("the host's Java heap is full after the guest touched " + (touchedBytes >> 20)
                + "M of its RAM; use a smaller --ram, or give Java more with -Xmx", null, false, false);
    }
}
