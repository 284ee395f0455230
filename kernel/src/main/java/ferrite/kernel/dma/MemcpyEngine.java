package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/**
 * A copy engine, implemented by its driver (see {@link DmaEngine}). It works on one chain of descriptors at a time.
 * {@code data} is the word that the driver registered with it.
 */
@DriverApi
public interface MemcpyEngine {

    /** Sets up the engine on the first call. May sleep. Returns its {@code struct device}, or 0. */
    long request(long data);

    /**
     * Makes the descriptors of some copies. May sleep if the flags allow it.
     *
     * @param copies address of consecutive records, see {@link DmaCopyLayout}; they stay until {@link #release}
     * @return the chain; 0 if there is no memory
     */
    long prepare(long data, long copies, int count, int gfp);

    /**
     * Starts a chain on the idle engine. Called with interrupts off. When the chain ends, the engine's interrupt
     * handler calls {@code vchan_cookie_complete}.
     */
    void start(long data, long chain);

    /** Ends the chain in flight, which then completes as a failed one. Called with interrupts off. */
    void abort(long data);

    /** Returns how many bytes of the chain in flight are copied. Any context. */
    int copied(long data);

    /** Frees a chain that has ended, or was never started. Any context. */
    void release(long data, long chain);
}
