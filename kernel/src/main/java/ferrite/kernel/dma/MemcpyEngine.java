package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/**
 * A copy engine, implemented by its driver (see {@link DmaEngine}). All calls may sleep. {@code data} is the word that
 * the driver registered with it.
 */
@DriverApi
public interface MemcpyEngine {

    /** Sets up the engine on the first call. Returns its {@code struct device}, or 0. */
    long request(long data);

    int memcpy(long data, long targetDma, long sourceDma, int bytes);

    int memcpySg(long data, long target, int targetSegments, long source, int sourceSegments);
}
