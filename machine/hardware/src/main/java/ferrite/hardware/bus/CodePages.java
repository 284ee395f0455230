package ferrite.hardware.bus;

import java.util.List;

/**
 * Cache of the pages of RAM from which instructions were decoded, by physical address, shared by all harts. Dropping
 * the cache, or any page of it, changes only how long execution takes.
 *
 * <p>When a page becomes code, it leaves every fast path for stores. From then on each store to it, by any bus master,
 * is reported here.
 */
public final class CodePages {

    /** Maximum number of code pages. Their slots take at most 32 MiB of host memory. */
    static final int MAX_PAGES = 2048;

    private static final int LARGE_STORE_BYTES = 256;
    private static final int DIRECTORY_SHIFT = 22;

    private final Ram ram;
    private final List<FastPathHolder> fastPaths;
    private final CodePage[][] directory = new CodePage[1024][];
    private int count;
    private int translated;

    CodePages(Ram ram, List<FastPathHolder> fastPaths) {
        this.ram = ram;
        this.fastPaths = fastPaths;
    }

    /** Returns the code page of an address in RAM, and creates it if necessary. */
    public CodePage makeAt(long pa) {
        CodePage found = at(pa);
        if (found != null) {
            return found;
        }
        if (count == MAX_PAGES) {
            dropAll();
        }
        CodePage page = new CodePage(ram.page(pa));
        int high = (int) (pa >>> DIRECTORY_SHIFT);
        if (directory[high] == null) {
            directory[high] = new CodePage[1024];
        }
        directory[high][low(pa)] = page;
        count++;
        fastPaths.forEach(holder -> holder.dropStores(page.words()));
        return page;
    }

    /** Returns the code page of a 32-bit address, or null if it has none. */
    public CodePage at(long pa) {
        CodePage[] pages = directory[(int) (pa >>> DIRECTORY_SHIFT)];
        return pages == null ? null : pages[low(pa)];
    }

    private static int low(long pa) {
        return (int) (pa >>> Ram.PAGE_SHIFT) & 1023;
    }

    /** Handles a completed store of bytes. */
    void stored(long pa, int bytes) {
        for (int done = 0; count != 0 && done < bytes; ) {
            int piece = PhysicalBus.pieceInPage(pa + done, bytes - done);
            storedInPage(pa + done, piece);
            done += piece;
        }
    }

    /** After a large store the page is no longer code until a hart executes from it again. */
    private void storedInPage(long pa, int bytes) {
        CodePage page = at(pa);
        if (page != null && bytes < LARGE_STORE_BYTES) {
            page.stored((int) pa & Ram.PAGE_BYTES - 1, bytes);
        } else if (page != null) {
            page.drop();
            directory[(int) (pa >>> DIRECTORY_SHIFT)][low(pa)] = null;
            count--;
        }
    }

    /** Counts a piece of translated code. */
    public void noteTranslated() {
        translated++;
    }

    /** Returns how many pieces of code were translated since all pages were dropped. */
    public int translated() {
        return translated;
    }

    /** Drops every code page. */
    public void dropAll() {
        translated = 0;
        for (int high = 0; count != 0 && high < directory.length; high++) {
            if (directory[high] != null) {
                for (CodePage page : directory[high]) {
                    if (page != null) {
                        page.drop();
                    }
                }
                directory[high] = null;
            }
        }
        count = 0;
    }
}
