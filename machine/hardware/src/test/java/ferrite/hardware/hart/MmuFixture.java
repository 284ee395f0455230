package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateWriter;

/** A hart with a little RAM, with a root page table in page 1 and a second-level table in page 2. */
final class MmuFixture {

    static final int RAM_PAGES = 64;
    static final long ROOT = 0x1000;
    static final long TABLE = 0x2000;
    static final int RW = Pte.V | Pte.R | Pte.W | Pte.A | Pte.D;

    private static final BusMaster LOADER = new BusMaster("loader", 34);

    final Clock clock = new Clock();
    final PhysicalBus bus = new PhysicalBus(new Ram(0, (long) RAM_PAGES * Ram.PAGE_BYTES));
    final Hart hart = new Hart(0, clock, bus, 0);
    final Mmu mmu = hart.mmu();

    MmuFixture() {
        HartFixture.allowEverything(hart);
        setAsid(0);
    }

    void setAsid(int asid) {
        hart.writeCsr(Csrs.SATP, 1 << 31 | asid << 22 | (int) (ROOT >> 12));
    }

    void set(long pa, int word) {
        bus.store(LOADER, pa, 4, word);
    }

    int word(long pa) {
        return bus.peek(pa, 4);
    }

    /** Returns the address of the root entry for {@code va}. */
    static long rootEntry(int va) {
        return ROOT + 4L * (va >>> 22);
    }

    /** Returns the address of the second-level entry for {@code va}. Its upper part is ignored. */
    static long leafEntry(int va) {
        return TABLE + 4L * (va >>> 12 & 0x3ff);
    }

    /** Maps a page of 4 KiB. */
    void map(int va, long pa, int flags) {
        set(rootEntry(va), Pte.of(TABLE, Pte.V));
        set(leafEntry(va), Pte.of(pa, flags));
    }

    /** Maps 4 MiB. */
    void mapMegapage(int va, long pa, int flags) {
        set(rootEntry(va), Pte.of(pa, flags));
    }

    /** Sets SUM and MXR. */
    void setStatus(boolean sum, boolean mxr) {
        hart.writeCsr(Csrs.MSTATUS, (sum ? Csrs.SUM : 0) | (mxr ? Csrs.MXR : 0));
    }

    long translate(int va, Access access) {
        return mmu.translate(va, access, PrivilegeMode.S);
    }

    /** Returns the physical address, or minus the cause of the trap. */
    long outcome(int va, Access access, int mode) {
        try {
            return mmu.translate(va, access, mode);
        } catch (Trap trap) {
            return trap.tval() == va ? -trap.cause() : Long.MIN_VALUE;
        }
    }

    byte[] tlb() {
        StateWriter out = new StateWriter();
        mmu.tlb.save(out);
        return out.toBytes();
    }

    /** Returns the hart's whole state and RAM. */
    byte[] everything() {
        StateWriter out = new StateWriter();
        hart.save(out);
        byte[] ram = new byte[RAM_PAGES * Ram.PAGE_BYTES];
        bus.peek(0, ram, 0, ram.length);
        out.putBytes(ram);
        return out.toBytes();
    }
}
