package ferrite.kernel.dma;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.report.Hex;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.MemoryWords;
import ferrite.kernel.shadow.Barriers;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.Claims;
import ferrite.kernel.shadow.MemoryStates;
import ferrite.kernel.shadow.Shadow;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks each access of a device to memory against what its driver gave it, to the byte. The access is made whatever
 * the check finds, as on hardware.
 *
 * <p>A device of the board's own whose driver calls neither {@code dma_set_mask} nor {@code enable_dma} has nothing to
 * be compared with; only its accesses to free memory are reported.
 */
public final class DeviceAccessChecks implements AccessWatch {

    private static final int MAX_PAST = 64 << 10;

    private final PhysicalBus bus;
    private final Violations violations;
    private final AddressSpace space;
    private final MemoryStates states;
    private final Claims claims;
    private final MemoryManager mm;
    private final MemoryWords words;
    private final Map<String, String> units = new HashMap<>();
    /** The claims of the last read and of the last write: the next access mostly continues one of them. */
    private Claim lastRead;
    private Claim lastWritten;

    /** Has every access of a device checked, if a rule needs it. */
    public static void install(KernelBase base, PhysicalBus bus, MemoryManager mm) {
        DeviceAccessChecks checks = new DeviceAccessChecks(base, bus, mm);
        if (checks.isWanted()) {
            bus.guardDevices(checks);
        }
    }

    private DeviceAccessChecks(KernelBase base, PhysicalBus bus, MemoryManager mm) {
        this.bus = bus;
        this.violations = base.violations();
        this.space = base.space();
        this.states = base.states();
        this.claims = states.claims();
        this.mm = mm;
        this.words = new MemoryWords(mm);
    }

    private boolean isWanted() {
        return violations.checks(Rule.DMA_STRAY_ACCESS) || violations.checks(Rule.DMA_FREED_MEMORY)
                || violations.checks(Rule.DMA_ERROR_UNCHECKED) || violations.checks(Rule.DMA_FREED_IN_USE)
                || violations.checks(Rule.DMA_UNWRITTEN) || violations.checks(Rule.DMA_UNINITIALIZED)
                || violations.checks(Rule.PAGE_NOT_DIRTY) || violations.checks(Rule.MISSING_BARRIER);
    }

