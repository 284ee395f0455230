package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.Histories;
import ferrite.kernel.shadow.MemoryStates;
import java.util.List;

/**
 * Reports misused objects, in the log in Linux's words and as violations. Turning a rule on
 * or off changes nothing in the machine.
 */
final class SlabReports {

    /** Objects that a report names. */
    private static final int MAX_NAMED = 8;
    private static final int MAX_BYTES = 16;

    /** Bytes that only the checks may write. */
    enum Damage {
        POISON("Poison overwritten", Rule.USE_AFTER_FREE, "was written to after it had been freed"),
        LEFT_RED_ZONE("Left Redzone overwritten", Rule.OBJECT_OVERRUN, "was written to before its beginning"),
        RIGHT_RED_ZONE("Right Redzone overwritten", Rule.OBJECT_OVERRUN, "was written to past its end"),
        PADDING("Object padding overwritten", Rule.OBJECT_OVERRUN, "was written to far past its end");

        private final String linux;
        private final Rule rule;
        private final String what;

        Damage(String linux, Rule rule, String what) {
            this.linux = linux;
            this.rule = rule;
            this.what = what;
        }
    }

    private final Violations violations;
    private final MemoryStates states;
    private final KernelLog log;
    private final MemMap memMap;
    private final SlabView slabs;

    SlabReports(KernelBase base, MemMap memMap, SlabView slabs) {
        this.violations = base.violations();
        this.states = base.states();
        this.log = base.log();
        this.memMap = memMap;
        this.slabs = slabs;
    }

    ReadableMemory peek() {
        return violations.peek();
    }

    /** Reports a second free of an object. */
    void doubleFree(String call, long cache, long object) {
        ReadableMemory view = violations.peek();
        String name = SlabView.name(view, cache);
        log.print(KernLevels.KERN_ERR + "BUG " + name + ": Object already free 0x" + Hex.digits(object, 8));
        Violations.Building report = violations.of(Rule.DOUBLE_FREE,
                call + " of " + Hex.grouped(object) + ", an object of " + name + " that is free already");
        object(report, view, slabs.find(view, object));
        report.line("why", "on the free list twice, the object would be allocated to two callers; nothing was changed")
              .line("instead", "free it once, then set the pointer to 0: " + call + " accepts 0")
              .report();
    }

    /** Reports a free of an address that is not the beginning of an object. */
    void notAnObject(String call, long address) {
        ReadableMemory view = violations.peek();
        SlabView.Found found = slabs.find(view, address);
        log.print(found == null ? "WARNING: " + call + ": 0x" + Hex.digits(address, 8) + " is not a slab object"
                : "BUG " + found.cacheName() + ": Invalid object pointer 0x" + Hex.digits(address, 8));
        Violations.Building report;
        if (found == null) {
            report = violations.of(Rule.INVALID_FREE,
                    call + " of " + Hex.grouped(address) + ", which is not an object of any cache")
                    .line("address", PageFaults.poison(address) == null ? place(view, address)
                            : PageFaults.poison(address)).address("address", address);
        } else {
            report = violations.of(Rule.INVALID_FREE, call + " of " + Hex.grouped(address)
                    + ", which is inside an object of " + found.cacheName() + ", not at its beginning")
                    .line("address", found.index() < 0 ? "past the last object of its slab"
                            : found.inside() + " bytes from the beginning of " + Hex.grouped(found.object()))
                    .address("address", address);
            object(report, view, found);
        }
        report.line("instead", found == null
                ? "free memory with the call that matches its allocation: kfree for kmalloc, vfree for vmalloc, "
                        + "iounmap for ioremap, free_pages for __get_free_pages"
                        : "free " + Hex.grouped(found.object()) + ", the address that the allocation returned")
              .report();
    }

    /**
     * Reports a kfree of whole pages that kmalloc did not return.
     *
     * @param kind what they were allocated as; null for pages of the page allocator
     */
    void notOfKmalloc(long address, Blocks.Kind kind) {
        violations.of(Rule.INVALID_FREE, "kfree of " + Hex.grouped(address) + ", which is memory of "
                + (kind == null ? "__get_free_pages" : kind.allocation()))
                .line("address", place(violations.peek(), address))
                .line("instead", "free it with " + (kind == null ? "free_pages" : kind.free()))
                .address("address", address).report();
    }

