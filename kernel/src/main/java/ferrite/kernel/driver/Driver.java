package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import java.util.List;

/**
 * A driver. One object serves all devices that are compatible with it; what it knows of a device it keeps in memory that it allocates from
 * the kernel, and finds again through {@link Device#driverData}. It reaches its device through the bus alone: registers through
 * {@link KernelCalls#ioremap}, interrupts, DMA.
 *
 * <p>A driver keeps nothing in fields of its own but what {@link #link} gave it, so that a snapshot of the machine holds all of it.
 */
@DriverApi
public interface Driver {

    /** Its name: {@code disk}. */
    String name();

    /** The values of {@code compatible} in the device tree that it serves. */
    List<String> compatible();

    /** What can be set about it. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /**
     * Allocates memory for good while boot lasts (LDD3 page 230). Called for drivers that are linked into the kernel, before {@link #link} and before the
     * page allocator takes over. Nothing else of the kernel works yet but the log.
     *
     * <p>The driver finds the memory again with {@link BootmemCalls#bootmemPiece}, as does a driver of a kernel that attaches.
     */
    default void reserveMemory(BootmemCalls bootmem) { }

    /**
     * Called before any of those that follow: the driver gets addresses for its callbacks, in a fixed order.
     *
     * @param kernel the calls that it may make
     * @param text   gives out addresses for interrupt handlers and file operations
     */
    void link(KernelCalls kernel, TextTable.Module text);

    /**
     * The driver was loaded, or boot has come to it; devices are probed next. Task context or boot; may sleep. A driver without hardware makes its
     * character devices here.
     *
     * @return 0, or a negative {@link Errno}, after giving back all that it took; the driver is not loaded then
     */
    default int init() {
        return 0;
    }

    /** The driver is unloaded, after all its devices were removed: everything that {@link #init} took is given back. Task context; may sleep. */
    default void exit() { }

    /**
     * A device was found. Task context or boot; may sleep.
     *
     * @return 0 when the driver serves it from now on, or a negative {@link Errno}, after giving back all that it took
     */
    int probe(Device device);

    /** The device goes away: everything that probe took is given back. Task context; may sleep. */
    void remove(Device device);
}
