package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;

/**
 * {@code struct per_cpu_pages}: each hart's own free pages of each zone, so that single pages seldom need the zone's
 * lock. As in LDD3's kernel there are two lists. Hot pages were freed last and are in the hart's cache; cold pages are
 * for devices to fill ({@link Gfp#__GFP_COLD}). An empty list takes a batch from the zone, and a full one gives a batch
 * back.
 *
 * <p>The zone does not count these pages as free. Any context. A list's lock is taken with interrupts off, before the
 * zone's lock. Only {@link #drainAll} takes it from another hart, so it is hardly ever contended.
 *
 * <pre>
 * 0 lock   4 first page   8 count   12 high   16 batch
 * </pre>
 */
public final class PageSets {

    /** Each list has a cache line of its own. */
    private static final int SET_BYTES = 64;
    private static final int LISTS = 2;
    public static final int BYTES = Machine.MAX_HARTS * Zones.COUNT * LISTS * SET_BYTES;

    private static final int LOCK = 0;
    private static final int FIRST = 4;
    private static final int COUNT = 8;
    private static final int HIGH = 12;
    private static final int BATCH = 16;

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
        memory.store32(set + HIGH, high);
        memory.store32(set + BATCH, batch);
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
        locks.acquire(set + LOCK);
        long page = memory.loadAddress(set + FIRST);
        if (page != 0) {
            memory.storeAddress(set + FIRST, memory.loadAddress(page + PageLayout.LRU));
            memory.store32(set + COUNT, memory.load32(set + COUNT) - 1);
        } else {
            page = refill(set, zones.record(zone), floor);
        }
        locks.release(set + LOCK);
        cpu.irqRestore(irqs);
        return page;
    }

    /** Puts a page on this hart's list. The page's record is all zero. A full list gives a batch back first. */
    void put(int zone, long page, boolean cold) {
        int irqs = cpu.irqSave();
        long set = set(cpu.hartId(), zone, cold);
        locks.acquire(set + LOCK);
        int count = memory.load32(set + COUNT);
        if (count >= memory.load32(set + HIGH)) {
            count = makeRoom(set, zones.record(zone), page, count);
        } else {
            push(set, page);
            count++;
        }
        memory.store32(set + COUNT, count);
        locks.release(set + LOCK);
        cpu.irqRestore(irqs);
    }

    private void push(long set, long page) {
        memory.store32(page + PageLayout.FLAGS, PageLayout.PCP);
        memory.storeAddress(page + PageLayout.LRU, memory.loadAddress(set + FIRST));
        memory.storeAddress(set + FIRST, page);
    }

    // ---- the slow paths: a list's lock is held, and interrupts are off ----

    /** Linux's {@code rmqueue_bulk}. Returns one page for the caller and puts the rest of the batch on the list. */
    private long refill(long set, long zone, long floor) {
        int batch = memory.load32(set + BATCH);
        locks.acquire(zone + ZoneLayout.LOCK);
        long page = memory.loadAddress(zone + ZoneLayout.FREE) > floor ? areas.take(zone, 0) : 0;
        int taken = 0;
        while (page != 0 && taken < batch - 1 && memory.loadAddress(zone + ZoneLayout.FREE) > floor) {
            long next = areas.take(zone, 0);
            if (next == 0) {
                break;
            }
            push(set, next);
            taken++;
        }
        locks.release(zone + ZoneLayout.LOCK);
        memory.store32(set + COUNT, taken);
        return page;
    }

    /**
     * Puts a page on a full list after draining a batch. Before the end of boot there are no lists, and the page goes
     * to the zone.
     */
    private int makeRoom(long set, long zone, long page, int count) {
        int batch = memory.load32(set + BATCH);
        locks.acquire(zone + ZoneLayout.LOCK);
        int left = drain(set, zone, count, batch);
        if (batch == 0) {
            areas.giveBack(zone, page, 0);
        } else {
            push(set, page);
            left++;
        }
        locks.release(zone + ZoneLayout.LOCK);
        return left;
    }

    /** Linux's {@code free_pcppages_bulk}; the zone's lock is held too. Returns the number of pages left. */
    private int drain(long set, long zone, int count, int most) {
        int left = count;
        for (int i = 0; i < most && left > 0; i++) {
            long page = memory.loadAddress(set + FIRST);
            memory.storeAddress(set + FIRST, memory.loadAddress(page + PageLayout.LRU));
            memory.store32(page + PageLayout.FLAGS, 0);
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
        if (memory.load32(set + COUNT) == 0) {
            return;
        }
        int irqs = cpu.irqSave();
        locks.acquire(set + LOCK);
        locks.acquire(zone + ZoneLayout.LOCK);
        memory.store32(set + COUNT, drain(set, zone, memory.load32(set + COUNT), Integer.MAX_VALUE));
        locks.release(zone + ZoneLayout.LOCK);
        locks.release(set + LOCK);
        cpu.irqRestore(irqs);
    }

    // ---- looking ----

    /** Returns the pages of a zone that a hart holds. */
    public long count(ReadableMemory view, int hart, int zone) {
        return view.loadAddress(set(hart, zone, false) + COUNT) + view.loadAddress(set(hart, zone, true) + COUNT);
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
        return view.loadAddress(set(hart, zone, false) + HIGH) + view.loadAddress(set(hart, zone, true) + HIGH);
    }

    /** Returns the pages of a batch. */
    public int batch(ReadableMemory view, int hart, int zone) {
        return view.load32(set(hart, zone, false) + BATCH);
    }
}
