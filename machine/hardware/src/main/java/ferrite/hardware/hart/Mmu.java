package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.CodePages;
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
 * {@link #translate} is the single place where a virtual address becomes a physical one. Every access that misses the
 * fast path comes here. If its page is RAM without a watch, the access also fills the fast path.
 */
public final class Mmu implements FastPathHolder {

    static final int LEVELS = 2;
    static final int PTE_BYTES = 4;
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private final PhysicalBus bus;
    private final PeekWalk peekWalk;
    private final BusMaster master;
    private final Csrs csrs;
    final Tlb tlb = new Tlb();
    private final Reservations reservations;
    /** The virtual address of the last LR. */
    private int reservedVa;
    private final FastPaths fastPaths = new FastPaths();
    private DebugPoints points;
    private long misses;

    Mmu(PhysicalBus bus, BusMaster master, Csrs csrs) {
        this.bus = bus;
        this.peekWalk = new PeekWalk(bus);
        this.master = master;
        this.csrs = csrs;
        this.reservations = bus.reservationsFor(master);
        bus.addFastPath(this);
    }

    /** Returns the fast path for accesses in a privilege mode. */
    public FastPath fastPath(int mode) {
        return fastPaths.of(mode);
    }

    /** Installs the breakpoints of a debugger. */
    void use(DebugPoints newPoints) {
        points = newPoints;
    }

    boolean isMaster(BusMaster other) {
        return master.equals(other);
    }

    private boolean mayBeFast(long va, long pa, int mode) {
        return bus.mayBeFast(announced(va, mode), pa) && !csrs.triggers.watchesPage(va);
    }

    /** Returns an address as watches are told it. */
    private long announced(long va, int mode) {
        return mode == PrivilegeMode.M || csrs.satp() >= 0 ? AccessWatch.PHYSICAL : va & ADDRESS_MASK;
    }

    // ---- accesses that missed the fast path ----

    long misses() {
        return misses;
    }

    /**
     * Loads for software in {@code mode}. A misaligned access is performed in RAM, also across pages. Outside RAM it is
     * an access fault.
     *
     * @throws Trap a page fault or an access fault, with the address of the faulting part
     */
    public int load(long va, int width, int mode) {
        return access(va, width, 0, Access.LOAD, mode);
    }

    /**
     * Stores for software in {@code mode}, with the rules of {@link #load}. A store that traps changes nothing in
     * memory.
     */
    public void store(long va, int width, int value, int mode) {
        access(va, width, value, Access.STORE, mode);
    }

    /**
     * Makes an access, and fills the fast path if the page may be there. Returns the loaded value.
     *
     * <p>This is one method, because the JVM's compiler copies a method of less than 325 bytes into each frequent
     * caller. With smaller ones it compiled the whole slow path again and again.
     */
    private int access(long va, int width, int value, Access access, int mode) {
        misses++;
        requireAddress(va);
        boolean store = access == Access.STORE;
        if ((va & (width - 1)) != 0) {                 // both parts are translated before either is stored
            int first = (int) Math.min(width, Ram.PAGE_BYTES - (va & (Ram.PAGE_BYTES - 1)));
            long part = reachRam(va, first, access, mode);
            long rest = first < width ? reachRam(va + first & ADDRESS_MASK, width - first, access, mode) : 0;
            int loaded = 0;
            for (int i = 0; i < width; i++) {
                long pa = i < first ? part + i : rest + i - first;
                if (store) {
                    bus.store(master, pa, 1, value >>> 8 * i);
                } else {
                    loaded |= bus.load(master, pa, 1) << 8 * i;
                }
            }
            return loaded;
        }
        long pa = reach(va, width, access, mode);
        int[] page = store ? bus.fastPageForWrite(master, pa) : bus.fastPage(pa);
        if (page != null && csrs.pmp.permitsPage(pa, access, mode) && mayBeFast(va, pa, mode)) {
            FastPath path = fastPath(mode);
            if (store) {
                path.putStores(va, page, bus.code().at(pa));
            } else {
                path.putLoads(va, page);
            }
            noteIfRevocable(va, mode);
        }
        try {
            if (store) {
                bus.store(master, pa, width, value);
                return 0;
            }
            return bus.load(master, pa, width);
        } catch (BusFault fault) {
            throw new Trap(Trap.accessFault(access), (int) va);
        }
    }

    private void fillForStores(long va, long pa, int mode) {
        int[] page = bus.fastPageForWrite(master, pa);
        if (page != null && csrs.pmp.permitsPage(pa, Access.STORE, mode) && mayBeFast(va, pa, mode)) {
            fastPath(mode).putStores(va, page, bus.code().at(pa));
            noteIfRevocable(va, mode);
        }
    }

    private void noteIfRevocable(long va, int mode) {
        if (mode != PrivilegeMode.M && csrs.satp() < 0 && !tlb.isShared((int) va)) {
            fastPath(mode).noteRevocable(va);
        }
    }

    /**
     * Returns the code page of {@code va}, and enters it into the fast path. It returns null if {@link #fetch} must be
     * used for each fetch: outside RAM, on a page that is watched, divided by PMP or has a breakpoint or a trigger, and
     * in the gate, where the hart stops.
     */
    CodePage fetchPage(int va, int mode) {
        long pa = reach(va & ADDRESS_MASK, 2, Access.FETCH, mode);
        if (bus.fastPage(pa) == null || !csrs.pmp.permitsPage(pa, Access.FETCH, mode) || Gate.contains(va)
                || !mayBeFast(va, pa, mode) || points.hasBreakpoint(va)) {
            return null;
        }
        CodePage page = bus.code().makeAt(pa);
        fastPath(mode).putFetches(va & ADDRESS_MASK, page);
        noteIfRevocable(va & ADDRESS_MASK, mode);
        return page;
    }

    /**
     * Fetches the bits of the instruction at {@code va}: 16, or 32 if the low bits say so. They may lie across two
     * pages.
     */
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

    /** Copies bytes out of memory, inside one page. */
    public void read(long va, byte[] into, int at, int length, int mode) {
        long pa = reach(va, length, Access.LOAD, mode);
        try {
            bus.read(master, pa, into, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.LOAD_ACCESS_FAULT, (int) va);
        }
    }

    /** Copies bytes into memory, inside one page. */
    public void write(long va, byte[] from, int at, int length, int mode) {
        long pa = reach(va, length, Access.STORE, mode);
        try {
            bus.write(master, pa, from, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
    }

    // ---- atomic accesses, which must be aligned and in RAM (section 3.6.3: devices support neither AMOs nor
    // reservations) ----

    /**
     * Applies {@code operation} to a word and {@code operand}, stores the result, and returns the old word. Faults are
     * those of a store.
     */
    public int amo(long va, int operand, IntBinaryOperator operation, int mode) {
        requireAddress(va);
        requireAligned(va, Trap.STORE_MISALIGNED);
        FastPath path = fastPath(mode);
        int slot = FastPath.slot(va);
        // A page with a store entry is readable too: no PTE and no PMP entry has W alone.
        if (FastPath.matches(path.storeTag[slot], va, 3)) {
            int[] words = path.storePage[slot];
            int old = words[Ram.wordIndex(va)];
            words[Ram.wordIndex(va)] = operation.applyAsInt(old, operand);
            return old;
        }
        csrs.triggers.beforeAccess(va, 4, Access.LOAD);
        long pa = reachRam(va, 4, Access.STORE, mode);
        if (!csrs.pmp.permits(pa, 4, Access.LOAD, mode)) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
        fillForStores(va, pa, mode);
        int old = bus.load(master, pa, 4);
        bus.store(master, pa, 4, operation.applyAsInt(old, operand));
        return old;
    }

    /** Executes LR: loads a word and reserves it. */
    int loadReserved(int va, int mode) {
        requireAligned(va, Trap.LOAD_MISALIGNED);
        long pa = reachRam(va & ADDRESS_MASK, 4, Access.LOAD, mode);
        int value = bus.load(master, pa, 4);
        reservations.reserve(master, pa);
        reservedVa = va;
        return value;
    }

    /**
     * Executes SC: stores a word if this hart still has its reservation, under the same virtual address. The
     * reservation ends in any case.
     *
     * @return whether the word was stored
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

    /** Cancels the reservation, because another bus master takes over or may do so. */
    void cancelReservation() {
        reservations.cancel(master);
    }

    /**
     * Drops store access to pages with other harts' reservations. A hart calls this when it begins to run, and then
     * stores there on the slow path.
     */
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
        fastPaths.dropStores(page);
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

    // ---- translation and protection of an access ----

    /** Translates an access and checks it against PMP. */
    private long reach(long va, int bytes, Access access, int mode) {
        if (access != Access.FETCH) {
            csrs.triggers.beforeAccess(va, bytes, access);
        }
        long pa = translate((int) va, access, mode);
        if (!csrs.pmp.permits(pa, bytes, access, mode)) {
            throw new Trap(Trap.accessFault(access), (int) va);
        }
        bus.announce(master, announced(va, mode), pa, bytes, access);
        return pa;
    }

    private long reachRam(long va, int bytes, Access access, int mode) {
        long pa = reach(va, bytes, access, mode);
        if (!bus.ram().contains(pa)) {
            throw new Trap(Trap.accessFault(access), (int) va);
        }
        return pa;
    }

    private static void requireAddress(long va) {
        if (va >>> 32 != 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(va)
                    + " is not a 32-bit address: was an error number used as one?");
        }
    }

    /** Tells whether the page to which {@code va} translates now is watched. */
    public boolean isWatched(long va, int mode) {
        long pa = peekTranslate((int) va, mode);
        return pa >= 0 && bus.isWatched(pa);
    }

    // ---- translation ----

    /**
     * Translates for an access in privilege mode {@code mode}: with the TLB, or by a walk through the page table in the
     * numbered steps of section 4.3.2. This is one method for the reason that {@link #access} has.
     *
     * @return a physical address of up to 34 bits
     * @throws Trap a page fault; or an access fault if the page table lies outside memory, or PMP forbids reading it
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
            return Pte.pa(cached) | va & 0xfff;
        }
        long table = (satp & 0x3f_ffffL) << 12;  // 1. a = satp.ppn * PAGESIZE, i = LEVELS - 1
        for (int level = LEVELS - 1; ; level--) {
            long pteAddress = table + PTE_BYTES * vpn(va, level);  // 2. pte at a + va.vpn[i] * PTESIZE
            int pte = loadPte(pteAddress, va, access);
            if ((pte & Pte.V) == 0 || Pte.isReserved(pte)) {                          // 3.
                throw new Trap(Trap.pageFault(access), va);
            }
            if (!Pte.isLeaf(pte)) {                                                   // 4. go one level down
                if (level == 0) {
                    throw new Trap(Trap.pageFault(access), va);
                }
                table = Pte.pa(pte);
                continue;
            }
            requirePermission(pte, va, access, mode);                                 // 5. leaf: permissions, SUM, MXR
            if (level > 0 && (Pte.pa(pte) & 0x3f_f000) != 0) {                        // 6. misaligned superpage
                throw new Trap(Trap.pageFault(access), va);
            }
            int updated = pte | Pte.A | (access == Access.STORE ? Pte.D : 0);         // 7. A and D by hardware
            if (updated != pte) {
                storePte(pteAddress, updated, va, access);
            }
            int leaf = level > 0 ? Pte.of(Pte.pa(updated) | va & 0x3f_f000, updated & 0x3ff) : updated;
            fastPaths.drop(tlb.put(va, asid, leaf, level > 0));                       // 8. success
            fastPaths.drop(va);
            return Pte.pa(leaf) | va & 0xfff;
        }
    }

    static long vpn(int va, int level) {
        return va >>> 12 + 10 * level & 0x3ff;
    }

    private void requirePermission(int pte, int va, Access access, int mode) {
        if (!permits(pte, access, mode)) {
            throw new Trap(Trap.pageFault(access), va);
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
        return readable || (pte & Pte.permission(access)) != 0;
    }

    /**
     * Loads a page-table entry. Page tables are accessed with the privileges of S-mode, for accesses of every mode
     * (section 3.7.2).
     */
    private int loadPte(long pa, int va, Access access) {
        if (!csrs.pmp.permits(pa, PTE_BYTES, Access.LOAD, PrivilegeMode.S)) {
            throw new Trap(Trap.accessFault(access), va);
        }
        try {
            return bus.load(master, pa, PTE_BYTES);
        } catch (BusFault fault) {
            throw new Trap(Trap.accessFault(access), va);
        }
    }

    private void storePte(long pa, int pte, int va, Access access) {
        if (!csrs.pmp.permits(pa, PTE_BYTES, Access.STORE, PrivilegeMode.S)) {
            throw new Trap(Trap.accessFault(access), va);
        }
        try {
            bus.store(master, pa, PTE_BYTES, pte);
        } catch (BusFault fault) {
            throw new Trap(Trap.accessFault(access), va);
        }
    }

    /** Tells whether the page table, read as it is now, leads from {@code va} to {@code pa}. */
    boolean isInPageTable(long va, long pa) {
        return peekWalk.translate((int) va, csrs.satp()) == pa;
    }

    /**
     * Translates {@code va} as the hart would now, without filling the TLB or changing A and D.
     *
     * @return a physical address, or -1 if the address does not translate
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
        return peekWalk.translate(va, satp);
    }

    // ---- fences, and other changes of what is translated and permitted ----

    /** Executes {@code sfence.vma}. A negative {@code asid} stands for rs2=x0. */
    public void fenceAll(int asid) {
        tlb.flush(asid);
        fastPaths.flushed(asid < 0);
    }

    /** Executes {@code sfence.vma} with an address. */
    public void fence(int va, int asid) {
        if (tlb.flush(va, asid)) {
            fastPaths.flushed(true);
        } else {
            fastPaths.drop(va);
        }
    }

    /** Drops what the fast paths may no longer hold since the {@linkplain Csrs#translationContext context} changed. */
    void contextChanged(long before) {
        fastPaths.contextChanged(before, csrs.translationContext());
    }

    /** Drops all fast paths, because accesses are permitted or watched in another way. */
    void dropFastPaths() {
        fastPaths.dropAll();
    }

    /** Returns all code pages, a cache, with their translated code. */
    CodePages code() {
        return bus.code();
    }

    /** Drops the fast path from {@code va}, if there is one. */
    void dropFastPath(int va) {
        fastPaths.drop(va);
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
