package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;
import ferrite.kernel.irq.IrqHandler;

/**
 * Managed resources. Each call does as one of {@link SlabCalls}, {@link PageCalls} and others, and notes the resource
 * for a device. The kernel releases these resources, the newest first, when the probe of the device fails, and after
 * {@link Driver#remove}. They are for {@link Driver#probe}: memory that outlives the device, as the buffer of an open
 * file may, is not managed.
 *
 * <p>{@code dev} is {@link Device#dev}. The calls throw {@link ferrite.kernel.base.KernelBug} for anything else.
 */
@DriverApi
public interface DevmCalls {

    // ---- memory ----

    /** Allocates managed memory, see {@link SlabCalls#kmalloc}. May sleep if the flags allow it. */
    @CName("devm_kmalloc")
    long devmKmalloc(long dev, int bytes, int gfp);

    /** Allocates managed, zeroed memory. May sleep if the flags allow it. Returns its address, or 0. */
    @CName("devm_kzalloc")
    long devmKzalloc(long dev, int bytes, int gfp);

    /** Allocates a managed, zeroed array. May sleep if the flags allow it. Returns its address, or 0. */
    @CName("devm_kcalloc")
    long devmKcalloc(long dev, int count, int bytes, int gfp);

    /** Allocates managed memory with a copy of other memory. May sleep if the flags allow it. */
    @CName("devm_kmemdup")
    long devmKmemdup(long dev, long source, int bytes, int gfp);

    /**
     * Changes the size of managed memory; it may move. May sleep if the flags allow it.
     *
     * @param va of {@link #devmKmalloc}, or 0 for a new allocation
     * @return the new address; 0 if there is no memory, and then the old allocation stays
     */
    @CName("devm_krealloc")
    long devmKrealloc(long dev, long va, int bytes, int gfp);

    /** Frees managed memory early. Any context. Memory that is none of the device's is reported, and stays. */
    @CName("devm_kfree")
    void devmKfree(long dev, long va);

    /** Allocates managed pages, see {@link PageCalls#__getFreePages}. May sleep if the flags allow it. */
    @CName("devm_get_free_pages")
    long devmGetFreePages(long dev, int gfp, int order);

    /** Frees managed pages early. Any context. Pages that are none of the device's are reported, and stay. */
    @CName("devm_free_pages")
    void devmFreePages(long dev, long va);

    /** Allocates a managed variable with a copy for each hart, see {@link PerCpuCalls#allocPercpu}. Task context. */
    @CName("devm_alloc_percpu")
    long devmAllocPercpu(long dev, int bytes);

    /** Frees a managed per-CPU variable early. Task context. */
    @CName("devm_free_percpu")
    void devmFreePercpu(long dev, long variable);

    // ---- registers and interrupts ----

    /** Maps registers, see {@link AreaCalls#ioremap}. Task context; may sleep. Returns their address, or 0. */
    @CName("devm_ioremap")
    long devmIoremap(long dev, long pa, long bytes);

    /** Unmaps managed registers early. Task context; may sleep. */
    @CName("devm_iounmap")
    void devmIounmap(long dev, long va);

    /** Reserves registers, see {@link RegisterCalls#requestMemRegion}. Task context; may sleep. */
    @CName("devm_request_mem_region")
    long devmRequestMemRegion(long dev, long start, long bytes, String name);

    /** Releases managed registers early. Task context. */
    @CName("devm_release_mem_region")
    void devmReleaseMemRegion(long dev, long start, long bytes);

    /** Reserves I/O ports, see {@link PortCalls#requestRegion}. Task context; may sleep. */
    @CName("devm_request_region")
    long devmRequestRegion(long dev, long first, long count, String name);

    /** Releases managed I/O ports early. Task context. */
    @CName("devm_release_region")
    void devmReleaseRegion(long dev, long first, long count);

    /**
     * Reserves and maps a range of the device's registers, under the device's name. Task context; may sleep. The reason
     * of a failure is in the log.
     *
     * @param index of the range in the device tree's {@code reg}; 0 is the first
     * @return the address; 0 if there is no such range, any of it is taken, or there is no memory. A probe then fails
     *         with -EBUSY.
     */
    @CName("devm_platform_ioremap_resource")
    long devmPlatformIoremapResource(long dev, int index);

    /**
     * Installs a managed handler of an interrupt, see {@link InterruptCalls#requestIrq}. The handler may run until the
     * resources that were taken after it are released: take its memory before it. Task context; may sleep.
     *
     * @param handler text address of an {@link IrqHandler}
     */
    @CName("devm_request_irq")
    int devmRequestIrq(long dev, int irq, long handler, int flags, String name, long devId);

    /** Installs a managed handler with a thread, see {@link InterruptCalls#requestThreadedIrq}. Task context. */
    @CName("devm_request_threaded_irq")
    int devmRequestThreadedIrq(long dev, int irq, long handler, long threadFn, int flags, String name, long devId);

    /** Removes a managed handler early, see {@link InterruptCalls#freeIrq}. Task context; may sleep. */
    @CName("devm_free_irq")
    void devmFreeIrq(long dev, int irq, long devId);

    // ---- memory for devices ----

    /** Allocates managed memory that harts and device share, see {@link DmaCalls#dmaAllocCoherent}. Task context. */
    @CName("dmam_alloc_coherent")
    long dmamAllocCoherent(long dev, int bytes, long handleVa, int gfp);

    /** Frees managed coherent memory early. Task context. */
    @CName("dmam_free_coherent")
    void dmamFreeCoherent(long dev, int bytes, long va, long handle);

    /** Makes a managed pool of coherent memory, see {@link DmaCalls#dmaPoolCreate}. Task context; may sleep. */
    @CName("dmam_pool_create")
    long dmamPoolCreate(String name, long dev, int bytes, int align, int boundary);

    /** Destroys a managed pool early. Task context; may sleep. */
    @CName("dmam_pool_destroy")
    void dmamPoolDestroy(long pool);

    // ---- work ----

    /**
     * Prepares a work item, see {@link WorkCalls#initWork}, that is cancelled by {@link WorkCalls#cancelWorkSync} when
     * the device's resources are released. Its memory must be managed too and taken before, or stay. Task context; may
     * sleep.
     *
     * @param worker text address of a {@link ferrite.kernel.work.WorkFunction}
     * @return 0, or -{@link Errno#ENOMEM}; the item is prepared in both cases
     */
    @CName("devm_work_autocancel")
    int devmWorkAutocancel(long dev, long work, long worker);

    /** Prepares a delayed work item, as {@link #devmWorkAutocancel}. Task context; may sleep. */
    @CName("devm_delayed_work_autocancel")
    int devmDelayedWorkAutocancel(long dev, long work, long worker);

    // ---- everything else ----

    /**
     * Lets a function of the driver run when the device's resources are released, in their order: for resources
     * without a managed call. Task context; may sleep.
     *
     * @param action text address of a {@link DevmAction}
     * @return 0, or -{@link Errno#ENOMEM}
     */
    @CName("devm_add_action")
    int devmAddAction(long dev, long action, long data);

    /** Does as {@link #devmAddAction}; runs the function at once if there is no memory. Task context; may sleep. */
    @CName("devm_add_action_or_reset")
    int devmAddActionOrReset(long dev, long action, long data);

    /** Forgets a function without running it. Task context. */
    @CName("devm_remove_action")
    void devmRemoveAction(long dev, long action, long data);

    /** Runs a function now, and forgets it. Task context; may sleep. */
    @CName("devm_release_action")
    void devmReleaseAction(long dev, long action, long data);
}
