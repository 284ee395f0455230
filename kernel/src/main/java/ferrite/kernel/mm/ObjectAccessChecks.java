package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.AccessCheck;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskStacks;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.Claims;
import ferrite.kernel.shadow.MemoryStates;
import ferrite.kernel.shadow.Shadow;
import ferrite.kernel.shadow.Stacks;
import ferrite.kernel.shadow.Unwritten;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Checks each access of a driver before it is made: whether the bytes belong to an allocated object, and to the harts
 * rather than to a device. It finds an overrun or a use after free at its own line, reads too.
 */
public final class ObjectAccessChecks implements AccessCheck {

    private static final int WORD = 4;
    private static final long NO_PAGE = -AddressSpace.PAGE_SIZE;

    private final Violations violations;
    private final MemoryStates states;
    private final Shadow shadow;
    private final AddressSpace space;
    private final MemMap memMap;
    private final SlabView slabs;
    private final TaskStacks stacks;
    private final KernelCpu cpu;
    private final LongUnaryOperator translate;
    private final boolean watchesOwnership;
    private final boolean watchesLines;
    private final boolean watchesWrites;
    private final boolean watchesDevices;
    private final boolean watchesBarriers;
    /** The last page that was found without devices, until pages change, and what is known of its bytes. */
    private long quietPage = NO_PAGE;
    private byte[] quietStates;
    private long[] quietBits;

    /** @param translate finds the physical address that this hart has for a virtual one, or -1; it only looks */
    ObjectAccessChecks(KernelBase base, MemMap memMap, TaskStacks stacks, LongUnaryOperator translate) {
        this.stacks = stacks;
        this.cpu = base.cpu();
        this.translate = translate;
        this.violations = base.violations();
        this.states = base.states();
        this.shadow = states.shadow();
        this.space = base.space();
        this.memMap = memMap;
        this.slabs = new SlabView(memMap, base.locks(), base.root());
        states.onPageChange(() -> quietPage = NO_PAGE);
        states.resolveWith(va -> resolve(va & -AddressSpace.PAGE_SIZE), this::object);
        this.watchesOwnership = violations.checks(Rule.DMA_CPU_ACCESS);
        this.watchesBarriers = violations.checks(Rule.MISSING_BARRIER);
        this.watchesDevices = violations.checks(Rule.DMA_STRAY_ACCESS) || violations.checks(Rule.DMA_FREED_MEMORY)
                || watchesBarriers;
        this.watchesLines = violations.checks(Rule.DMA_SHARED_LINE);
        this.watchesWrites = states.watchesWrites();
    }

    /** Returns whether a rule needs the check. */
    public boolean isWanted() {
        return states.watchesObjects() || watchesWrites || watchesBarriers;
    }

    /** Returns whether one of some bytes is known not to be allocated. */
    public boolean isBad(long va, int bytes) {
        return shadow.firstBad(va, bytes) >= 0;
    }

    @Override
    public void check(long va, int bytes, boolean store) {
        long inPage = va - quietPage;
        if (inPage >= 0 && inPage + bytes <= AddressSpace.PAGE_SIZE && isQuiet((int) inPage, bytes, store)) {
            if (store && quietBits != null) {
                Unwritten.written(quietBits, (int) inPage, bytes);
            }
            return;
        }
        if (bytes <= 0) {
            return;
        }
        if (!AddressSpace.isLinear(va)) {
            long bad = shadow.firstBad(va, bytes);
            if (bad >= 0) {
                reportArea(va, bytes, bad, store);
            }
            if (store && watchesDevices) {
                states.storedTo(cpu.hartId(), va);
            }
            if (states.claims().areAny() || store && watchesWrites) {
                checkAlias(va, bytes, store);
            }
            return;
        }
        if (isFine(va, bytes)) {
            if (store && watchesWrites) {
                states.unwritten().written(va, bytes);
            }
            noteQuiet(va);
        } else {
            checkClosely(va, bytes, store);
        }
        if (store && watchesBarriers && states.barriers().concern(space.phys(va))) {
            states.barriers().stored(cpu.hartId(), space.phys(va), bytes);
        }
    }

    /** Returns whether bytes of the last page may all be accessed, and need nothing noted or lie in one word. */
    private boolean isQuiet(int at, int bytes, boolean store) {
        boolean isWhole = quietStates.length == 0;
        return (at & WORD - 1) + bytes <= WORD ? bytes > 0 && (isWhole || quietStates[at / WORD] == 0)
                : isWhole && !store;
    }

    private void noteQuiet(long va) {
        long pa = space.phys(va);
        byte[] known = shadow.states(va);
        if (known != null && !states.concernsDevices(pa) && !states.barriers().concern(pa)) {
            quietPage = va & -AddressSpace.PAGE_SIZE;
            quietStates = known;
            quietBits = watchesWrites ? states.unwritten().bits(va) : null;
        }
    }

