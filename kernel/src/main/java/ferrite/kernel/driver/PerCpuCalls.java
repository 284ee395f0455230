package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.TextTable;

/**
 * Per-CPU variables (LDD3 pages 228-230): each hart has a copy. A variable is known by the address of the first
 * hart's copy.
 */
@DriverApi
public interface PerCpuCalls {

    /**
     * Defines a static variable of a driver, zeroed. Called in {@link Driver#link}; the variable goes with the
     * driver. Without memory {@code insmod} refuses the driver.
     *
     * @param name unique in the driver
     */
    @CName("DEFINE_PER_CPU")
    long definePerCpu(TextTable.Module text, String name, int bytes, int align);

    /**
     * Allocates a zeroed variable, aligned to a cache line (LDD3 page 229). Task context; may sleep.
     *
     * @return the variable, or 0
     */
    @CName("alloc_percpu")
    long allocPercpu(int bytes);

    /**
     * Allocates a zeroed variable with an alignment, see {@link #allocPercpu}. Task context; may sleep.
     *
     * @param align a power of two up to a page
     */
    @CName("__alloc_percpu")
    long __allocPercpu(int bytes, int align);

    /** Frees a variable of {@link #allocPercpu}; 0 is legal. Any context. */
    @CName("free_percpu")
    void freePercpu(long variable);

    /**
     * Returns this hart's copy. The caller stays on the hart, and must not sleep, until {@link #putCpuVar}. Any
     * context.
     */
    @CName("get_cpu_var")
    long getCpuVar(long variable);

    /** Ends the use of a copy that {@link #getCpuVar} returned. Any context. */
    @CName("put_cpu_var")
    void putCpuVar();

    /** Returns the number of this hart. The caller stays on it until {@link #putCpu}. Any context. */
    @CName("get_cpu")
    int getCpu();

    /** Undoes one {@link #getCpu}. Any context. */
    @CName("put_cpu")
    void putCpu();

    /** Returns a hart's copy, which that hart may be using. Any context. */
    @CName("per_cpu_ptr")
    long perCpuPtr(long variable, int hart);

    /**
     * Returns this hart's copy to a caller that cannot be moved to another hart. Any context with preemption or
     * interrupts off.
     */
    @CName("this_cpu_ptr")
    long thisCpuPtr(long variable);

    /**
     * Returns the number of this hart to a caller that cannot be moved to another hart. Any context with preemption
     * or interrupts off.
     */
    @CName("smp_processor_id")
    int smpProcessorId();

    /** Returns the number of harts. Any context. */
    @CName("num_online_cpus")
    int numOnlineCpus();
}
