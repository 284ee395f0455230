package ferrite.hardware.turn;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.hart.Hart;

/**
 * Memory as a hart would access it in S-mode, without any effect: no TLB entry, no A or D bit, no side effect of a
 * device, no virtual time (law 5). An address without translation, or without memory or device, throws {@link
 * BusFault}, which the caller reports to the person.
 */
public final class PeekMemory implements ReadableMemory {

    private final PhysicalBus bus;
    private final Hart hart;

    public PeekMemory(PhysicalBus bus, Hart hart) {
        this.bus = bus;
        this.hart = hart;
    }

    @Override
    public int load8(long va) {
        return bus.peek(pa(va, 1), 1);
    }

    @Override
    public int load16(long va) {
        return bus.peek(pa(va, 2), 2);
    }

    @Override
    public int load32(long va) {
        return bus.peek(pa(va, 4), 4);
    }

    @Override
    public void read(long va, byte[] into, int at, int length) {
        for (int i = 0; i < length; i++) {
            into[at + i] = (byte) load8(va + i);
        }
    }

    /** Translates {@code va} to its physical address, or returns -1. */
    public long translate(long va) {
        return hart.mmu().peekTranslate((int) va, hart.mode());
    }

    private long pa(long va, int width) {
        long pa = translate(va);
        if (pa < 0) {
            throw new BusFault(va & 0xffff_ffffL, width,
                    "hart " + hart.id() + " has no translation for this virtual address");
        }
        return pa;
    }
}