    /** Checks an access to bytes of a page that has no address of the driver's. */
    public void checkPage(long pa, int bytes, boolean store) {
        Claim claim = watchesOwnership && bytes > 0 ? states.claims().owning(pa, bytes) : null;
        if (claim != null) {
            checkOwner(claim, space.virt(pa), bytes, store);
        }
    }

    /** Returns whether all bytes may be accessed, and no device has to do with their pages. */
    private boolean isFine(long va, int bytes) {
        if ((va & AddressSpace.PAGE_SIZE - 1) + bytes <= AddressSpace.PAGE_SIZE) {
            return shadow.isFine(va, bytes) && !states.concernsDevices(space.phys(va));
        }
        for (long at = va; at < va + bytes; at = (at | AddressSpace.PAGE_SIZE - 1) + 1) {
            int piece = (int) (Math.min(va + bytes, (at | AddressSpace.PAGE_SIZE - 1) + 1) - at);
            if (!shadow.isFine(at, piece) || states.concernsDevices(space.phys(at))) {
                return false;
            }
        }
        return true;
    }

    /** Checks an access by an address outside the linear map: of vmalloc, kmap or remap_pfn_range. */
    private void checkAlias(long va, int bytes, boolean store) {
        for (long at = va; at < va + bytes; at = (at | AddressSpace.PAGE_SIZE - 1) + 1) {
            int piece = (int) (Math.min(va + bytes, (at | AddressSpace.PAGE_SIZE - 1) + 1) - at);
            long pa = translate.applyAsLong(at);
            Claim claim = pa < 0 || !watchesOwnership ? null : states.claims().owning(pa, piece);
            if (claim != null) {
                checkOwner(claim, at, piece, store);
            }
            if (store && watchesWrites && pa >= 0 && AddressSpace.isLinear(space.virt(pa))) {
                states.unwritten().written(space.virt(pa), piece);
            }
        }
    }

    /** Checks an access to a page of which something is not known yet, or which a device may access. */
    private void checkClosely(long va, int bytes, boolean store) {
        checkOwners(va, bytes, store);
        if (watchesWrites && !states.unwritten().isEmpty()) {
            checkWritten(va, bytes, store);
        }
    }

    private void checkOwners(long va, int bytes, boolean store) {
        for (long page = va & -AddressSpace.PAGE_SIZE; page < va + bytes; page += AddressSpace.PAGE_SIZE) {
            if (!shadow.isKnown(page)) {
                resolve(page);
            }
        }
        long bad = shadow.firstBad(va, bytes);
        if (bad >= 0) {
            reportObject(va, bytes, bad, store);
        } else {
            checkClaims(va, bytes, store);
        }
    }

    /** Checks a copy, which uses no bytes: those that nobody has written are not written at their target either. */
    @Override
    public void checkCopy(long to, long from, int bytes) {
        boolean gaps = bytes > 0 && watchesWrites && AddressSpace.isLinear(from)
                && states.unwritten().hasGaps(space.phys(from));
        if (gaps) {
            checkOwners(from, bytes, false);
        } else {
            check(from, bytes, false);
        }
        check(to, bytes, true);
        if (gaps && AddressSpace.isLinear(to)) {
            states.unwritten().copied(to, from, bytes, space.phys(to), space.phys(from));
        }
    }

    private void checkClaims(long va, int bytes, boolean store) {
        long pa = space.phys(va);
        Claim claim = watchesOwnership || watchesLines ? states.claims().owning(pa, bytes) : null;
        if (claim != null) {
            if (watchesOwnership) {
                checkOwner(claim, va, bytes, store);
            }
            return;
        }
        Claim neighbour = watchesLines && store ? states.claims().beside(pa, bytes) : null;
        if (neighbour != null) {
            checkLine(neighbour, va, bytes);
        }
    }

    // ---- the shadow of a page, from the page's own records ----

    /** Notes an object that a driver has just allocated, if nothing is known of its page yet. */
    public void allocated(long va) {
        if (AddressSpace.isLinear(va) && !shadow.isKnown(va & -AddressSpace.PAGE_SIZE)) {
            resolve(va & -AddressSpace.PAGE_SIZE);
            states.allocatedHere(va);
        }
    }

