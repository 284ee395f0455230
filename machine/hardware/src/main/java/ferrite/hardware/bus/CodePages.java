package ferrite.hardware.bus;

import java.util.List;

/**
 * The pages of RAM from which instructions were decoded, by physical address, for all harts together. It is a cache: dropping
 * it, or any page of it, changes nothing but the time things take.
 *
 * <p>A page that becomes code leaves every fast path for stores, so that from then on each store to it is reported here, whoever makes it.
 */
public final class CodePages {

    /** So many pages' slots take 32 MiB of the host, whatever a guest executes. */
    static final int MOST_PAGES = 2048;

    private static final int MUCH = 256;
    private static final int DIRECTORY_SHIFT = 22;

    private final Ram ram;
    private final List<FastPathHolder> fastPaths;
    private final CodePage[][] directory = new CodePage[1024][];
    private int count;

    CodePages(Ram ram, List<FastPathHolder> fastPaths) {
        this.ram = ram;
        this.fastPaths = fastPaths;
    }

    /** The code page of an address in RAM, made if it was none. */
    public CodePage makeAt(long pa) {
        CodePage found = at(pa);
        if (found != null) {
            return found;
        }
        if (count == MOST_PAGES) {
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

    /** The code page of a 32-bit address, or null if nothing was decoded there. */
    public CodePage at(long pa) {
        CodePage[] pages = directory[(int) (pa >>> DIRECTORY_SHIFT)];
        return pages == null ? null : pages[low(pa)];
    }

    private static int low(long pa) {
        return (int) (pa >>> Ram.PAGE_SHIFT) & 1023;
    }

    /** Bytes inside one page have been stored. A page of which much was written is not code any more until somebody executes it again. */
    void stored(long pa, int bytes) {
        if (count != 0) {
            CodePage page = at(pa);
            if (page != null && bytes < MUCH) {
                page.stored((int) pa & Ram.PAGE_BYTES - 1, bytes);
            } else if (page != null) {
                page.drop();
                directory[(int) (pa >>> DIRECTORY_SHIFT)][low(pa)] = null;
                count--;
            }
        }
    }

    /** Forgets everything. */
    public void dropAll() {
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
