package ferrite.kernel.core;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.shadow.MemoryStates;

/**
 * The services that nearly every class of the kernel needs.
 *
 * @param memory      loads and stores at virtual addresses, through the MMU of the hart that has the turn
 * @param cpu         the control registers of that hart
 * @param space       converts between physical and linear map addresses
 * @param text        gives callbacks text addresses
 * @param strings     interned names and call sites
 * @param log         the kernel log
 * @param violations  takes reports of broken rules
 * @param states      what the host knows about memory, for the checks
 * @param context     checks whether the caller may sleep
 * @param tracker     records the resources of loaded drivers
 * @param commandLine the kernel's command line
 * @param events      tells debuggers of frequent events
 * @param root        address of the root page, see {@link RootLayout}
 */
public record KernelBase(KernelMemory memory, KernelCpu cpu, AddressSpace space,
        TextTable text, StringTable strings, KernelLog log,
        Violations violations, MemoryStates states, Context context, ResourceTracker tracker, CommandLine commandLine,
        KernelEvents events, long root) {

    /** Spinlocks for the kernel's own short sections, which do not sleep. */
    public SpinLock locks() {
        return new SpinLock(memory, cpu);
    }

    /** Spinlocks for drivers: if a task sleeps with one held, the report names the line that took it. */
    public SpinLock driverLocks() {
        return new SpinLock(memory, cpu, context);
    }

    /** Memory at the virtual addresses of the hart that has the turn. Reads have no effect on the run. */
    public ReadableMemory peek() {
        return violations.peek();
    }

    /** Reads an address from the root page. Only looks. */
    public long rootAddress(Pointer field) {
        return field.get(peek(), root);
    }

    /** The number of harts. Only looks. */
    public int harts() {
        return RootLayout.HARTS.get(peek(), root);
    }

    /** Address of the first hart's record, see {@link ferrite.kernel.base.PerCpuLayout}. Only looks. */
    public long perCpu() {
        return rootAddress(RootLayout.PER_CPU);
    }

    /** Returns whether the kernel records the call sites that allocate pages and set up transfers. Only looks. */
    public boolean recordsOwners() {
        return rootAddress(RootLayout.PAGE_EXT) != 0;
    }
}
