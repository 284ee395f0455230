package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * I/O ports (LDD3 pages 239 to 245): 0 to 0xffff, for devices of the ISA bus. The {@code ferrite} board has a window of
 * physical addresses for them, the {@code virt} board has no ports. The device sees one access of exactly the width, in
 * the order of the program, as with {@link RegisterCalls}. A port that no driver has requested is reported.
 *
 * <p>A port that does not exist throws {@link ferrite.kernel.base.KernelBug}; one without a device is a bus fault.
 */
@DriverApi
public interface PortCalls {

    // ---- regions ----

    /**
     * Reserves ports for a driver (LDD3 page 240). {@code /proc/ioports} shows them. Task context; may sleep.
     *
     * @param first number of the first port
     * @param count number of ports
     * @param name  the driver's, for {@code /proc/ioports}
     * @return the {@code struct resource}; 0 if any port is taken or does not exist, if only some belong to a device,
     *     or if there is no memory for the record. A probe then fails with -EBUSY.
     */
    @CName("request_region")
    long requestRegion(long first, long count, String name);

    /** Releases ports of {@link #requestRegion}, with the same arguments. Task context. */
    @CName("release_region")
    void releaseRegion(long first, long count);

    // ---- one access ----

    /** Reads a port of 8 bits (LDD3 page 240). Any context. */
    @CName("inb")
    int inb(long port);

    /** Reads a port of 16 bits. Any context. */
    @CName("inw")
    int inw(long port);

    /** Reads a port of 32 bits. Any context. */
    @CName("inl")
    int inl(long port);

    /** Writes a port of 8 bits. Any context. */
    @CName("outb")
    void outb(int value, long port);

    /** Writes a port of 16 bits. Any context. */
    @CName("outw")
    void outw(int value, long port);

    /** Writes a port of 32 bits. Any context. */
    @CName("outl")
    void outl(int value, long port);

    /** Reads a port of 8 bits (LDD3 page 242). As Linux outside of the PC, it does not pause. Any context. */
    @CName("inb_p")
    int inbP(long port);

    /** Reads a port of 16 bits, without a pause. Any context. */
    @CName("inw_p")
    int inwP(long port);

    /** Reads a port of 32 bits, without a pause. Any context. */
    @CName("inl_p")
    int inlP(long port);

    /** Writes a port of 8 bits, without a pause. Any context. */
    @CName("outb_p")
    void outbP(int value, long port);

    /** Writes a port of 16 bits, without a pause. Any context. */
    @CName("outw_p")
    void outwP(int value, long port);

    /** Writes a port of 32 bits, without a pause. Any context. */
    @CName("outl_p")
    void outlP(int value, long port);

    // ---- one port, many times ----

    /** Reads a port of 8 bits {@code count} times into a buffer (LDD3 page 242). Any context. */
    @CName("insb")
    void insb(long port, long buffer, int count);

    /** Reads a port of 16 bits {@code count} times into a buffer. Any context. */
    @CName("insw")
    void insw(long port, long buffer, int count);

    /** Reads a port of 32 bits {@code count} times into a buffer. Any context. */
    @CName("insl")
    void insl(long port, long buffer, int count);

    /** Writes {@code count} bytes of a buffer to a port. Any context. */
    @CName("outsb")
    void outsb(long port, long buffer, int count);

    /** Writes {@code count} half-words of a buffer to a port. Any context. */
    @CName("outsw")
    void outsw(long port, long buffer, int count);

    /** Writes {@code count} words of a buffer to a port. Any context. */
    @CName("outsl")
    void outsl(long port, long buffer, int count);

    // ---- ports as registers ----

    /**
     * Returns the address of ports for {@link RegisterCalls#ioread8} and its kin, so that one driver serves both kinds
     * of registers (LDD3 page 253). Any context.
     *
     * @param count number of ports
     */
    @CName("ioport_map")
    long ioportMap(long first, int count);

    /** Ends the use of {@link #ioportMap}. Any context. */
    @CName("ioport_unmap")
    void ioportUnmap(long address);
}
