package ferrite.hardware.hart;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.FastPathHolder;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.bus.Reservations;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.IntBinaryOperator;

/**
 * Sv32 address translation of one hart (privileged specification, section 4.3).
 *
 * <pre>
 *  31        22 21        12 11           0
 * +------------+------------+--------------+
 * |   VPN[1]   |   VPN[0]   | page offset  |   a virtual address
 * +------------+------------+--------------+
 * satp:  31 MODE | 30-22 ASID | 21-0 PPN
 * </pre>
 *
 * {@link #translate} is the single place where a virtual address becomes a physical one; every access that the fast path
 * does not know comes through here, and fills it when the page is RAM that nobody watches.
 */
public final class Mmu implements FastPathHolder {

    private static final int LEVELS = 2;
    private static final int PTE_BYTES = 4;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final PhysicalBus bus;
    private final BusMaster master;
    private final Csrs csrs;
    final Tlb tlb = new Tlb();
    private final Reservations reservations;
    /** The address by which the hart reserved what it holds. */
    private int reservedVa;
    /** By privilege mode; made when first needed. */
    private final FastPath[] fastPaths = new FastPath[4];
    /** Null unless somebody watches for translations that are out of date. */
    private TranslationWatch watch;
    /** Null unless somebody watches for memory that nobody has. */
    private FrameWatch frameWatch;
    private int hartId;

    Mmu(PhysicalBus bus, BusMaster master, Csrs csrs) {
        this.bus = bus;
        this.master = master;
        this.csrs = csrs;
        this.reservations = bus.reservationsFor(master);
        bus.addFastPath(this);
    }

    /** The fast path that accesses made in a privilege mode use. */
    public FastPath fastPath(int mode) {
        if (fastPaths[mode] == null) {
            fastPaths[mode] = new FastPath();
        }
        return fastPaths[mode];
    }

    /** From now on this watch is asked about every translation that the fast path does not know. */
    void watchTranslations(int id, TranslationWatch newWatch) {
        hartId = id;
        watch = newWatch;
    }

    /** From now on this watch is asked about every frame that is reached other than by the fast path. */
    void watchFrames(int id, FrameWatch newWatch) {
        hartId = id;
        frameWatch = newWatch;
    }

    private boolean isWatchedTranslation(long va) {
        return watch != null && watch.watches(va);
    }

    private boolean mayBeFast(long va, long pa, int mode) {
        return !isWatchedTranslation(va) && (frameWatch == null || frameWatch.mayBeFast(va, pa, mode));
    }

    // ---- accesses that missed the fast path ----

    /**
     * Loads for software in {@code mode}. A misaligned access is done by hardware in RAM, across pages too; elsewhere it is an access fault.
     *
     * @throws Trap a page fault or an access fault, with the address of the part that could not be reached
     */
    public int load(long va, int width, int mode) {
        requireAddress(va);
        if ((va & (width - 1)) != 0) {
            return loadMisaligned(va, width, mode);
        }
        long pa = reach(va, width, Access.LOAD, mode);
        fillForLoads(va, pa, mode);
        try {
            return bus.load(master, pa, width);
        } catch (BusFault fault) {
            throw new Trap(Trap.LOAD_ACCESS_FAULT, (int) va);
        }
    }

    /** Stores for software in {@code mode}, as {@link #load} loads. A store that traps changes nothing in memory. */
    public void store(long va, int width, int value, int mode) {
        requireAddress(va);
        if ((va & (width - 1)) != 0) {
            storeMisaligned(va, width, value, mode);
            return;
        }
        long pa = reach(va, width, Access.STORE, mode);
        fillForStores(va, pa, mode);
        try {
            bus.store(master, pa, width, value);
        } catch (BusFault fault) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
    }

    private void fillForLoads(long va, long pa, int mode) {
        int[] page = bus.fastPage(pa);
        if (page != null && csrs.pmp.permitsPage(pa, Access.LOAD, mode) && mayBeFast(va, pa, mode)) {
            fastPath(mode).putLoads(va, page);
        }
    }

    private void fillForStores(long va, long pa, int mode) {
        int[] page = bus.fastPageForWrite(master, pa);
        if (page != null && csrs.pmp.permitsPage(pa, Access.STORE, mode) && mayBeFast(va, pa, mode)) {
            fastPath(mode).putStores(va, page, bus.code().at(pa));
        }
    }

