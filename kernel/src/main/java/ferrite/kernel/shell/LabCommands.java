package ferrite.kernel.shell;

import static ferrite.kernel.shell.ShellLayout.CACHES;
import static ferrite.kernel.shell.ShellLayout.EATEN;
import static ferrite.kernel.shell.ShellLayout.MAX_CACHES;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.SlabFlags;
import ferrite.kernel.mm.SlabView;
import ferrite.kernel.mm.Zones;
import java.util.List;

/**
 * The laboratory of memory: commands that allocate and free as a driver does, through the door. What they allocate
 * stays until it is freed. With {@code trace buddy on} each split and merge is printed as it happens.
 */
final class LabCommands {

    private static final int MAX_EATEN_ORDER = 4;
    /** Blocks of this order that {@code eat} leaves for the next commands: each needs a buffer and a stack. */
    private static final int LEFT_BLOCKS = 8;
    /** The watermarks grow with low memory: of so many pages one more block is left. */
    private static final int PAGES_PER_BLOCK = 2048;

    private LabCommands() { }

    /** A mistake in a command's words. */
    private static final class Wrong extends Exception {

        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    /** A command that parses its words. */
    @FunctionalInterface
    private interface Body {
        int run(CommandContext context, List<String> words) throws Wrong;
    }

    private static int guarded(CommandContext context, Body body) {
        try {
            return body.run(context, context.arguments());
        } catch (Wrong | IllegalArgumentException wrong) {
            return context.fail(wrong.getMessage()) + 1;
        }
    }

    /** {@code alloc [FLAGS] ORDER}: allocates a block of pages. */
    static int alloc(CommandContext context) {
        return guarded(context, (lab, words) -> {
            if (words.isEmpty() || words.size() > 2 || !words.get(words.size() - 1).matches("[0-9]{1,2}")) {
                throw new Wrong("usage: alloc [FLAGS] ORDER, with an order from 0 to " + (Zones.MAX_ORDER - 1));
            }
            int order = Integer.parseInt(words.get(words.size() - 1));
            int flags = words.size() == 2 ? flags(words.get(0)) : Gfp.GFP_KERNEL;
            long page = lab.kernel().calls().allocPages(flags, order);
            if (page == 0) {
                return failed(lab, "a block of order " + order, flags);
            }
            MemMap map = lab.kernel().mm().memMap();
            long va = lab.kernel().calls().pageAddress(page);
            long pfn = map.pageToPfn(page);
            lab.out((va == 0 ? "no address" : Hex.address(va)) + ", physical " + Hex.address(pfn
                    << AddressSpace.PAGE_SHIFT) + ": order " + order + ", " + (AddressSpace.PAGE_SIZE << order)
                    + " bytes, zone " + Zones.name(lab.kernel().mm().zones().zoneOf(lab.peek(), pfn)) + "\n");
            return 0;
        });
    }

    /** {@code kmalloc SIZE [FLAGS]}: allocates an object. */
    static int kmalloc(CommandContext context) {
        return guarded(context, (lab, words) -> {
            if (words.isEmpty() || words.size() > 2) {
                throw new Wrong("usage: kmalloc SIZE [FLAGS]");
            }
            int size = size(words.get(0));
            int flags = words.size() == 2 ? flags(words.get(1)) : Gfp.GFP_KERNEL;
            long va = lab.kernel().calls().kmalloc(size, flags);
            return va == 0 ? failed(lab, size + " bytes", flags) : told(lab, va, size);
        });
    }

    private static int told(CommandContext context, long va, int size) {
        SlabView.Found found = context.kernel().mm().caches().view().find(context.peek(), va);
        context.out(Hex.address(va) + ": " + size + " bytes, " + (found == null ? "pages of their own"
                : "object " + found.index() + " of " + found.objects() + " in a slab of " + found.cacheName()) + "\n");
        return 0;
    }

    private static int failed(CommandContext context, String what, int flags) {
        return context.fail(what + " with " + Gfp.names(flags) + ": " + Errno.message(Errno.ENOMEM)
                + "; 'zones' shows what is free, and dmesg the failure");
    }

