package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The machine's memory: little-endian words in pages of 4 KiB. A page takes host memory only after it was touched.
 *
 * <p>A page keeps its array for the whole life of the machine, so fast paths may hold the array. A store needs the
 * array from {@link #openForWrite}, which first copies a page that a snapshot still needs. Single owner: only the
 * thread that holds the turn may call it.
 */
public final class Ram {

    public static final int PAGE_SHIFT = 12;
    public static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    public static final int PAGE_WORDS = PAGE_BYTES / 4;

    private static final int RESERVE_BYTES = 1 << 16;
    /** Heap that RAM leaves to everything else in the process, so that the end of a run still has some. */
    private static final int HEADROOM_BYTES = 4 << 20;
    /** Pages between two looks at the heap, a power of two. */
    private static final int PAGES_PER_LOOK = 128;
    private static final int[] ZERO_PAGE = new int[PAGE_WORDS];

    private final long base;
    private final long bytes;
    private final int[][] pages;
    /** Pages opened since the newest snapshot, which may be stored into without a copy. */
    private final PageSet open;
    private final List<Image> images = new ArrayList<>();
    /** Memory released when the host runs out, so that the error message can be built. */
    private byte[] reserve = new byte[RESERVE_BYTES];
    private int allocated;
    /** Written only so that no compiler leaves out the allocation. */
    private volatile byte[] headroom;

    /**
     * Creates RAM.
     *
     * @param base  the physical address of the first byte, a multiple of the page size
     * @param bytes the size, a multiple of the page size
     */
    public Ram(long base, long bytes) {
        if (base < 0 || base % PAGE_BYTES != 0 || bytes % PAGE_BYTES != 0 || bytes <= 0 || bytes > (1L << 32) - base) {
            throw new IllegalArgumentException("RAM of " + bytes + " bytes at " + Hex.grouped(base)
                    + ": both must be multiples of 4096, and end within 32 bits");
        }
        this.base = base;
        this.bytes = bytes;
        this.pages = new int[(int) (bytes >>> PAGE_SHIFT)][];
        this.open = new PageSet(pages.length);
    }

    public long base() {
        return base;
    }

    public long bytes() {
        return bytes;
    }

    /** Tells whether {@code pa} is an address of this RAM. */
    public boolean contains(long pa) {
        return pa - base >= 0 && pa - base < bytes;
    }

    /** Tells whether all bytes of a range, of at least one byte, are in this RAM. */
    boolean contains(long pa, int length) {
        return contains(pa) && contains(pa + length - 1);
    }

    /** Returns the number of pages. */
    int pages() {
        return pages.length;
    }

    /** Returns the words of the page of {@code pa} for loads, and allocates the page if necessary. */
    int[] page(long pa) {
        return page(index(pa));
    }

    /** Returns the words of a page for loads, and allocates the page if necessary. */
    int[] page(int index) {
        int[] page = pages[index];
        return page != null ? page : materialise(index);
    }

    /** Returns the words of the page of {@code pa} for stores, and allocates the page if necessary. */
    int[] openForWrite(long pa) {
        int index = index(pa);
        if (!open.contains(index)) {
            keepForImage(index);
            open.add(index);
        }
        return page(index);
    }

    /** Opens all pages of a range for stores. */
    void openForWrite(long pa, int length) {
        int end = endPage(pa + length);
        for (int index = open.firstNotIn(index(pa), end); index < end; index = open.firstNotIn(index, end)) {
            keepForImage(index);
            open.add(index);
        }
    }

    /** Returns the words of the page of {@code pa} for peeking, or a page of zeros. It allocates nothing. */
    int[] peekPage(long pa) {
        int[] page = pages[index(pa)];
        return page != null ? page : ZERO_PAGE;
    }

    public static int wordIndex(long pa) {
        return (int) (pa >>> 2) & (PAGE_WORDS - 1);
    }

    /** Extracts an aligned value of {@code width} bytes from a page's words. */
    static int extract(int[] page, long pa, int width) {
        int word = page[wordIndex(pa)];
        return switch (width) {
            case 4 -> word;
            case 2 -> word >>> ((int) (pa & 2) * 8) & 0xffff;
            default -> word >>> ((int) (pa & 3) * 8) & 0xff;
        };
    }

    /** Inserts an aligned value of {@code width} bytes into a page's words. */
    public static void insert(int[] page, long pa, int width, int value) {
        int index = wordIndex(pa);
        if (width == 4) {
            page[index] = value;
            return;
        }
        int shift = (int) (pa & 3) * 8;
        int mask = (width == 2 ? 0xffff : 0xff) << shift;
        page[index] = page[index] & ~mask | value << shift & mask;
    }

    /** Returns the number of the page of {@code pa}. */
    int index(long pa) {
        return (int) ((pa - base) >>> PAGE_SHIFT);
    }

    /** Returns the address of a page. */
    long address(int index) {
        return base + ((long) index << PAGE_SHIFT);
    }

    /**
     * Returns the number of the first page with a byte at or above any address, or the number of pages if there is
     * none.
     */
    int firstPage(long pa) {
        return index(Math.max(base, Math.min(pa, base + bytes)));
    }

    /** Returns the number of the first page without a byte below any address. */
    int endPage(long pa) {
        return firstPage(pa + PAGE_BYTES - 1);
    }

    private int[] materialise(int index) {
        try {
            requireHeadroom();
            pages[index] = new int[PAGE_WORDS];
        } catch (OutOfMemoryError e) {
            throw exhausted();
        }
        return pages[index];
    }

    private int[] copyOf(int[] page) {
        try {
            requireHeadroom();
            return page.clone();
        } catch (OutOfMemoryError e) {
            throw exhausted();
        }
    }

    /**
     * Fails now and then if the heap is nearly full. Unlike a failure at the last byte, it comes here and not in
     * another thread, which could end nothing. Garbage counts as used in the first look, so the second one asks the
     * collector: it allocates the headroom, and drops it.
     */
    private void requireHeadroom() {
        if ((++allocated & (PAGES_PER_LOOK - 1)) != 0) {
            return;
        }
        Runtime heap = Runtime.getRuntime();
        if (heap.maxMemory() - (heap.totalMemory() - heap.freeMemory()) < 2L * HEADROOM_BYTES) {
            headroom = new byte[HEADROOM_BYTES];
            headroom = null;
        }
    }

    private HostMemoryExhausted exhausted() {
        reserve = null;
        long touched = 0;
        for (int[] page : pages) {
            touched += page == null ? 0 : PAGE_BYTES;
        }
        return new HostMemoryExhausted(touched);
    }

    // ---- snapshots: an image holds the old contents of the pages that were stored into since it was taken ----

    /** The contents of RAM at one moment. */
    public static final class Image {
        private final Map<Integer, int[]> changed = new HashMap<>();
    }

    /**
     * Takes an image of RAM. The caller then drops all fast paths for stores, so that the next store to each page goes
     * through {@link #openForWrite}.
     */
    Image takeImage() {
        Image image = new Image();
        images.add(image);
        open.clear();
        return image;
    }

    /** Restores RAM from an image, and forgets later images. The caller drops all fast paths. */
    void restoreImage(Image image) {
        int first = images.indexOf(image);
        if (first < 0) {
            throw new IllegalArgumentException(
                    "this image of RAM was forgotten when an older one was restored, or belongs to another machine");
        }
        for (int i = images.size() - 1; i >= first; i--) {
            images.get(i).changed.forEach(this::putBack);
        }
        images.subList(first + 1, images.size()).clear();
        image.changed.clear();
        open.clear();
    }

    private void putBack(int index, int[] kept) {
        if (pages[index] != null) {
            System.arraycopy(kept, 0, pages[index], 0, PAGE_WORDS);
        } else if (kept != ZERO_PAGE) {
            pages[index] = kept.clone();
        }
    }

    private void keepForImage(int index) {
        if (!images.isEmpty()) {
            images.get(images.size() - 1).changed.put(index, pages[index] == null ? ZERO_PAGE : copyOf(pages[index]));
        }
    }

    /** Visitor for pages of RAM, lowest address first. */
    public interface PageVisitor {

        /**
         * Visits one page.
         *
         * @param bytes the contents of the page; the same array in each call
         */
        void page(long pa, byte[] bytes) throws IOException;
    }

    /** Visits all pages that were not all zero when the image was taken. */
    public void forEachPageAt(Image image, PageVisitor visitor) throws IOException {
        byte[] bytes = new byte[PAGE_BYTES];
        for (int index = 0; index < pages.length; index++) {
            int[] page = pageAt(image, index);
            if (page != ZERO_PAGE && !Arrays.equals(page, ZERO_PAGE)) {
                show(index, page, bytes, visitor);
            }
        }
    }

    /** Visits all pages that differ from the image. */
    public void forEachPageChangedSince(Image image, PageVisitor visitor) throws IOException {
        byte[] bytes = new byte[PAGE_BYTES];
        for (int index = 0; index < pages.length; index++) {
            int[] now = pages[index] == null ? ZERO_PAGE : pages[index];
            int[] then = pageAt(image, index);
            if (now != then && !Arrays.equals(now, then)) {
                show(index, now, bytes, visitor);
            }
        }
    }

    private void show(int index, int[] page, byte[] bytes, PageVisitor visitor) throws IOException {
        long pa = address(index);
        BlockCopy.fromPage(page, pa, bytes, 0, PAGE_BYTES);
        visitor.page(pa, bytes);
    }

    /**
     * Returns a page as it was when an image was taken. The oldest image since then that holds the page has its
     * contents.
     */
    private int[] pageAt(Image image, int index) {
        for (int i = images.indexOf(image); i < images.size(); i++) {
            int[] kept = images.get(i).changed.get(index);
            if (kept != null) {
                return kept;
            }
        }
        return pages[index] == null ? ZERO_PAGE : pages[index];
    }

    /**
     * Computes SHA-256 over every page that is not all zero, each preceded by its page number as a little-endian word.
     */
    public byte[] digest(MessageDigest sha256) {
        byte[] buffer = new byte[4 + PAGE_BYTES];
        for (int i = 0; i < pages.length; i++) {
            if (pages[i] != null && !Arrays.equals(pages[i], ZERO_PAGE)) {
                long pa = address(i);
                ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN).putInt((int) (pa >>> PAGE_SHIFT));
                BlockCopy.fromPage(pages[i], pa, buffer, 4, PAGE_BYTES);
                sha256.update(buffer);
            }
        }
        return sha256.digest();
    }
}