    @Override
    public void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access) {
        boolean store = access == Access.STORE;
        String unit = units.computeIfAbsent(master.name(), this::unit);
        Claim last = store ? lastWritten : lastRead;
        if (last == null || !last.isLive() || !last.terms().unit().equals(unit) || !last.permits(pa, bytes, store)) {
            last = claims.permitting(unit, pa, bytes, store);
            if (store) {
                lastWritten = last;
            } else {
                lastRead = last;
            }
        }
        if (last != null) {
            permitted(last, unit, pa, bytes, store);
            if (!store && last.terms().kind() == Claim.Kind.COHERENT) {
                checkOrder(master, last, pa, bytes);
            }
        } else if (pa >>> AddressSpace.PAGE_SHIFT == DmaAddress.DMA_MAPPING_ERROR >>> AddressSpace.PAGE_SHIFT) {
            refused(master);
        } else if (claims.isExpected(unit) || master.kind() == BusMaster.Kind.PLUGGED) {
            stray(master, unit, pa, bytes, store);
        } else {
            checkMemory(master, null, pa, bytes, store);
        }
    }

    /** Returns the end of a device's name in claims: its channel, or the unit address of its registers. */
    private String unit(String master) {
        if (master.contains(" channel ")) {
            return master.substring(master.indexOf(" channel "));
        }
        AddressRange registers = registers(master);
        return registers == null ? master : "@" + Long.toHexString(registers.base());
    }

    private AddressRange registers(String master) {
        return bus.ranges().stream().filter(range -> range.name().equals(master)).findFirst().orElse(null);
    }

    /** Reports a device that is given what a refused mapping returned. */
    private void refused(BusMaster master) {
        violations.at(Rule.DMA_ERROR_UNCHECKED, master.name() + " is given DMA_MAPPING_ERROR as an address: the "
                + "mapping was refused", site(master), "").line("instead", Rule.DMA_ERROR_UNCHECKED.right())
                .text("device", master.name()).report();
    }

    private void permitted(Claim claim, String unit, long pa, int bytes, boolean store) {
        if (claim.isUnasked()) {
            claims.asked(unit, claim.terms().dma());
            violations.at(Rule.DMA_ERROR_UNCHECKED, claim.terms().device() + " uses the mapping at "
                    + Hex.grouped(claim.terms().dma()) + ", for which dma_mapping_error was not called",
                    claim.site(), claim.task())
                    .line("mapping", claim.describe()).line("instead", Rule.DMA_ERROR_UNCHECKED.right())
                    .text("device", claim.terms().device()).address("dma", claim.terms().dma()).report();
        }
        checkMemory(null, claim, pa, bytes, store);
        if (claim.isSynced(pa, bytes)) {
            synced(claim, pa, bytes, store);
        } else if (claim.terms().kind() == Claim.Kind.COHERENT && crossesBlocks(pa, bytes)) {
            acrossBlocks(claim, pa, bytes, store);
        }
        if (store) {
            states.deviceWrote(claim, pa, bytes);
        } else if (violations.checks(Rule.DMA_UNINITIALIZED)) {
            checkWritten(claim, pa, bytes);
        }
        claims.moved(claim, pa, bytes);
    }

    /** Checks that what a device reads was in memory when it was told of it. */
    private void checkOrder(BusMaster master, Claim claim, long pa, int bytes) {
        AddressRange registers = registers(master.name());
        Barriers.Store store = registers == null ? null : states.barriers().take(registers.base(), pa, bytes);
        if (store != null) {
            violations.at(Rule.MISSING_BARRIER, claim.terms().device() + " reads " + bytes + " bytes at physical "
                    + Hex.grouped(pa) + ", which may not be there yet: no barrier lies between the store and the write "
                    + "to the register", site(master), claim.task())
                    .line("store", "to " + Hex.grouped(store.pa()) + " at " + store.line())
                    .line("register", "written at " + site(master)).line("memory", claim.describe())
                    .line("why", "a hart's write to a register may overtake its stores to memory; the device then gets "
                            + "what was there before").line("instead", Rule.MISSING_BARRIER.right())
                    .text("device", claim.terms().device()).address("pa", pa).text("stored_at", store.line()).report();
        }
    }

    /** Reports an access to a mapping that belongs to the harts. */
    private void synced(Claim claim, long pa, int bytes, boolean store) {
        violations.at(Rule.DMA_STRAY_ACCESS, claim.terms().device() + (store ? " writes " : " reads ") + bytes
                + " bytes at physical " + Hex.grouped(pa) + ", which belong to the harts since dma_sync_for_cpu",
                claim.site(), claim.task()).line("mapping", claim.describe())
                .line("why", "with a bounce buffer or a cache that is not coherent, device and harts see different "
                        + "bytes").line("instead", "call dma_sync_single_for_device before the device goes on")
                .text("device", claim.terms().device()).address("pa", pa).report();
    }

    private boolean crossesBlocks(long pa, int bytes) {
        long va = space.virt(pa);
        return (va & AddressSpace.PAGE_SIZE - 1) + bytes <= AddressSpace.PAGE_SIZE
                && states.areInTwoBlocks(va, va + bytes - 1);
    }

    private void acrossBlocks(Claim claim, long pa, int bytes, boolean store) {
        String started = claim.site();
        violations.at(Rule.DMA_STRAY_ACCESS, claim.terms().device() + (store ? " writes " : " reads ") + bytes
                + " bytes at physical " + Hex.grouped(pa) + ", past the end of a block of a DMA pool", started,
                claim.task()).line("memory", claim.describe()).line("instead", Rule.DMA_STRAY_ACCESS.right())
                .text("device", claim.terms().device()).address("pa", pa).report();
    }

    private void checkWritten(Claim claim, long pa, int bytes) {
        int unwritten = states.unwritten(claim, pa, bytes);
        if (unwritten == 0) {
            return;
        }
        states.deviceWrote(claim, claim.terms().dma(), claim.terms().bytes());     // told once
        Violations.Building report = violations.at(Rule.DMA_UNINITIALIZED, claim.terms().device() + " reads " + bytes
                + (bytes == 1 ? " byte at " : " bytes at ") + Hex.grouped(pa) + ", of which nobody has written "
                + unwritten + " since they were allocated", claim.site(), claim.task())
                .line(claim.terms().kind().label(), claim.describe());
        words.tell(report, violations.peek(), states.histories(), claim.terms().pa() + pa - claim.terms().dma());
        report.line("why", "the device gets what the memory's last owner left there")
                .line("instead", Rule.DMA_UNINITIALIZED.right()).text("device", claim.terms().device())
                .address("pa", pa).report();
    }

    /** Checks that the bytes are not free, and do not lie between objects. */
    private void checkMemory(BusMaster master, Claim claim, long pa, int bytes, boolean store) {
        long va = pa < mm.memMap().lowEndPfn() << AddressSpace.PAGE_SHIFT ? space.virt(pa) : 0;
        if (va == 0) {
            if (claim == null && mm.isFreeFrame(pa)) {
                violations.at(Rule.DMA_FREED_MEMORY, what(master.name(), pa, bytes, store, true), site(master), "")
                        .line("instead", Rule.DMA_FREED_MEMORY.right()).text("device", master.name())
                        .address("pa", pa).report();
            }
            return;
        }
        if (!states.shadow().isKnown(va)) {
            mm.objectAccesses().resolve(va);
        }
        long bad = states.shadow().firstBad(va, bytes);
        if (bad < 0 && (claim != null || !mm.isFreeFrame(pa))) {
            return;
        }
        if (bad >= 0 && states.wasReported(bad, 1)) {
            return;
        }
        long at = bad < 0 ? pa : pa + bad - va;
        if (bad >= 0) {
            states.reported(bad);
            states.reported(words.objectAt(violations.peek(), bad));
        }
        boolean freed = bad < 0 || states.shadow().state(bad) == Shadow.FREED;
        String device = claim == null ? master.name() : claim.terms().device();
        Violations.Building report = claim == null
                ? violations.at(Rule.DMA_FREED_MEMORY, what(device, at, bytes, store, freed), site(master), "")
                : violations.at(Rule.DMA_FREED_MEMORY, what(device, at, bytes, store, freed), claim.site(),
                        claim.task());
        if (claim != null) {
            report.line(claim.terms().kind().label(), claim.describe());
        }
        words.tell(report, violations.peek(), states.histories(), at);
        report.line("instead", Rule.DMA_FREED_MEMORY.right()).text("device", device).address("pa", at).report();
    }

    private static String what(String device, long pa, int bytes, boolean store, boolean freed) {
        return device + (store ? " writes " : " reads ") + bytes + (bytes == 1 ? " byte of " : " bytes of ")
                + (freed ? "free memory at " : "memory between objects at ") + "physical " + Hex.grouped(pa);
    }

    // ---- accesses that nobody permitted ----

    private void stray(BusMaster master, String unit, long pa, int bytes, boolean store) {
        Claim touched = claims.touching(unit, pa, bytes);
        Claim ended = claims.endedAt(unit, pa, bytes);
        if (ended != null && ended.isTold() && touched == null) {
            return;
        }
        Claim before = claims.before(unit, pa);
        Claim culprit;
        String how;
        if (touched != null && !(store ? touched.terms().deviceWrites() : touched.terms().deviceReads())) {
            culprit = touched;
            how = ", which is mapped for " + (store ? "reading only" : "writing only");
        } else if (touched != null) {
            culprit = touched;
            how = past(touched, pa, bytes);
        } else if (before != null && pa - end(before) < MAX_PAST && (ended == null || pa == end(before))) {
            culprit = before;
            how = past(before, pa, bytes);
        } else {
            culprit = ended;
            how = ended == null ? ", which no driver gave it" : ", which it was given until " + ended.endedBy();
        }
        Violations.Building report = violations.at(Rule.DMA_STRAY_ACCESS, master.name()
                + (store ? " writes " : " reads ") + bytes + (bytes == 1 ? " byte at " : " bytes at ") + "physical "
                + Hex.grouped(pa) + how, culprit == null ? site(master) : culprit.site(),
                culprit == null ? "" : culprit.task());
        if (culprit != null) {
            report.line(culprit.terms().kind().label(), culprit.describe());
            report.text("mapped_at", culprit.site());
        }
        String request = bus.requestOf(master);
        String started = startedAt(master);
        if (request != null || started != null) {
            report.line("request", Stream.of(request, started == null ? null : "started at " + started)
                    .filter(Objects::nonNull).collect(Collectors.joining(", ")));
        }
        words.tell(report, violations.peek(), states.histories(), pa);
        report.line("why", "an IOMMU would refuse the access; without one the device " + (store ? "overwrites"
                : "gets") + " what is there").line("instead", Rule.DMA_STRAY_ACCESS.right())
                .text("device", master.name()).address("pa", pa).text("access", store ? "write" : "read")
                .report();
    }

    private static long end(Claim claim) {
        return claim.terms().dma() + claim.terms().bytes();
    }

    private static String past(Claim claim, long pa, int bytes) {
        if (pa < claim.terms().dma()) {
            return ", " + (claim.terms().dma() - pa) + " bytes before the mapping";
        }
        long past = pa + bytes - end(claim);
        return ", up to " + past + (past == 1 ? " byte" : " bytes") + " past the end of the "
                + claim.terms().bytes() + " bytes that it was given";
    }

    private String site(BusMaster master) {
        String started = startedAt(master);
        return started == null ? "?" : started;
    }

    /** Returns the line that started a device's request; null if none was noted. */
    private String startedAt(BusMaster master) {
        AddressRange registers = registers(master.name());
        return registers == null ? null : states.request(registers.base());
    }
}