    /** Reports a second kfree of a large block. */
    void largeFreedTwice(long address) {
        log.print("WARNING: kfree: 0x" + Hex.digits(address, 8) + " is not a slab object");
        violations.of(Rule.DOUBLE_FREE, "kfree of " + Hex.grouped(address) + ", a large block that is free already")
                .line("address", place(violations.peek(), address)).line("instead", Rule.DOUBLE_FREE.right())
                .address("address", address).report();
    }

    /** Describes an address that lies in no slab. */
    private String place(ReadableMemory view, long address) {
        if (address < AddressSpace.PAGE_SIZE) {
            return "in the page at 0, which is never mapped";
        }
        if (address < AddressSpace.PAGE_OFFSET) {
            return "a user address";
        }
        if (!AddressSpace.isLinear(address)) {
            return address < AddressSpace.VMALLOC_END ? "in the vmalloc and ioremap area"
                    : "in the area of fixed mappings, which holds no allocations";
        }
        long page = memMap.virtToPage(address);
        long head = page == 0 ? 0 : memMap.head(view, page);
        int flags = head == 0 ? 0 : PageLayout.FLAGS.get(view, head);
        if ((flags & PageLayout.HEAD) != 0) {
            return "in a block of order " + PageLayout.ORDER.get(view, head)
                    + " at " + Hex.grouped(memMap.pageAddress(head)) + " from the page allocator";
        }
        if ((flags & (PageLayout.BUDDY | PageLayout.PCP)) != 0) {
            return "in free pages";
        }
        return page == 0 ? "above the end of low memory" : "in the kernel's own memory";
    }

    /** Reports an object that was freed to another cache than its own. */
    void wrongCache(long cache, long owner, long object) {
        ReadableMemory view = violations.peek();
        String wrong = SlabView.name(view, cache);
        String right = SlabView.name(view, owner);
        log.print("WARNING: cache_from_obj: Wrong slab cache. " + wrong + " but object is from " + right);
        Violations.Building report = violations.of(Rule.WRONG_CACHE,
                "kmem_cache_free of " + Hex.grouped(object) + " to " + wrong + ", but the object is from " + right);
        object(report, view, slabs.find(view, object));
        report.line("why",
                "a free list with objects of two sizes would return one that is too small; this object was freed to "
                        + right).line("instead", "free it to " + right)
              .text("given_to", wrong).report();
    }

    /** Reports overwritten guard bytes or poison, before they are repaired. */
    void overwritten(Damage damage, long cache, long object, long bad, long from, int bytes, int value) {
        ReadableMemory view = violations.peek();
        String name = SlabView.name(view, cache);
        log.print(KernLevels.KERN_ERR + "BUG " + name + ": " + damage.linux + " 0x" + Hex.digits(bad, 8));
        if (states.wasReported(from, bytes) || states.wasReported(object, 1)) {
            return;
        }
        SlabView.Found found = slabs.find(view, object);
        Violations.Building report = violations.of(damage.rule, "an object of " + name + " " + damage.what);
        object(report, view, found);
        int shown = (int) Math.min(MAX_BYTES, from + bytes - bad);
        byte[] has = new byte[shown];
        view.read(bad, has, 0, shown);
        String expected = Hex.bytes(new byte[] {(byte) value}).repeat(shown - 1)
                + (damage == Damage.POISON && bad + shown == from + bytes ? "a5"
                        : Hex.bytes(new byte[] {(byte) value}));
        report.line("bytes", "at " + Hex.grouped(bad) + ", " + distance(bad - object, found) + ": " + Hex.bytes(has))
              .line("", "should be" + " ".repeat(Math.max(1, distance(bad - object, found).length() + 7)) + expected)
              .line("why", damage == Damage.POISON ? "the previous owner kept the pointer; without poison "
                      + "it would have changed the next owner's data"
                      : "without the red zone it would have been another object's data, or a list's link")
              .line("instead", damage == Damage.POISON ? "write before the free, then set the pointer to 0"
                      : "allocate as many bytes as are written")
              .address("first_bad", bad).text("has", Hex.bytes(has)).text("expected", expected).report();
    }

