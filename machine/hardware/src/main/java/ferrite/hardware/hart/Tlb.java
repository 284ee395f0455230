package ferrite.hardware.hart;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The architectural translation cache of one hart: 1024 direct-mapped entries of 4 KiB. A megapage is split into such
 * entries as it is used.
 *
 * <p>It may serve a translation whose page-table entry has changed until {@code sfence.vma}, and never after one. Its
 * contents are part of the machine's state, so inspection must neither fill nor empty it.
 */
final class Tlb implements Saveable {

    static final int SLOTS = 1024;

    private static final int VALID = 1;
    private static final int MEGAPAGE = 2;

    /** The tags: vpn << 12 | flags. */
    private final int[] tags = new int[SLOTS];
    /** The leaf entries, with PPN[0] filled in for megapages. */
    private final int[] ptes = new int[SLOTS];
    private final int[] asids = new int[SLOTS];

    /** Returns the leaf entry for {@code va}, or 0. */
    int lookup(int va, int asid) {
        int slot = slot(va);
        boolean hit = (tags[slot] & ~MEGAPAGE) == (va & 0xffff_f000 | VALID)
                && (asids[slot] == asid || (ptes[slot] & Pte.G) != 0);
        return hit ? ptes[slot] : 0;
    }

    /** Enters a leaf entry. Returns the address of the page whose entry it replaces, or any other address. */
    int put(int va, int asid, int pte, boolean megapage) {
        int slot = slot(va);
        int replaced = tags[slot] & 0xffff_f000;
        tags[slot] = va & 0xffff_f000 | VALID | (megapage ? MEGAPAGE : 0);
        ptes[slot] = pte;
        asids[slot] = asid;
        return replaced;
    }

    /** Returns the valid entries, by slot. Only looks. */
    List<TlbEntry> entries() {
        List<TlbEntry> entries = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            if ((tags[slot] & VALID) != 0) {
                entries.add(new TlbEntry(tags[slot] & 0xffff_f000L, ptes[slot], asids[slot],
                        (tags[slot] & MEGAPAGE) != 0));
            }
        }
        return entries;
    }

    static int slot(int va) {
        return va >>> 12 & (SLOTS - 1);
    }

    /** Executes sfence.vma with rs1=x0 for one address space, or for all if {@code asid} is negative. */
    void flush(int asid) {
        for (int slot = 0; slot < SLOTS; slot++) {
            if (concerns(slot, asid)) {
                tags[slot] = 0;
            }
        }
    }

    /** Tells whether an entry for {@code va} serves every address space, and only software of S-mode. */
    boolean isShared(int va) {
        return (ptes[slot(va)] & (Pte.G | Pte.U)) == Pte.G;
    }

    /**
     * Executes sfence.vma with an address: drops every entry made from the same leaf, so all of a megapage.
     *
     * @return whether an entry of a megapage was dropped
     */
    boolean flush(int va, int asid) {
        boolean megapage = false;
        for (int slot = 0; slot < SLOTS; slot++) {
            int shift = (tags[slot] & MEGAPAGE) != 0 ? 22 : 12;
            if (tags[slot] >>> shift == va >>> shift && concerns(slot, asid)) {
                megapage |= shift == 22;
                tags[slot] = 0;
            }
        }
        return megapage;
    }

    /**
     * Tells whether a flush applies to an entry. Global mappings survive a flush of one address space (privileged
     * specification, section 4.2.1).
     */
    private boolean concerns(int slot, int asid) {
        return asid < 0 || asids[slot] == asid && (ptes[slot] & Pte.G) == 0;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(tags);
        out.putInts(ptes);
        out.putInts(asids);
    }

    @Override
    public void restore(StateReader in) {
        in.getInts(tags);
        in.getInts(ptes);
        in.getInts(asids);
    }
}
