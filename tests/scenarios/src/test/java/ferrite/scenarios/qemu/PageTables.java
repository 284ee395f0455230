package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Pte;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** Page tables with every combination of permissions, valid and invalid. */
final class PageTables {

    private static final int FULL = Pte.V | Pte.R | Pte.W | Pte.X | Pte.A | Pte.D;
    private static final int FLAGS = 0x3ff;
    private static final int HOLE_PPN = 0x9_f000;
    /** A page beyond 32 bits ({@link KnownDeparture#PHYSICAL_BITS}). */
    private static final int HIGH_PPN = 0x10_0000 | HOLE_PPN;

    private final Choice choice;
    private final Places places;
    private final boolean global;
    /** True if some leaves point outside memory. */
    private final boolean holes;

    PageTables(Choice choice, Places places, boolean global, boolean holes) {
        this.choice = choice;
        this.places = places;
        this.global = global;
        this.holes = holes;
    }

    void fill(Program program) {
        identity(program.root);
        identity(program.otherRoot);
        for (int entry = 0; entry < Places.LEAVES; entry++) {
            program.leaves.put(entry, leaf(entry));
        }
        program.root.put(places.leafIndex, slot -> pte(slot + SlotLayout.LEAF_TABLE, Pte.V));
        program.otherRoot.put(places.leafIndex, choice.oneIn(2) ? program.root.get(places.leafIndex) : noMegapage());
        for (int index : places.oddIndexes) {
            program.root.put(index, odd());
            program.otherRoot.put(index, odd());
        }
    }

    /** Maps RAM in both views that code runs in. */
    private void identity(Map<Integer, IntUnaryOperator> root) {
        int flags = FULL | (global ? Pte.G : 0);
        for (int mega = 0; mega < SlotLayout.RAM_BYTES / SlotLayout.MEGAPAGE; mega++) {
            int pa = SlotLayout.RAM_BASE + mega * SlotLayout.MEGAPAGE;
            root.put(pa >>> 22, slot -> pte(pa, flags));
            root.put(pa - SlotLayout.RAM_BASE + SlotLayout.USER_ALIAS >>> 22, slot -> pte(pa, flags | Pte.U));
        }
    }

    static boolean isIdentity(int index) {
        int pa = index << 22;
        return pa >= SlotLayout.RAM_BASE && pa < SlotLayout.RAM_BASE + SlotLayout.RAM_BYTES
                || pa >= SlotLayout.USER_ALIAS && pa < SlotLayout.USER_ALIAS + SlotLayout.RAM_BYTES;
    }

    /** Makes an entry of the second level, for data or for routines. */
    IntUnaryOperator leaf(int entry) {
        int flags = flags();
        if (holes && entry < Places.DATA_LEAVES && choice.oneIn(6)) {
            int ppn = choice.of(HOLE_PPN, HIGH_PPN);
            return slot -> ppn << 10 | flags;
        }
        int page = entry < Places.DATA_LEAVES ? SlotLayout.DATA + choice.below(SlotLayout.DATA_PAGES) * SlotLayout.PAGE
                : SlotLayout.ROUTINES;
        return slot -> pte(slot + page, flags);
    }

    /** Makes an entry of the root, mostly a megapage. */
    private IntUnaryOperator odd() {
        int flags = flags();
        if (!Pte.isLeaf(flags) || choice.oneIn(4)) {
            return noMegapage();
        }
        return slot -> pte(slot & -SlotLayout.MEGAPAGE, flags);
    }

    /**
     * Makes an entry of the root without a valid megapage: a misaligned one, or a table, often with reserved bits set.
     */
    private IntUnaryOperator noMegapage() {
        int flags = flags();
        return choice.oneIn(2) ? slot -> pte(slot + SlotLayout.DATA, flags | Pte.R)
                : slot -> pte(slot + SlotLayout.LEAF_TABLE, flags & ~(Pte.R | Pte.W | Pte.X));
    }

    private int flags() {
        int flags = choice.word() & FLAGS;
        if (!choice.oneIn(4)) {
            flags |= Pte.V;
        }
        if (choice.oneIn(3)) {
            flags |= FULL & choice.word() | Pte.R;
        }
        return global ? flags : flags & ~Pte.G;
    }

    static int pte(int pa, int flags) {
        return Pte.of(pa & 0xffff_ffffL, flags);
    }
}
