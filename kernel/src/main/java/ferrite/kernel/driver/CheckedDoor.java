package ferrite.kernel.driver;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.AccessCheck;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.mm.ObjectAccessChecks;

/** The common part of all calls of drivers: checks of their records, and the list of the resources that they hold. */
@Plumbing
abstract class CheckedDoor {

    private static final int WORD = 4;

    final KernelBase base;
    /** Memory as drivers see it. */
    final KernelMemory memory;
    /** Null if accesses of drivers are not checked. */
    final ObjectAccessChecks checks;
    private final ResourceTracker tracker;

    CheckedDoor(KernelBase base, Subsystems subsystems) {
        ObjectAccessChecks wanted = subsystems.memory().objectAccesses();
        this.base = base;
        this.checks = wanted.isWanted() ? wanted : null;
        this.memory = base.memory().checkedBy(checks == null ? AccessCheck.NONE : checks);
        this.tracker = base.tracker();
    }

    /**
     * Checks a driver's record that the kernel uses on the driver's behalf, unless it was reported before. Returns its
     * address.
     */
    final long used(long va, int bytes) {
        if (checks != null && !base.states().wasReported(va, bytes)) {
            checks.check(va, bytes, true);
        }
        return va;
    }

    /**
     * Checks a driver's record with a spinlock that is to be taken. In memory that is not allocated nobody would ever
     * release it.
     *
     * @param offset of the spinlock in the record
     */
    final long checkedRecord(long va, int bytes, int offset) {
        requireWritten(va, bytes, offset);
        used(va, bytes);
        if (checks != null && checks.isBad(va, bytes) && base.violations().peek().load32(va + offset) != 0) {
            throw new KernelPanic("the spinlock at " + Hex.grouped(va + offset) + " lies in memory that is not "
                    + "allocated, and its word says that it is held: the hart would spin for ever, at "
                    + CallSite.ofCaller());
        }
        return va;
    }

    /** Checks that a record has been written since its memory was allocated. */
    final void requireWritten(long va, int bytes, int offset) {
        if (checks == null || !AddressSpace.isLinear(va) || base.states().unwritten().count(va, bytes) < bytes) {
            return;
        }
        base.violations().of(Rule.LOCK_UNINITIALIZED, "the " + bytes + " bytes at " + Hex.grouped(va)
                + " are used as a record of the kernel's, but nobody has written them since they were allocated")
                .line("why", "the record holds what the memory's last owner left there")
                .line("instead", Rule.LOCK_UNINITIALIZED.right()).address("va", va).report();
        base.states().unwritten().written(va, bytes);
        if (bytes > WORD || base.violations().peek().load32(va + offset) != 0) {
            throw new KernelBug("the record at " + Hex.grouped(va) + " was never initialised", true);
        }
    }

    // ---- resources of drivers ----

    final long took(Kind kind, long key, int bytes) {
        if (checks != null && key != 0 && (kind == Kind.MEMORY || kind == Kind.OBJECT)) {
            checks.allocated(key);                     // so that a report names the line
        }
        return tracker.took(kind, key, bytes);
    }

    final void gaveBack(Kind kind, long key) {
        tracker.gaveBack(kind, key);
    }

    /** Forgets the resource if the call freed it. Returns whether it did. */
    final boolean gaveBackIf(boolean freed, Kind kind, long key) {
        if (freed) {
            tracker.gaveBack(kind, key);
        }
        return freed;
    }
}
