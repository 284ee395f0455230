package ferrite.kernel.dma;

import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.Claims;
import ferrite.kernel.shadow.MemoryStates;
import java.util.List;

/** Tells the shadow what each call of a driver lets a device access. Only looks. */
final class DmaClaims {

    /** The address bits that the ISA controller drives. */
    private static final long ISA_MASK = (1L << 24) - 1;
    /** The rules that ask what devices may access. */
    private static final List<Rule> RULES = List.of(Rule.DMA_STRAY_ACCESS, Rule.DMA_FREED_IN_USE, Rule.DMA_CPU_ACCESS,
            Rule.DMA_FREED_MEMORY, Rule.DMA_ERROR_UNCHECKED, Rule.DMA_SHARED_LINE, Rule.DMA_UNWRITTEN,
            Rule.DMA_UNINITIALIZED, Rule.DMA_CHANNEL_SETUP, Rule.DMA_WRONG_FREE, Rule.DMA_WRONG_SYNC, Rule.DMA_OVERLAP,
            Rule.PAGE_NOT_DIRTY, Rule.MISSING_BARRIER, Rule.DMA_IN_FLIGHT);

    private final Violations violations;
    private final KernelCpu cpu;
    private final Context context;
    private final MemoryStates states;
    private final Claims claims;
    private final boolean wanted;
    private final TransferChecks transfers;

    DmaClaims(KernelBase base) {
        this.violations = base.violations();
        this.cpu = base.cpu();
        this.context = base.context();
        this.states = base.states();
        this.claims = states.claims();
        this.wanted = RULES.stream().anyMatch(violations::checks);
        this.transfers = new TransferChecks(base, this);
    }

    /** The checks of the copy engine's transfers. */
    TransferChecks transfers() {
        return transfers;
    }

    /** Returns the end of a device's name that tells it from all others. */
    String unitOf(long dev) {
        return unit(name(dev));
    }

    /** Returns the part of a device's name that tells it from all others: its unit address in the device tree. */
    private static String unit(String name) {
        return name.indexOf('@') < 0 ? name : name.substring(name.indexOf('@'));
    }

    /** Returns the name of a device. */
    String name(long dev) {
        ReadableMemory view = violations.peek();
        long name = DmaDeviceLayout.NAME.get(view, dev);
        return name == 0 ? "device" : StringTable.read(view, name);
    }

    private String task() {
        return cpu.tp() == 0 ? "boot" : context.taskName();
    }

    /** Notes that a driver has set a mask: from now on its device may access only what it maps. */
    void expect(long dev) {
        if (wanted) {
            claims.expect(unit(name(dev)));
        }
    }

    // ---- mappings and coherent memory ----

    /** @param site the line of source, or null if the caller does not know it */
    void mapped(long dev, long pa, long dma, int bytes, int direction, DmaDebug.Call call, String site) {
        if (wanted) {
            String name = name(dev);
            Claim.Terms terms = new Claim.Terms(Claim.Kind.MAPPING, name, unit(name), dma, pa, bytes,
                    DmaDirection.deviceReads(direction), DmaDirection.deviceWrites(direction));
            if (call != DmaDebug.Call.LIST) {
                checkNeighbours(call.map, terms);          // the entries of a list are handed over together
            }
            Claim claim = claims.add(terms, call.map,
                    site == null ? CallSite.ofCaller() : site, task());
            if (call == DmaDebug.Call.LIST) {
                claims.asked(claim.terms().unit(), dma);
            }
        }
    }

    /** Notes a buffer that {@link DmaDebug} has recorded before the kernel attached. */
    void restored(ReadableMemory view, long entry, String call, Claim.Kind kind) {
        if (!wanted) {
            return;
        }
        long dev = DmaDebugEntryLayout.DEV.get(view, entry);
        int direction = DmaDebugEntryLayout.DIRECTION.get(view, entry);
        long dma = DmaDebugEntryLayout.DMA.get(view, entry);
        long site = DmaDebugEntryLayout.SITE.get(view, entry);
        Claim claim = claims.add(new Claim.Terms(kind, name(dev), unit(name(dev)), dma,
                DmaDebugEntryLayout.PA.get(view, entry), DmaDebugEntryLayout.LENGTH.get(view, entry),
                DmaDirection.deviceReads(direction), DmaDirection.deviceWrites(direction)), call,
                site == 0 ? "?" : StringTable.read(view, site), "task " + DmaDebugEntryLayout.PID.get(view, entry)
                        + " '" + StringTable.read(view, DmaDebugEntryLayout.TASK.get(view, entry)) + "'");
        if (DmaDebugEntryLayout.CHECKED.get(view, entry) != 0
                || DmaDebugEntryLayout.CALL.get(view, entry) == DmaDebug.Call.LIST.ordinal()) {
            claims.asked(claim.terms().unit(), dma);
        }
    }

