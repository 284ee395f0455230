package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import java.util.List;

/**
 * A driver. One object serves all devices that are compatible with it. It keeps its state of a device in memory that it
 * allocates from the kernel, and finds that memory through {@link Device#driverData}. It reaches a device through the
 * bus alone: registers through {@link KernelCalls#ioremap}, interrupts, DMA.
 *
 * <p>The only fields of a driver hold the arguments and addresses of {@link #link}, so that a snapshot of the machine
 * holds all other state.
 */
@DriverApi
public interface Driver {

    /** The driver's name, for example {@code disk}. */
    String name();

    /** The values of {@code compatible} that the driver serves; none for a driver without devices. */
    default List<String> compatible() {
        return List.of();
    }

    /**
     * Returns whether users may not bind and unbind the driver's devices: the machine cannot do without them, or the
     * driver frees in {@link #remove} what open files and other drivers use.
     */
    default boolean suppressBindAttrs() {
        return false;
    }

    /**
     * Returns whether users may take a device from the driver, if they may at all. An unbind is else refused with
     * -EBUSY.
     */
    default boolean isUnbindable(Device device) {
        return true;
    }

    /** The parameters that users can set. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /** The layouts of the driver's records, for debuggers. */
    default List<Struct> structs() {
        return List.of();
    }

    /**
     * Allocates permanent memory during boot (LDD3 page 230). The kernel calls it for drivers that are linked into the
     * kernel, before {@link #link} and before the page allocator takes over. Only boot-time memory and the log work at
     * that time.
     *
     * <p>The driver finds the memory later with {@link BootmemCalls#bootmemPiece}, also in a kernel that attaches.
     */
    default void reserveMemory(BootmemCalls bootmem) { }

    /**
     * Gives the driver its kernel calls and text addresses. The kernel calls it before the methods below. The driver
     * adds its callbacks in a fixed order.
     *
     * @param kernel the calls that the driver may make
     * @param text   assigns addresses to interrupt handlers, file operations and other callbacks
     */
    void link(KernelCalls kernel, TextTable.Module text);

    /**
     * Initializes the driver, after it is loaded or during boot, before its devices are probed. Task context or boot;
     * may sleep. A driver without hardware makes its character devices here.
     *
     * @return 0, or a negative {@link Errno} after the driver has released its resources; it is not loaded then
     */
    default int init() {
        return 0;
    }

    /**
     * Initializes the driver as {@link #init()}, with the values of its {@link #parameters} (LDD3 page 35). A driver
     * without devices that has parameters implements this method; a probe gets them from {@link Device#parameter}.
     */
    default int init(DriverParameters parameters) {
        return init();
    }

    /**
     * Releases all resources that {@code init} took. Called at unloading, after all devices were removed. Task
     * context; may sleep.
     */
    default void exit() { }

    /**
     * Takes charge of a device. Task context or boot; may sleep.
     *
     * @return 0 if the driver now serves the device, or a negative {@link Errno} after it has released its resources,
     *         but for those of {@link DevmCalls}. -EPROBE_DEFER means that it needs a device that is not there yet:
     *         it is called again when another probe has succeeded.
     */
    default int probe(Device device) {
        return -Errno.ENODEV;
    }

    /**
     * Gives up a device, and releases all resources that probe took, but for those of {@link DevmCalls}. Files of the
     * device may be open, unless the driver is being unloaded. Task context; may sleep.
     */
    default void remove(Device device) { }

    /**
     * Stops a device before the machine sleeps: no transfer is in flight, and no interrupt comes, until {@link
     * #resume}. The children of the device are suspended already. Task context; may sleep.
     *
     * @return 0, or a negative {@link Errno} that keeps the machine awake; the device then works as before
     */
    default int suspend(Device device) {
        return 0;
    }

    /**
     * Starts a device again that was suspended. The devices above it in the tree work already. Task context; may sleep.
     *
     * @return 0, or a negative {@link Errno} for the log
     */
    default int resume(Device device) {
        return 0;
    }
}