    /** Fills the shadow of a page of the linear map. */
    public void resolve(long va) {
        ReadableMemory view = violations.peek();
        long page = memMap.virtToPage(va);
        long head = page == 0 ? 0 : memMap.head(view, page);
        if (head == 0 || (PageLayout.FLAGS.get(view, head) & PageLayout.SLAB) == 0) {
            shadow.setWhole(va);
            return;
        }
        long cache = PageLayout.SLAB_CACHE.get(view, head);
        long start = memMap.pageAddress(head);
        long first = start + KmemCacheLayout.RED_LEFT.get(view, cache);
        int stride = KmemCacheLayout.SIZE.get(view, cache);
        int size = KmemCacheLayout.OBJECT_SIZE.get(view, cache);
        shadow.divide(start, AddressSpace.PAGE_SIZE << KmemCacheLayout.ORDER.get(view, cache), first, stride, size);
        for (SlabView.Piece piece : slabs.allocated(view, cache, head)) {
            shadow.allow(piece.object(), piece.requested(), size);
        }
    }

    // ---- objects ----

    private void reportObject(long va, int bytes, long bad, boolean store) {
        boolean freed = shadow.state(bad) == Shadow.FREED && !continuesPiece(bad);
        Rule rule = freed ? Rule.USE_AFTER_FREE : Rule.OBJECT_OVERRUN;
        if (!violations.checks(rule)) {
            return;
        }
        ReadableMemory view = violations.peek();
        SlabView.Found found = slabs.find(view, bad);
        String access = access(va, bytes, store);
        if (found == null) {
            states.reported(bad);
            violations.of(rule, access + whereInPages(bad, freed)).line("instead", rule.right()).address("va", bad)
                    .report();
            return;
        }
        Violations.Building report = violations.of(rule, access + ", " + where(found, bad, freed));
        SlabReports.object(report, view, found, states.histories());
        states.reported(bad);
        states.reported(found.object());
        report.line("instead", freed ? "make the access before the free, and store 0 in the pointer"
                : "allocate as many bytes as are used").address("va", bad).report();
    }

    /** Says where an address lies that is in no object of a lookaside cache. */
    private String whereInPages(long bad, boolean freed) {
        long pa = space.phys(bad);
        Map.Entry<Long, Blocks.Block> block = states.blocks().before(pa);
        if (block != null && block.getValue().kind() != Blocks.Kind.POOL && !freed) {
            long past = pa - block.getKey() - block.getValue().bytes();
            return ", " + (past == 0 ? "just" : past + " bytes") + " past the " + block.getValue().bytes()
                    + " bytes of " + block.getValue().kind().allocation();
        }
        return freed ? ", in a free block of a DMA pool" : ", outside the blocks of a DMA pool";
    }

    private static String access(long va, int bytes, boolean store) {
        return (store ? "store of " : "load of ") + bytes + (bytes == 1 ? " byte at " : " bytes at ")
                + Hex.grouped(va);
    }

    /** Reports an access past a local on a kernel stack, or to one whose function has returned. */
    private void reportStack(long va, int bytes, long bad, boolean store) {
        boolean dead = shadow.state(bad) == Shadow.DEAD;
        Rule rule = dead ? Rule.STACK_USE_AFTER_RETURN : Rule.STACK_OVERRUN;
        Stacks.Local local = dead ? states.stacks().ended(bad) : states.stacks().before(bad);
        if (!violations.checks(rule)) {
            return;
        }
        String where = dead ? local == null ? ", below the stack pointer"
                : ", in a local of " + local.bytes() + " bytes whose function has returned"
                : local == null ? ", at the top of a kernel stack" : ", " + (bad == local.va() + local.bytes() ? "just"
                        : bad - local.va() - local.bytes() + " bytes") + " past a local of " + local.bytes() + " bytes";
        Violations.Building report = violations.of(rule, access(va, bytes, store) + where);
        report.line("stack", stacks.whose(violations.peek(), bad));
        if (local != null) {
            report.line("local", "at " + local.site()).text("allocated_at", local.site());
        }
        report.line("instead", rule.right()).address("va", bad).report();
        states.reported(bad);
    }

    private void reportArea(long va, int bytes, long bad, boolean store) {
        if (states.stacks().stackOf(bad) != 0) {
            reportStack(va, bytes, bad, store);
            return;
        }
        Map.Entry<Long, Long> area = states.areaOf(bad);
        if (area != null && violations.checks(Rule.AREA_OVERRUN)) {
            long past = bad - area.getKey() - area.getValue();
            violations.of(Rule.AREA_OVERRUN, access(va, bytes, store) + ", " + (past == 0 ? "just" : past + " bytes")
                    + " past the " + area.getValue() + " bytes of an area of vmalloc")
                    .line("instead", Rule.AREA_OVERRUN.right()).address("va", bad).report();
        } else if (area == null && !KmapSlots.isSlot(bad)) {
            boolean freed = shadow.state(bad) == Shadow.FREED;
            Rule rule = freed ? Rule.USE_AFTER_FREE : Rule.OBJECT_OVERRUN;
            violations.of(rule, access(va, bytes, store) + (freed ? ", in a per-CPU variable that is free"
                    : ", outside the per-CPU variables")).line("instead", rule.right()).address("va", bad).report();
        }
    }