    private int loadMisaligned(long va, int width, int mode) {
        int first = bytesInPage(va, width);
        long pa = reachRam(va, first, Access.LOAD, mode);
        long rest = first < width ? reachRam(va + first & ADDRESS_MASK, width - first, Access.LOAD, mode) : 0;
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= bus.load(master, i < first ? pa + i : rest + i - first, 1) << 8 * i;
        }
        return value;
    }

    /** Both parts are translated before anything is written. */
    private void storeMisaligned(long va, int width, int value, int mode) {
        int first = bytesInPage(va, width);
        long pa = reachRam(va, first, Access.STORE, mode);
        long rest = first < width ? reachRam(va + first & ADDRESS_MASK, width - first, Access.STORE, mode) : 0;
        for (int i = 0; i < width; i++) {
            bus.store(master, i < first ? pa + i : rest + i - first, 1, value >>> 8 * i);
        }
    }

    private static int bytesInPage(long va, int width) {
        return (int) Math.min(width, Ram.PAGE_BYTES - (va & (Ram.PAGE_BYTES - 1)));
    }

    /**
     * The code page from which {@code va} is fetched, for the fast path too, or null when each fetch has to be made by {@link #fetch}: outside RAM,
     * where somebody watches, where PMP divides the page, and in the gate, where the hart stops.
     */
    CodePage fetchPage(int va, int mode) {
        long pa = reach(va & ADDRESS_MASK, 2, Access.FETCH, mode);
        if (bus.fastPage(pa) == null || !csrs.pmp.permitsPage(pa, Access.FETCH, mode) || Gate.contains(va) || !mayBeFast(va, pa, mode)) {
            return null;
        }
        CodePage page = bus.code().makeAt(pa);
        fastPath(mode).putFetches(va & ADDRESS_MASK, page);
        return page;
    }

    /** The bits at {@code va} that an instruction begins with: 16 of them, or 32 if they say that it has as many. It may lie across two pages. */
    int fetch(int va, int mode) {
        int low = fetchParcel(va, reach(va & ADDRESS_MASK, 2, Access.FETCH, mode));
        if ((low & 3) != 3) {
            return low;
        }
        int next = va + 2;
        return low | fetchParcel(next, reach(next & ADDRESS_MASK, 2, Access.FETCH, mode)) << 16;
    }

    private int fetchParcel(int va, long pa) {
        try {
            return bus.load(master, pa, 2);
        } catch (BusFault fault) {
            throw new Trap(Trap.INSTRUCTION_ACCESS_FAULT, va);
        }
    }

    /** Copies bytes out of memory inside one page. */
    public void read(long va, byte[] into, int at, int length, int mode) {
        long pa = reach(va, length, Access.LOAD, mode);
        try {
            bus.read(master, pa, into, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.LOAD_ACCESS_FAULT, (int) va);
        }
    }

    /** Copies bytes into memory inside one page. */
    public void write(long va, byte[] from, int at, int length, int mode) {
        long pa = reach(va, length, Access.STORE, mode);
        try {
            bus.write(master, pa, from, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
    }

    // ---- atomic accesses, which must be aligned and in RAM (section 3.6.3: devices support neither AMOs nor reservations) ----

    /** Replaces a word by what {@code operation} makes of it and {@code operand}, and returns what it was. Faults are those of a store. */
    public int amo(long va, int operand, IntBinaryOperator operation, int mode) {
        requireAddress(va);
        requireAligned(va, Trap.STORE_MISALIGNED);
        FastPath path = fastPath(mode);
        int slot = FastPath.slot(va);
        if (path.storeTag[slot] == FastPath.tag(va, 3)) {            // who may store may load: no PTE and no PMP entry has W alone
            int[] words = path.storePage[slot];
            int old = words[Ram.wordIndex(va)];
            words[Ram.wordIndex(va)] = operation.applyAsInt(old, operand);
            return old;
        }
        long pa = reachRam(va, 4, Access.STORE, mode);
        if (!csrs.pmp.permits(pa, 4, Access.LOAD, mode)) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
        fillForStores(va, pa, mode);
        int old = bus.load(master, pa, 4);
        bus.store(master, pa, 4, operation.applyAsInt(old, operand));
        return old;
    }

    /** LR: loads a word and reserves it. */
    int loadReserved(int va, int mode) {
        requireAligned(va, Trap.LOAD_MISALIGNED);
        long pa = reachRam(va & ADDRESS_MASK, 4, Access.LOAD, mode);
        int value = bus.load(master, pa, 4);
        reservations.reserve(master, pa);
        reservedVa = va;
        return value;
    }

    /**
     * SC: stores a word if this hart still holds it by the address that it reserved it with. It holds nothing afterwards.
     *
     * @return whether it was stored
     */
    boolean storeConditional(int va, int value, int mode) {
        requireAligned(va, Trap.STORE_MISALIGNED);
        boolean mayStore = reservations.reservedBy(master) >= 0 && reservedVa == va;
        if (mayStore) {
            long pa = reachRam(va & ADDRESS_MASK, 4, Access.STORE, mode);
            mayStore = reservations.holds(master, pa);
            if (mayStore) {
                bus.store(master, pa, 4, value);
            }
        }
        reservations.cancel(master);
        return mayStore;
    }

    /** Another master takes over, or may have: what was reserved is not any more. */
    void cancelReservation() {
        reservations.cancel(master);
    }

    /** To be called when the hart begins to run: what others have reserved meanwhile, it can only store to by the slow path. */
    void respectReservations() {
        reservations.forEachPageOfOthers(master, pa -> {
            int[] page = bus.fastPage(pa);
            if (page != null) {
                dropStores(page);
            }
        });
    }

    @Override
    public void dropStores(int[] page) {
        for (FastPath path : fastPaths) {
            if (path != null) {
                path.dropStores(page);
            }
        }
    }

    @Override
    public void dropAll() {
        dropFastPaths();
    }

    private static void requireAligned(long va, int cause) {
        if ((va & 3) != 0) {
            throw new Trap(cause, (int) va);
        }
    }

    // ---- where an access arrives ----

    /** Translates, and asks PMP. */
    private long reach(long va, int bytes, Access access, int mode) {
        long pa = translate((int) va, access, mode);
        if (!csrs.pmp.permits(pa, bytes, access, mode)) {
            throw new Trap(access.accessFault, (int) va);
        }
        if (frameWatch != null) {
            frameWatch.reached(hartId, va, pa, bytes, access, mode);
        }
        return pa;
    }

    private long reachRam(long va, int bytes, Access access, int mode) {
        long pa = reach(va, bytes, access, mode);
        if (!bus.ram().contains(pa)) {
            throw new Trap(access.accessFault, (int) va);
        }
        return pa;
    }

    private static void requireAddress(long va) {
        if (va >>> 32 != 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(va) + " is not a 32-bit address: was an error number used as one?");
        }
    }

    /** Whether somebody watches the page that {@code va} leads to now. */
    public boolean isWatched(long va, int mode) {
        long pa = peekTranslate((int) va, mode);
        return pa >= 0 && bus.isWatched(pa);
    }

    // ---- translation ----

    /**
     * Translates for an access made in privilege mode {@code mode}.
     *
     * @return a physical address of up to 34 bits
     * @throws Trap a page fault, or an access fault when the page table itself lies outside memory or PMP forbids reading it
     */
    public long translate(int va, Access access, int mode) {
        int satp = csrs.satp();
        if (mode == PrivilegeMode.M || satp >= 0) {
            return va & ADDRESS_MASK;
        }
        int asid = satp >>> 22 & 0x1ff;
        int cached = tlb.lookup(va, asid);
        boolean mustSetDirty = access == Access.STORE && (cached & Pte.D) == 0;
        if (cached != 0 && !mustSetDirty) {
            requirePermission(cached, va, access, mode);
            if (isWatchedTranslation(va) && peekWalk(va, satp) != (Pte.pa(cached) | va & 0xfff)) {
                watch.stale(hartId, va, access);
            }
            return Pte.pa(cached) | va & 0xfff;
        }
        return walk(va, access, mode, satp, asid);
    }

    /** The numbered steps of section 4.3.2. */
    private long walk(int va, Access access, int mode, int satp, int asid) {
        long table = (satp & 0x3f_ffffL) << 12;                                       // 1. a = satp.ppn * PAGESIZE, i = LEVELS - 1
        for (int level = LEVELS - 1; ; level--) {
            long pteAddress = table + PTE_BYTES * vpn(va, level);                     // 2. pte at a + va.vpn[i] * PTESIZE
            int pte = loadPte(pteAddress, va, access);
            if ((pte & Pte.V) == 0 || Pte.isReserved(pte)) {                          // 3.
                throw new Trap(access.pageFault, va);
            }
            if (!Pte.isLeaf(pte)) {                                                   // 4. go one level down
                if (level == 0) {
                    throw new Trap(access.pageFault, va);
                }
                table = Pte.pa(pte);
                continue;
            }
            requirePermission(pte, va, access, mode);                                 // 5. leaf: permissions, SUM, MXR
            if (level > 0 && (Pte.pa(pte) & 0x3f_f000) != 0) {                        // 6. misaligned superpage
                throw new Trap(access.pageFault, va);
            }
            int updated = pte | Pte.A | (access == Access.STORE ? Pte.D : 0);         // 7. A and D by hardware
            if (updated != pte) {
                storePte(pteAddress, updated, va, access);
            }
            return fill(va, asid, updated, level);                                    // 8. success
        }
    }

    private long fill(int va, int asid, int pte, int level) {
        int leaf = level > 0 ? Pte.of(Pte.pa(pte) | va & 0x3f_f000, pte & 0x3ff) : pte;
        tlb.put(va, asid, leaf, level > 0);
        dropSlot(Tlb.slot(va));
        return Pte.pa(leaf) | va & 0xfff;
    }

    private static long vpn(int va, int level) {
        return va >>> 12 + 10 * level & 0x3ff;
    }

    private void requirePermission(int pte, int va, Access access, int mode) {
        if (!permits(pte, access, mode)) {
            throw new Trap(access.pageFault, va);
        }
    }

    private boolean permits(int pte, Access access, int mode) {
        int sstatus = csrs.mstatus();
        boolean userPage = (pte & Pte.U) != 0;
        if (mode == PrivilegeMode.U && !userPage) {
            return false;
        }
        if (mode == PrivilegeMode.S && userPage && (access == Access.FETCH || (sstatus & Csrs.SUM) == 0)) {
            return false;
        }
        boolean readable = access == Access.LOAD && (sstatus & Csrs.MXR) != 0 && (pte & Pte.X) != 0;
        return readable || (pte & access.permission) != 0;
    }

    /** Page tables are read and written with the privileges of S-mode, whoever's access it is (section 3.7.2). */
    private int loadPte(long pa, int va, Access access) {
        if (!csrs.pmp.permits(pa, PTE_BYTES, Access.LOAD, PrivilegeMode.S)) {
            throw new Trap(access.accessFault, va);
        }
        try {
            return bus.load(master, pa, PTE_BYTES);
        } catch (BusFault fault) {
            throw new Trap(access.accessFault, va);
        }
    }

    private void storePte(long pa, int pte, int va, Access access) {
        if (!csrs.pmp.permits(pa, PTE_BYTES, Access.STORE, PrivilegeMode.S)) {
            throw new Trap(access.accessFault, va);
        }
        try {
            bus.store(master, pa, PTE_BYTES, pte);
        } catch (BusFault fault) {
            throw new Trap(access.accessFault, va);
        }
    }

    /**
     * Where the hart would find {@code va} now, without filling the TLB or touching A and D.
     *
     * @return a physical address, or -1 when the address does not translate
     */
    public long peekTranslate(int va, int mode) {
        int satp = csrs.satp();
        if (mode == PrivilegeMode.M || satp >= 0) {
            return va & ADDRESS_MASK;
        }
        int cached = tlb.lookup(va, satp >>> 22 & 0x1ff);
        if (cached != 0) {
            return Pte.pa(cached) | va & 0xfff;
        }
        return peekWalk(va, satp);
    }

    /** What the page table says, whatever the TLB does; -1 when nothing. */
    private long peekWalk(int va, int satp) {
        long table = (satp & 0x3f_ffffL) << 12;
        for (int level = LEVELS - 1; level >= 0; level--) {
            int pte = peekPte(table + PTE_BYTES * vpn(va, level));
            if ((pte & Pte.V) == 0 || Pte.isReserved(pte)) {
                return -1;
            }
            if (Pte.isLeaf(pte)) {
                long offsetMask = (1L << 12 + 10 * level) - 1;
                boolean misaligned = (Pte.pa(pte) & offsetMask) != 0;
                return misaligned ? -1 : Pte.pa(pte) | va & offsetMask;
            }
            table = Pte.pa(pte);
        }
        return -1;
    }

    private int peekPte(long pa) {
        try {
            return bus.peek(pa, PTE_BYTES);
        } catch (BusFault fault) {
            return 0;
        }
    }

    // ---- forgetting ----

    /** {@code sfence.vma}; a negative {@code asid} stands for rs2=x0. */
    public void fenceAll(int asid) {
        tlb.flush(asid);
        dropFastPaths();
    }

    /** {@code sfence.vma} with an address. */
    public void fence(int va, int asid) {
        tlb.flush(va, asid);
        dropFastPaths();
    }

    /** To be called whenever something changes that the fast paths have taken for granted: satp, SUM, MXR, PMP. */
    void dropFastPaths() {
        for (FastPath path : fastPaths) {
            if (path != null) {
                path.dropAll();
            }
        }
    }

    /** Forgets the short way that there may be from {@code va}. */
    void dropFastPath(int va) {
        dropSlot(Tlb.slot(va));
    }

    private void dropSlot(int slot) {
        for (FastPath path : fastPaths) {
            if (path != null) {
                path.drop(slot);
            }
        }
    }

    // ---- state ----

    void save(StateWriter out) {
        tlb.save(out);
        out.put64(reservations.reservedBy(master));
        out.put32(reservedVa);
    }

    void restore(StateReader in) {
        tlb.restore(in);
        long reserved = in.get64(-1, (1L << 34) - 1);
        reservations.cancel(master);
        if (reserved >= 0) {
            reservations.reserve(master, reserved);
        }
        reservedVa = in.get32();
        dropFastPaths();
    }
}
