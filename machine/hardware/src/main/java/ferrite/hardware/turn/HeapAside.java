package ferrite.hardware.turn;

/** Heap that is set aside, so that a full heap can be reported; none by default. */
public final class HeapAside {

    private int bytes;
    private byte[] aside;

    HeapAside() { }

    /** Sets heap aside. A host may call this before the run. */
    public void set(int newBytes) {
        bytes = newBytes;
        renew();
    }

    /** Sets heap aside again after {@link #use}, if there is any. */
    public void renew() {
        try {
            aside = bytes == 0 ? null : new byte[bytes];
        } catch (OutOfMemoryError stillFull) {
            aside = null;
        }
    }

    /** Gives back what was set aside, to report that the heap is full. */
    public void use() {
        aside = null;
    }
}
