package ferrite.hardware.hart;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.PhysicalBus;

/** Walks a page table for inspection: it fills no TLB, sets no A or D bit, and raises no trap. */
final class PeekWalk {

    private final PhysicalBus bus;

    PeekWalk(PhysicalBus bus) {
        this.bus = bus;
    }

    /** Translates by the page table alone. Returns -1 if the address does not translate. */
    long translate(int va, int satp) {
        long table = (satp & 0x3f_ffffL) << 12;
        for (int level = Mmu.LEVELS - 1; level >= 0; level--) {
            int pte = peekPte(table + Mmu.PTE_BYTES * Mmu.vpn(va, level));
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
            return bus.peek(pa, Mmu.PTE_BYTES);
        } catch (BusFault fault) {
            return 0;
        }
    }
}
