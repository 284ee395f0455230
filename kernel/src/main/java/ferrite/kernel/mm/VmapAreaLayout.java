package ferrite.kernel.mm;

/**
 * {@code struct vmap_area} and {@code vm_struct} in one: a piece of the vmalloc area. The first {@value #DESCRIPTION} bytes describe it, and are kept for a while after it is
 * gone; the rest is its place in {@link VmapTree}.
 */
final class VmapAreaLayout {

    static final int START = 0;
    /** Bytes, with the guard page. */
    static final int SIZE = 4;
    static final int FLAGS = 8;
    /** How many pages it has of its own. */
    static final int PAGES = 12;
    /** The device registers that it shows. */
    static final int PHYS = 16;
    /** Who made it, and when. */
    static final int CALLER = 20;
    static final int TASK = 24;
    static final int PID = 28;
    static final int TIME = 32;
    /** Who gave it back, and when. */
    static final int FREE_CALLER = 40;
    static final int FREE_TASK = 44;
    static final int FREE_PID = 48;
    static final int FREE_TIME = 56;
    static final int DESCRIPTION = 64;

    /** Free bytes between the area below and this one. */
    static final int GAP = 64;
    /** The largest {@link #GAP} in the subtree. */
    static final int MAX_GAP = 68;
    static final int LEFT = 72;
    static final int RIGHT = 76;
    static final int HEIGHT = 80;
    /** In the list of those whose {@code vfree} was put off. */
    static final int NEXT = 84;
    static final int BYTES = 88;

    /** Linux's {@code VM_IOREMAP}: device registers. */
    static final int VM_IOREMAP = 1;
    /** {@code VM_ALLOC}: by vmalloc, with pages of its own. */
    static final int VM_ALLOC = 2;
    /** {@code VM_USERMAP}: only addresses, for {@code remap_pfn_range} to fill. */
    static final int VM_USERMAP = 8;
    /** It is being given back. */
    static final int DYING = 1 << 16;

    private VmapAreaLayout() { }
}
