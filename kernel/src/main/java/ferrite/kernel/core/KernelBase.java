package ferrite.kernel.core;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;

/**
 * The parts that nearly every class of the kernel needs.
 *
 * @param memory      loads and stores at virtual addresses, through the MMU of the hart that has the turn
 * @param cpu         the control registers of that hart
 * @param space       converts between physical addresses and those of the linear map
 * @param text        text addresses of callbacks
 * @param strings     interned names and call sites
 * @param log         the kernel log
 * @param violations  takes reports of broken rules
 * @param context     tells whether the caller may sleep
 * @param tracker     records what loaded drivers hold
 * @param commandLine the kernel's command line
 * @param root        address of the root page, see {@link RootLayout}
 */
public record KernelBase(KernelMemory memory, KernelCpu cpu, AddressSpace space, TextTable text, StringTable strings, KernelLog log,
                         Violations violations, Context context, ResourceTracker tracker, CommandLine commandLine, long root) {

    /** Spinlocks of the kernel's own short paths, which do not sleep. */
    public SpinLock locks() {
        return new SpinLock(memory, cpu);
    }

    /** Spinlocks of drivers: a report of a sleep with one held names the line that took it. */
    public SpinLock driverLocks() {
        return new SpinLock(memory, cpu, context);
    }

    /** Memory as the hart sees it that has the turn, without any effect on the run. */
    public ReadableMemory peek() {
        return violations.peek();
    }

    /** Reads an address from the root page. Only looks. */
    public long rootAddress(int offset) {
        return peek().loadAddress(root + offset);
    }

    /** The number of harts. Only looks. */
    public int harts() {
        return peek().load32(root + RootLayout.HARTS);
    }

    /** Address of the first hart's record, see {@link ferrite.kernel.base.PerCpuLayout}. Only looks. */
    public long perCpu() {
        return rootAddress(RootLayout.PER_CPU);
    }

    /** Whether the kernel records who allocated pages and set up transfers. Only looks. */
    public boolean recordsOwners() {
        return rootAddress(RootLayout.PAGE_EXT) != 0;
    }
}
