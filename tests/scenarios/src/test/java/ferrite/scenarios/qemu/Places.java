package ferrite.scenarios.qemu;

import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Addresses for a program's loads, stores and jumps, as functions of its slot's address. In no mode do they reach
 * another program's memory.
 */
final class Places {

    /**
     * Leaf entries in use. Their virtual pages follow each other, so that an access can cross from each into the next.
     */
    static final int LEAVES = 16;
    /** The number of leaves for loads and stores; the others are for calls. */
    static final int DATA_LEAVES = 10;
    /** Root indexes of addresses that are outside memory as physical addresses, too. */
    private static final int HOLE_INDEX = 0x240;
    private static final int HOLE_INDEXES = 0xc0;
    private static final int NEAR = 32;

    private final Choice choice;
    private final boolean paged;
    /**
     * Whether an access may cross into the next page ({@link KnownDeparture#PMP_ACROSS_PAGES}, {@link
     * KnownDeparture#ORDER_ACROSS_PAGES}).
     */
    private final boolean crossesPages;
    /** The index of the root entry that leads to the second level. */
    final int leafIndex;
    /** Root entries with megapages, or with invalid contents. */
    final int[] oddIndexes = new int[4];

    Places(Choice choice, boolean paged, boolean crossesPages) {
        this.choice = choice;
        this.paged = paged;
        this.crossesPages = crossesPages;
        int first = HOLE_INDEX + choice.below(HOLE_INDEXES - 8);
        leafIndex = first;
        for (int n = 0; n < oddIndexes.length; n++) {
            oddIndexes[n] = first + 1 + n;
        }
    }

    /** Returns any address whose next four bytes a program may write. */
    IntUnaryOperator any() {
        IntUnaryOperator place = choice.oneIn(40) ? hole() : view(this::data, 0, DATA_LEAVES);
        return crossesPages ? place : slot -> insidePage(place.applyAsInt(slot));
    }

    private static int insidePage(int address) {
        return (address & SlotLayout.PAGE - 1) > SlotLayout.PAGE - 4 ? address & -4 : address;
    }

    /** Returns such an address at a multiple of four. */
    IntUnaryOperator aligned() {
        IntUnaryOperator place = any();
        return slot -> place.applyAsInt(slot) & -4;
    }

    /** Returns an address in a routine, perhaps in the middle of an instruction, through any mapping, valid or not. */
    IntUnaryOperator routine() {
        IntUnaryOperator place = view(this::routines, DATA_LEAVES, LEAVES);
        return slot -> place.applyAsInt(slot) & -2;
    }

    private IntUnaryOperator view(Supplier<IntUnaryOperator> physical, int firstLeaf, int endOfLeaves) {
        if (!paged) {
            return physical.get();
        }
        return switch (choice.below(10)) {
            case 0, 1 -> physical.get();
            case 2 -> alias(physical.get());
            case 3 -> mega(physical.get());
            default -> leaf(firstLeaf, endOfLeaves);
        };
    }

    private IntUnaryOperator data() {
        int offset = SlotLayout.DATA + Math.min(choice.below(SlotLayout.DATA_PAGES) * SlotLayout.PAGE + offset(),
                SlotLayout.DATA_PAGES * SlotLayout.PAGE - 4);
        return slot -> slot + offset;
    }

    private IntUnaryOperator routines() {
        int offset = SlotLayout.ROUTINES + offset();
        return slot -> slot + offset;
    }

    /** Returns an offset in a page, mostly close to its borders. */
    private int offset() {
        return switch (choice.below(8)) {
            case 0 -> choice.below(SlotLayout.PAGE);
            case 1, 2, 3 -> choice.below(NEAR);
            default -> SlotLayout.PAGE - 1 - choice.below(NEAR);
        };
    }

    private static IntUnaryOperator alias(IntUnaryOperator place) {
        return slot -> place.applyAsInt(slot) - SlotLayout.RAM_BASE + SlotLayout.USER_ALIAS;
    }

    /** Returns an address through the second level, often at the end of a page. */
    private IntUnaryOperator leaf(int first, int end) {
        int page = first + choice.below(end - first);
        boolean last = page == end - 1;
        int offset = choice.oneIn(2) && !last ? SlotLayout.PAGE - 1 - choice.below(4)
                : Math.min(offset(), last ? SlotLayout.PAGE - 4 : SlotLayout.PAGE);
        return slot -> leafPage(page) + offset;
    }

    /** Returns the virtual page of a leaf entry. */
    int leafPage(int entry) {
        return (leafIndex << 22) + entry * SlotLayout.PAGE;
    }

    /** Returns an address through one of the odd root entries. It leads to the place if the entry is a megapage. */
    private IntUnaryOperator mega(IntUnaryOperator place) {
        int index = oddIndexes[choice.below(oddIndexes.length)];
        return slot -> (index << 22) + (place.applyAsInt(slot) & SlotLayout.MEGAPAGE - 1);
    }

    /** Returns an address that is neither mapped nor in memory. */
    private IntUnaryOperator hole() {
        int address = (HOLE_INDEX + HOLE_INDEXES - 1 << 22) + (choice.below(1 << 20) << 2);
        return slot -> address;
    }
}