    /** Notes a page of a pool that was allocated before the kernel attached. */
    void restoredPoolPage(long dev, long dma, int bytes) {
        if (wanted) {
            claims.add(coherentTerms(dev, dma, bytes), "dma_pool_alloc", "?", "a task");
        }
    }

    void unmapped(long dev, long dma, int bytes, String call) {
        end(unit(name(dev)), dma, bytes, call);
    }

    private void end(String unit, long dma, int bytes, String call) {
        Claim claim = wanted ? claims.beginningAt(unit, dma, bytes) : null;
        if (claim == null) {
            return;
        }
        if (claim.terms().kind() == Claim.Kind.MAPPING && transfers.isUsed(call, unit, claim)) {
            claim.tell();
        }
        claims.end(claim, call + " at " + CallSite.ofCaller());
        states.givenBack(claim);
    }

    /** Returns whether the driver has asked about a mapping, or has been told that it did not. */
    boolean isAsked(long dev, long dma) {
        Claim claim = wanted ? claims.beginningAt(unit(name(dev)), dma, 0) : null;
        return claim != null && !claim.isUnasked();
    }

    void asked(long dev, long dma) {
        if (wanted) {
            claims.asked(unit(name(dev)), dma);
        }
    }

    void synced(String call, long dev, long dma, int bytes, int direction, boolean forDevice) {
        if (!wanted) {
            return;
        }
        Claim claim = claims.containing(unit(name(dev)), dma);
        claims.sync(unit(name(dev)), dma, bytes, !forDevice);
        if (claim != null && !forDevice) {
            states.givenBack(claim);
        }
        if (claim == null || !violations.checks(Rule.DMA_WRONG_SYNC)) {
            return;
        }
        Claim.Terms terms = claim.terms();
        boolean both = terms.deviceReads() && terms.deviceWrites();
        String how = dma + bytes > terms.dma() + terms.bytes() ? ", " + (dma + bytes - terms.dma() - terms.bytes())
                + " bytes past the end of the mapping"
                : !both && (terms.deviceReads() != DmaDirection.deviceReads(direction)
                        || terms.deviceWrites() != DmaDirection.deviceWrites(direction))
                                ? " in another direction than the mapping's" : null;
        if (how != null) {
            violations.of(Rule.DMA_WRONG_SYNC, call + " of " + bytes + " bytes at " + Hex.grouped(dma) + how)
                    .line("mapping", claim.describe()).line("instead", Rule.DMA_WRONG_SYNC.right())
                    .text("device", terms.device()).address("dma", dma).reportAsPartOf(claim.site());
        }
    }

    /** Compares the free of coherent memory with its allocation. */
    void checkCoherentFree(long dev, int bytes, long pa, long handle) {
        Claim claim = wanted ? claims.beginningAt(unit(name(dev)), pa, bytes) : null;
        if (claim == null || claim.terms().kind() != Claim.Kind.COHERENT) {
            return;
        }
        Claim.Terms terms = claim.terms();
        boolean sameOrder = Kmalloc.order(bytes) == Kmalloc.order(terms.bytes());
        String how = terms.bytes() != bytes && sameOrder ? bytes + " bytes, of which " + terms.bytes()
                + " were allocated" : handle != terms.dma() ? "bus address " + Hex.grouped(handle) + " instead of "
                + Hex.grouped(terms.dma()) : null;
        if (how != null) {
            violations.of(Rule.DMA_WRONG_FREE, "dma_free_coherent with " + how).line("memory", claim.describe())
                    .line("instead", Rule.DMA_WRONG_FREE.right()).text("device", terms.device())
                    .address("dma", terms.dma()).report();
        }
    }

    void coherent(long dev, long dma, int bytes, String call) {
        if (wanted) {
            claims.add(coherentTerms(dev, dma, bytes), call, CallSite.ofCaller(), task());
        }
    }

    private Claim.Terms coherentTerms(long dev, long dma, int bytes) {
        return new Claim.Terms(Claim.Kind.COHERENT, name(dev), unit(name(dev)), dma, dma, bytes, true, true);
    }

    void coherentFreed(long dev, long dma, int bytes, String call) {
        end(unit(name(dev)), dma, bytes, call);
    }

    /** Checks that an address for a device is not what a refused mapping returns. */
    void checkAddress(String call, long dma) {
        if (wanted && dma == DmaAddress.DMA_MAPPING_ERROR) {
            violations.of(Rule.DMA_ERROR_UNCHECKED, call + " with DMA_MAPPING_ERROR as an address: the mapping was "
                    + "refused").line("instead", Rule.DMA_ERROR_UNCHECKED.right()).report();
        }
    }