    /** {@code free ADDRESS}: frees what an address of the commands above was allocated as. */
    static int free(CommandContext context) {
        return guarded(context, (lab, words) -> {
            long address = address(words.get(0));
            KernelMemory memory = lab.kernel().base().memory();
            SlabView.Found found = lab.kernel().mm().caches().view().find(lab.peek(), address);
            if (found != null) {
                if (isOurs(lab, found.cache())) {
                    lab.kernel().calls().kmemCacheFree(found.cache(), address);
                } else {
                    lab.kernel().calls().kfree(address);
                }
                return 0;
            }
            MemMap map = lab.kernel().mm().memMap();
            long page = address >= AddressSpace.PAGE_OFFSET ? map.virtToPage(address)
                    : map.isValid(address >>> AddressSpace.PAGE_SHIFT)
                    ? map.pfnToPage(address >>> AddressSpace.PAGE_SHIFT) : 0;
            if (page == 0 || (PageLayout.FLAGS.get(memory, page) & PageLayout.HEAD) == 0) {
                return lab.fail(words.get(0) + ": no block of pages begins here; 'who " + words.get(0) + "' explains");
            }
            lab.kernel().calls().__freePages(page, PageLayout.ORDER.get(memory, page));
            return 0;
        });
    }

    /**
     * {@code eat SIZE}: holds so many bytes of low memory, and with 0 none. The largest blocks go first. It stops at
     * the minimum watermark, which only urgent requests pass, but for what the next commands need.
     */
    static int eat(CommandContext context) {
        return guarded(context, (lab, words) -> {
            if (words.size() != 1) {
                throw new Wrong("usage: eat SIZE; 'eat 0' frees all that was eaten");
            }
            int size = words.get(0).equals("0") ? 0 : size(words.get(0));
            if (size == 0) {
                release(lab.kernel(), lab.shell());
            }
            return size == 0 ? 0 : eat(lab, size);
        });
    }

    private static int eat(CommandContext context, int size) {
        long[] left = new long[LEFT_BLOCKS + (int) (context.kernel().mm().memMap().lowEndPfn() / PAGES_PER_BLOCK)];
        KernelCalls calls = context.kernel().calls();
        for (int i = 0; i < left.length; i++) {
            left[i] = calls.__getFreePages(Gfp.GFP_NOWAIT | Gfp.__GFP_NOWARN, MAX_EATEN_ORDER);
        }
        try {
            long missing = take(context, size);
            return missing <= 0 ? 0 : context.fail("ate " + (size - missing >> 10) + " KiB of " + (size >> 10)
                    + ": " + Errno.message(Errno.ENOMEM));
        } finally {
            for (long block : left) {
                calls.freePages(block, MAX_EATEN_ORDER);
            }
        }
    }

    /** Takes blocks until there are no more. Returns the number of missing bytes. */
    private static long take(CommandContext context, int size) {
        KernelCalls calls = context.kernel().calls();
        KernelMemory memory = context.kernel().base().memory();
        long left = size;
        int order = MAX_EATEN_ORDER;
        while (left > 0 && order >= 0) {
            boolean fits = (long) AddressSpace.PAGE_SIZE << order <= left || order == 0;
            int flags = Gfp.__GFP_NOWARN | (order == 0 ? Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY : Gfp.GFP_NOWAIT);
            long block = fits ? calls.__getFreePages(flags, order) : 0;
            if (block == 0) {
                order--;
                continue;
            }
            memory.storeAddress(block, EATEN.get(memory, context.shell()));
            EATEN.set(memory, context.shell(), block);
            left -= (long) AddressSpace.PAGE_SIZE << order;
            context.userBoundary();
        }
        return left;
    }

    /** Frees all that {@code eat} holds. Returns whether that was anything. */
    static boolean release(Kernel kernel, long shell) {
        KernelMemory memory = kernel.base().memory();
        MemMap map = kernel.mm().memMap();
        long first = EATEN.get(memory, shell);
        long block = first;
        while (block != 0) {
            long next = Integer.toUnsignedLong(memory.load32(block));
            EATEN.set(memory, shell, next);
            kernel.calls().freePages(block, PageLayout.ORDER.get(memory, map.virtToPage(block)));
            block = next;
        }
        return first != 0;
    }

