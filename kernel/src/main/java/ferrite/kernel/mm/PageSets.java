package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.core.KernelBase;

/**
 * {@code struct per_cpu_pages}: each hart's own free pages of each zone, so that single pages seldom need the zone's
 * lock. As in LDD3's kernel there are two lists. Hot pages were freed last and are in the hart's cache; cold pages are
 * for devices to fill ({@link Gfp#__GFP_COLD}). An empty list takes a batch from the zone, and a full one gives a batch
 * back.
 *
 * <p>The zone does not count these pages as free. Any context. A list's lock is taken with interrupts off, before the
 * zone's lock. Only {@link #drainAll} takes it from another hart, so it is hardly ever contended.
 */
public final class PageSets {

    /** Each list has a cache line of its own. */
    private static final int SET_BYTES = 64;
    private static final int LISTS = 2;
    public static final int BYTES = Machine.MAX_HARTS * Zones.COUNT * LISTS * SET_BYTES;

    static final Struct STRUCT = Struct.of("per_cpu_pages", SET_BYTES);

    private static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The first page, see {@link PageLayout#PCP_NEXT}. */
    private static final Pointer FIRST = STRUCT.pointer("first", 4, "struct page");
    private static final Word COUNT = STRUCT.u32("count", 8);
    private static final Word HIGH = STRUCT.u32("high", 12);
    private static final Word BATCH = STRUCT.u32("batch", 16);

    private static final int MEBIBYTE_PAGES = 256;
    /** LDD3's kernel: a hot list holds up to six batches, a cold list two. */
    private static final int HOT_BATCHES = 6;
    private static final int COLD_BATCHES = 2;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final Zones zones;
    private final FreeAreas areas;
    private final long base;

    PageSets(KernelBase base, Zones zones, FreeAreas areas) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.zones = zones;
        this.areas = areas;
        this.base = base.rootAddress(RootLayout.PAGE_SETS);
    }

    /** The zones' lists of free blocks. */
    FreeAreas areas() {
        return areas;
    }

