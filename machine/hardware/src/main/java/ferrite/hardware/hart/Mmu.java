package ferrite.hardware.hart;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;

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
public final class Mmu {

    private static final int LEVELS = 2;
    private static final int PTE_BYTES = 4;

    private final PhysicalBus bus;
    private final BusMaster master;
    private final Csrs csrs;
    final Tlb tlb = new Tlb();
    /** By privilege mode; made when first needed. */
    private final FastPath[] fastPaths = new FastPath[4];

    Mmu(PhysicalBus bus, BusMaster master, Csrs csrs) {
        this.bus = bus;
        this.master = master;
        this.csrs = csrs;
        bus.addFastPath(this::dropFastPaths);
    }

    /** The fast path that accesses made in a privilege mode use. */
    public FastPath fastPath(int mode) {
        if (fastPaths[mode] == null) {
            fastPaths[mode] = new FastPath();
        }
        return fastPaths[mode];
    }

    // ---- accesses that missed the fast path ----

    public int load(long va, int width, int mode) {
        checkAligned(va, width, Trap.LOAD_MISALIGNED);
        long pa = translate((int) va, Access.LOAD, mode);
        int[] page = bus.fastPage(pa);
        if (page != null) {
            fastPath(mode).put(Access.LOAD, va, page);
        }
        try {
            return bus.load(master, pa, width);
        } catch (BusFault fault) {
            throw new Trap(Trap.LOAD_ACCESS_FAULT, (int) va);
        }
    }

    public void store(long va, int width, int value, int mode) {
        checkAligned(va, width, Trap.STORE_MISALIGNED);
        long pa = translate((int) va, Access.STORE, mode);
        int[] page = bus.fastPageForWrite(pa);
        if (page != null) {
            fastPath(mode).put(Access.STORE, va, page);
        }
        try {
            bus.store(master, pa, width, value);
        } catch (BusFault fault) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
    }

    int fetch(int va, int mode) {
        long pa = translate(va, Access.FETCH, mode);
        int[] page = bus.fastPage(pa);
        if (page != null) {
            fastPath(mode).put(Access.FETCH, va & 0xffff_ffffL, page);
        }
        try {
            return bus.load(master, pa, 4);
        } catch (BusFault fault) {
            throw new Trap(Trap.INSTRUCTION_ACCESS_FAULT, va);
        }
    }

    /** Copies bytes out of memory inside one page. */
    public void read(long va, byte[] into, int at, int length, int mode) {
        long pa = translate((int) va, Access.LOAD, mode);
        try {
            bus.read(master, pa, into, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.LOAD_ACCESS_FAULT, (int) va);
        }
    }

    /** Copies bytes into memory inside one page. */
    public void write(long va, byte[] from, int at, int length, int mode) {
        long pa = translate((int) va, Access.STORE, mode);
        try {
            bus.write(master, pa, from, at, length);
        } catch (BusFault fault) {
            throw new Trap(Trap.STORE_ACCESS_FAULT, (int) va);
        }
    }

    /** Whether somebody watches the page that {@code va} leads to now. */
    public boolean isWatched(long va, int mode) {
        long pa = peekTranslate((int) va, mode);
        return pa >= 0 && bus.isWatched(pa);
    }

    private static void checkAligned(long va, int width, int cause) {
        if (va >>> 32 != 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(va) + " is not a 32-bit address: was an error number used as one?");
        }
        if ((va & (width - 1)) != 0) {
            throw new Trap(cause, (int) va);
        }
    }

    // ---- translation ----

    /**
     * Translates for an access made in privilege mode {@code mode}.
     *
     * @return a physical address of up to 34 bits
     * @throws Trap a page fault, or an access fault when the page table itself lies outside memory
     */
    public long translate(int va, Access access, int mode) {
        int satp = csrs.satp();
        if (mode == PrivilegeMode.M || satp >= 0) {
            return va & 0xffff_ffffL;
        }
        int asid = satp >>> 22 & 0x1ff;
        int cached = tlb.lookup(va, asid);
        boolean mustSetDirty = access == Access.STORE && (cached & Pte.D) == 0;
        if (cached != 0 && !mustSetDirty) {
            requirePermission(cached, va, access, mode);
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

    private int loadPte(long pa, int va, Access access) {
        try {
            return bus.load(master, pa, PTE_BYTES);
        } catch (BusFault fault) {
            throw new Trap(access.accessFault, va);
        }
    }

    private void storePte(long pa, int pte, int va, Access access) {
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
            return va & 0xffff_ffffL;
        }
        int cached = tlb.lookup(va, satp >>> 22 & 0x1ff);
        if (cached != 0) {
            return Pte.pa(cached) | va & 0xfff;
        }
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

    /** To be called whenever something changes that the fast paths have taken for granted: satp, SUM, MXR. */
    void dropFastPaths() {
        for (FastPath path : fastPaths) {
            if (path != null) {
                path.dropAll();
            }
        }
    }

    private void dropSlot(int slot) {
        for (FastPath path : fastPaths) {
            if (path != null) {
                path.drop(slot);
            }
        }
    }
}