    /** {@code cache NAME SIZE}: makes a lookaside cache, if there is none of this name, and allocates an object. */
    static int cache(CommandContext context) {
        return guarded(context, (lab, words) -> {
            if (words.size() != 2 || words.get(0).isEmpty()) {
                throw new Wrong("usage: cache NAME SIZE | cache -d NAME");
            }
            KernelMemory memory = lab.kernel().base().memory();
            boolean destroys = words.get(0).equals("-d");
            String name = words.get(destroys ? 1 : 0);
            int slot = slot(lab, name);
            if (destroys) {
                if (slot < 0) {
                    return lab.fail(name + ": the command 'cache' made no such cache");
                }
                boolean gone = lab.kernel().calls().kmemCacheDestroy(CACHES.get(memory, lab.shell(), slot));
                if (gone) {
                    CACHES.set(memory, lab.shell(), slot, 0);
                }
                return gone ? 0 : lab.fail(name + ": objects are still allocated; 'slabs " + name + "' counts them");
            }
            int size = size(words.get(1));
            int known = slot < 0 ? size : lab.kernel().mm().caches().view()
                    .usage(lab.peek(), CACHES.get(memory, lab.shell(), slot)).objectSize();
            if (known != size) {
                return lab.fail(name + " has objects of " + known + " bytes; 'cache -d " + name + "' destroys it");
            }
            int place = slot < 0 ? create(lab, name, size) : slot;
            long cache = place < 0 ? 0 : CACHES.get(memory, lab.shell(), place);
            long object = cache == 0 ? 0 : lab.kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            return cache == 0 ? 1 : object == 0 ? failed(lab, "an object of " + name, Gfp.GFP_KERNEL)
                    : told(lab, object, size);
        });
    }

    /** Returns the slot of a new cache; -1 after a message. */
    private static int create(CommandContext context, String name, int size) {
        KernelMemory memory = context.kernel().base().memory();
        int free = 0;
        while (free < MAX_CACHES && CACHES.get(memory, context.shell(), free) != 0) {
            free++;
        }
        long cache = free == MAX_CACHES ? 0
                : context.kernel().calls().kmemCacheCreate(name, size, 0, SlabFlags.SLAB_HWCACHE_ALIGN, 0);
        if (cache == 0) {
            context.fail(free == MAX_CACHES ? "at most " + MAX_CACHES + " caches; 'cache -d NAME' destroys one"
                    : name + ": the cache was not made; dmesg shows the reason");
            return -1;
        }
        CACHES.set(memory, context.shell(), free, cache);
        return free;
    }

    private static int slot(CommandContext context, String name) {
        for (int i = 0; i < MAX_CACHES; i++) {
            long cache = CACHES.get(context.kernel().base().memory(), context.shell(), i);
            if (cache != 0 && SlabView.name(context.peek(), cache).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isOurs(CommandContext context, long cache) {
        for (int i = 0; i < MAX_CACHES; i++) {
            if (CACHES.get(context.kernel().base().memory(), context.shell(), i) == cache) {
                return true;
            }
        }
        return false;
    }

    // ---- words ----

    /** Parses flags that are joined by a comma, or by a quoted bar. */
    private static int flags(String word) {
        return Gfp.parse(word.replace(',', '|'));
    }

    private static int size(String word) throws Wrong {
        if (!word.matches("[0-9]{1,9}[KkMm]?")) {
            throw new Wrong("'" + word + "' is no size; for example 100, 4K or 8M");
        }
        String digits = word.replaceAll("[A-Za-z]", "");
        long size = Long.parseLong(digits) << (digits.equals(word) ? 0 : word.matches(".*[Kk]") ? 10 : 20);
        if (size == 0 || size > Integer.MAX_VALUE) {
            throw new Wrong("'" + word + "': sizes are from 1 byte to 2047M");
        }
        return (int) size;
    }

    private static long address(String word) throws Wrong {
        if (!word.matches("0x[0-9a-fA-F]{1,4}_?[0-9a-fA-F]{0,4}")) {
            throw new Wrong("'" + word + "' is no address; take one that alloc, kmalloc or cache printed");
        }
        return Long.parseLong(word.substring(2).replace("_", ""), 16);
    }
}
