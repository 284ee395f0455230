package ferrite.hardware.bus;

/**
 * Failure to allocate host memory for a page that the guest touched. The run cannot continue, and the message names the
 * remedy.
 */
public final class HostMemoryExhausted extends RuntimeException {

    private static final long serialVersionUID = 1;

    HostMemoryExhausted(long touchedBytes) {
        super("the host's Java heap is full after the guest touched " + (touchedBytes >> 20)
                + "M of its RAM; use a smaller --ram, or give Java more with -Xmx", null, false, false);
    }
}
