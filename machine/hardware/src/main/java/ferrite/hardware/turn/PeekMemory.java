package ferrite.hardware.turn;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
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
        for (int done = 0; done < length; ) {
            long pa = pa(va + done, 1);
            int piece = inPage(pa, length - done);
            if (bus.ram().contains(pa)) {
                bus.peek(pa, into, at + done, piece);
            } else {
                for (int i = 0; i < piece; i++) {
                    into[at + done + i] = (byte) bus.peek(pa + i, 1);
                }
            }
            done += piece;
        }
    }

    /** Translates once for each page, because reports and checks look at many names. */
    @Override
    public String loadString(long va, int limit) {
        StringBuilder text = new StringBuilder();
        while (text.length() < limit) {
            long pa = pa(va + text.length(), 1);
            for (int left = inPage(pa, limit - text.length()); left > 0; left--) {
                int c = bus.peek(pa++, 1);
                if (c == 0) {
                    return text.toString();
                }
                text.append((char) c);
            }
        }
        return text.toString();
    }

    private static int inPage(long pa, int length) {
        return (int) Math.min(length, Ram.PAGE_BYTES - (pa & (Ram.PAGE_BYTES - 1)));
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
