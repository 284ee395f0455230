package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * Device registers in memory (LDD3 page 248): their regions, and accesses at addresses of {@link AreaCalls#ioremap}.
 * The device sees one access of exactly the width, and is little-endian. A register of 8 or 16 bits is zero-extended.
 *
 * <p>Accesses are ordered against memory: a driver's stores reach memory before a later write reaches the device, and a
 * read completes before later accesses begin. The calls whose names end in {@code _relaxed} do without that, and keep
 * only the order of accesses to one device.
 */
@DriverApi
public interface RegisterCalls {

    // ---- regions ----

    /**
     * Reserves a region of physical addresses for a driver (LDD3 page 249). {@code /proc/iomem} shows it. Task context;
     * may sleep.
     *
     * @param start physical address
     * @param name  the driver's, for {@code /proc/iomem}
     * @return the {@code struct resource}; 0 if any of it is memory or taken, if it is only partly inside a device, or
     *     if there is no memory for the record. A probe then fails with -EBUSY.
     */
    @CName("request_mem_region")
    long requestMemRegion(long start, long bytes, String name);

    /** Releases a region of {@link #requestMemRegion}, with the same arguments. Task context. */
    @CName("release_mem_region")
    void releaseMemRegion(long start, long bytes);

    // ---- one register ----

    /** Reads a register of 8 bits (LDD3 page 251). Any context. */
    @CName("readb")
    int readb(long address);

    /** Reads a register of 16 bits. Any context. */
    @CName("readw")
    int readw(long address);

    /** Reads a register of 32 bits. Any context. */
    @CName("readl")
    int readl(long address);

    /** Writes a register of 8 bits. Any context. */
    @CName("writeb")
    void writeb(int value, long address);

    /** Writes a register of 16 bits. Any context. */
    @CName("writew")
    void writew(int value, long address);

    /** Writes a register of 32 bits. Any context. */
    @CName("writel")
    void writel(int value, long address);

    /** Reads a register of 8 bits, without ordering. Any context. */
    @CName("readb_relaxed")
    int readbRelaxed(long address);

    /** Reads a register of 16 bits, without ordering. Any context. */
    @CName("readw_relaxed")
    int readwRelaxed(long address);

    /** Reads a register of 32 bits, without ordering. Any context. */
    @CName("readl_relaxed")
    int readlRelaxed(long address);

    /** Writes a register of 8 bits, without ordering. Any context. */
    @CName("writeb_relaxed")
    void writebRelaxed(int value, long address);

    /** Writes a register of 16 bits, without ordering. Any context. */
    @CName("writew_relaxed")
    void writewRelaxed(int value, long address);

    /** Writes a register of 32 bits, without ordering. Any context. */
    @CName("writel_relaxed")
    void writelRelaxed(int value, long address);

    /** Reads a register of 8 bits (LDD3 page 250). Any context. */
    @CName("ioread8")
    int ioread8(long address);

    /** Reads a register of 16 bits. Any context. */
    @CName("ioread16")
    int ioread16(long address);

    /** Reads a register of 32 bits. Any context. */
    @CName("ioread32")
    int ioread32(long address);

    /** Reads a big-endian register of 16 bits. Any context. */
    @CName("ioread16be")
    int ioread16be(long address);

    /** Reads a big-endian register of 32 bits. Any context. */
    @CName("ioread32be")
    int ioread32be(long address);

    /** Writes a register of 8 bits. Any context. */
    @CName("iowrite8")
    void iowrite8(int value, long address);

    /** Writes a register of 16 bits. Any context. */
    @CName("iowrite16")
    void iowrite16(int value, long address);

    /** Writes a register of 32 bits. Any context. */
    @CName("iowrite32")
    void iowrite32(int value, long address);

    /** Writes a big-endian register of 16 bits. Any context. */
    @CName("iowrite16be")
    void iowrite16be(int value, long address);

    /** Writes a big-endian register of 32 bits. Any context. */
    @CName("iowrite32be")
    void iowrite32be(int value, long address);

    // ---- one register, many times ----

    /** Reads a register of 8 bits {@code count} times into a buffer (LDD3 page 251). Any context. */
    @CName("ioread8_rep")
    void ioread8Rep(long address, long buffer, int count);

    /** Reads a register of 16 bits {@code count} times into a buffer. Any context. */
    @CName("ioread16_rep")
    void ioread16Rep(long address, long buffer, int count);

    /** Reads a register of 32 bits {@code count} times into a buffer. Any context. */
    @CName("ioread32_rep")
    void ioread32Rep(long address, long buffer, int count);

    /** Writes {@code count} bytes of a buffer to a register. Any context. */
    @CName("iowrite8_rep")
    void iowrite8Rep(long address, long buffer, int count);

    /** Writes {@code count} half-words of a buffer to a register. Any context. */
    @CName("iowrite16_rep")
    void iowrite16Rep(long address, long buffer, int count);

    /** Writes {@code count} words of a buffer to a register. Any context. */
    @CName("iowrite32_rep")
    void iowrite32Rep(long address, long buffer, int count);

    // ---- memory of a device ----

    /**
     * Fills memory of a device with a byte (LDD3 page 251). As in the two calls below, the device sees words, and bytes
     * where an end is no multiple of 4. Any context.
     */
    @CName("memset_io")
    void memsetIo(long address, int value, int bytes);

    /** Copies from memory of a device. Any context. */
    @CName("memcpy_fromio")
    void memcpyFromio(long to, long address, int bytes);

    /** Copies to memory of a device. Any context. */
    @CName("memcpy_toio")
    void memcpyToio(long address, long from, int bytes);
}
