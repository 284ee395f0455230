package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The machine's memory: little-endian words in pages of 4 KiB, which exist on the host only once they have been touched.
 *
 * <p>A page's array is its identity for as long as the machine lives; fast paths may keep it. Whoever stores
 * into a page obtains the array from {@link #openForWrite}, which is where a page that a snapshot needs is copied aside. Single
 * owner: only the thread that holds the turn may call in.
 */
public final class Ram {

    public static final int PAGE_SHIFT = 12;
    public static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    public static final int PAGE_WORDS = PAGE_BYTES / 4;

    private static final int RESERVE_BYTES = 1 << 16;
    private static final int[] ZERO_PAGE = new int[PAGE_WORDS];

    private final long base;
    private final long bytes;
    private final int[][] pages;
    /** Pages that may be stored into without a copy: all that were opened since the newest snapshot. */
    private final BitSet open;
    private final List<Image> images = new ArrayList<>();
    /** Given back when the host has no memory left: to say so in words takes some. */
    private byte[] reserve = new byte[RESERVE_BYTES];

    /**
     * @param base  the physical address of the first byte
     * @param bytes how much; both are multiples of the page size
     */
    public Ram(long base, long bytes) {
        if (base < 0 || base % PAGE_BYTES != 0 || bytes % PAGE_BYTES != 0 || bytes <= 0 || bytes > (1L << 32) - base) {
            throw new IllegalArgumentException("RAM of " + bytes + " bytes at " + Hex.grouped(base)
                    + ": both must be multiples of 4096, and end within 32 bits");
        }
        this.base = base;
        this.bytes = bytes;
        this.pages = new int[(int) (bytes >>> PAGE_SHIFT)][];
        this.open = new BitSet(pages.length);
    }

    public long base() {
        return base;
    }

    public long bytes() {
        return bytes;
    }

    /** Whether {@code pa} is an address of this RAM. */
    public boolean contains(long pa) {
        return pa - base >= 0 && pa - base < bytes;
    }

    /** The words of the page that holds {@code pa}, to load from. The page exists from now on. */
    int[] page(long pa) {
        int[] page = pages[index(pa)];
        return page != null ? page : materialise(index(pa));
    }

    /** The words of the page that holds {@code pa}, to store into. */
    int[] openForWrite(long pa) {
        int index = index(pa);
        if (!open.get(index)) {
            keepForImage(index);
            open.set(index);
        }
        int[] page = pages[index];
        return page != null ? page : materialise(index);
    }

    /** The words of the page that holds {@code pa} as they are now, or zeros; to look at only. */
    int[] peekPage(long pa) {
        int[] page = pages[index(pa)];
        return page != null ? page : ZERO_PAGE;
    }

    public static int wordIndex(long pa) {
        return (int) (pa >>> 2) & (PAGE_WORDS - 1);
    }

    /** A value of {@code width} bytes, aligned, out of a page's words. */
    static int extract(int[] page, long pa, int width) {
        int word = page[wordIndex(pa)];
        return switch (width) {
            case 4 -> word;
            case 2 -> word >>> ((int) (pa & 2) * 8) & 0xffff;
            default -> word >>> ((int) (pa & 3) * 8) & 0xff;
        };
    }

    /** Puts a value of {@code width} bytes, aligned, into a page's words. */
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

    /** Copies bytes out of one page. */
    static void copyOut(int[] page, long pa, byte[] into, int at, int length) {
        int offset = (int) pa & (PAGE_BYTES - 1);
        int head = Math.min(length, -offset & 3);
        int words = (length - head) / 4;
        for (int i = 0; i < head; i++) {
            into[at + i] = (byte) extract(page, pa + i, 1);
        }
        words(into, at + head, words).put(page, (offset + head) / 4, words);
        for (int i = head + 4 * words; i < length; i++) {
            into[at + i] = (byte) extract(page, pa + i, 1);
        }
    }

    /** Copies bytes into one page. */
    static void copyIn(int[] page, long pa, byte[] from, int at, int length) {
        int offset = (int) pa & (PAGE_BYTES - 1);
        int head = Math.min(length, -offset & 3);
        int words = (length - head) / 4;
        for (int i = 0; i < head; i++) {
            insert(page, pa + i, 1, from[at + i]);
        }
        words(from, at + head, words).get(page, (offset + head) / 4, words);
        for (int i = head + 4 * words; i < length; i++) {
            insert(page, pa + i, 1, from[at + i]);
        }
    }

    private static IntBuffer words(byte[] bytes, int at, int words) {
        return ByteBuffer.wrap(bytes, at, 4 * words).slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }

    /** The number of the page that holds {@code pa}. */
    int index(long pa) {
        return (int) ((pa - base) >>> PAGE_SHIFT);
    }

    /** The number of the first page that has a byte at or above any address; how many pages there are, when none has. */
    int firstPage(long pa) {
        return index(Math.max(base, Math.min(pa, base + bytes)));
    }

    /** The number of the first page that has no byte below any address. */
    int endPage(long pa) {
        return firstPage(pa + PAGE_BYTES - 1);
    }

    private int[] materialise(int index) {
        try {
            pages[index] = new int[PAGE_WORDS];
        } catch (OutOfMemoryError e) {
            throw exhausted();
        }
        return pages[index];
    }

    private int[] copyOf(int[] page) {
        try {
            return page.clone();
        } catch (OutOfMemoryError e) {
            throw exhausted();
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

    // ---- snapshots: an image holds the pages as they were, for those that were stored into since it was taken ----

    /** What RAM held at one moment. */
    public static final class Image {
        private final Map<Integer, int[]> changed = new HashMap<>();
    }

    /**
     * Remembers RAM as it is now. The caller drops all fast paths for stores afterwards, so that
     * the next store to each page comes through {@link #openForWrite}.
     */
    Image takeImage() {
        Image image = new Image();
        images.add(image);
        open.clear();
        return image;
    }

    /** Makes RAM what it was when the image was taken; later images are forgotten. The caller drops all fast paths. */
    void restoreImage(Image image) {
        int first = images.indexOf(image);
        if (first < 0) {
            throw new IllegalArgumentException("this image of RAM was forgotten when an older one was restored, or belongs to another machine");
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

    /** Is shown pages of RAM, lowest first. */
    public interface PageVisitor {

        /** @param bytes what the page holds; the same array each time */
        void page(long pa, byte[] bytes) throws IOException;
    }

    /** Shows all pages that were not all zero when an image was taken. */
    public void forEachPageAt(Image image, PageVisitor visitor) throws IOException {
        byte[] bytes = new byte[PAGE_BYTES];
        for (int index = 0; index < pages.length; index++) {
            int[] page = pageAt(image, index);
            if (page != ZERO_PAGE && !Arrays.equals(page, ZERO_PAGE)) {
                show(index, page, bytes, visitor);
            }
        }
    }

    /** Shows all pages that hold something else than when an image was taken. */
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
        long pa = base + ((long) index << PAGE_SHIFT);
        copyOut(page, pa, bytes, 0, PAGE_BYTES);
        visitor.page(pa, bytes);
    }

    /** A page as it was when an image was taken: the first image since that keeps it has it. */
    private int[] pageAt(Image image, int index) {
        for (int i = images.indexOf(image); i < images.size(); i++) {
            int[] kept = images.get(i).changed.get(index);
            if (kept != null) {
                return kept;
            }
        }
        return pages[index] == null ? ZERO_PAGE : pages[index];
    }

    /** SHA-256 over every page that is not all zero, each preceded by its page number as a little-endian word. */
    public byte[] digest(MessageDigest sha256) {
        byte[] buffer = new byte[4 + PAGE_BYTES];
        for (int i = 0; i < pages.length; i++) {
            if (pages[i] != null && !Arrays.equals(pages[i], ZERO_PAGE)) {
                long pa = base + ((long) i << PAGE_SHIFT);
                ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN).putInt((int) (pa >>> PAGE_SHIFT));
                copyOut(pages[i], pa, buffer, 4, PAGE_BYTES);
                sha256.update(buffer);
            }
        }
        return sha256.digest();
    }
}
