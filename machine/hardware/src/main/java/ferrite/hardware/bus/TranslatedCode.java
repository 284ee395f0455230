package ferrite.hardware.bus;

import java.util.BitSet;
import java.util.List;

/**
 * Host code that was made from instructions of code pages. It is valid until one of these instructions changes.
 *
 * <p>It depends on the contents of physical pages only. Its user compares the translation of virtual addresses with
 * {@link Part#offset} whenever it enters a page.
 */
public abstract class TranslatedCode {

    /**
     * The instructions of one page.
     *
     * @param page    the page
     * @param offset  the virtual address of the page, minus that of the first part's page
     * @param starts  the slots at which the translated instructions begin
     * @param entries the slots at which execution can enter the code, of those that begin an instruction
     */
    public record Part(CodePage page, int offset, BitSet starts, BitSet entries) { }

    private Object owner;
    private List<Part> parts = List.of();
    private CodePage[] pages;
    private int[] offsets;
    private boolean valid;

    /**
     * Connects the code with its pages. From now on a store to one of the instructions invalidates it.
     *
     * @param newOwner the only one that executes the code
     */
    public void connect(Object newOwner, List<Part> newParts) {
        owner = newOwner;
        parts = List.copyOf(newParts);
        pages = parts.stream().map(Part::page).toArray(CodePage[]::new);
        offsets = parts.stream().mapToInt(Part::offset).toArray();
        valid = true;
        parts.forEach(part -> part.page().dropContainedIn(this));
        int number = 0;
        for (Part part : parts) {
            part.page().add(this, part, number);
            number += part.entries().cardinality();
        }
    }

    Object owner() {
        return owner;
    }

    /** Tells whether this code has all instructions of another. */
    boolean contains(TranslatedCode other) {
        for (Part part : other.parts) {
            int at = 0;
            while (at < pages.length && pages[at] != part.page()) {
                at++;
            }
            if (at == pages.length || !containsAll(parts.get(at).starts(), part.starts())) {
                return false;
            }
        }
        return true;
    }

    private static boolean containsAll(BitSet all, BitSet some) {
        BitSet rest = (BitSet) some.clone();
        rest.andNot(all);
        return rest.isEmpty();
    }

    public List<Part> parts() {
        return parts;
    }

    /** Returns the page of a part. */
    public CodePage page(int part) {
        return pages[part];
    }

    /** Returns the virtual address of the first page, when {@code va} is in this page. */
    public int base(CodePage page, int va) {
        int part = 0;
        while (pages[part] != page) {
            part++;
        }
        return (va & -Ram.PAGE_BYTES) - offsets[part];
    }

    /** Tells whether all instructions are as they were when the code was made. */
    public boolean isValid() {
        return valid;
    }

    /** Invalidates the code and empties the slots of its entries. */
    public void drop() {
        if (valid) {
            valid = false;
            parts.forEach(part -> part.page().remove(this, part));
        }
    }
}
