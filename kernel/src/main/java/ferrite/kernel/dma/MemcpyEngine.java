package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** What the driver of a copy engine offers, see {@link DmaEngine}. All may sleep; {@code data} is the driver's. */
@DriverApi
public interface MemcpyEngine {

    /** Sets the engine up, once. Returns its {@code struct device}, or 0. */
    long request(long data);

    int memcpy(long data, long targetDma, long sourceDma, int bytes);

    int memcpySg(long data, long target, int targetSegments, long source, int sourceSegments);
}