    /** Checks a new mapping against coherent memory, and against mappings in the same cache lines. */
    private void checkNeighbours(String call, Claim.Terms terms) {
        Claim coherent = violations.checks(Rule.DMA_OVERLAP) ? claims.coherentIn(terms.pa(), terms.bytes()) : null;
        if (coherent != null) {
            violations.of(Rule.DMA_OVERLAP, call + " of memory that is coherent already")
                    .line("memory", coherent.describe()).line("instead", "use the bus address of dma_alloc_coherent")
                    .address("dma", terms.dma()).text("device", terms.device()).report();
            return;
        }
        Claim beside = violations.checks(Rule.DMA_SHARED_LINE) ? claims.sharingLine(terms) : null;
        if (beside != null && states.mayShareLine(terms.pa(), terms.bytes(), beside.terms().pa(),
                beside.terms().bytes())) {
            violations.of(Rule.DMA_SHARED_LINE, call + " of bytes in a cache line of which "
                    + beside.terms().device() + " has another part").line("mapping", beside.describe())
                    .line("why", "with a cache that is not coherent, the bytes of one are lost when the line is "
                            + "written back or dropped for the other").line("instead", Rule.DMA_SHARED_LINE.right())
                    .address("dma", terms.dma()).text("device", terms.device()).text("mapped_at", beside.site())
                    .report();
        }
    }

    // ---- copies ----

    /**
     * Notes that a copy is about to read or write memory. If it is coherent memory, it belongs to the device now.
     *
     * @param site the line that asked for the copy; null for the caller's
     * @param task the task that asked for it; null for the current one
     */
    Claim copying(long dma, int bytes, boolean writes, String site, String task) {
        Claim coherent = wanted ? claims.coherent(dma, bytes) : null;
        if (coherent == null) {
            return null;
        }
        Claim.Terms terms = coherent.terms();
        return claims.add(new Claim.Terms(Claim.Kind.COPY, terms.device(), terms.unit(), dma, dma, bytes, !writes,
                writes), "a copy", site == null ? CallSite.ofCaller() : site, task == null ? task() : task);
    }

    /** Notes that a copy is complete, or failed. */
    void copied(Claim claim) {
        if (claim != null) {
            claims.end(claim, "the end of the copy");
        }
    }

    // ---- channels of the ISA controller ----

    private static String channel(int channel) {
        return " channel " + channel;
    }

    /**
     * A channel has been unmasked.
     *
     * @param mode  as given to {@code set_dma_mode}
     * @param limit the boundary at which the address counter wraps, in bytes
     */
    void enabled(int channel, String owner, long dma, int bytes, int mode, int limit) {
        if (wanted) {
            disabled(channel, "enable_dma");
            programmed(channel, owner, new Range(dma, bytes, limit), mode, CallSite.ofCaller(), task());
        }
    }

    /**
     * Notes a channel that was unmasked before the kernel attached.
     *
     * @param site the line that unmasked it, or null
     */
    void restoredChannel(int channel, String owner, Range range, int mode, String site) {
        if (wanted) {
            programmed(channel, owner, range, mode, site == null ? "?" : site, "a task");
        }
    }

    /** What a channel was given: an address, a number of bytes, and the boundary at which the address wraps. */
    record Range(long dma, int bytes, int limit) { }

    private void programmed(int channel, String owner, Range range, int mode, String site, String task) {
        String unit = channel(channel);
        claims.expect(unit);
        boolean down = (mode & DmaRegisters.MODE_DECREMENT) != 0;
        long start = (down ? range.dma - range.bytes + 1 : range.dma) & ISA_MASK;
        boolean wraps = start / range.limit != (start + range.bytes - 1) / range.limit;
        int transfer = mode & DmaRegisters.MODE_TRANSFER;
        if (range.bytes > 0 && transfer != DmaRegisters.MODE_VERIFY) {
            long first = wraps ? start / range.limit * range.limit : start;
            claims.add(new Claim.Terms(Claim.Kind.CHANNEL, owner + " on channel " + channel, unit, first, first,
                    wraps ? range.limit : range.bytes, transfer == DmaRegisters.MODE_READ,
                    transfer == DmaRegisters.MODE_WRITE, down, wraps || (mode & DmaMode.DMA_AUTOINIT) != 0),
                    "enable_dma", site, task);
        }
    }

    /** A channel has been masked. */
    void disabled(int channel, String call) {
        Claim claim = wanted ? claims.ofChannel(channel(channel)) : null;
        if (claim != null) {
            claims.end(claim, call + " at " + CallSite.ofCaller());
        }
    }
}