    /** Lets pages stay on the lists, {@code setup_zone_pageset}. The end of boot. */
    void enable(int harts) {
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            int batch = batch(zones.managed(memory, zone));
            for (int hart = 0; hart < harts && zones.managed(memory, zone) > 0; hart++) {
                enable(set(hart, zone, false), batch, HOT_BATCHES * batch);
                enable(set(hart, zone, true), batch, COLD_BATCHES * batch);
            }
        }
    }

    private void enable(long set, int batch, int high) {
        HIGH.set(memory, set, high);
        BATCH.set(memory, set, batch);
    }

    /**
     * Linux 6.1's {@code zone_batchsize}: a quarter of a thousandth of the zone, at most a quarter of 1 MiB, rounded to
     * a power of two less one.
     */
    static int batch(long managed) {
        int batch = (int) Math.min(managed >> 10, MEBIBYTE_PAGES) / 4;
        batch = Math.max(batch, 1);
        return Math.max(1, Integer.highestOneBit(batch + batch / 2) - 1);
    }

    private long set(int hart, int zone, boolean cold) {
        return base + (long) ((hart * Zones.COUNT + zone) * LISTS + (cold ? 1 : 0)) * SET_BYTES;
    }

    // ---- the fast paths ----

    /**
     * Takes a page off this hart's list. An empty list is first filled with a batch, as far as it leaves {@code floor}
     * pages in the zone.
     *
     * @return the {@code struct page}, still marked free, or 0
     */
    long take(int zone, boolean cold, long floor) {
        int irqs = cpu.irqSave();
        long set = set(cpu.hartId(), zone, cold);
        locks.acquire(LOCK.at(set));
        long page = FIRST.get(memory, set);
        if (page != 0) {
            FIRST.set(memory, set, PageLayout.PCP_NEXT.get(memory, page));
            COUNT.add(memory, set, -1);
        } else {
            page = refill(set, zones.record(zone), floor);
        }
        locks.release(LOCK.at(set));
        cpu.irqRestore(irqs);
        return page;
    }

    /** Puts a page on this hart's list. The page's record is all zero. A full list gives a batch back first. */
    void put(int zone, long page, boolean cold) {
        int irqs = cpu.irqSave();
        long set = set(cpu.hartId(), zone, cold);
        locks.acquire(LOCK.at(set));
        int count = COUNT.get(memory, set);
        if (count >= HIGH.get(memory, set)) {
            count = makeRoom(set, zones.record(zone), page, count);
        } else {
            push(set, page);
            count++;
        }
        COUNT.set(memory, set, count);
        locks.release(LOCK.at(set));
        cpu.irqRestore(irqs);
    }

    private void push(long set, long page) {
        PageLayout.FLAGS.set(memory, page, PageLayout.PCP);
        PageLayout.PCP_NEXT.set(memory, page, FIRST.get(memory, set));
        FIRST.set(memory, set, page);
    }

    // ---- the slow paths: a list's lock is held, and interrupts are off ----

    /** Linux's {@code rmqueue_bulk}. Returns one page for the caller and puts the rest of the batch on the list. */
    private long refill(long set, long zone, long floor) {
        int batch = BATCH.get(memory, set);
        locks.acquire(ZoneLayout.LOCK.at(zone));
        long page = ZoneLayout.FREE.get(memory, zone) > floor ? areas.take(zone, 0) : 0;
        int taken = 0;
        while (page != 0 && taken < batch - 1 && ZoneLayout.FREE.get(memory, zone) > floor) {
            long next = areas.take(zone, 0);
            if (next == 0) {
                break;
            }
            push(set, next);
            taken++;
        }
        locks.release(ZoneLayout.LOCK.at(zone));
        COUNT.set(memory, set, taken);
        return page;
    }

    /**
     * Puts a page on a full list after draining a batch. Before the end of boot there are no lists, and the page goes
     * to the zone.
     */
    private int makeRoom(long set, long zone, long page, int count) {
        int batch = BATCH.get(memory, set);
        locks.acquire(ZoneLayout.LOCK.at(zone));
        int left = drain(set, zone, count, batch);
        if (batch == 0) {
            areas.giveBack(zone, page, 0);
        } else {
            push(set, page);
            left++;
        }
        locks.release(ZoneLayout.LOCK.at(zone));
        return left;
    }

    /** Linux's {@code free_pcppages_bulk}; the zone's lock is held too. Returns the number of pages left. */
    private int drain(long set, long zone, int count, int most) {
        int left = count;
        for (int i = 0; i < most && left > 0; i++) {
            long page = FIRST.get(memory, set);
            FIRST.set(memory, set, PageLayout.PCP_NEXT.get(memory, page));
            PageLayout.FLAGS.set(memory, page, 0);
            areas.giveBack(zone, page, 0);
            left--;
        }
        return left;
    }

    /** Returns all harts' pages to their zones when memory is short, {@code drain_all_pages}. Any context. */
    public void drainAll() {
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            for (int zone = 0; zone < Zones.COUNT; zone++) {
                drainAll(set(hart, zone, false), zones.record(zone));
                drainAll(set(hart, zone, true), zones.record(zone));
            }
        }
    }

    private void drainAll(long set, long zone) {
        if (COUNT.get(memory, set) == 0) {
            return;
        }
        int irqs = cpu.irqSave();
        locks.acquire(LOCK.at(set));
        locks.acquire(ZoneLayout.LOCK.at(zone));
        COUNT.set(memory, set, drain(set, zone, COUNT.get(memory, set), Integer.MAX_VALUE));
        locks.release(ZoneLayout.LOCK.at(zone));
        locks.release(LOCK.at(set));
        cpu.irqRestore(irqs);
    }

    // ---- looking ----

    /** Returns the pages of a zone that a hart holds. */
    public long count(ReadableMemory view, int hart, int zone) {
        return COUNT.get(view, set(hart, zone, false)) + COUNT.get(view, set(hart, zone, true));
    }

    /** Returns the pages of a zone that all harts hold. */
    public long count(ReadableMemory view, int zone) {
        long sum = 0;
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            sum += count(view, hart, zone);
        }
        return sum;
    }

    /** Returns the pages of a zone that a hart may hold. */
    public long high(ReadableMemory view, int hart, int zone) {
        return HIGH.get(view, set(hart, zone, false)) + HIGH.get(view, set(hart, zone, true));
    }

    /** Returns the pages of a batch. */
    public int batch(ReadableMemory view, int hart, int zone) {
        return BATCH.get(view, set(hart, zone, false));
    }
}