    private static String distance(long inside, SlabView.Found found) {
        if (inside < 0) {
            return -inside + " before the object";
        }
        return inside < found.objectSize() ? inside + " into the object"
                : inside - found.objectSize() + " past its " + found.objectSize() + " bytes";
    }

    /** Reports a cache that cannot be destroyed. */
    void cacheInUse(long cache, List<Long> objects) {
        ReadableMemory view = violations.peek();
        String name = SlabView.name(view, cache);
        log.print(KernLevels.KERN_ERR + "BUG " + name + ": Objects remaining in " + name
                + " on __kmem_cache_shutdown()");
        Violations.Building report = violations.of(Rule.CACHE_IN_USE, "kmem_cache_destroy of " + name + ", while "
                + (objects.size() == 1 ? "an object is" : objects.size() + " objects are") + " allocated from it");
        report.text("cache", name).number("objects", objects.size());
        for (int i = 0; i < Math.min(MAX_NAMED, objects.size()); i++) {
            SlabView.Found found = slabs.find(view, objects.get(i));
            report.line(i == 0 ? "objects" : "", Hex.grouped(objects.get(i))
                    + (found.owner() == null ? "" : ", " + who("allocated", found.owner(), true)));
            report.address("object_" + i, objects.get(i));
        }
        if (objects.size() > MAX_NAMED) {
            report.line("", "and " + (objects.size() - MAX_NAMED) + " more");
        }
        report.line("why", "their owners would use memory that another allocation gets; the cache stays")
              .line("instead", "free them to the cache before it is destroyed")
              .report();
    }

    /** Reports a request for high memory from a cache: its objects have no kernel address. Returns 0. */
    long highMemory(long cache, int gfp) {
        ReadableMemory view = violations.peek();
        log.print("Unexpected gfp: 0x" + Integer.toHexString(Gfp.__GFP_HIGHMEM) + " (__GFP_HIGHMEM).");
        violations.of(Rule.HIGHMEM_OBJECT,
                "an object of " + SlabView.name(view, cache) + " was requested with __GFP_HIGHMEM").text("cache",
                SlabView.name(view, cache)).text("flags", Gfp.names(gfp)).line("why",
                "high memory has no kernel address, and an object is known by its address alone; nothing was allocated")
                .line("instead", "leave __GFP_HIGHMEM out, or call alloc_pages and kmap the page").report();
        return 0;
    }

    private void object(Violations.Building report, ReadableMemory view, SlabView.Found found) {
        object(report, view, found, states.histories());
    }

    /** Adds lines to a report: an object, and who allocated and freed it as far as that was noted. */
    static void object(Violations.Building report, ReadableMemory view, SlabView.Found found, Histories histories) {
        Histories.History history = histories.of(found.object());
        report.line("object", Hex.grouped(found.object()) + ", " + found.objectSize()
                + " bytes of " + found.cacheName() + ", object " + found.index()
                + " of " + found.objects() + " of its slab, " + (found.allocated() ? "allocated" : "free"));
        report.address("object", found.object()).text("cache", found.cacheName());
        if (found.owner() == null && history != null && history.allocated() != null) {
            report.line("", "allocated at " + history.allocated()).text("allocated_at", history.allocated());
        } else if (found.owner() == null) {
            report.line("", "the allocating task was not recorded; --owners all records it");
        } else {
            report.line("", who("allocated", found.owner(), true)).text("allocated_at", found.owner().site())
                    .text("allocated_by", found.owner().task());
        }
        if (found.freer() != null) {
            report.line("", who("freed", found.freer(), false)).text("freed_at", found.freer().site())
                    .text("freed_by", found.freer().task());
        } else if (history != null && history.freed() != null && !found.allocated()) {
            report.line("", "freed at " + history.freed()).text("freed_at", history.freed());
        }
    }

    private static String who(String did, SlabView.Owner owner, boolean flags) {
        return did + (owner.site() == null ? "" : " at " + owner.site()) + " by task " + owner.pid()
                + " '" + owner.task() + "' on hart " + owner.hart()
                + (flags ? " with " + Gfp.names(owner.gfp()) : "") + ", at " + owner.ticks() / 100 + " µs";
    }
}