    /** Returns whether a free piece directly follows an allocated one, of which the access seems to go on. */
    private boolean continuesPiece(long bad) {
        return slabs.find(violations.peek(), bad) == null && shadow.state(bad - 1) == 0;
    }

    private String where(SlabView.Found found, long bad, boolean freed) {
        long inside = bad - found.object();
        if (freed) {
            return inside + " bytes into an object of " + found.cacheName() + " that is free";
        }
        if (inside < 0) {
            return -inside + " bytes before an object of " + found.cacheName();
        }
        long end = found.object();
        while (end < bad && shadow.state(end) == 0) {
            end++;
        }
        return (bad == end ? "just" : bad - end + " bytes") + " past the " + (end - found.object())
                + " requested bytes of an object of " + found.cacheName();
    }

    // ---- memory of devices ----

    private void checkOwner(Claim claim, long va, int bytes, boolean store) {
        if (!store && !claim.terms().deviceWrites()) {
            return;                                    // both read
        }
        if (claim.terms().kind() == Claim.Kind.CHANNEL) {
            if (claim.terms().again()) {
                return;                                // a ring, where the driver follows the device
            }
            states.settle();
            if (!claim.isLive()) {
                return;
            }
        }
        violations.of(Rule.DMA_CPU_ACCESS, access(va, bytes, store) + ", which belongs to "
                + claim.terms().device() + " now")
                .line(claim.terms().kind().label(), claim.describe())
                .line("why", why(claim, store)).line("instead", right(claim))
                .address("va", va).text("device", claim.terms().device()).text("mapped_at", claim.site())
                .report();
    }

    /** Checks a store beside memory of a device. Objects of their own have cache lines of their own in Linux. */
    private void checkLine(Claim claim, long va, int bytes) {
        Claim.Terms terms = claim.terms();
        if (terms.kind() != Claim.Kind.MAPPING || !terms.deviceWrites()
                || !states.mayShareLine(space.phys(va), bytes, terms.pa(), terms.bytes())) {
            return;
        }
        violations.of(Rule.DMA_SHARED_LINE, access(va, bytes, true) + ", in a cache line of which "
                + terms.device() + " writes another part now").line("mapping", claim.describe())
                .line("why", "with a cache that is not coherent, either the store or the device's bytes are lost when "
                        + "the line of " + Claims.LINE + " bytes is written back or dropped")
                .line("instead", Rule.DMA_SHARED_LINE.right()).address("va", va).text("device", terms.device())
                .text("mapped_at", claim.site()).report();
    }

    private long object(long va) {
        SlabView.Found found = slabs.find(violations.peek(), va);
        return found == null ? va : found.object();
    }

    // ---- bytes that nobody wrote ----

    private void checkWritten(long va, int bytes, boolean store) {
        if (store) {
            states.unwritten().written(va, bytes);
            return;
        }
        Claim claim = states.unwritten().buffer(space.phys(va), bytes);
        int unwritten = claim == null ? 0 : states.unwritten().count(va, bytes);
        if (unwritten == 0 || unwritten < Math.min(bytes, WORD) || !violations.checks(Rule.DMA_UNWRITTEN)) {
            return;                                    // a word may reach past the last byte that was written
        }
        states.unwritten().written(space.virt(claim.terms().pa()), claim.terms().bytes());       // told once
        violations.of(Rule.DMA_UNWRITTEN, access(va, bytes, false) + ", of which " + claim.terms().device()
                + " has not written " + unwritten + ", nor has anybody else since they were allocated")
                .line("mapping", claim.describe())
                .line("why", "the bytes are what the memory's last owner left there, and others on the next run")
                .line("instead", Rule.DMA_UNWRITTEN.right()).address("va", va)
                .text("device", claim.terms().device()).text("mapped_at", claim.site()).report();
    }

    private static String right(Claim claim) {
        return switch (claim.terms().kind()) {
            case CHANNEL -> "wait for the end of the transfer, or disable_dma first";
            case COPY -> "wait until the copy is complete";
            default -> Rule.DMA_CPU_ACCESS.right();
        };
    }

    private static String why(Claim claim, boolean store) {
        if (claim.terms().kind().isTransfer()) {
            return store ? "the transfer may have passed these bytes already, or may overwrite them"
                    : "the transfer may not have reached these bytes yet";
        }
        if (!store) {
            return "with a bounce buffer or a cache that is not coherent, the device's bytes are not there yet";
        }
        return claim.terms().deviceWrites() ? "the device's bytes, or a bounce buffer at the unmap, overwrite them"
                : "with a bounce buffer or a cache that is not coherent, the device does not get these bytes";
    }
}
